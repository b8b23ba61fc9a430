import cluster from 'node:cluster'
import { setFlagsFromString } from 'node:v8'
import { readOptions } from '../command/read-options.ts'
import { hastenImports } from './node/hasten-imports.ts'
import { keepTick } from './node/keep-tick.ts'
import type { LoadStartHub } from './node/life.ts'

const USAGE = `npm start

Runs the hub until SIGTERM or Ctrl-C. Its settings are environment variables, all of which may be left out:

  PORT=9000 HUB_NAME='Example hub' npm start`

// The hub on Node: `node src/runtime/node.ts`. With several processes this file runs once more in each worker process.
readOptions(USAGE, {})
// Names are looked up on these threads, and a dead name server holds one for ten seconds: with the usual four, one platform
// whose name does not resolve would keep the hub from connecting to any other. Read when the first of them is needed.
process.env['UV_THREADPOOL_SIZE'] ??= '64'
hastenImports()
// V8 learns at the start that messages live long, puts every later one with the old objects, and then spends a third of the
// processor on carrying them about. They never live long.
setFlagsFromString('--no-allocation-site-pretenuring')
await keepTick()

const loadStartHub: LoadStartHub = async (processes) => {
  if (processes > 1 && cluster.isPrimary)
    return (await import('./node/worker-processes.ts')).startWorkerProcesses(processes)
  return (await import('./node/compose.ts')).startHub
}

if (cluster.isWorker) {
  const { runWorker } = await import('./node/worker-processes.ts')
  runWorker(process.env, loadStartHub)
} else {
  const { runHub } = await import('./node/life.ts')
  process.exit(await runHub(process.env, loadStartHub))
}
