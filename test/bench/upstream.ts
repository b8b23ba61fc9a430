import { createServer, type Socket } from 'node:net'

// A partner that answers at once: `node upstream.ts <port>`. GET brings 1 KB, PUT takes 2 KB; versions for the still-alive
// check. On raw sockets, so that it leaves the processor it shares with the load to the load.

const port = Number(process.argv[2])
const origin = `http://127.0.0.1:${port}`
const END_OF_HEAD = '\r\n\r\n'

function envelope(data: unknown): string {
  return JSON.stringify({ data, status_code: 1000, timestamp: '2026-01-01T00:00:00Z' })
}

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const location = {
  country_code: 'NL',
  party_id: 'CPO',
  id: 'LOC1',
  publish: true,
  coordinates: { latitude: '51.562787', longitude: '4.638975' },
}
const padding = 1024 - envelope([{ ...location, name: '' }]).length
const page = answer(envelope([{ ...location, name: 'x'.repeat(padding) }]))
const done = answer(envelope(undefined))
const versions = answer(envelope([{ version: '2.2.1', url: `${origin}/2.2.1` }]))

function serve(socket: Socket): void {
  let pending = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    for (;;) {
      const end = endOfRequest(pending)
      if (end === -1) return
      socket.write(pending.startsWith('GET /versions ') ? versions : pending.startsWith('GET ') ? page : done, 'latin1')
      pending = pending.slice(end)
    }
  })
}

/** Where the first request ends; -1 while it is not all there. */
function endOfRequest(text: string): number {
  const head = text.indexOf(END_OF_HEAD)
  if (head === -1) return -1
  if (text.startsWith('GET ')) return head + END_OF_HEAD.length
  const of = text.slice(0, head)
  const length = /\r\ncontent-length: *(\d+)/i.exec(of)
  if (length) {
    const end = head + END_OF_HEAD.length + Number(length[1])
    return text.length < end ? -1 : end
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(of)) return head + END_OF_HEAD.length
  const last = text.indexOf('0\r\n\r\n', head + 2)
  return last === -1 ? -1 : last + 5
}

createServer(serve).listen(port, '127.0.0.1', () => process.stdout.write('ready\n'))
