import cluster from 'node:cluster'
import { startHub } from './compose.ts'
import { runHub } from './process.ts'
import { runWorker, startWorkerProcesses } from './worker-processes.ts'

// The hub on Node: `node src/runtime/node.ts`. With PROCESSES above 1 this file runs once more in each worker process.
if (cluster.isWorker) {
  runWorker(process.env, startHub)
} else {
  process.exit(
    await runHub(process.env, (settings, ...rest) =>
      settings.processes > 1 ? startWorkerProcesses(settings, ...rest) : startHub(settings, ...rest),
    ),
  )
}
