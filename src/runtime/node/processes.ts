import { availableParallelism, totalmem } from 'node:os'
import type { Settings } from '../settings/settings.ts'

const MB = 1024 * 1024

/** What a process takes under load, with room for large messages. */
const PROCESS_BYTES = 384 * MB
/** With fewer processors the embedded database takes what a second process would win. */
const EMBEDDED_SHARES_FROM = 4

/** What a Postgres takes that nobody told to take more than a hundred, three of them its administrators'. The embedded one is such. */
const CONNECTIONS = 97
/** What a process has beside its pool: the message log's connection, and the one on which it hears of changes. */
const BESIDE_POOL = 2

export type Machine = {
  readonly processors: number
  /** For the hub, in bytes: the container's limit, where it has one. */
  readonly memory: number
}

/** The machine as far as this process may use it. */
export function thisMachine(): Machine {
  return {
    processors: availableParallelism(),
    memory: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  }
}

/**
 * How many processes the hub is made of. Of `PROCESSES=auto` as many as there are processors, memory for them, and connections to the
 * database. The embedded one lives on the same machine: it keeps a processor, and a small machine runs one process beside it.
 *
 * @example on 8 processors with 16 GB: 8 with `DATABASE_URL`, 7 beside the embedded database; on 2 processors 2 and 1
 */
export function processesOn(
  { processors, memory }: Machine,
  { processes, databaseUrl, databasePool }: Pick<Settings, 'processes' | 'databaseUrl' | 'databasePool'>,
): number {
  if (processes !== 'auto') return processes
  const connected = Math.floor(CONNECTIONS / (databasePool + BESIDE_POOL))
  const most = Math.max(Math.min(processors, Math.floor(memory / PROCESS_BYTES), connected), 1)
  if (databaseUrl !== null) return most
  return processors < EMBEDDED_SHARES_FROM ? 1 : Math.min(most, processors - 1)
}
