import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export type HubProcess = {
  readonly pid: number
  readonly url: string
  readonly adminToken: string
  /** When it says that it is ready. */
  readonly ready: Promise<void>
  /** When the process ends, asked for or not. */
  readonly ended: Promise<void>
  /** The end of what it wrote. */
  readonly lastLines: () => string[]
  /** Asks it to end; insists after 8 s. */
  readonly stop: () => Promise<void>
}

export type HubProcessOptions = {
  /** Where the program lies that runs the hub. */
  readonly entry: string
  readonly dataDir: string
  readonly preferredPort: number
  /** Called with each line that tells of an error. */
  readonly onError: (line: string) => void
}

const READY_WITHIN_MS = 60_000
const LAST_WORDS_MS = 500

/**
 * Starts the hub as a user would, for partners that live on loopback and talk only where they agreed to. Call `waitUntilReady`
 * next.
 */
export async function startHubProcess({
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
    env: {
      ...inherited,
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: url,
      DATA_DIR: dataDir,
      ADMIN_TOKEN: adminToken,
      ALLOW_PRIVATE_NETWORKS: 'true',
      ROUTING_POLICY: 'agreements',
      // A laptop with many processors would start one for nearly each, to relay a message now and then.
      PROCESSES: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C is the demo's, which then ends the hub in order.
    detached: true,
  })
  await once(child, 'spawn')
  // Whatever ends the demo early must not leave the hub behind.
  process.once('exit', () => child.kill('SIGTERM'))
  const ready = Promise.withResolvers<void>()
  const lines = keepLines(child, (line) => {
    if (line.includes(` is ready at ${url}`)) ready.resolve()
    if (/"level":"(error|fatal)"/.test(line)) onError(line)
  })
  const silent = once(child, 'close')
  // Its last words are read before that is told, unless something it left behind holds the other end.
  const ended = once(child, 'exit')
    .then(() => Promise.race([silent, sleep(LAST_WORDS_MS)]))
    .then(() => {})
  return {
    pid: child.pid ?? 0,
    url,
    adminToken,
    ready: ready.promise,
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

/**
 * Resolves once the hub says by itself that it is ready: at its address another hub may listen that was there before. Rejects with its
 * last words when it ends or takes too long.
 */
export async function waitUntilReady(hub: HubProcess): Promise<void> {
  const end = new AbortController()
  const late = sleep(READY_WITHIN_MS, 'was not ready in time', { signal: end.signal })
  late.catch(() => undefined)
  const ended = hub.ended.then(() => 'ended')
  const what = await Promise.race([hub.ready, ended, late])
  end.abort()
  if (what) throw new Error(`The hub ${what}. It said last:\n${hub.lastLines().join('\n')}`)
}

function keepLines(child: ChildProcess, onLine: (line: string) => void): string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > 30) lines.shift()
      onLine(line)
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
