import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOwner } from '../../src/runtime/node/postgres/owner.ts'
import { probeDatabase } from '../../src/runtime/node/postgres/probe.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const ROOT = '/usr/lib/postgresql'

/** The programs of the newest Postgres that this machine has beside the embedded one, server and clients; null without one. */
export const installedPrograms: string | null =
  (existsSync(ROOT) ? readdirSync(ROOT) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(ROOT, version, 'bin'))
    .find((folder) =>
      ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((name) => existsSync(join(folder, name))),
    ) ?? null

export type InstalledPostgres = {
  /** The URL of a database of this server, which need not be there. */
  readonly urlOf: (database: string) => string
  readonly stop: () => Promise<void>
}

/** Starts such a Postgres with a cluster of its own, on loopback, for tests that need its client programs. */
export async function startInstalledPostgres(programs: string): Promise<InstalledPostgres> {
  const owner = await findOwner()
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  if (owner) await chown(folder, owner.uid, owner.gid)
  const options = { ...owner, cwd: folder, env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } }
  const data = join(folder, 'data')
  const init = ['-D', data, '-U', 'hub', '--auth=trust', '--encoding=UTF8', '--no-sync']
  await promisify(execFile)(join(programs, 'initdb'), init, options)
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...options, stdio: 'ignore' },
  )
  const urlOf = (database: string) => `postgres://hub@127.0.0.1:${port}/${database}`
  await until(async () => (await probeDatabase(urlOf('postgres'), 2)) === null, 'Expected Postgres to start', 20_000)
  return {
    urlOf,
    async stop() {
      const ended = once(server, 'exit')
      server.kill('SIGINT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
