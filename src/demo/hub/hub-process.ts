import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'

export type HubProcess = {
  readonly pid: number
  readonly url: string
  readonly adminToken: string
  /** When the process ends, asked for or not. */
  readonly ended: Promise<void>
  /** The end of what it wrote. */
  readonly lastLines: () => string[]
  /** Asks it to end; insists after 8 s. */
  readonly stop: () => Promise<void>
}

export type HubProcessOptions = {
  /** Where the project lies. */
  readonly root: string
  /** The program that runs the hub, from there. */
  readonly entry: string
  readonly dataDir: string
  readonly preferredPort: number
  /** Called with each line that tells of an error. */
  readonly onError: (line: string) => void
}

const READY_WITHIN_MS = 60_000

/**
 * Starts the hub as a user would, for partners that live on loopback and talk only where they agreed to. Call `waitUntilReady`
 * next.
 */
export async function startHubProcess({
  root,
  entry,
  dataDir,
  preferredPort,
  onError,
}: HubProcessOptions): Promise<HubProcess> {
  const port = await freePort(preferredPort)
  const url = `http://127.0.0.1:${port}`
  const adminToken = `demo-${crypto.randomUUID()}`
  const { PATH, HOME, TMPDIR, LANG } = process.env
  const inherited = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined),
  )
  const child = spawn(process.execPath, [entry], {
    cwd: root,
    env: {
      ...inherited,
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: url,
      DATA_DIR: dataDir,
      ADMIN_TOKEN: adminToken,
      ALLOW_PRIVATE_NETWORKS: 'true',
      ROUTING_POLICY: 'agreements',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C is the demo's, which then ends the hub in order.
    detached: true,
  })
  await once(child, 'spawn')
  // Whatever ends the demo early must not leave the hub behind.
  process.once('exit', () => child.kill('SIGTERM'))
  const lines = keepLines(child, onError)
  const ended = once(child, 'exit').then(() => {})
  return {
    pid: child.pid ?? 0,
    url,
    adminToken,
    ended,
    lastLines: () => [...lines],
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), 8_000)
      await ended
      clearTimeout(insist)
    },
  }
}

/** Resolves once the hub says it is ready. Rejects with its last words when it ends or takes too long. */
export async function waitUntilReady(hub: HubProcess): Promise<void> {
  let hasEnded = false
  void hub.ended.then(() => {
    hasEnded = true
  })
  const deadline = Date.now() + READY_WITHIN_MS
  while (!hasEnded && Date.now() < deadline) {
    if (await isReady(hub.url)) return
    await sleep(50)
  }
  throw new Error(
    `The hub ${hasEnded ? 'ended' : 'was not ready in time'}. It said last:\n${hub.lastLines().join('\n')}`,
  )
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/readyz`, { headersTimeout: 2_000 })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

function keepLines(child: ChildProcess, onError: (line: string) => void): string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > 30) lines.shift()
      if (/"level":"(error|fatal)"/.test(line)) onError(line)
    })
  }
  return lines
}

/** The preferred port when nobody has it, else any free one. */
async function freePort(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    const address = server.address()
    server.close()
    await once(server, 'close')
    if (address && typeof address === 'object') return address.port
  }
  throw new Error('No port is free')
}
