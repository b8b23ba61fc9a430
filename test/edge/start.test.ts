import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEdgeHub } from '../../src/runtime/edge/start-edge-hub.ts'
import { createLog } from '../../src/runtime/node/log.ts'
import { listenOrRefuse } from '../../src/runtime/node/preflight.ts'
import { secretKeysOf } from '../../src/runtime/node/secret-key.ts'
import { readSettings } from '../../src/runtime/settings/settings.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

// `npm run start:edge`, as an operator that tries it sees it. The embedded database is the same as on Node.

const ENTRY = fileURLToPath(new URL('../../src/runtime/edge.ts', import.meta.url))
const ADMIN_TOKEN = 'token-of-the-administrator'
/** Of a bundle that has to be made first. */
const READY_WITHIN_MS = 60_000

let folder: string
let database: TestDatabase
let port: number
let child: ChildProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-edge-'))
  await chmod(folder, 0o755)
  database = await createTestDatabase()
  port = await freePort()
})
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

function launch(settings: Record<string, string> = {}) {
  child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DATA_DIR: folder,
      DATABASE_URL: database.url,
      SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      ADMIN_TOKEN,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { out: () => out, err: () => err, ended }
}

async function start(settings?: Record<string, string>) {
  const hub = launch(settings)
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(hub.err())
      return hub.out().includes(' is ready at ')
    },
    'Expected a hub that is ready',
    READY_WITHIN_MS,
  )
  return hub
}

const platforms = () =>
  fetch(`http://127.0.0.1:${port}/admin/api/platforms`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })

test('it says where it is, serves, and ends in order on SIGTERM', { timeout: 90_000 }, async () => {
  const hub = await start({ HUB_NAME: 'Edge of the town' })
  expect(hub.out()).toContain(`Edge of the town is ready at http://localhost:${port}`)
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  expect((await platforms()).status).toBe(200)
  expect(await readdir(join(folder, 'edge'))).toContain('Log')
  child.kill('SIGTERM')
  expect(await hub.ended).toBe(0)
  await expect(platforms()).rejects.toThrow('fetch failed')
})

test('killed, it leaves nothing running, and starts again in the same place', { timeout: 90_000 }, async () => {
  await start()
  child.kill('SIGKILL')
  await until(
    () =>
      platforms().then(
        () => false,
        () => true,
      ),
    'Expected workerd to end with the process that started it',
  )
  await start()
  expect((await platforms()).status).toBe(200)
})

test('what keeps it from starting is said in a line each', { timeout: 90_000 }, async () => {
  const hub = launch({ PORT: 'none', ROUTING_POLICY: 'some' })
  expect(await hub.ended).toBe(2)
  expect(hub.err().trimEnd().split('\n')).toEqual([
    'The hub cannot start:',
    '  - PORT=none: expected a whole number from 1 to 65535',
    '  - ROUTING_POLICY=some: expected open or agreements',
  ])
})

test('at an address where another hub listens it does not start, and says so in one line', {
  timeout: 90_000,
}, async () => {
  const other = createServer((_, response) => response.end('ready')).listen(port, '127.0.0.1')
  await once(other, 'listening')
  const hub = launch()
  expect(await hub.ended).toBe(2)
  expect(hub.out()).toBe('')
  expect(hub.err().trimEnd().split('\n')).toEqual([
    'The hub cannot start:',
    `  - PORT=${port}: another program listens there (HOST=127.0.0.1), expected a free port`,
  ])
  other.close()
})

test('an address that another hub takes while it starts is said as well', { timeout: 90_000 }, async () => {
  const environment = {
    PORT: String(port),
    DATA_DIR: folder,
    ADMIN_TOKEN,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  }
  const { settings } = readSettings(environment)
  const hub = await startEdgeHub(environment)(settings, database.url, await secretKeysOf(settings), createLog('silent'))
  const other = createServer((_, response) => response.end('ready')).listen(port, '127.0.0.1')
  await once(other, 'listening')
  await expect(listenOrRefuse(hub, settings)).rejects.toThrow(`PORT=${port}: another program listens there`)
  await hub.close()
  other.close()
})

test('a data folder serves one hub at a time', { timeout: 90_000 }, async () => {
  await start()
  const first = child
  const second = launch({ PORT: String(await freePort()) })
  expect(await second.ended).toBe(2)
  expect(second.err()).toContain(`DATA_DIR=${folder}: another hub uses this folder`)
  child = first
})
