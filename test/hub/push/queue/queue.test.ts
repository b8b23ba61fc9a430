import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { QueueView } from '../../../../src/hub/push/drain/queue-admin.ts'
import { createUndiciSend } from '../../../../src/runtime/node/undici-send.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { BUSY_SECOND_MS } from '../../../support/stamps.ts'
import { type Receiver, startReceiver, until } from '../receiver.ts'
import { openRig, type Rig, type RigPlatform } from '../rig.ts'

let database: TestDatabase
let rig: Rig
let emsp: Receiver
let other: Receiver
/** When each request to `emsp` left, on the clock of `performance.now()`. */
const begun: number[] = []
const sending = createUndiciSend({ isAddressAllowed: () => true })

const CPO: RigPlatform = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] }

function emspWith(delivery: RigPlatform['delivery'] = {}, status: RigPlatform['status'] = 'CONNECTED'): RigPlatform {
  return { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: emsp.origin, delivery, status }
}

afterAll(() => sending.close())
beforeEach(async () => {
  database = await createTestDatabase()
  rig = openRig(database.url, {
    timeoutMs: 500,
    send(request) {
      if (request.origin === emsp.origin) begun.push(performance.now())
      return sending.send(request)
    },
  })
  emsp = await startReceiver()
  other = await startReceiver()
  await rig.put(CPO, emspWith(), { id: 'other', party: 'BE*MSP', roles: ['NSP'], origin: other.origin })
  await rig.start()
})

afterEach(async () => {
  await rig.close()
  await Promise.all([emsp.close(), other.close()])
  await database.drop()
})

function state(platformId = 'emsp') {
  const found = rig.engine.states().find((each) => each.platformId === platformId)
  if (!found) throw new Error(`Expected a queue of ${platformId}`)
  return found
}

async function view(platformId = 'emsp'): Promise<QueueView> {
  const views = await rig.engine.admin.list({ limit: 100, after: null, sort: 'platform', state: null }, Date.now())
  return views.find((each) => each.platformId === platformId) as QueueView
}

function versions(receiver: Receiver): number[] {
  return receiver.received.map((request) => (JSON.parse(request.body) as { v: number }).v)
}

const PAGE = { headers: { 'Content-Type': 'text/html' }, body: '<html>' }

describe('A partner that answers', () => {
  test.each([
    ['HTTP 503', { status: 503 }],
    ['HTTP 500, whatever its envelope says', { status: 500, code: 2000 }],
    ['HTTP 429', { status: 429 }],
    ['HTTP 408, whatever its envelope says', { status: 408, code: 2000 }],
    ['HTTP 425', { status: 425, body: '' }],
    ['HTTP 401', { status: 401, code: 2001 }],
    ['HTTP 403 from a firewall', { ...PAGE, status: 403 }],
    ['HTTP 404 from a gateway', { ...PAGE, status: 404 }],
    ['HTTP 405 from a gateway', { ...PAGE, status: 405 }],
    ['HTTP 400 without an envelope', { status: 400, body: 'Bad Request' }],
    ['HTTP 404 in a JSON format of its own', { status: 404, body: '{"status":404,"error":"Not Found"}' }],
    ['a redirect', { status: 302, headers: { Location: '/maintenance' }, body: '' }],
    ['a redirect that keeps the method', { status: 307, headers: { Location: '/maintenance' }, body: '' }],
    ['OCPI 3000', { code: 3000 }],
    ['a page of text', PAGE],
    ['a long page of text', { ...PAGE, body: `<html>${' '.repeat(200_000)}` }],
  ])('%s gets the push again', async (_, answer) => {
    emsp.answer = () => (emsp.received.length === 1 ? answer : {})
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    await until(() => state().delivered === 1, 'delivered at the second attempt')
    expect(emsp.received).toHaveLength(2)
    expect(emsp.received[0]?.headers['x-request-id']).not.toBe(emsp.received[1]?.headers['x-request-id'])
    expect(emsp.received[0]?.headers['x-correlation-id']).toBe(emsp.received[1]?.headers['x-correlation-id'])
  })

  test.each([
    ['OCPI 2001', { code: 2001 }],
    ['HTTP 400 with OCPI 2001', { status: 400, code: 2001 }],
    ['HTTP 403 with OCPI 2000', { status: 403, code: 2000 }],
    ['HTTP 404 with OCPI 2003', { status: 404, code: 2003 }],
  ])('%s does not get it again, and it is listed as missed', async (_, answer) => {
    emsp.answer = () => (emsp.received.length === 1 ? answer : {})
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 1 } })
    await until(() => state().failed === 1, 'counted as failed')
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 2 } })
    await until(() => state().delivered === 1, 'the next is delivered')
    expect(versions(emsp)).toEqual([1, 2])
    await until(async () => (await view()).failed === 1, 'saved')
    expect(await view()).toMatchObject({ failed: 1, missed: 0 })
    expect(await rig.engine.admin.missed('emsp', 10, null)).toMatchObject([
      { path: '/NL/CPO/L1', cause: 'refused', times: 1 },
    ])
  })

  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ])('429 with Retry-After %s gets nothing at all until then, while others are served', async (_, retryAfter) => {
    emsp.answer = () => (emsp.received.length === 1 ? { status: 429, headers: { 'Retry-After': retryAfter() } } : {})
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    await until(() => state().pauseCause === 'throttled', 'throttled')
    await rig.push('cpo', { path: '/NL/CPO/L2' })
    await other.waitFor(() => other.received.length === 2, 'the other has both')
    await until(() => state().delivered === 2, 'both in the end')
    const [first, second] = emsp.received
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(950)
  })

  test('nothing before the timeout gets it again, in order', async () => {
    emsp.answer = () => (emsp.received.length === 1 ? null : {})
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 1 } })
    await emsp.waitFor(() => emsp.received.length === 1, 'the first attempt')
    await rig.push('cpo', { method: 'PATCH', path: '/NL/CPO/L1', body: { v: 2 } })
    await until(() => state().delivered === 2, 'both')
    expect(versions(emsp)).toEqual([1, 1, 2])
  })
})

describe('A push that fails', () => {
  test('is abandoned when a newer PUT of its object replaces it', async () => {
    emsp.answer = ({ body }) => (body.includes('"v":1}') ? { status: 500 } : {})
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 1 } })
    await emsp.waitFor(() => emsp.received.length === 1, 'the first attempt')
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 2 } })
    await until(() => state().delivered === 1, 'the newer one')
    await until(() => state().waiting === 0, 'nothing waits')
    expect(state().collapsed).toBe(1)
    expect(versions(emsp).at(-1)).toBe(2)
  })

  test('again and again costs only itself', async () => {
    emsp.answer = ({ target }) => (target.endsWith('/BAD') ? { status: 500 } : {})
    await rig.push('cpo', { path: '/NL/CPO/BAD' })
    for (let i = 0; i < 50; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    await until(() => state().delivered === 50, 'all others')
    const { pauseCause, waiting, inFlight } = state()
    expect({ pauseCause, left: waiting + inFlight }).toEqual({ pauseCause: null, left: 1 })
    expect(rig.checks).toEqual([])
  })

  test('is given up at its maximum age and listed as missed; the age counts from the first failure', async () => {
    await rig.put(emspWith({ maxAgeSeconds: 1 }))
    emsp.answer = () => ({ status: 500 })
    await rig.push('cpo', { method: 'PATCH', path: '/NL/CPO/L1/E1' })
    await until(() => state().missed === 1, 'given up')
    const first = emsp.received[0]?.at ?? 0
    expect(performance.now() - first).toBeGreaterThan(990)
    await until(async () => (await rig.engine.admin.missed('emsp', 10, null))?.length === 1, 'listed')
    const missed = await rig.engine.admin.missed('emsp', 10, null)
    expect(missed).toMatchObject([{ module: 'locations', path: '/NL/CPO/L1/E1', cause: 'expired', times: 1 }])
  })

  test('with its whole module does not hold up the other modules, and the platform is not doubted', async () => {
    emsp.answer = ({ target }) => (target.includes('/tariffs/') ? { status: 500 } : {})
    for (let i = 0; i < 30; i++) {
      await rig.push('cpo', { module: 'tariffs', path: `/NL/CPO/T${i}` })
      await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    }
    await until(() => state().delivered === 30, 'all locations')
    const tried = emsp.received.filter(({ target }) => target.includes('/tariffs/')).length
    expect(tried).toBeLessThan(30)
    emsp.answer = () => ({})
    await until(() => state().delivered === 60, 'the tariffs once the module is well')
  })
})

describe('A platform whose deliveries all fail', () => {
  test('is paused and asked for a sign of life; when it has one it gets everything', async () => {
    let isDown = true
    emsp.answer = () => (isDown ? { status: 502 } : {})
    for (let i = 0; i < 20; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    await until(() => rig.checks.length > 0, 'a still-alive check')
    expect(emsp.received.length).toBeLessThan(20)
    isDown = false
    await until(() => state().delivered === 20, 'everything')
    expect(other.received).toHaveLength(20)
  })

  test('gets nothing while the check fails', async () => {
    rig.isAlive = () => false
    emsp.answer = () => ({ status: 502 })
    for (let i = 0; i < 20; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    await until(() => state().pauseCause === 'failing', 'paused')
    await until(() => state().inFlight === 0, 'nothing under way')
    const before = emsp.received.length
    await until(() => other.received.length === 20, 'the other is served')
    expect(emsp.received).toHaveLength(before)
  })

  test('is OFFLINE: its backlog is dropped and listed, and what comes after its return is delivered', async () => {
    await rig.engine.admin.setPaused('emsp', true)
    for (let i = 0; i < 3; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    await rig.put(emspWith({}, 'OFFLINE'))
    await rig.engine.admin.setPaused('emsp', false)
    await rig.push('cpo', { path: '/NL/CPO/L3' })
    await until(() => state().missed === 4, 'all missed')
    await until(async () => (await view()).missed === 4, 'saved')
    const missed = await rig.engine.admin.missed('emsp', 10, null)
    expect(missed?.map((each) => `${each.path} ${each.cause}`).sort()).toEqual(
      [0, 1, 2, 3].map((i) => `/NL/CPO/L${i} offline`),
    )
    await rig.put(emspWith())
    await rig.push('cpo', { path: '/NL/CPO/L4' })
    await until(() => state().delivered === 1, 'the new one')
    expect(emsp.received).toHaveLength(1)
  })

  test('is OFFLINE and set to resync: it gets everything on its return, collapsed', async () => {
    await rig.put(emspWith({ afterOffline: 'resync' }, 'OFFLINE'))
    for (let i = 0; i < 5; i++) await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: i } })
    await rig.push('cpo', { path: '/NL/CPO/L2', body: { v: 9 } })
    expect(emsp.received).toEqual([])
    await rig.put(emspWith({ afterOffline: 'resync' }))
    await until(() => state().delivered === 2, 'one per object')
    expect(versions(emsp).sort((a, b) => a - b)).toEqual([4, 9])
    expect(state().missed).toBe(0)
  })

  test('and set to resync: on its return it does not wait for the time of its next try', async () => {
    await rig.put(emspWith({ afterOffline: 'resync' }))
    emsp.answer = () => ({ status: 503, headers: { 'Retry-After': '60' } })
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 1 } })
    await until(() => emsp.received.length === 1 && state().inFlight === 0, 'the first attempt')
    await rig.put(emspWith({ afterOffline: 'resync' }, 'OFFLINE'))
    await rig.push('cpo', { method: 'PATCH', path: '/NL/CPO/L1', body: { v: 2 } })
    await until(() => state().pauseCause === 'offline', 'OFFLINE')
    emsp.answer = () => ({})
    await rig.put(emspWith({ afterOffline: 'resync' }))
    await until(() => state().delivered === 2, 'both, at once')
    expect(versions(emsp)).toEqual([1, 1, 2])
  })
})

describe('An administrator', () => {
  test('skips a backlog: it is listed as missed and what follows is delivered', async () => {
    await rig.engine.admin.setPaused('emsp', true)
    for (let i = 0; i < 3; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
    expect(await rig.engine.admin.skip('emsp')).toBe(true)
    await rig.push('cpo', { path: '/NL/CPO/L9' })
    await rig.engine.admin.setPaused('emsp', false)
    await until(() => state().delivered === 1, 'the later one')
    expect(emsp.received.map(({ target }) => target)).toEqual(['/ocpi/locations/NL/CPO/L9'])
    await until(async () => (await rig.engine.admin.missed('emsp', 10, null))?.length === 3, 'listed')
  })

  test('sees what waits and for how long, also of what was not read yet', async () => {
    await rig.engine.admin.setPaused('emsp', true)
    for (let i = 0; i < 1_500; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, k) => rig.push('cpo', { path: `/NL/CPO/L${i + k}` })))
    }
    await until(async () => (await view()).waiting === 1_500, 'all counted')
    expect(await view()).toMatchObject({ pauseCause: 'administrator', inFlight: 0, delivered: 0 })
    await rig.engine.admin.setPaused('emsp', false)
    await until(() => state().delivered === 1_500, 'delivered')
    await until(async () => (await view()).waiting === 0, 'nothing waits')
  })

  test('sees how much is left while a slow partner takes it', async () => {
    await rig.put(emspWith({ requestsPerSecond: 20, concurrency: 2 }))
    await Promise.all(Array.from({ length: 100 }, (_, i) => rig.push('cpo', { path: `/NL/CPO/L${i}` })))
    await until(() => state().delivered >= 20, 'some')
    const { delivered, inFlight, waiting, unread } = state()
    expect(delivered + inFlight + waiting + unread).toBe(100)
    await until(async () => (await view()).delivered >= 20, 'saved')
    const seen = await view()
    expect(seen.delivered + seen.inFlight + seen.waiting).toBe(100)
    expect(seen).toMatchObject({ pauseCause: null })
    expect(seen.oldestAgeSeconds).not.toBe(null)
    await rig.put(emspWith())
    await until(() => state().delivered === 100, 'all')
    await until(async () => (await view()).delivered === 100, 'saved')
    expect(await view()).toMatchObject({ waiting: 0, inFlight: 0, oldestAgeSeconds: null, missed: 0, collapsed: 0 })
  })

  test('is told when there is no such queue', async () => {
    expect(await rig.engine.admin.setPaused('nobody', true)).toBe(false)
    expect(await rig.engine.admin.missed('nobody', 1, null)).toBe(null)
  })
})

describe('The rate of a partner', () => {
  test('is never exceeded in any second and nearly used, retries included', async () => {
    await rig.put(emspWith({ requestsPerSecond: 20 }))
    let answered = 0
    emsp.answer = () => (++answered % 5 === 0 ? { status: 503 } : {})
    begun.length = 0
    await Promise.all(Array.from({ length: 150 }, (_, i) => rig.push('cpo', { path: `/NL/CPO/L${i}` })))
    await until(() => emsp.received.length >= 110, 'more than five seconds of work')
    const spans = begun.slice(20).map((at, i) => at - (begun[i] as number))
    expect(Math.min(...spans)).toBeGreaterThan(BUSY_SECOND_MS)
    // Most of the time: a busy machine holds up some.
    expect(spans.toSorted((a, b) => a - b)[Math.floor(spans.length / 2)]).toBeLessThan(1_330)
  })

  test('and its concurrency hold while an administrator changes them', async () => {
    await rig.put(emspWith({ concurrency: 2 }))
    let answered = 0
    const changed = Promise.withResolvers<void>()
    emsp.answer = async () => {
      if (++answered > 10) await changed.promise
      await new Promise((resolve) => setTimeout(resolve, 20))
      return {}
    }
    await Promise.all(Array.from({ length: 40 }, (_, i) => rig.push('cpo', { path: `/NL/CPO/L${i}` })))
    await until(() => state().delivered === 10 && emsp.inFlight() === 2, 'some')
    expect(emsp.mostInFlight()).toBe(2)
    await rig.put(emspWith({ concurrency: 4 }))
    changed.resolve()
    await until(() => state().delivered === 40, 'all')
    expect(emsp.mostInFlight()).toBe(4)
  })
})
