import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { OutboundRequest, Send, SendResult } from '../../../src/hub/ports.ts'
import { headerAll } from '../../../src/ocpi/headers.ts'
import { isAllowedHost } from '../../../src/runtime/shared/address-guard.ts'
import { createFetchSend, type FetchSendOptions } from '../../../src/runtime/workers/fetch-send.ts'
import { WaitingPlaces } from '../../../src/runtime/workers/waiting-places.ts'
import { until } from '../../support/until.ts'

// What Node's own `fetch` and that of Workers have in common; the rest is in the smoke test, in workerd.
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function sendWith(options: Partial<FetchSendOptions>): Send {
  return createFetchSend({
    isHostAllowed: () => true,
    ofLength: (stream) => stream,
    places: null,
    streamIdleMs: 100,
    streamTotalMs: 5_000,
    ...options,
  })
}

function call(
  origin: string,
  parts: Partial<OutboundRequest> = {},
  isHostAllowed: (hostname: string) => boolean = () => true,
) {
  return sendWith({ isHostAllowed })(requestTo(origin, parts))
}

function requestTo(origin: string, parts: Partial<OutboundRequest> = {}): OutboundRequest {
  const request = { path: '/', method: 'GET', headers: [], body: null, timeoutMs: 5_000, bufferBytes: 1_000 }
  return { origin, ...request, ...parts }
}

function why(result: SendResult): string {
  return result.kind === 'failed' ? result.why : `answered ${result.status}`
}

async function readAll(result: SendResult): Promise<number> {
  if (result.kind === 'failed') throw new Error(result.detail)
  if (result.body instanceof Uint8Array) return result.body.length
  let size = 0
  for await (const chunk of result.body) size += chunk.length
  return size
}

test('a private host is never called', async () => {
  let calls = 0
  const origin = await receiver((_, response) => {
    calls++
    response.end()
  })
  expect(why(await call(origin, {}, isAllowedHost))).toBe('forbidden-address')
  expect(why(await call(origin.replace('127.0.0.1', 'localhost'), {}, isAllowedHost))).toBe('forbidden-address')
  expect(calls).toBe(0)
})

test('a redirect to another URL is an answer like any other', async () => {
  const origin = await receiver((_, response) => response.writeHead(302, { Location: '/elsewhere' }).end('{}'))
  expect(why(await call(origin))).toBe('answered 302')
})

test('a redirect to the same URL with a slash is followed, and remembered', async () => {
  const came: (string | undefined)[] = []
  const origin = await receiver((request, response) => {
    came.push(request.url)
    if (request.url?.endsWith('/')) response.end('{}')
    else response.writeHead(307, { Location: `${request.url}/` }).end('gone')
  })
  const send = sendWith({})
  const put = { origin, path: '/a', method: 'PUT', headers: [], body: new Uint8Array(2), timeoutMs: 5_000 }
  expect(why(await send({ ...put, bufferBytes: 1_000 }))).toBe('answered 200')
  expect(why(await send({ ...put, bufferBytes: 1_000 }))).toBe('answered 200')
  expect(came).toEqual(['/a', '/a/', '/a/'])
})

test('every Link of an answer is there, and every header of the request', async () => {
  let received: readonly string[] = []
  const origin = await receiver((request, response) => {
    received = headerAll(request.rawHeaders, 'x-one')
    response.setHeader('Link', ['</a>; rel="alternate"', '</b>; rel="next"'])
    response.end('{}')
  })
  const result = await call(origin, { headers: ['X-One', '1', 'x-one', '2'] })
  expect(received.join(', ')).toBe('1, 2')
  expect(result.kind === 'answer' && headerAll(result.headers, 'link').join(', ')).toBe(
    '</a>; rel="alternate", </b>; rel="next"',
  )
})

test('the deadline runs to the end of an answer, not to its beginning', async () => {
  const origin = await receiver((_, response) => {
    response.write('{')
  })
  expect(why(await call(origin, { timeoutMs: 50 }))).toBe('timeout')
})

test('an answer that breaks off is told from one that never began', async () => {
  const origin = await receiver((request, response) => {
    if (request.url === '/begun') response.writeHead(200, { 'Content-Length': 100 }).write('{"data"')
    setImmediate(() => response.destroy())
  })
  expect(why(await call(origin, { path: '/never' }))).toBe('unreachable')
  expect(why(await call(origin, { path: '/begun' }))).toBe('broken-answer')
})

test.each([
  ['GET', 'answered 200', 2],
  ['PUT', 'answered 200', 2],
  ['DELETE', 'answered 200', 2],
  ['POST', 'unreachable', 1],
  ['PATCH', 'unreachable', 1],
])(
  'a receiver that closes the connection as a %s comes: %s, is asked once more where that does no harm',
  async (method, outcome, calls) => {
    let came = 0
    const origin = await receiver((_, response) => {
      came += 1
      if (came === 1) response.destroy()
      else response.end('{}')
    })
    const body = method === 'GET' ? null : new Uint8Array(2)
    expect(why(await call(origin, { method, body }))).toBe(outcome)
    expect(came).toBe(calls)
  },
)

test('a host that the network cannot reach is unreachable, unless it says so itself', async () => {
  const origin = await receiver((request, response) => {
    const type = request.url === '/partner' ? 'application/json' : 'text/html'
    response.writeHead(request.url === '/slow' ? 524 : 522, { 'Content-Type': type }).end('{}')
  })
  expect(why(await call(origin, { path: '/network' }))).toBe('unreachable')
  expect(why(await call(origin, { path: '/slow' }))).toBe('timeout')
  expect(why(await call(origin, { path: '/partner' }))).toBe('answered 522')
})

test('the call ends when the caller goes away', async () => {
  const gone = Promise.withResolvers<void>()
  let abort: (() => void) | undefined
  const origin = await receiver((_, response) => {
    response.once('close', gone.resolve)
    abort?.()
  })
  const result = await call(origin, {
    onAbortable: (end) => {
      abort = end
    },
  })
  expect(why(result)).toBe('aborted')
  await gone.promise
})

test('beyond the buffer an answer streams, and fails when it stands still', async () => {
  const origin = await receiver((request, response) => {
    response.write(Buffer.alloc(5_000))
    if (request.url === '/whole') response.end(Buffer.alloc(5_000))
  })
  const whole = await call(origin, { path: '/whole' })
  expect(whole.kind === 'answer' && whole.body instanceof Uint8Array).toBe(false)
  expect(await readAll(whole)).toBe(10_000)
  await expect(readAll(await call(origin, { path: '/still' }))).rejects.toThrow('stood still')
})

test('a streamed body arrives; one that breaks off is not held against the receiver', async () => {
  const origin = await receiver((request, response) => {
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    request.on('end', () => response.end(String(size)))
  })
  async function* body(breaksOff: boolean) {
    for (let i = 0; i < 10; i++) yield new Uint8Array(1_000)
    if (breaksOff) throw new Error('the caller went away')
  }
  const result = await call(origin, { method: 'PUT', body: body(false) })
  expect(result.kind === 'answer' && Buffer.from(result.body as Uint8Array).toString()).toBe('10000')
  expect(why(await call(origin, { method: 'PUT', body: body(true) }))).toBe('aborted')
})

test('of many requests five wait for an answer at once, and the next is sent as soon as one of their answers begins', async () => {
  const { all, mostWaiting, answerOne, came, origin } = await holding()
  const send = sendWith({ places: onePlaces() })
  const sent = Array.from({ length: 12 }, (_, i) => send(requestTo(origin, { path: `/${i}` })))
  for (let answered = 0; answered < 12; answered++) {
    await until(() => came() === Math.min(12, answered + 5), `Expected ${answered + 5} requests`)
    // Begun, but not ended: it waits no more.
    answerOne()
  }
  all().forEach((response) => response.end('{}'))
  expect((await Promise.all(sent)).map(why)).toEqual(Array.from({ length: 12 }, () => 'answered 200'))
  expect(mostWaiting()).toBe(5)
})

test('a request that got no place is not sent when less than a second of its time is left', async () => {
  const { all, answerOne, came, origin } = await holding()
  const send = sendWith({ places: onePlaces() })
  const first = Array.from({ length: 5 }, () => send(requestTo(origin)))
  const startedAt = performance.now()
  expect(why(await send(requestTo(origin, { timeoutMs: 1_200 })))).toBe('no-place')
  expect(performance.now() - startedAt).toBeLessThan(1_200)
  await until(() => came() === 5, 'Expected five requests')
  for (let i = 0; i < 5; i++) answerOne()
  all().forEach((response) => response.end('{}'))
  await Promise.all(first)
  expect(came()).toBe(5)
})

test('a caller that goes away leaves its place in the row to the next', async () => {
  const { all, answerOne, came, origin } = await holding()
  const send = sendWith({ places: onePlaces() })
  const first = Array.from({ length: 5 }, () => send(requestTo(origin)))
  let goAway = () => {}
  const gone = send(requestTo(origin, { path: '/gone', onAbortable: (abort) => (goAway = abort) }))
  const next = send(requestTo(origin, { path: '/next' }))
  goAway()
  expect(why(await gone)).toBe('aborted')
  await until(() => came() === 5, 'Expected five requests')
  answerOne()
  await until(() => came() === 6, 'Expected the next')
  expect(all().at(-1)?.req.url).toBe('/next')
  all().forEach((response) => response.end('{}'))
  await Promise.all([...first, next])
})

/** The places of one request to the hub. */
function onePlaces(): () => WaitingPlaces {
  const places = new WaitingPlaces()
  return () => places
}

/** A receiver that begins its answers one by one, when it is told to. */
async function holding() {
  const responses: ServerResponse[] = []
  let begun = 0
  let most = 0
  const origin = await receiver((_, response) => {
    responses.push(response)
    most = Math.max(most, responses.length - begun)
  })
  return {
    origin,
    came: () => responses.length,
    all: () => responses,
    mostWaiting: () => most,
    answerOne: () => responses[begun++]?.writeHead(200).flushHeaders(),
  }
}
