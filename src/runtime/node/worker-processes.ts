import type { Worker } from 'node:cluster'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { countsOf, mergeMetrics } from '../metrics/merge.ts'
import type { Environment } from '../settings/setting-reader.ts'
import { readSettings } from '../settings/settings.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import type { SecretKeys } from '../shared/secrets.ts'
import type { Hub, LoadStartHub, ShareMetrics, StartHub } from './life.ts'
import { createLog } from './log.ts'
import { listenOrRefuse } from './preflight.ts'

/** What the first process tells a worker. Secrets go this way and not through the environment, which others can read. */
type ToWorker =
  | { readonly kind: 'start'; readonly databaseUrl: string; readonly secretKeys: SecretKeys }
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'read-metrics' }
  | { readonly kind: 'metrics-of-all'; readonly text: string }

type Listening = { readonly kind: 'listening'; readonly port: number; readonly newAdminToken: string | null }

type FromWorker =
  /** It hears what it is told from now on: what was said before is lost. */
  | { readonly kind: 'hearing' }
  | Listening
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'drained' }
  /** Somebody asked this worker for the metrics of the hub. */
  | { readonly kind: 'metrics-wanted' }
  /** Those of this worker alone. */
  | { readonly kind: 'metrics'; readonly text: string }

/** Before a worker that ended by itself is started again; each time that it does not start twice as long, up to the longest. */
const RESTART_AFTER_MS = 1000
const LONGEST_RESTART_MS = 30_000

/** Of a worker that takes longer to tell its metrics, those count that it told last. */
const METRICS_WITHIN_MS = 1000

/**
 * A hub of several processes on one port and one database, each a whole hub. The first one
 * starts alone, so that it migrates and makes what is made once; when it refuses to start, so does the hub. Once it listens nothing is
 * wrong with the settings: any other that does not start, or that ends by itself, is started again.
 */
export const startWorkerProcesses =
  (processes: number): StartHub =>
  async (_settings, databaseUrl, secretKeys, log) => {
    cluster.setupPrimary({ serialization: 'advanced' })
    const workers = new Set<Worker>()
    const metrics = createMetricsOfAll(workers)
    let isStopping = false

    const start = async (): Promise<Listening> => {
      const worker = cluster.fork()
      workers.add(worker)
      worker.once('exit', () => {
        workers.delete(worker)
        metrics.forget(worker)
      })
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'metrics-wanted')
          void metrics.read().then((text) => send(worker, { kind: 'metrics-of-all', text }))
      })
      await answer(worker, 'hearing')
      send(worker, { kind: 'start', databaseUrl, secretKeys })
      const said = await answer(worker, 'listening', 'refused')
      if (said?.kind === 'listening') {
        worker.once('exit', (code, signal) => replace(code, signal))
        return said
      }
      worker.process.kill('SIGKILL')
      throw new CannotStart(said?.kind === 'refused' ? said.problems : ['a worker process ended while it started'])
    }

    const replace = (code: number, signal: string | null): void => {
      if (isStopping) return
      log.error({ code, signal }, 'a worker process ended by itself: starting another')
      setTimeout(() => void tryToStart(0), RESTART_AFTER_MS)
    }

    /** @param failures how often this worker has not started already */
    const tryToStart = async (failures: number): Promise<void> => {
      if (isStopping) return
      try {
        await start()
      } catch (error) {
        if (isStopping) return
        const waitMs = Math.min(RESTART_AFTER_MS * 2 ** failures, LONGEST_RESTART_MS)
        log.error({ why: describeError(error), waitMs }, 'a worker process does not start: trying again')
        setTimeout(() => void tryToStart(failures + 1), waitMs)
      }
    }

    const tellAll = async (message: ToWorker, isDone: (worker: Worker) => Promise<unknown>): Promise<void> => {
      isStopping = true
      const done = [...workers].map(isDone)
      for (const worker of workers) send(worker, message)
      await Promise.all(done)
    }

    const first = await start()
    return {
      newAdminToken: first.newAdminToken,
      listen: async () => {
        await Promise.all(Array.from({ length: processes - 1 }, () => tryToStart(0)))
        return { port: first.port }
      },
      drain: (timeoutMs) => tellAll({ kind: 'drain', timeoutMs }, (worker) => answer(worker, 'drained')),
      close: () => tellAll({ kind: 'close' }, (worker) => once(worker, 'exit')),
    }
  }

/** What all workers counted, those that ended included. One reading serves all who ask while it goes on. */
function createMetricsOfAll(workers: ReadonlySet<Worker>) {
  const told = new Map<Worker, string>()
  let departed = ''
  let reading: Promise<string> | null = null

  async function readOne(worker: Worker): Promise<void> {
    const answered = answer(worker, 'metrics')
    send(worker, { kind: 'read-metrics' })
    const said = await Promise.race([answered, sleep(METRICS_WITHIN_MS, null, { ref: false })])
    if (said?.kind === 'metrics' && workers.has(worker)) told.set(worker, said.text)
  }

  async function readAll(): Promise<string> {
    await Promise.all([...workers].map(readOne))
    reading = null
    return mergeMetrics([departed, ...told.values()])
  }

  return {
    read: () => (reading ??= readAll()),
    forget(worker: Worker) {
      departed = mergeMetrics([departed, countsOf(told.get(worker) ?? '')])
      told.delete(worker)
    },
  }
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message)
}

/** The next message of one of these kinds; null when the worker ends instead. */
function answer(worker: Worker, ...kinds: FromWorker['kind'][]): Promise<FromWorker | null> {
  const { promise, resolve } = Promise.withResolvers<FromWorker | null>()
  const onMessage = (message: FromWorker) => {
    if (kinds.includes(message.kind)) resolve(message)
  }
  const onExit = () => resolve(null)
  worker.on('message', onMessage)
  worker.once('exit', onExit)
  if (worker.isDead()) resolve(null)
  return promise.finally(() => {
    worker.off('message', onMessage)
    worker.off('exit', onExit)
  })
}

/** The life of a worker process: does what the first process says, and ends with it. */
export function runWorker(environment: Environment, loadStartHub: LoadStartHub): void {
  // Ctrl-C reaches every process of the terminal; the first one tells the others when to stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const { settings } = readSettings(environment)
  const log = createLog(settings.logLevel)
  let hub: Hub | null = null
  let readMetrics = async () => ''
  const onMetrics: ((text: string) => void)[] = []
  const tell = (message: FromWorker) => process.send?.(message)
  const shareMetrics: ShareMetrics = (own) => {
    readMetrics = own
    return () =>
      new Promise((resolve) => {
        onMetrics.push(resolve)
        tell({ kind: 'metrics-wanted' })
      })
  }
  const obey = async (message: ToWorker): Promise<void> => {
    switch (message.kind) {
      case 'start': {
        const startHub = await loadStartHub(1)
        hub = await startHub(settings, message.databaseUrl, message.secretKeys, log, shareMetrics)
        tell({ kind: 'listening', port: (await listenOrRefuse(hub, settings)).port, newAdminToken: hub.newAdminToken })
        return
      }
      case 'drain':
        await hub?.drain(message.timeoutMs)
        tell({ kind: 'drained' })
        return
      case 'close':
        await hub?.close()
        process.exit(0)
        break
      case 'read-metrics':
        tell({ kind: 'metrics', text: await readMetrics() })
        return
      case 'metrics-of-all':
        for (const resolve of onMetrics.splice(0)) resolve(message.text)
    }
  }
  process.on('message', (message: ToWorker) => {
    obey(message).catch((error: unknown) => {
      if (error instanceof CannotStart) {
        tell({ kind: 'refused', problems: error.problems })
        return
      }
      log.error({ why: error instanceof Error ? error.stack : describeError(error) }, 'a worker process failed')
      process.exit(1)
    })
  })
  tell({ kind: 'hearing' })
}
