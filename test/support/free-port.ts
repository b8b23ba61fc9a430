import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that a system gives by itself, to listeners and to connections: one of these could be taken before it is used. */
const PORTS = { from: 20_000, count: 12_000 }
let next = randomInt(PORTS.count)

/** A port of loopback at which nobody listens, and which this process gives to nobody else. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + (next++ % PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => void probe.close(() => resolve(true)))
  })
}
