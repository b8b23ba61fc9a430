import { readOptions } from '../command/read-options.ts'
import { hastenImports } from './node/hasten-imports.ts'

const USAGE = `npm run start:edge

Runs the hub as a Cloudflare Worker on this machine, in workerd, until SIGTERM or Ctrl-C. Its settings are environment
variables, all of which may be left out:

  PORT=9000 HUB_NAME='Example hub' npm run start:edge`

readOptions(USAGE, {})
hastenImports()
const { runHub } = await import('./node/life.ts')
process.exit(
  await runHub(process.env, async () => (await import('./edge/start-edge-hub.ts')).startEdgeHub(process.env)),
)
