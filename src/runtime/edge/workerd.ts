import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type EdgeHub, workerdConfig } from './workerd-config.ts'

export type Workerd = {
  /** What workerd and the Worker's console said. */
  readonly said: () => string
  /** Ends it at once, as a machine that fails. */
  readonly kill: () => Promise<void>
  /** Ends it when the requests in flight are over. */
  readonly stop: () => Promise<void>
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Requests in flight have this long when workerd is stopped. */
const STOP_WITHIN_MS = 3_000
/** Of what was said the end is kept. */
const SAID_MOST = 200_000

/** Starts a hub in workerd. Resolves when it takes requests; rejects with what workerd said when it does not. */
export async function startWorkerd(hub: EdgeHub): Promise<Workerd> {
  await mkdir(hub.dataDir, { recursive: true })
  const config = join(hub.dataDir, 'workerd.capnp')
  // It holds secrets.
  await writeFile(config, workerdConfig(hub), { mode: 0o600 })
  // The package gives the path of the program for this machine.
  const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string }
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    stream.on('data', (chunk) => (said = (said + chunk).slice(-SAID_MOST)))
  }
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const control = child.stdio[3] as Readable
  const listening = new Promise<void>((resolve) => {
    let told = ''
    control.on('data', (chunk) => {
      told += chunk
      if (told.includes('"listen"')) resolve()
    })
  })
  await Promise.race([
    listening,
    ended.then((code) => {
      throw new Error(`workerd ended with ${code}: ${said}`)
    }),
  ])

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    child.kill(signal)
    await ended
  }

  return {
    said: () => said,
    ended,
    kill: () => end('SIGKILL'),
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await end('SIGTERM')
      clearTimeout(late)
    },
  }
}
