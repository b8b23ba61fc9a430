import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './free-port.ts'

export type TcpProxy = {
  /** The URL given, with this proxy's address. */
  readonly url: string
  /** Connections that were ever opened through it. */
  readonly opened: () => number
  /** Refuses connections and cuts those that are open, as a server that stopped. */
  readonly cut: () => Promise<void>
  /** Keeps connections open and lets nothing through, as a network that swallows packets. */
  readonly freeze: () => void
  /** Lets nothing through any more on connections that are open, and keeps them so; later ones are as ever. */
  readonly abandon: () => void
  /** Takes connections and lets everything through (again). */
  readonly restore: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Stands between a hub and its database, to be cut and restored. @param onSent told of what goes to the database */
export async function startTcpProxy(targetUrl: string, onSent: (chunk: Buffer) => void = () => {}): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  const abandoned = new WeakSet<Socket>()
  let isFrozen = false
  let server: Server | null = null
  const port = await freePort()
  let opened = 0

  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const join = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => {
      if (!isFrozen && !abandoned.has(from)) to.write(chunk)
    })
    from.on('close', () => to.destroy())
  }

  async function restore(): Promise<void> {
    // What was swallowed is missing from the streams: they are of no use any more.
    if (isFrozen) for (const socket of sockets) socket.destroy()
    isFrozen = false
    if (server) return
    server = createServer((client) => {
      opened++
      const database = connect(Number(target.port), target.hostname)
      join(keep(client), keep(database))
      client.on('data', onSent)
      join(database, client)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }

  async function cut(): Promise<void> {
    const closed = server && once(server, 'close')
    server?.close()
    server = null
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await restore()
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    opened: () => opened,
    cut,
    freeze: () => {
      isFrozen = true
    },
    abandon: () => {
      for (const socket of sockets) abandoned.add(socket)
    },
    restore,
    close: cut,
  }
}
