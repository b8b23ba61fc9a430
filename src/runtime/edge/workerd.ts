import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { makeFolder } from '../node/make-folder.ts'
import { type EdgeHub, workerdConfig } from './workerd-config.ts'

export type Workerd = {
  /** What workerd and the Worker's console said. */
  readonly said: () => string
  /** Begins what Cloudflare's cron begins every minute; resolves when it is done. */
  readonly runCron: () => Promise<void>
  /** Ends it at once, as a machine that fails. */
  readonly kill: () => Promise<void>
  /** Ends it when the requests in flight are over, at the latest after `patienceMs` (3000). */
  readonly stop: (patienceMs?: number) => Promise<void>
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Of what was said the end is kept. */
const SAID_MOST = 200_000

/**
 * Starts a hub in workerd. Resolves when it takes requests; rejects with what workerd said when it does not. It ends with
 * this process, however that ends.
 *
 * @param onLine called with each line that workerd or the Worker's console says
 */
export async function startWorkerd(hub: EdgeHub, onLine: (line: string) => void = () => {}): Promise<Workerd> {
  // Both hold secrets: the file in the settings, the objects in what they keep.
  await makeFolder(hub.dataDir, 0o700)
  const config = join(hub.dataDir, 'workerd.capnp')
  await writeFile(config, workerdConfig(hub), { mode: 0o600 })
  // Experimental is what lets cron be called. In a process group of its own: Ctrl-C is this process', which ends it in order.
  const child = spawn(workerdProgram(), ['serve', config, '--experimental', '--control-fd=3'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    createInterface({ input: stream }).on('line', (line) => {
      said = `${said}${line}\n`.slice(-SAID_MOST)
      onLine(line)
    })
  }
  const letGo = endWithThisProcess(child)
  const ended = once(child, 'close')
    .then(([code]) => code as number | null)
    .finally(letGo)
  const refused = ended.then((code): never => {
    throw new Error(`workerd ended with ${code}: ${said}`)
  })
  const ports = await Promise.race([portsOf(child.stdio[3] as Readable), refused])

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    child.kill(signal)
    await ended
  }

  return {
    said: () => said,
    ended,
    async runCron() {
      const answer = await fetch(`http://127.0.0.1:${ports.get('cron')}/`)
      const outcome = await answer.text()
      if (!answer.ok || outcome !== 'ok') throw new Error(`The Worker's cron ended with: ${outcome}`)
    },
    kill: () => end('SIGKILL'),
    async stop(patienceMs = 3_000) {
      const late = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await end('SIGTERM')
      clearTimeout(late)
    },
  }
}

/** The path of workerd for this machine, as its package tells it. */
export function workerdProgram(): string {
  return (createRequire(import.meta.url)('workerd') as { default: string }).default
}

/** The port of each socket, by its name, once it listens at both. */
function portsOf(control: Readable): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>()
  return new Promise((resolve) => {
    createInterface({ input: control }).on('line', (line) => {
      const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number }
      if (event === 'listen') ports.set(socket, port)
      if (ports.size === 2) resolve(ports)
    })
  })
}

/**
 * Lets a shell kill a process when this one is gone, killed or not: its input ends then. Returns how to let go of it, once
 * the process has ended and its number may be another's.
 */
function endWithThisProcess({ pid }: ChildProcess): () => void {
  const watcher = spawn('sh', ['-c', `read _; kill -9 ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watcher.on('error', () => undefined)
  return () => void watcher.kill('SIGKILL')
}
