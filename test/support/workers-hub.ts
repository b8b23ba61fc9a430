import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { bundleWorker } from '../../src/runtime/edge/bundle.ts'
import { startWorkerd } from '../../src/runtime/edge/workerd.ts'
import { createTestDatabase } from './database.ts'
import { freePort } from './free-port.ts'
import { forgettingFormerTries } from './further-tries.ts'
import { createHubClient, type HubClient } from './hub-client.ts'
import { startHyperdrive } from './hyperdrive.ts'
import { until } from './until.ts'

const ADMIN_TOKEN = 'test-admin-token-0123456789'
const BUNDLE_WITHIN_MS = 60_000

export type WorkersHub = HubClient & {
  readonly databaseUrl: string
  readonly adminToken: string
  /** What workerd and the Worker's console said. */
  readonly said: () => string
  /** Ends an object at once, as the platform may at any moment. */
  readonly end: (binding: 'LOG' | 'QUEUE' | 'KEEPER', name: string) => Promise<void>
  /** The most requests to partners that ever waited for the beginning of an answer since this was asked last. */
  readonly mostWaiting: () => Promise<number>
  /** Kills workerd, as a machine that fails. What the objects have stored stays. */
  readonly kill: () => Promise<void>
  /** Starts workerd again, at the same URL, with what the objects have stored. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

export type WorkersHubOptions = {
  /** @default one of its own */
  readonly databaseUrl?: string
  /** What the hub takes for Hyperdrive, such as a proxy in front of it. @default Hyperdrive */
  readonly through?: (databaseUrl: string) => Promise<string>
  /** Who takes data points, as `EdgeHub` has it. @default nobody */
  readonly analytics?: string
}

/** A whole hub in a workerd of its own, on a database of its own (or the one given), on loopback. */
export async function startWorkersHub(
  settings: Record<string, string> = {},
  { databaseUrl, through = async (url) => url, analytics }: WorkersHubOptions = {},
): Promise<WorkersHub> {
  const database = databaseUrl ? { url: databaseUrl, drop: async () => {} } : await createTestDatabase()
  const hyperdrive = await startHyperdrive(database.url)
  const dataDir = await mkdtemp(join(tmpdir(), 'ocpi-hub-edge-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const hub = {
    bundle: await testBundle(),
    dataDir,
    host: '127.0.0.1',
    port,
    databaseUrl: await through(hyperdrive.url),
    ...(analytics && { analytics }),
    settings: {
      PUBLIC_URL: url,
      SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      ADMIN_TOKEN,
      ALLOW_PRIVATE_NETWORKS: 'true',
      LOG_LEVEL: 'warn',
      CONNECTION_CHECK: 'off',
      ...settings,
    },
  }
  let running = await startWorkerd(hub)
  // As cron does within a minute: an isolate that begins wakes the Keeper object.
  await (await fetch(`${url}/healthz`)).arrayBuffer()
  const client = createHubClient(url, ADMIN_TOKEN, forgettingFormerTries)
  return {
    ...client,
    databaseUrl: database.url,
    adminToken: ADMIN_TOKEN,
    said: () => running.said(),
    async end(binding, name) {
      await (await fetch(`${url}/test/end/${binding}/${name}`)).arrayBuffer()
    },
    mostWaiting: async () => Number(await (await fetch(`${url}/test/waiting`)).text()),
    kill: () => running.kill(),
    async restart() {
      running = await startWorkerd(hub)
    },
    async close() {
      await client.closePartners()
      await running.kill()
      await hyperdrive.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
      if (hyperdrive.refused().length > 0)
        throw new Error(`Hyperdrive would refuse: ${hyperdrive.refused().join('; ')}`)
    },
  }
}

/** The Worker as the tests take it, made once in a run by whoever needs it first. */
async function testBundle(): Promise<string> {
  const folder = join(inject('runDir'), 'worker')
  const bundle = join(folder, 'done')
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  )
  const entry = fileURLToPath(new URL('../edge/worker.ts', import.meta.url))
  if (isFirst) {
    await bundleWorker(folder, { entry })
    await mkdir(bundle)
  } else
    await until(
      () =>
        stat(bundle).then(
          () => true,
          () => false,
        ),
      'Expected the bundle',
      BUNDLE_WITHIN_MS,
    )
  return join(folder, 'worker.js')
}
