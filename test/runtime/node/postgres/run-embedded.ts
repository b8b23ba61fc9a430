import { createLog } from '../../../../src/runtime/node/log.ts'
import { startEmbeddedPostgres } from '../../../../src/runtime/node/postgres/embedded.ts'

// A process of its own around an embedded Postgres, for tests that kill it: `node run-embedded.ts <data folder>`.
const { url, stop } = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: createLog('silent') })
process.stdout.write(`${url}\n`)
process.once('SIGTERM', () => {
  stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
setInterval(() => {}, 60_000)
