import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'undici'

// The yardstick: a proxy on `node:http` and `undici.request` that streams and does nothing else. `node bare-proxy.ts <port> <upstream origin>`

const [port, origin] = [Number(process.argv[2]), process.argv[3] ?? '']
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

createServer((incoming, outgoing) => void relay(incoming, outgoing)).listen(port, '127.0.0.1', () =>
  process.stdout.write('ready\n'),
)

async function relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { host: _, connection: __, ...headers } = incoming.headers
  const hasBody = incoming.method !== 'GET'
  const answer = await request(origin + (incoming.url ?? '/'), {
    method: incoming.method as 'GET',
    headers,
    body: hasBody ? incoming : null,
    dispatcher,
  })
  outgoing.writeHead(answer.statusCode, answer.headers)
  answer.body.pipe(outgoing)
}
