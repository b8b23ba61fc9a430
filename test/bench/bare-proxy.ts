import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { Agent, request } from 'undici'

// The yardstick: a proxy on `node:http` and `undici.request` that streams and does nothing else. With `pipe` a caller whose
// receiver breaks off waits for ever; with `pipeline` it does not. `node bare-proxy.ts <port> <upstream origin> <pipe|pipeline>`

const [port, origin] = [Number(process.argv[2]), process.argv[3] ?? '']
const pass: (body: Readable, outgoing: ServerResponse) => unknown =
  process.argv[4] === 'pipeline'
    ? (body, outgoing) => (outgoing.destroyed ? body.resume() : pipeline(body, outgoing, () => undefined))
    : (body, outgoing) => body.pipe(outgoing)
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
  pass(answer.body, outgoing)
}
