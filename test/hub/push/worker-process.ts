import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RigPush } from './rig.ts'
import type { WorkerAnswer, WorkerSetup } from './worker.ts'

export type WorkerProcess = {
  readonly child: ChildProcess
  /** The push's number; null when it was refused or its process died. */
  readonly push: (from: string, push: RigPush) => Promise<number | null>
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** Runs an engine in a process of its own; resolves when it takes pushes. */
export async function startWorker(setup: WorkerSetup): Promise<WorkerProcess> {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(setup)], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, (number: number | null) => void>()
  let lastId = 0
  const isReady = new Promise<void>((resolve, reject) => {
    waiting.set(0, () => resolve())
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}`)))
  })
  child.on('message', ({ id, number }: WorkerAnswer) => {
    waiting.get(id)?.(number)
    waiting.delete(id)
  })
  child.on('exit', () => {
    for (const answer of waiting.values()) answer(null)
    waiting.clear()
  })

  function ask(request: object): Promise<number | null> {
    if (!child.connected) return Promise.resolve(null)
    return new Promise((resolve) => {
      const id = ++lastId
      waiting.set(id, resolve)
      child.send({ id, ...request }, (error) => error && resolve(null))
    })
  }

  async function ended(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  await isReady
  return {
    child,
    push: (from, push) => ask({ kind: 'push', from, push }),
    async stop() {
      await ask({ kind: 'stop' })
      await ended()
    },
    async kill() {
      child.kill('SIGKILL')
      await ended()
    },
  }
}
