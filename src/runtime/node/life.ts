import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../settings/setting-reader.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'
import type { SecretKeys } from '../shared/secrets.ts'
import { createLog } from './log.ts'
import type { EmbeddedPostgres } from './postgres/embedded.ts'
import { startEmbeddedPostgres } from './postgres/embedded.ts'
import { findProblems, listenOrRefuse } from './preflight.ts'
import { processesOn, thisMachine } from './processes.ts'
import { secretKeysOf } from './secret-key.ts'

/** A composed hub, migrated and loaded, that does not listen yet. */
export type Hub = {
  /** The administrator's token, when this start made it: to be shown once. */
  readonly newAdminToken: string | null
  /** Rejects with the system's error (`EADDRINUSE`). */
  readonly listen: () => Promise<{ readonly port: number }>
  /** Takes no new connections or requests; resolves once those in flight are answered, at the latest after `timeoutMs`. */
  readonly drain: (timeoutMs: number) => Promise<void>
  /** Writes what waits (the message log) and ends every connection, timer and client. */
  readonly close: () => Promise<void>
}

/** Given how the metrics of this process are read, gives how those of the whole hub are. */
export type ShareMetrics = (own: () => Promise<string>) => () => Promise<string>

/**
 * Puts a hub together. Throws a CannotStart for what its administrator can mend.
 *
 * @param shareMetrics default: this process is the whole hub
 */
export type StartHub = (
  settings: Settings,
  databaseUrl: string,
  secretKeys: SecretKeys,
  log: Log,
  shareMetrics?: ShareMetrics,
) => Promise<Hub>

/** Brings the code that puts a hub together. It takes longest of all to load, and so loads while the database starts. */
export type LoadStartHub = (processes: number) => Promise<StartHub>

const EXIT = { done: 0, failed: 1, refused: 2 } as const

/** From the signal to the end of the process. */
const STOP_WITHIN_MS = 5000
const DRAIN_MS = 3000
const CLOSE_MS = 800
/** Ctrl-C under `npm start` comes twice, from the terminal and from npm: only a later one is impatience. */
const IMPATIENT_AFTER_MS = 1000

/**
 * The life of the hub's process: checks everything, starts the database and the hub, says so on stdout, and stops both in
 * order on SIGTERM or SIGINT. Resolves to the exit code; the caller ends the process with it.
 */
export async function runHub(environment: Environment, loadStartHub: LoadStartHub): Promise<number> {
  const end = waitForEnd()
  const read = readSettings(environment)
  const { settings } = read
  const log = createLog(settings.logLevel)
  let database: EmbeddedPostgres | null = null
  let hub: Hub | null = null
  let code: number = EXIT.done
  try {
    const problems = await findProblems(read)
    if (problems.length > 0) throw new CannotStart(problems)
    const secretKeys = await secretKeysOf(settings)
    const processes = processesOn(thisMachine(), settings)
    const loading = loadStartHub(processes)
    loading.catch(() => {})
    if (settings.databaseUrl === null) database = await startEmbeddedPostgres({ dataDir: settings.dataDir, log })
    const databaseUrl = settings.databaseUrl ?? database?.url ?? ''
    const startHub = await loading
    if (!end.isAsked()) hub = await startHub(settings, databaseUrl, secretKeys, log)
    if (hub !== null && !end.isAsked()) {
      await listenOrRefuse(hub, settings)
      process.stdout.write(greeting(settings, processes, database, hub.newAdminToken))
    }
    code = await end.asked(log)
  } catch (error) {
    code = tellWhy(error)
  }
  await stop(hub, database, end.remainingMs, log)
  return code
}

/** Hears SIGTERM, SIGINT and errors nobody caught. Another signal, a while later, ends the process at once. */
function waitForEnd() {
  let askedAt: number | null = null
  const waiting = Promise.withResolvers<{ code: number; why: string }>()
  const ask = (code: number, why: string) => {
    askedAt ??= performance.now()
    waiting.resolve({ code, why })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (askedAt !== null && performance.now() - askedAt > IMPATIENT_AFTER_MS) process.exit(EXIT.failed)
      ask(EXIT.done, signal)
    })
  }
  process.on('uncaughtException', (error) => ask(EXIT.failed, error.stack ?? describeError(error)))
  return {
    isAsked: () => askedAt !== null,
    asked: async (log: Log) => {
      const { code, why } = await waiting.promise
      if (code === EXIT.done) log.info({ signal: why }, 'stopping')
      else log.error({ why }, 'stopping after an error that nobody caught')
      return code
    },
    remainingMs: () => STOP_WITHIN_MS - (performance.now() - (askedAt ?? performance.now())),
  }
}

/** One list on stderr, readable as it is. */
function tellWhy(error: unknown): number {
  if (error instanceof CannotStart) {
    process.stderr.write(`The hub cannot start:\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`)
    return EXIT.refused
  }
  process.stderr.write(`The hub cannot start: ${error instanceof Error ? error.stack : describeError(error)}\n`)
  return EXIT.failed
}

/** In this order, so that the last answers still find the database. Nothing that hangs keeps the next from its turn. */
async function stop(
  hub: Hub | null,
  database: EmbeddedPostgres | null,
  remainingMs: () => number,
  log: Log,
): Promise<void> {
  const limited = async (what: string, work: Promise<void>, limitMs: number) => {
    const limit = new AbortController()
    const tooLong = sleep(limitMs, 'too long', { signal: limit.signal })
    try {
      if ((await Promise.race([work, tooLong])) === 'too long') log.warn({ what, limitMs }, 'not finished in time')
    } catch (error) {
      log.error({ what, why: describeError(error) }, 'failed while stopping')
    } finally {
      limit.abort()
    }
  }
  if (hub !== null) {
    await limited('drain', hub.drain(DRAIN_MS), DRAIN_MS + 100)
    await limited('close', hub.close(), CLOSE_MS)
  }
  if (database !== null)
    await limited('database', database.stop(Math.max(remainingMs() - 600, 300)), Math.max(remainingMs() - 100, 800))
}

function greeting(
  settings: Settings,
  processes: number,
  database: EmbeddedPostgres | null,
  newAdminToken: string | null,
): string {
  const { publicUrl, hubCountryCode, hubPartyId, hubName, host, port } = settings
  const dataDir = resolve(settings.dataDir)
  const lines = [
    `${hubName} is ready at ${publicUrl}`,
    `  party        ${hubCountryCode}-${hubPartyId}`,
    `  listening    ${host}:${port}`,
    `  for partners ${publicUrl}/ocpi/versions`,
    `  for admins   ${publicUrl}/admin/api/openapi.json`,
    `  data         ${database === null ? 'in the database of DATABASE_URL' : dataDir}`,
  ]
  if (processes > 1) lines.push(`  processes    ${processes}`)
  // As root, when the database's user cannot enter the data folder.
  if (database !== null && !database.dataDir.startsWith(dataDir)) lines.push(`  database     ${database.dataDir}`)
  if (newAdminToken !== null) lines.push(`  admin token  ${newAdminToken} (shown this once: keep it)`)
  return `${lines.join('\n')}\n`
}
