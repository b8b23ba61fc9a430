import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a hub in workerd takes for Hyperdrive. */
export type Hyperdrive = {
  /** The URL given, with this proxy's address. */
  readonly url: string
  /** Connections that were ever opened through it. */
  readonly opened: () => number
  /** Statements that it did not let through. */
  readonly refused: () => readonly string[]
  readonly close: () => Promise<void>
}

/** Needs a session of its own, which nobody has where sessions are handed from one transaction to the next. */
const OF_A_SESSION =
  /^\s*(un)?listen\b|^\s*set\s+(?!local\b|transaction\b|constraints\b)|pg_(try_)?advisory_(lock|unlock)\b|^\s*declare\b.*\bwith hold\b|^\s*prepare\s/i

/** Stands between a hub and its database, and ends the connection of whoever asks for what Hyperdrive does not do. */
export async function startHyperdrive(targetUrl: string): Promise<Hyperdrive> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  const refused: string[] = []
  let opened = 0
  const server = createServer((client) => {
    opened++
    const database = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from)
      from
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(from)
          to.destroy()
        })
    }
    database.pipe(client)
    const read = createStatementReader()
    client.on('data', (chunk: Buffer) => {
      const statement = read(chunk).find((text) => OF_A_SESSION.test(text))
      if (statement === undefined) return void database.write(chunk)
      refused.push(statement)
      client.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(targetUrl)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    opened: () => opened,
    refused: () => refused,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Reads a client's side of the protocol: the statements that begin in each chunk, once they are complete. */
function createStatementReader(): (chunk: Buffer) => string[] {
  let rest: Buffer = Buffer.alloc(0)
  let isStarted = false
  return (chunk) => {
    const statements: string[] = []
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      // The first message has no letter before its length.
      const at = isStarted ? 1 : 0
      if (rest.length < at + 4) return statements
      const length = at + rest.readUInt32BE(at)
      if (rest.length < length) return statements
      const kind = isStarted ? String.fromCharCode(rest[0] ?? 0) : ''
      const body = rest.subarray(at + 4, length).toString('utf8')
      if (kind === 'Q') statements.push(body)
      // Behind the name of the prepared statement.
      if (kind === 'P') statements.push(body.slice(body.indexOf('\0') + 1))
      isStarted = true
      rest = rest.subarray(length)
    }
  }
}
