import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { OutboundRequest, Send, SendResult } from '../../../src/hub/ports.ts'
import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'

/** The list of protocols in a ClientHello: type, length, length of the list, names with their lengths [RFC 7301, section 3.1]. */
const ONLY_HTTP_1_1 = Buffer.from('\x00\x10\x00\x0b\x00\x09\x08http/1.1', 'latin1')

/** Sends to a server on loopback that does this with each connection. */
async function sendTo(serve: (socket: Socket) => void): Promise<{ readonly origin: string; readonly send: Send }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { send, close } = createUndiciSend({ isAddressAllowed: () => true })
  onTestFinished(async () => {
    await close()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, send }
}

it('offers servers HTTP/1.1 only: most would choose HTTP/2, and its answers are other ones', async () => {
  const { promise: hello, resolve } = Promise.withResolvers<Buffer>()
  const { origin, send } = await sendTo((socket) => {
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes)
      socket.destroy()
    })
  })
  const sent = send({
    origin: origin.replace('http:', 'https:'),
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 5_000,
    bufferBytes: 1_000,
  })
  expect((await hello).includes(ONLY_HTTP_1_1)).toBe(true)
  expect(await sent).toMatchObject({ kind: 'failed', why: 'unreachable' })
})

describe('a connection that the receiver closes just as a request comes', () => {
  const ENVELOPE = '{"status_code":1000}'
  const ends: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['closes', (socket) => void socket.end()],
    ['resets', (socket) => void socket.resetAndDestroy()],
  ]

  /** Answers the first request of each connection, and ends the connection at its second one. */
  async function provoke(
    end: (socket: Socket) => void,
    method: string,
    parts: Partial<OutboundRequest> = {},
  ): Promise<{ result: SendResult; came: string[] }> {
    const came: string[] = []
    const { origin, send } = await sendTo((socket) => {
      let isFirst = true
      socket.on('data', (bytes: Buffer) => {
        came.push(bytes.toString('latin1').split(' ', 1)[0] as string)
        if (isFirst) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${ENVELOPE.length}\r\n\r\n${ENVELOPE}`)
        else end(socket)
        isFirst = false
      })
    })
    const body = method === 'GET' ? null : Buffer.from('{}')
    const call = { origin, path: '/', headers: [], timeoutMs: 5_000, bufferBytes: 1_000 }
    await send({ ...call, method: 'GET', body: null })
    // The connection is free again a turn of the event loop after its answer.
    await turn()
    await turn()
    return { result: await send({ ...call, method, body, ...parts }), came }
  }

  const each = (methods: readonly string[]) =>
    ends.flatMap(([how, end]) => methods.map((method) => [how, method, end] as const))

  it.each(each(['GET', 'PUT', 'DELETE']))('%s: a %s is sent once more and answered', async (_, method, end) => {
    const { result, came } = await provoke(end, method)
    expect(result).toMatchObject({ kind: 'answer', status: 200 })
    expect(came).toEqual(['GET', method, method])
  })

  it.each(each(['PATCH', 'POST']))('%s: a %s is never sent twice', async (_, method, end) => {
    const { result, came } = await provoke(end, method)
    expect(result).toMatchObject({ kind: 'failed', why: 'unreachable' })
    expect(came).toEqual(['GET', method])
  })

  it.each(ends)('%s: a push of a queue is left to the queue, which minds the rate', async (_, end) => {
    const { result, came } = await provoke(end, 'PUT', { mayLeave: () => true })
    expect(result).toMatchObject({ kind: 'failed', why: 'unreachable' })
    expect(came).toEqual(['GET', 'PUT'])
  })

  it.each(ends)('%s: an upload that streams is never sent twice', async (_, end) => {
    async function* body() {
      yield Buffer.from('{}')
    }
    const { result, came } = await provoke(end, 'PUT', { body: body() })
    expect(result).toMatchObject({ kind: 'failed', why: 'unreachable' })
    expect(came[1]).toBe('PUT')
    expect(came.slice(1)).not.toContain('GET')
  })

  it('a GET is not sent a third time', async () => {
    let requests = 0
    const { origin, send } = await sendTo((socket) => {
      socket.on('data', () => {
        requests += 1
        socket.destroy()
      })
    })
    const call = { origin, path: '/', method: 'GET', headers: [], body: null, timeoutMs: 5_000, bufferBytes: 1_000 }
    expect(await send(call)).toEqual({ kind: 'failed', why: 'unreachable', detail: 'other side closed' })
    expect(requests).toBe(2)
  })
})

describe('heads that the parser takes for no HTTP', () => {
  const BODY = '{"status_code":1000}'
  const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
  const LENGTH = `Content-Length: ${BODY.length}\r\n`

  async function writeOneByOne(socket: Socket, pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      socket.write(piece, 'latin1')
      await turn()
    }
  }

  it.each([
    ['a 100 Continue that nobody asked for', CONTINUE, `HTTP/1.1 200 OK\r\n${LENGTH}\r\n${BODY}`],
    ['the same at once with the answer', `${CONTINUE}HTTP/1.1 200 OK\r\n${LENGTH}\r\n${BODY}`],
    [
      'two of them, with headers',
      `${CONTINUE}HTTP/1.1 100 \r\nX-A: 1\r\n\r\n`,
      `HTTP/1.1 200 OK\r\n${LENGTH}\r\n${BODY}`,
    ],
    ['a length twice', `HTTP/1.1 200 OK\r\n${LENGTH}X-A: 1\r\n${LENGTH.toLowerCase()}\r\n${BODY}`],
    ['a length as a list', `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`],
    ['both', CONTINUE, `HTTP/1.1 200 OK\r\n${LENGTH}${LENGTH}\r\n`, BODY],
    ['a length twice where a gateway answers', `HTTP/1.1 200 OK\r\n${LENGTH}${LENGTH}X-A: ä\r\n\r\n${BODY}`],
  ])('%s: an answer, and the connection is good for the next', async (_, ...pieces) => {
    let connections = 0
    const { origin, send } = await sendTo((socket) => {
      connections += 1
      socket.setNoDelay(true)
      socket.on('data', () => void writeOneByOne(socket, pieces))
    })
    const call = { origin, path: '/', headers: [], timeoutMs: 5_000, bufferBytes: 1_000 }
    for (const method of ['GET', 'POST', 'PUT']) {
      const result = await send({ ...call, method, body: method === 'GET' ? null : Buffer.from('{}') })
      expect(result).toMatchObject({ kind: 'answer', status: 200 })
      expect(result.kind === 'answer' && Buffer.from(result.body as Uint8Array).toString()).toBe(BODY)
      await turn()
      await turn()
    }
    expect(connections).toBe(1)
  })

  it.each([
    ['two lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} '],
    ['a list of two that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{} '],
  ])('%s: a broken answer, as nobody knows where it ends', async (_, bytes) => {
    const { origin, send } = await sendTo((socket) => {
      socket.once('data', () => socket.end(bytes))
    })
    const call = { origin, path: '/', method: 'GET', headers: [], body: null, timeoutMs: 5_000, bufferBytes: 1_000 }
    expect(await send(call)).toMatchObject({ kind: 'failed', why: 'broken-answer' })
  })
})

it.each([
  [
    'both a length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  ],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
])('a receiver that answers with %s was reached, its answer is broken', async (_, bytes) => {
  const { origin, send } = await sendTo((socket) => {
    socket.once('data', () => socket.end(bytes))
  })
  const call = { origin, path: '/', method: 'GET', headers: [], body: null, timeoutMs: 5_000, bufferBytes: 1_000 }
  expect(await send(call)).toMatchObject({ kind: 'failed', why: 'broken-answer' })
})
