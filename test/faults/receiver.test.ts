import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  closeAtOnce,
  closeHalfWay,
  drip,
  hang,
  html,
  lieAboutLength,
  rawAnswer,
  slashRedirects,
} from '../support/misbehave.ts'
import { onNode } from '../support/only.ts'
import type { CallAnswer } from '../support/partner-client.ts'
import type { Handler } from '../support/partner-server.ts'
import { CPO, eventually, type Pair, routedTo, startPair } from './pair.ts'

/** A hub that lets few requests into one platform at once, so that one that never left would be noticed. */
const ROOM = 3

let pair: Pair
const undo: (() => void)[] = []
beforeAll(async () => {
  pair = await startPair({ MAX_DIRECT_PER_PLATFORM: String(ROOM), FORWARD_TIMEOUT_MS: '2000' })
})
afterEach(() => {
  for (const each of undo.splice(0)) each()
})
afterAll(() => pair.hub.close())

const ENVELOPE = '{"data":[],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}'
const big = (bytes: number) => `{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z","data":"${'x'.repeat(bytes)}"}`
const answers = (handler: Handler) => undo.push(pair.cpo.on('locations', 'SENDER', handler))

/** Exactly as many requests as fit are let in, the next is refused at once: nobody is inside any more, nobody left twice. */
async function expectRoomIsFree(): Promise<void> {
  const waiting: (() => void)[] = []
  const release = pair.cpo.on('locations', 'SENDER', async () => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    return {}
  })
  const inside = Array.from({ length: ROOM }, () => pair.ask())
  await eventually(
    () => waiting.length,
    (count) => count === ROOM,
    1_800,
  )
  const refused = await pair.ask()
  for (const resolve of waiting) resolve()
  release()
  expect((await Promise.all(inside)).map((answer) => answer.statusCode)).toEqual(Array(ROOM).fill(1000))
  expect(refused).toMatchObject({ status: 200, statusCode: 4000 })
}

describe('a receiver that fails to answer', () => {
  const cases: readonly (readonly [string, Handler, number])[] = [
    ['cuts the connection without a byte', closeAtOnce(), 4003],
    ['never answers', hang(), 4002],
    ['drips its answer, a byte at a time, beyond the deadline', drip(60), 4002],
    ['stops in the middle of a small body', stopsInTheMiddle(), 4002],
    ['closes half-way', closeHalfWay(), 4000],
    ['announces more bytes than it sends', lieAboutLength(), 4000],
    ['answers HTML', html(502), 4000],
    ['answers HTML with 200', html(200), 4000],
    ['answers what is no HTTP', rawAnswer('SSH-2.0-OpenSSH_9.6\r\n'), onNode('Answers that are no HTTP') ? 4000 : 4003],
    ['answers JSON that is cut', () => ({ body: '{"status_code":1000,"data":[' }), 4000],
    ['answers JSON without data or a status code', () => ({ body: '{"error":"no"}' }), 4000],
    ['claims gzip and sends none', () => ({ headers: ['Content-Encoding', 'gzip'], body: ENVELOPE }), 4000],
    ['resets in the middle of its headers', rawAnswer('HTTP/1.1 200 OK\r\nContent-Ty'), 4003],
  ]
  test.each(cases)('%s: the caller learns it from a status code', async (_, handler, statusCode) => {
    answers(handler)
    const answer = await pair.ask()
    expect(answer).toMatchObject({ status: 200, statusCode })
    expect(answer.header('content-type')).toBe('application/json')
    expect(answer.envelope?.status_message).toBeTruthy()
    for (const undone of undo.splice(0)) undone()
    await expectRoomIsFree()
  })

  test.runIf(onNode('Answers that are no HTTP'))('an answer with headers beyond any size is a failure', async () => {
    answers(() => ({ headers: ['X-Long', 'x'.repeat(15_000), 'X-More', 'x'.repeat(40_000)] }))
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
    for (const undone of undo.splice(0)) undone()
    await expectRoomIsFree()
  })

  test('a receiver that refuses connections is not connected, and reached again once it is back', async () => {
    await pair.cpo.refuse()
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4003 })
    await pair.cpo.listenAgain()
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('a receiver that announces fewer bytes than it sends has no say in the next answer on its connection', async () => {
    answers(
      rawAnswer(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ENVELOPE.length}\r\n\r\n${ENVELOPE}HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforged!`,
      ),
    )
    expect((await pair.ask()).bytes.toString()).toBe(ENVELOPE)
    for (const undone of undo.splice(0)) undone()
    expect(await pair.ask()).toMatchObject({ statusCode: 1000, data: [] })
  })

  const zipped = (coding: string, body: Buffer | string): Handler => {
    return () => ({ isBare: true, headers: ['Content-Type', 'application/json', 'Content-Encoding', coding], body })
  }
  test.each([
    ['GZIP', gzipSync(ENVELOPE)],
    ['x-gzip', gzipSync(ENVELOPE)],
    ['deflate', deflateSync(ENVELOPE)],
    ['deflate', deflateRawSync(ENVELOPE)],
    ...(onNode('Compression') ? [['br', brotliCompressSync(ENVELOPE)] as const] : []),
    ['Identity', ENVELOPE],
    ['utf-8', ENVELOPE],
    ['none', ENVELOPE],
  ] as [string, Buffer | string][])(
    'an answer in the content coding %s is passed on as it came',
    async (coding, body) => {
      answers(zipped(coding, body))
      const answer = await pair.ask()
      expect(answer.header('content-encoding')).toBe(coding)
      expect(answer.bytes).toEqual(Buffer.from(body))
    },
  )

  test('a caller that asks for an answer only if it changed gets the whole of it: a 304 holds no envelope', async () => {
    answers(({ header }) => (header('if-none-match') ? { status: 304, isBare: true, body: '' } : {}))
    expect(await pair.ask({ headers: ['If-None-Match', '"1"'] })).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%i) to another URL is never followed', async (status) => {
    const before = routedTo(pair.emsp)
    for (const location of [
      `${pair.emsp.origin}/srv/receiver/tokens`,
      '/srv/sender/tariffs',
      '/srv/sender/locations//',
    ]) {
      answers(() => ({ status, isBare: true, body: '', headers: ['Location', location] }))
      expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
    }
    expect(routedTo(pair.emsp)).toBe(before)
  })

  test.each([301, 302, 307, 308])(
    'a redirect (%i) to the same URL with a slash is followed once, and remembered',
    async (status) => {
      undo.push(pair.cpo.on('tariffs', 'SENDER', slashRedirects(status)))
      const ask = () => pair.emsp.call('tariffs', 'SENDER', { to: CPO, query: `?limit=${status}` })
      pair.cpo.requests.length = 0
      expect(await ask()).toMatchObject({ status: 200, statusCode: 1000, data: [] })
      expect(await ask()).toMatchObject({ status: 200, statusCode: 1000 })
      const slash = `/srv/sender/tariffs/?limit=${status}`
      expect(pair.cpo.requests.map(({ target }) => target)).toEqual([slash.replace('/?', '?'), slash, slash])
      await expectForgotten(ask, slash)
    },
  )

  test.each([
    [307, 'PUT', 1000],
    [308, 'POST', 1000],
    [302, 'PUT', 4000],
    [301, 'POST', 4000],
  ])('a redirect (%i) of a %s to the same URL with a slash: %i', async (status, method, statusCode) => {
    undo.push(pair.emsp.on('locations', 'RECEIVER', slashRedirects(status)))
    const path = `/NL/CPO/${status}`
    expect(await pair.put('{"a":1}', { method, path })).toMatchObject({ status: 200, statusCode })
    const came = pair.emsp.requests
      .filter(({ suffix }) => suffix.startsWith(path))
      .map((request) => request.body.toString())
    expect(came).toEqual(statusCode === 1000 ? ['{"a":1}', '{"a":1}'] : ['{"a":1}'])
  })

  test('an upload that streams is not redirected, but goes where its path led when it is sent again', async () => {
    undo.push(pair.emsp.on('locations', 'RECEIVER', slashRedirects(307)))
    const path = '/NL/CPO/LARGE'
    expect(await pair.put(big(1024 * 1024), { path })).toMatchObject({ status: 200, statusCode: 4000 })
    expect(await pair.put(big(1024 * 1024), { path })).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('a receiver that redirects to and fro is asked twice, no more', async () => {
    answers(({ path }) => ({ status: 307, isBare: true, body: '', headers: ['Location', toggled(path)] }))
    pair.cpo.requests.length = 0
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
    expect(pair.cpo.requests).toHaveLength(2)
  })

  test('a receiver that hangs is told that nobody waits any more', async () => {
    const closed = Promise.withResolvers<void>()
    answers((_request, response) => {
      response.on('close', () => closed.resolve())
      return 'handled'
    })
    expect(await pair.ask()).toMatchObject({ statusCode: 4002 })
    await closed.promise
  })
})

describe('a receiver with a large answer', () => {
  test('that stops moving: the connection ends rather than an answer that looks complete', async () => {
    answers((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.write(big(1024 * 1024).slice(0, -2))
      return 'handled'
    })
    await expect(pair.ask()).rejects.toThrow('other side closed')
    for (const undone of undo.splice(0)) undone()
    await expectRoomIsFree()
  })

  test('that closes half-way: the connection ends', async () => {
    answers((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 4 * 1024 * 1024 })
      response.write(big(1024 * 1024), () => response.socket?.destroy())
      return 'handled'
    })
    await expect(pair.ask()).rejects.toThrow('other side closed')
    for (const undone of undo.splice(0)) undone()
    await expectRoomIsFree()
  })

  test.each(['application/json;charset=utf-8', 'text/json', 'text/plain', null])(
    'of the type %j: passed on',
    async (type) => {
      answers(() => ({ isBare: true, headers: type ? ['Content-Type', type] : [], body: big(128 * 1024) }))
      expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 1000 })
    },
  )

  test('of no type that begins with no JSON: 4000', async () => {
    answers(() => ({ isBare: true, body: '<'.repeat(128 * 1024) }))
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
  })

  test('that is HTML: ended at once, and answered with an envelope', async () => {
    answers(() => ({ isBare: true, headers: ['Content-Type', 'text/html'], body: '<'.repeat(1024 * 1024) }))
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4000 })
    await expectRoomIsFree()
  })

  test('that refuses the token of the hub at length: 4003', async () => {
    answers(() => ({ status: 401, body: big(1024 * 1024) }))
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 4003 })
    await expectRoomIsFree()
  })

  test('that never ends: it runs only as fast as the caller reads, and ends when the caller leaves', async () => {
    let written = 0
    const closed = Promise.withResolvers<void>()
    answers((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.write('{"data":"')
      const chunk = Buffer.alloc(64 * 1024, 0x78)
      const more = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
        written += chunk.length
      }
      response.on('drain', more).on('close', () => closed.resolve())
      more()
      return 'handled'
    })
    const url = new URL(pair.emsp.hubEndpoints.get('locations/SENDER') as string)
    const asking = get(url, {
      headers: {
        Authorization: `Token ${Buffer.from(pair.emsp.tokenAtHub() as string).toString('base64')}`,
        'OCPI-to-country-code': CPO.country_code,
        'OCPI-to-party-id': CPO.party_id,
      },
    })
    const [incoming] = await once(asking, 'response')
    incoming.pause()
    incoming.on('error', () => {})
    const held = await eventually(
      async () => {
        const before = written
        await new Promise((resolve) => setTimeout(resolve, 100))
        return before === written && written
      },
      (still) => still !== false,
    )
    expect(held).toBeLessThan(32 * 1024 * 1024)
    asking.destroy()
    await closed.promise
    for (const undone of undo.splice(0)) undone()
    await expectRoomIsFree()
  })
})

describe('a receiver that takes no large upload', () => {
  test('because it does not read: the caller gets 4002 and the call ends', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>()
    undo.push(
      pair.emsp.onRaw((incoming) => {
        // The hub itself may ask meanwhile, or tell who is there.
        if (incoming.method !== 'PUT' || !incoming.url?.includes('/locations/')) return false
        arrived.resolve(incoming)
        return true
      }),
    )
    expect(await pair.put(big(6 * 1024 * 1024))).toMatchObject({ status: 200, statusCode: 4002 })
    const incoming = await arrived.promise
    const broken = once(incoming, 'error')
    incoming.resume()
    await broken
    expect(incoming.complete).toBe(false)
  })

  test('because it reads and then says nothing: 4002', async () => {
    undo.push(pair.emsp.on('locations', 'RECEIVER', hang()))
    expect(await pair.put(big(1024 * 1024))).toMatchObject({ status: 200, statusCode: 4002 })
  })

  test('because it answers before it has all of it: the caller gets that answer', async () => {
    undo.push(
      pair.emsp.onRaw((_incoming, response) => {
        response.writeHead(413, { 'Content-Type': 'application/json' })
        response.end('{"status_code":2000,"status_message":"too much","timestamp":"2026-01-01T00:00:00Z"}')
        return true
      }),
    )
    expect(await pair.put(big(6 * 1024 * 1024))).toMatchObject({ status: 413, statusCode: 2000 })
  })

  test('because it cuts the connection: the caller gets a status code', async () => {
    undo.push(
      pair.emsp.onRaw((incoming) => {
        incoming.socket.destroy()
        return true
      }),
    )
    expect(await pair.put(big(6 * 1024 * 1024))).toMatchObject({ status: 200, statusCode: 4003 })
  })
})

test('after all this no connection to a partner is left busy', async () => {
  expect(await pair.ask()).toMatchObject({ statusCode: 1000 })
  await expectRoomIsFree()
})

/** The path with a slash at its end, or without it. */
function toggled(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`
}

/** Asks until the path is asked without its slash again, which the receiver answers now. */
async function expectForgotten(ask: () => Promise<CallAnswer>, slash: string): Promise<void> {
  undo.push(
    pair.cpo.on('tariffs', 'SENDER', ({ suffix }) => (suffix === '/' ? { status: 404, isBare: true, body: '' } : {})),
  )
  expect(await ask()).toMatchObject({ status: 404 })
  expect(await ask()).toMatchObject({ status: 200, statusCode: 1000 })
  expect(pair.cpo.requests.at(-1)?.target).toBe(slash.replace('/?', '?'))
}

/** Sends its head and half of a small body, and holds the connection. */
function stopsInTheMiddle(): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': ENVELOPE.length })
    response.write(ENVELOPE.slice(0, 20))
    return 'handled'
  }
}
