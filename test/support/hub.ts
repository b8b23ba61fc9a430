import { startHub } from '../../src/runtime/node/compose.ts'
import { createLog } from '../../src/runtime/node/log.ts'
import { secretKeysOf } from '../../src/runtime/node/secret-key.ts'
import { readSettings } from '../../src/runtime/settings/settings.ts'
import type { Log } from '../../src/runtime/shared/log-rules.ts'
import { createTestDatabase } from './database.ts'
import { freePort } from './free-port.ts'
import { forgettingFormerTries } from './further-tries.ts'
import { createHubClient, type HubClient } from './hub-client.ts'
import { HUB_RUNTIME } from './only.ts'

const ADMIN_TOKEN = 'test-admin-token-0123456789'

export type TestHub = HubClient & {
  readonly databaseUrl: string
  readonly adminToken: string
  readonly close: () => Promise<void>
}

export type TestHubOptions = { readonly databaseUrl?: string; readonly log?: Log }

/** A whole hub on the runtime of this run, on a database of its own (or the one given), on loopback. */
export async function startTestHub(
  environment: Record<string, string> = {},
  options: TestHubOptions = {},
): Promise<TestHub> {
  if (HUB_RUNTIME === 'node') return await startNodeHub(environment, options)
  if (options.log) throw new Error('A hub in workerd writes its log by itself')
  const { startWorkersHub } = await import('./workers-hub.ts')
  return await startWorkersHub(environment, options)
}

/** A whole hub in this process. */
async function startNodeHub(
  environment: Record<string, string>,
  { databaseUrl, log }: TestHubOptions,
): Promise<TestHub> {
  const database = databaseUrl ? { url: databaseUrl, drop: async () => {} } : await createTestDatabase()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { settings, problems } = readSettings({
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_URL: database.url,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    ADMIN_TOKEN,
    ALLOW_PRIVATE_NETWORKS: 'true',
    LOG_LEVEL: 'silent',
    // Else every partner that joins would be called some sixty times.
    CONNECTION_CHECK: 'off',
    MESSAGE_LOG_THREAD: 'off',
    ...environment,
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const hub = await startHub(settings, database.url, await secretKeysOf(settings), log ?? createLog(settings.logLevel))
  await hub.listen()
  const client = createHubClient(url, ADMIN_TOKEN, forgettingFormerTries)
  return {
    ...client,
    databaseUrl: database.url,
    adminToken: ADMIN_TOKEN,
    async close() {
      await client.closePartners()
      await hub.drain(1000)
      await hub.close()
      await database.drop()
    },
  }
}
