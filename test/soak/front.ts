import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Front = { readonly port: number; readonly close: () => void }

/** Stands before some hub processes as a load balancer does: each connection goes to the next of them that takes it. */
export async function openFront(portsBehind: readonly number[]): Promise<Front> {
  const sockets = new Set<Socket>()
  let turn = 0

  function join(client: Socket, triesLeft: number): void {
    const hub = connect(portsBehind[turn++ % portsBehind.length] as number, '127.0.0.1')
    let isThere = false
    hub.on('error', () => {
      if (isThere || triesLeft === 0 || client.destroyed) client.destroy()
      else join(client, triesLeft - 1)
    })
    hub.once('connect', () => {
      isThere = true
      keep(hub)
      hub.on('close', () => client.destroy())
      client.on('close', () => hub.destroy())
      client.pipe(hub).pipe(client)
    })
  }

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }

  const server = createServer((client) => {
    keep(client)
    join(client, portsBehind.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
