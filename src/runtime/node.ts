import cluster from 'node:cluster'
import { hastenImports } from './hasten-imports.ts'
import type { LoadStartHub } from './process.ts'

// The hub on Node: `node src/runtime/node.ts`. With PROCESSES above 1 this file runs once more in each worker process.
hastenImports()

const loadStartHub: LoadStartHub = async (settings) => {
  if (settings.processes > 1 && cluster.isPrimary) return (await import('./worker-processes.ts')).startWorkerProcesses
  return (await import('./compose.ts')).startHub
}

if (cluster.isWorker) {
  const { runWorker } = await import('./worker-processes.ts')
  runWorker(process.env, loadStartHub)
} else {
  const { runHub } = await import('./process.ts')
  process.exit(await runHub(process.env, loadStartHub))
}
