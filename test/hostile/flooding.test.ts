// One sender's backlog, whatever it is made of, holds up nobody else's push; nor do its requests take what others need.
import { type ClientRequest, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import type { WireParty } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { broadcast, CONCURRENCY, CPO, EMSP, type Joined, manyTimes, openStage, type Stage } from './stage.ts'

const HOSTILE = { country_code: 'BE', party_id: 'BAD', role: 'CPO' } as const
const KB = 1024
/** Pushes of the honest CPO: as many turns at the eMSP as it takes for them while nobody else sends. */
const QUIET = 20
/** Beside one that floods every second turn is the honest one's; what is under way or about to begin comes before. */
const MOST_TURNS = 2 * QUIET + 2 * CONCURRENCY

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

describe('What one CPO floods the hub with', { timeout: 60_000 }, () => {
  let stage: Stage<TestHub>
  let hostile: Joined
  let floods = 0
  beforeAll(async () => {
    stage = await openStage({ INBOUND_REQUESTS_PER_SECOND: '0', ROLES_MOST: '1000' })
    hostile = await stage.intrude([HOSTILE])
  })
  afterAll(() => stage.hub.close())

  const flood = (count: number, module = 'locations') => {
    const name = `F${++floods}`
    return manyTimes(count, 50, (i) => broadcast(hostile, `/BE/BAD/${name}-${i}`, {}, module))
  }

  test('nobody: its pushes arrive in as many turns as there are', async () => {
    const from = stage.deliveries().length
    expect(await stage.turnsOf(await stage.push(QUIET), from)).toBe(QUIET)
  })

  test.each(['locations', 'tariffs'])('holds up the pushes of another by a turn each (%s)', async (module) => {
    const before = stage.deliveries().length
    const letAnswer = stage.holdDeliveries()
    undo.push(letAnswer)
    await flood(1_500, module)
    const from = stage.deliveries().length
    expect(from - before).toBe(CONCURRENCY)
    const paths = await stage.push(QUIET)
    letAnswer()
    expect(await stage.turnsOf(paths, from)).toBeLessThanOrEqual(MOST_TURNS)
    await until(() => stage.deliveries().length - before === 1_500 + QUIET, 'Expected the flood to end')
  })
})

describe('A platform that brings hundreds of roles, and gives them up', { timeout: 60_000 }, () => {
  let stage: Stage<TestHub>
  const parties: WireParty[] = [HOSTILE]
  beforeAll(async () => {
    stage = await openStage({ INBOUND_REQUESTS_PER_SECOND: '0', ROLES_MOST: '1000' })
  })
  afterAll(() => stage.hub.close())

  /** Roles of a PUT of credentials, 400 of them new with each. */
  const rolesOf = (turn: number): WireParty[] =>
    Array.from({ length: 400 }, (_, i) => ({
      ...HOSTILE,
      party_id: `${'ABCDEF'[turn]}${i.toString(36).toUpperCase().padStart(2, '0')}`,
    }))

  test('holds up the pushes of another by a turn each, and the connections of nobody', async () => {
    const hostile = await stage.intrude(parties)
    const letAnswer = stage.holdDeliveries()
    undo.push(letAnswer)
    for (const turn of [0, 1]) {
      parties.splice(0, Number.POSITIVE_INFINITY, ...rolesOf(turn))
      expect((await hostile.rotate()).statusCode).toBe(1000)
      expect(await stage.ask(3)).toEqual([1000, 1000, 1000])
      expect((await stage.cpo.rotate()).statusCode).toBe(1000)
    }
    const from = stage.deliveries().length
    const paths = await stage.push(QUIET)
    letAnswer()
    expect(await stage.turnsOf(paths, from)).toBeLessThanOrEqual(MOST_TURNS)
  })
})

describe('What one platform has under way', { timeout: 60_000 }, () => {
  let stage: Stage<TestHub>
  let hostile: Joined
  const PLACES = 16
  beforeAll(async () => {
    stage = await openStage({
      MAX_DIRECT_PER_PLATFORM: String(PLACES),
      BUFFER_BYTES: String(64 * KB),
      FORWARD_TIMEOUT_MS: '2000',
    })
    hostile = await stage.intrude([HOSTILE, { ...HOSTILE, role: 'EMSP' }])
  })
  afterAll(() => stage.hub.close())

  /** A request of the hostile one's of which the test holds the body and the answer. */
  function begin(url: string, method: string, to: WireParty, bytes: number): ClientRequest {
    const going = request(url, {
      method,
      headers: {
        Authorization: `Token ${Buffer.from(hostile.tokenAtHub() as string).toString('base64')}`,
        'OCPI-to-country-code': to.country_code,
        'OCPI-to-party-id': to.party_id,
        ...(bytes > 0 && { 'Content-Type': 'application/json', 'Content-Length': String(bytes) }),
      },
      agent: false,
    })
    going.on('error', () => {})
    undo.push(() => going.destroy())
    return going
  }

  const isServed = async () => {
    const put = { method: 'PUT', path: '/NL/CPO/DIRECT', to: EMSP, body: {} }
    for (let i = 0; i < QUIET; i++) expect((await stage.cpo.call('locations', 'RECEIVER', put)).statusCode).toBe(1000)
    expect(await stage.ask(QUIET)).toEqual(Array(QUIET).fill(1000))
  }

  test.each([
    ['small', 32 * KB],
    ['large', 512 * KB],
  ])('in %s uploads that stand still leaves the receiver to others', async (size, bytes) => {
    let [arrived, answered] = [0, 0]
    undo.push(
      stage.emsp.onRaw((incoming) => {
        if (incoming.headers['content-length'] !== String(bytes)) return false
        arrived++
        incoming.on('error', () => {}).resume()
        return true
      }),
    )
    const url = hostile.hubEndpoints.get('locations/RECEIVER') as string
    for (let i = 0; i < 2 * PLACES; i++) {
      const going = begin(`${url}/BE/BAD/UP${i}`, 'PUT', EMSP, bytes)
      going.on('response', (answer) => {
        answered++
        answer.resume()
      })
      await new Promise((resolve) => going.write(`{"filler":"${'x'.repeat(bytes / 2)}`, resolve))
    }
    if (size === 'large')
      await until(() => arrived + answered === 2 * PLACES, 'Expected all to have or to get no place')
    await isServed()
  })

  test('in large answers that it does not read leaves their owner to others', async () => {
    let asked = 0
    let answered = 0
    const body = Buffer.from(
      `{"data":"${'x'.repeat(16 * KB * KB)}","status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}`,
    )
    undo.push(
      stage.cpo.on('locations', 'SENDER', (incoming) => {
        if (incoming.query !== '?large') return 'pass'
        asked++
        return { body }
      }),
    )
    for (let i = 0; i < 2 * PLACES; i++) {
      const going = begin(`${hostile.hubEndpoints.get('locations/SENDER')}?large`, 'GET', CPO, 0)
      going.on('response', () => answered++).end()
    }
    await until(() => answered === 2 * PLACES, 'Expected all to have or to get no place')
    expect(asked).toBeGreaterThan(0)
    await isServed()
  })

  test('at a receiver that answers nothing keeps nobody from other receivers', async () => {
    undo.push(hostile.on('tokens', 'RECEIVER', () => 'handled'))
    const waiting = manyTimes(2 * PLACES, 2 * PLACES, () =>
      stage.emsp.call('tokens', 'RECEIVER', { method: 'PUT', path: '/DE/EMS/T1', to: HOSTILE, body: {} }),
    )
    await until(() => hostile.requests.some(({ module }) => module === 'tokens'), 'Expected requests that hang')
    await isServed()
    for (const { statusCode } of await waiting) expect([4000, 4002]).toContain(statusCode)
  })

  test('in handshakes of which it answers nothing keeps nobody from a handshake', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    undo.push(
      hostile.onRequest(async ({ path }) => {
        if (path === '/versions') await promise
        return 'pass' as const
      }),
    )
    const from = hostile.requests.length
    const rotations = manyTimes(2 * PLACES, 2 * PLACES, () => hostile.rotate())
    await until(() => hostile.requests.length > from, 'Expected a handshake that hangs')
    for (const honest of [stage.cpo, stage.emsp]) expect((await honest.rotate()).statusCode).toBe(1000)
    await isServed()
    resolve()
    expect((await rotations).some(({ status }) => status === 429)).toBe(true)
  })
})

describe('A sender that fills the push log', { timeout: 60_000 }, () => {
  let stage: Stage<TestHub>
  let hostile: Joined
  const RATE = 5
  beforeAll(async () => {
    stage = await openStage({
      PUSH_LOG_BYTES: String(KB * KB),
      BROADCASTS_PER_SECOND: String(RATE),
      INBOUND_REQUESTS_PER_SECOND: '0',
    })
    hostile = await stage.intrude([HOSTILE])
  })
  afterAll(() => stage.hub.close())

  const metric = async (name: string, of: Joined) => {
    const text = await (await fetch(`${stage.hub.url}/metrics`)).text()
    return Number(new RegExp(`^${name}\\{platform="${of.platformId}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  }

  test('cuts its own pushes, and none that waits of another; what it is refused, another is not', async () => {
    const queue = `/queues/${stage.emsp.platformId}`
    expect((await stage.hub.admin('POST', `${queue}/pause`)).status).toBe(200)
    const from = stage.deliveries().length
    const paths = await stage.push(QUIET)
    const flood = await manyTimes(RATE * 100, 20, (i) =>
      broadcast(hostile, `/BE/BAD/LARGE${i}`, { filler: 'x'.repeat(20_000) }),
    )
    expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
    await until(
      async () => (await metric('ocpi_hub_push_log_cut_total', hostile)) > 0,
      'Expected its pushes to be cut',
      20_000,
    )
    paths.push(...(await stage.push(QUIET)))
    expect(await metric('ocpi_hub_push_log_cut_total', stage.cpo)).toBe(0)
    expect(await metric('ocpi_hub_refused_broadcasts_total', stage.cpo)).toBe(0)
    expect((await stage.hub.admin('POST', `${queue}/resume`)).status).toBe(200)
    expect(await stage.turnsOf(paths, from)).toBeLessThanOrEqual(2 * paths.length + 2 * CONCURRENCY)
  })
})
