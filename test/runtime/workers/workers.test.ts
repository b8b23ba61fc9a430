import { fileURLToPath } from 'node:url'
import { unstable_startWorker as startWorker } from 'wrangler'
import { createTestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/hub.ts'
import { createHubClient } from '../../support/hub-client.ts'
import { type SmokeHub, smokeTest } from '../../support/smoke.ts'

const ADMIN_TOKEN = 'test-admin-token-0123456789'

/** Keeps wrangler quiet and on this machine. */
const ENVIRONMENT = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: '1',
}

smokeTest(startWorkersHub)

/** The hub in workerd as `wrangler.toml` describes it, with Hyperdrive in front of a database of its own. */
async function startWorkersHub(): Promise<SmokeHub> {
  const database = await createTestDatabase()
  Object.assign(process.env, ENVIRONMENT, { CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: database.url })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const text = (value: string) => ({ type: 'plain_text', value }) as const
  // Not wrangler's test harness: there what a Worker sends goes through this process's own `fetch`.
  const worker = await startWorker({
    config: fileURLToPath(new URL('../../../wrangler.toml', import.meta.url)),
    bindings: {
      PUBLIC_URL: text(url),
      ADMIN_TOKEN: text(ADMIN_TOKEN),
      SECRET_KEY: text(Buffer.alloc(32, 7).toString('base64')),
      ALLOW_PRIVATE_NETWORKS: text('true'),
      LOG_LEVEL: text('silent'),
    },
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      watch: false,
      persist: false,
      logLevel: 'error',
    },
  })
  await worker.ready
  const client = createHubClient(url, ADMIN_TOKEN)
  return {
    ...client,
    async close() {
      await client.closePartners()
      await worker.dispose()
      await database.drop()
    },
  }
}
