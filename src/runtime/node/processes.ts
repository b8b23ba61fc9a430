import { availableParallelism, totalmem } from 'node:os'
import { EMBEDDED_CONNECTIONS, type Settings } from '../settings/settings.ts'

const MB = 1024 * 1024

/** What a process takes under load, with room for large messages. */
const PROCESS_BYTES = 384 * MB
/** With fewer processors the embedded database takes what a second process would win. */
const EMBEDDED_SHARES_FROM = 4

/** Their connections are as many as a Postgres takes that nobody told to take more than a hundred. */
const MOST_BY_ITSELF = 8

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
 * How many processes the hub is made of. Of `PROCESSES=auto` as many as there are processors, and memory for them. The embedded
 * database lives on the same machine: it keeps a processor, a small machine runs one process beside it, and their connections
 * have room in it.
 *
 * @example on 8 processors with 16 GB: 8 with `DATABASE_URL`, 7 beside the embedded database; on 2 processors 2 and 1
 */
export function processesOn(
  { processors, memory }: Machine,
  { processes, databaseUrl, databasePool }: Pick<Settings, 'processes' | 'databaseUrl' | 'databasePool'>,
): number {
  if (processes !== 'auto') return processes
  const withMemory = Math.min(processors, Math.floor(memory / PROCESS_BYTES), MOST_BY_ITSELF)
  if (databaseUrl !== null) return Math.max(withMemory, 1)
  if (processors < EMBEDDED_SHARES_FROM) return 1
  return Math.max(Math.min(withMemory, processors - 1, Math.floor(EMBEDDED_CONNECTIONS / databasePool)), 1)
}
