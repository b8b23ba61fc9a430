import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { createHubClient, type HubClient } from '../support/hub-client.ts'
import { installedPrograms, startInstalledPostgres } from '../support/installed-postgres.ts'
import type { Partner } from '../support/partner.ts'
import { until } from '../support/until.ts'

// Backup and restore, by the commands of the page for operators. Each test starts hubs as processes, and so has time.

vi.setConfig({ testTimeout: 90_000 })

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = join(ROOT, 'src/runtime/node.ts')
const ADMIN_TOKEN = 'token-of-the-administrator'
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

const page = readFileSync(join(ROOT, 'docs/operators.md'), 'utf8')
const commands = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text ?? '')
const commandWith = (words: string) => commands.find((command) => command.includes(words)) ?? 'false # not on the page'

let folder: string
let port: number
let client: HubClient
let running: ChildProcess | null

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  await chmod(folder, 0o755)
  port = await freePort()
  client = createHubClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  running = null
})
afterEach(async () => {
  await client.closePartners()
  await stopHub()
  await rm(folder, { recursive: true, force: true })
})

async function startHub(settings: Record<string, string>): Promise<void> {
  const environment = { PORT: String(port), PUBLIC_URL: client.url, ADMIN_TOKEN, ALLOW_PRIVATE_NETWORKS: 'true' }
  running = spawn(process.execPath, [ENTRY], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', MESSAGE_LOG_THREAD: 'off', ...environment, ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const isReady = () =>
    fetch(`${client.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(async () => running?.exitCode !== null || (await isReady()), 'Expected the hub to start', 30_000)
  expect(running.exitCode).toBeNull()
}

async function stopHub(): Promise<void> {
  if (running === null || running.exitCode !== null) return
  const ended = once(running, 'exit')
  running.kill('SIGTERM')
  await ended
}

async function type(command: string, variables: Record<string, string>, path = process.env.PATH): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-ec', command], {
    cwd: folder,
    env: { PATH: path, ...variables },
  })
  return stdout
}

/** Asks the CPO through the hub: with the eMSP's token, and with the one that the hub keeps sealed for calling the CPO. */
async function expectToReach(emsp: Partner): Promise<void> {
  expect(await emsp.call('locations', 'SENDER', { to: CPO })).toMatchObject({ status: 200, statusCode: 1000 })
}

async function joinTwo(): Promise<Partner> {
  await client.join({ name: 'cpo', parties: [CPO] })
  const emsp = await client.join({ name: 'emsp', parties: [EMSP] })
  await expectToReach(emsp)
  return emsp
}

const loggedModules = async (): Promise<string[]> =>
  (await client.admin('GET', '/messages')).body.map((message: { module: string }) => message.module)

describe('the embedded database', () => {
  test('comes back from a copy of its folder, in another place, with the tokens of partners good on both sides', async () => {
    const places = { DATA_DIR: join(folder, 'data'), NEW_DATA_DIR: join(folder, 'new', 'data') }
    await startHub({ DATA_DIR: places.DATA_DIR })
    const emsp = await joinTwo()
    await stopHub()
    await type(commandWith('tar --create'), places)
    await rm(places.DATA_DIR, { recursive: true })
    await type(commandWith('tar --extract'), places)
    await startHub({ DATA_DIR: places.NEW_DATA_DIR })
    await expectToReach(emsp)
    expect(await loggedModules()).toContain('locations')
  })

  test('is reached, while the hub runs, at the URL that the page makes', async () => {
    const DATA_DIR = join(folder, 'data')
    await startHub({ DATA_DIR })
    const url = await type(`${commandWith('EMBEDDED=')}echo -n "$EMBEDDED"`, { DATA_DIR })
    const sql = postgres(url, { max: 1 })
    expect(await sql`select revision::int from routing_revision`).toHaveLength(1)
    await sql.end()
  })
})

describe.runIf(installedPrograms)('a database of one’s own', () => {
  const SECRET_KEY = Buffer.alloc(32, 7).toString('base64')
  const path = `${installedPrograms}:${process.env.PATH}`
  const dump = commandWith('pg_dump')
  const [, withoutLog = ''] = /`(--exclude-table-data=[^`]+)`/.exec(page) ?? []

  test.each([
    { name: 'whole', dumping: dump, keepsLog: true },
    { name: 'without the message log', dumping: dump.replace('pg_dump', `pg_dump ${withoutLog}`), keepsLog: false },
  ])('comes back from a dump taken while the hub runs: $name', async ({ dumping, keepsLog }) => {
    const server = await startInstalledPostgres(installedPrograms ?? '')
    const urls = { DATABASE_URL: server.urlOf('hub'), NEW_DATABASE_URL: server.urlOf('hub_again') }
    const sql = postgres(server.urlOf('postgres'), { max: 1 })
    for (const name of ['hub', 'hub_again']) await sql.unsafe(`create database ${name}`)
    await sql.end()
    try {
      await startHub({ DATABASE_URL: urls.DATABASE_URL, SECRET_KEY })
      const emsp = await joinTwo()
      await until(async () => (await loggedModules()).includes('locations'), 'Expected the message in the log')
      await type(dumping, urls, path)
      await stopHub()
      await type(commandWith('pg_restore'), urls, path)
      await startHub({ DATABASE_URL: urls.NEW_DATABASE_URL, SECRET_KEY })
      expect((await loggedModules()).includes('locations')).toBe(keepsLog)
      await expectToReach(emsp)
      await stopHub()
    } finally {
      await stopHub()
      await server.stop()
    }
  })
})
