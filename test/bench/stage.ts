import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { createLog } from '../../src/runtime/node/log.ts'
import { startEmbeddedPostgres } from '../../src/runtime/node/postgres/embedded.ts'
import { migrateDatabase } from '../../src/storage/migrate.ts'
import { startUpstream } from './direct.ts'
import { createFilledLog, type FilledLog } from './filled-log.ts'
import { seedCopies, seedPlatforms } from './seed.ts'

export type Options = {
  readonly runs: number
  /** Of each run. */
  readonly seconds: number
  /** Of networks, in platforms. */
  readonly sizes: readonly number[]
  /** In the message log of the parts search and console. */
  readonly exchanges: number
  /** The program of another hub, for the part direct. */
  readonly beside: string | null
}

/** What the parts of the bench stand on. */
export type Stage = Options & {
  /** A database of its own, migrated and empty; its URL. */
  readonly createDatabase: (name: string) => Promise<string>
  /** A database with a full message log, the same for all parts. */
  readonly filledLog: () => Promise<FilledLog>
  /** A partner that answers every direct request at once. */
  readonly upstream: { readonly origin: string }
  /** A database with so many platforms at the upstream, and the token of platform 1. */
  readonly network: (platforms: number) => Promise<{ readonly url: string; readonly token: string }>
  readonly close: () => Promise<void>
}

export async function openStage(options: Options): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'ocpi-hub-bench-'))
  const server = await startEmbeddedPostgres({ dataDir: folder, log: createLog('warn') })
  const upstream = await startUpstream()
  const networks = new Map<number, Promise<{ url: string; token: string }>>()

  async function createServerDatabase(name: string): Promise<string> {
    const sql = postgres(server.url, { max: 1, onnotice: () => undefined })
    await sql.unsafe(`create database ${name}`)
    await sql.end()
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }

  async function createDatabase(name: string): Promise<string> {
    const url = await createServerDatabase(name)
    await migrateDatabase({ url, folder: new URL('../../migrations', import.meta.url).pathname })
    return url
  }

  async function createNetwork(platforms: number): Promise<{ url: string; token: string }> {
    const url = await createDatabase(`network_${platforms}`)
    const tokens = await seedPlatforms(url, 0, Math.min(platforms, 10), upstream.origin)
    if (platforms > 10) await seedCopies(url, 10, platforms)
    return { url, token: tokens[1] as string }
  }

  let filled: Promise<FilledLog> | null = null

  return {
    ...options,
    createDatabase,
    filledLog() {
      filled ??= createServerDatabase('filled').then((url) => createFilledLog(url, options.exchanges))
      return filled
    },
    upstream,
    network(platforms) {
      const made = networks.get(platforms) ?? createNetwork(platforms)
      networks.set(platforms, made)
      return made
    },
    async close() {
      await upstream.process.stop()
      await server.stop(5000)
      // As root the data lie where the database's user can reach them, which may be elsewhere.
      for (const left of [folder, server.dataDir]) await rm(left, { recursive: true, force: true })
    },
  }
}
