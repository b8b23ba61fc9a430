import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CPO, EMSP, eventually, type Joined, metric, type Pair, routedTo, startPair } from './pair.ts'

const ROOM = 2
const FORWARD_MS = 15_000

let pair: Pair
const undo: (() => void)[] = []
beforeAll(async () => {
  // Long, so that nothing here ends by it.
  pair = await startPair({ MAX_DIRECT_PER_PLATFORM: String(ROOM), FORWARD_TIMEOUT_MS: String(FORWARD_MS) })
})
afterEach(() => {
  for (const each of undo.splice(0)) each()
})
afterAll(() => pair.hub.close())

const HEAD = '{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z","data":"'
const big = (bytes: number) => `${HEAD}${'x'.repeat(bytes)}"}`

function headersOf(partner: Joined, to: { country_code: string; party_id: string }): Record<string, string> {
  return {
    Authorization: `Token ${Buffer.from(partner.tokenAtHub() as string).toString('base64')}`,
    'OCPI-to-country-code': to.country_code,
    'OCPI-to-party-id': to.party_id,
    'Content-Type': 'application/json',
  }
}

/** A request of the eMSP's of which the test holds every piece. */
function begin(method: string, module: 'tokens' | 'locations', headers: Record<string, string> = {}): ClientRequest {
  const [partner, to, role] =
    module === 'locations' && method === 'PUT' ? [pair.cpo, EMSP, 'RECEIVER'] : [pair.emsp, CPO, 'SENDER']
  const url = `${partner.hubEndpoints.get(`${module}/${role}`)}${method === 'PUT' ? '/NL/CPO/1' : ''}`
  const going = request(url, { method, headers: { ...headersOf(partner, to), ...headers } })
  going.on('error', () => {})
  return going
}

/** Resolves with the end of it, be that by an error or not. */
function gone(it: IncomingMessage | ClientRequest | Socket): Promise<void> {
  return new Promise((resolve) => void it.once('close', resolve))
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** As many requests as fit are let in, and no more. */
async function expectRoomIsFreeAt(partner: Joined, ask: () => Promise<{ statusCode: number | null }>): Promise<void> {
  const waiting: (() => void)[] = []
  const release = partner.onRequest(async ({ module }) => {
    if (module !== 'locations') return 'pass'
    await new Promise<void>((resolve) => waiting.push(resolve))
    return {}
  })
  const inside = Array.from({ length: ROOM }, ask)
  await eventually(
    () => waiting.length,
    (count) => count === ROOM,
    FORWARD_MS,
  )
  const refused = await ask()
  for (const resolve of waiting) resolve()
  release()
  expect((await Promise.all(inside)).map((answer) => answer.statusCode)).toEqual(Array(ROOM).fill(1000))
  expect(refused.statusCode).toBe(4000)
}

describe('a caller that vanishes', () => {
  test('while the receiver thinks: the call to the receiver ends', async () => {
    const reached = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    undo.push(
      pair.cpo.on('locations', 'SENDER', (_request, response) => {
        response.on('close', () => closed.resolve())
        reached.resolve()
        return 'handled'
      }),
    )
    const going = begin('GET', 'locations')
    going.end()
    await reached.promise
    const at = Date.now()
    going.destroy()
    await closed.promise
    expect(Date.now() - at).toBeLessThan(FORWARD_MS)
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.cpo, pair.ask)
  })

  test('in the middle of a small body: no call is made', async () => {
    pair.emsp.requests.length = 0
    const going = begin('PUT', 'locations', { 'Content-Length': '1000' })
    going.write('{"id":"LOC1"')
    await once(going, 'socket')
    await eventually(
      () => going.socket?.bytesWritten ?? 0,
      (bytes) => bytes > 0,
    )
    going.destroy()
    expect(await pair.put({ id: 'AFTER' })).toMatchObject({ statusCode: 1000 })
    expect(routedTo(pair.emsp)).toBe(1)
  })

  test('in the middle of a large body: the receiver sees it broken, never as complete', async () => {
    const reached = Promise.withResolvers<IncomingMessage>()
    undo.push(
      pair.emsp.onRaw((incoming) => {
        incoming.on('error', () => {}).resume()
        reached.resolve(incoming)
        return true
      }),
    )
    const going = begin('PUT', 'locations', { 'Content-Length': String(4 * 1024 * 1024) })
    going.write(HEAD + 'x'.repeat(1024 * 1024))
    const incoming = await reached.promise
    const closed = gone(incoming)
    going.destroy()
    await closed
    expect(incoming.complete).toBe(false)
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.emsp, () => pair.put({ id: 'LOC1' }))
  })

  test('in the middle of a large body of unknown length: the same', async () => {
    const reached = Promise.withResolvers<IncomingMessage>()
    undo.push(
      pair.emsp.onRaw((incoming) => {
        incoming.on('error', () => {}).resume()
        reached.resolve(incoming)
        return true
      }),
    )
    const going = begin('PUT', 'locations', { 'Transfer-Encoding': 'chunked' })
    going.write(HEAD + 'x'.repeat(1024 * 1024))
    const incoming = await reached.promise
    const closed = gone(incoming)
    going.destroy()
    await closed
    expect(incoming.complete).toBe(false)
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.emsp, () => pair.put({ id: 'LOC1' }))
  })

  test('while it receives a large answer: the call to the receiver ends', async () => {
    const closed = Promise.withResolvers<void>()
    undo.push(
      pair.cpo.on('locations', 'SENDER', (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.write(big(256 * 1024))
        const timer = setInterval(() => response.write(' '.repeat(1024)), 50)
        response.on('close', () => {
          clearInterval(timer)
          closed.resolve()
        })
        return 'handled'
      }),
    )
    const going = begin('GET', 'locations')
    going.end()
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    incoming.on('error', () => {})
    await once(incoming, 'data')
    going.destroy()
    await closed.promise
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.cpo, pair.ask)
  })

  test('is no proof that the receiver is away: it stays CONNECTED and is not asked', async () => {
    pair.emsp.requests.length = 0
    const seen = async () => (await pair.hub.admin('GET', `/platforms/${pair.emsp.platformId}`)).body.status as string
    for (let i = 0; i < 5; i++) {
      const going = begin('PUT', 'locations', { 'Content-Length': String(4 * 1024 * 1024) })
      going.write(HEAD + 'x'.repeat(256 * 1024))
      await eventually(
        () => going.socket?.bytesWritten ?? 0,
        (bytes) => bytes > 256 * 1024,
      )
      going.destroy()
    }
    expect(await seen()).toBe('CONNECTED')
    expect(pair.emsp.requests.filter((each) => each.path === '/versions')).toEqual([])
    expect(await pair.put({ id: 'LOC1' })).toMatchObject({ statusCode: 1000 })
  })
})

describe('a caller that is slow', () => {
  test('to send a small body, past the idle limit: HTTP 400 or the end of its connection, and no call', async () => {
    const before = routedTo(pair.emsp)
    const going = begin('PUT', 'locations', { 'Content-Length': '1000' })
    going.write('{"id":"SLOW"')
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    expect(incoming.statusCode).toBe(400)
    expect(JSON.parse(await bodyOf(incoming))).toMatchObject({ status_code: 2001 })
    expect(routedTo(pair.emsp)).toBe(before)
  })

  test('and goes on sending after it was refused: its connection does not live for ever', async () => {
    const going = begin('PUT', 'locations', { 'Content-Length': '60000' })
    going.write('{"id":"SLOW"')
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    incoming.resume()
    const timer = setInterval(() => going.write('x'), 50)
    await Promise.race([gone(going), gone(going.socket as Socket)])
    clearInterval(timer)
  })

  test('to send a large body, but steady: it arrives whole', async () => {
    const going = begin('PUT', 'locations', { 'Transfer-Encoding': 'chunked' })
    const body = big(400_000)
    const arrived = pair.emsp.waitForRequest((each) => each.body.length === body.length)
    for (let i = 0; i < body.length; i += 40_000) {
      going.write(body.slice(i, i + 40_000))
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    going.end()
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    expect(JSON.parse(await bodyOf(incoming))).toMatchObject({ status_code: 1000 })
    expect((await arrived).body.toString()).toBe(body)
  })

  test('and stands still within a large body: both connections end, the room is free again', async () => {
    const reached = Promise.withResolvers<IncomingMessage>()
    undo.push(
      pair.emsp.onRaw((incoming) => {
        incoming.on('error', () => {}).resume()
        reached.resolve(incoming)
        return true
      }),
    )
    const going = begin('PUT', 'locations', { 'Content-Length': String(4 * 1024 * 1024) })
    going.write(HEAD + 'x'.repeat(1024 * 1024))
    const incoming = await reached.promise
    await gone(incoming)
    expect(incoming.complete).toBe(false)
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.emsp, () => pair.put({ id: 'LOC1' }))
    going.destroy()
  })

  test('to read a large answer: after the idle limit its connection ends, and the receiver has room again', async () => {
    const closed = Promise.withResolvers<void>()
    undo.push(
      pair.cpo.on('locations', 'SENDER', (_request, response) => {
        response.on('close', () => closed.resolve())
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end(big(24 * 1024 * 1024))
        return 'handled'
      }),
    )
    const going = begin('GET', 'locations')
    going.end()
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    incoming.on('error', () => {}).pause()
    await closed.promise
    for (const each of undo.splice(0)) each()
    await expectRoomIsFreeAt(pair.cpo, pair.ask)
    going.destroy()
  })
})

describe('a slow platform', () => {
  test('with its full number of requests in hand gets no more, and takes nothing from others', async () => {
    const waiting: (() => void)[] = []
    undo.push(
      pair.cpo.on('locations', 'SENDER', async () => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return {}
      }),
    )
    const inside = Array.from({ length: ROOM }, () => pair.ask())
    await eventually(
      () => waiting.length,
      (count) => count === ROOM,
      FORWARD_MS,
    )
    const refused = await Promise.all(Array.from({ length: 20 }, () => pair.ask()))
    expect(new Set(refused.map((answer) => answer.statusCode))).toEqual(new Set([4000]))
    expect(waiting.length).toBe(ROOM)
    expect(await pair.put({ id: 'LOC1' })).toMatchObject({ statusCode: 1000 })
    for (const resolve of waiting) resolve()
    expect((await Promise.all(inside)).map((answer) => answer.statusCode)).toEqual(Array(ROOM).fill(1000))
  })
})

test('after all this the hub holds no more connections to partners than it may', async () => {
  await expectRoomIsFreeAt(pair.cpo, pair.ask)
  const open = await eventually(
    () => metric(pair.hub, 'ocpi_hub_open_connections'),
    (count) => count <= 2 * ROOM + 2,
  )
  expect(open).toBeGreaterThan(0)
})
