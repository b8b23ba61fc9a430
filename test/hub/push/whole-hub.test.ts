import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub.close())

test('a CPO pushes an EVSE status once and each eMSP receives it from the hub [transport: Broadcast Push]', async () => {
  const cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  const one = await hub.join({ name: 'one', parties: [{ country_code: 'DE', party_id: 'ONE', role: 'EMSP' }] })
  const two = await hub.join({ name: 'two', parties: [{ country_code: 'FR', party_id: 'TWO', role: 'EMSP' }] })
  const body = '{"status":"CHARGING","last_updated":"2026-01-01T00:00:00Z","price":1.10}'
  const answer = await cpo.call('locations', 'RECEIVER', {
    method: 'PATCH',
    path: '/NL/CPO/LOC1/EVSE1',
    to: HUB,
    body,
    correlationId: 'push-1',
  })
  expect(answer.status).toBe(200)
  expect(answer.envelope?.status_code).toBe(1000)
  for (const emsp of [one, two]) {
    const push = await emsp.waitForRequest((request) => request.method === 'PATCH')
    expect(push.path).toContain('/NL/CPO/LOC1/EVSE1')
    expect(push.body.toString()).toBe(body)
    expect(push.header('x-correlation-id')).toBe('push-1')
    expect(push.header('ocpi-from-party-id')).toBe('HUB')
    expect(push.header('ocpi-to-party-id')).toBe(emsp === one ? 'ONE' : 'TWO')
  }
})

test('a push of an object of someone else is refused and reaches nobody', async () => {
  const thief = await hub.join({ name: 'thief', parties: [{ country_code: 'NL', party_id: 'BAD', role: 'CPO' }] })
  const answer = await thief.call('locations', 'RECEIVER', {
    method: 'PUT',
    path: '/NL/CPO/LOC1',
    to: HUB,
    body: '{"id":"LOC1"}',
  })
  expect(answer.envelope?.status_code).toBe(2001)
})

test('a broadcast passes by whoever an agreement excludes', async () => {
  const cpo = await hub.join({ name: 'cpo2', parties: [{ country_code: 'NL', party_id: 'CP2', role: 'CPO' }] })
  const friend = await hub.join({ name: 'friend', parties: [{ country_code: 'DE', party_id: 'FRI', role: 'EMSP' }] })
  const stranger = await hub.join({
    name: 'stranger',
    parties: [{ country_code: 'DE', party_id: 'STR', role: 'EMSP' }],
  })
  const rule = await hub.admin('POST', '/agreements', {
    a: { country_code: 'nl', party_id: 'cp2' },
    b: { country_code: 'DE', party_id: 'STR' },
    effect: 'deny',
    modules: ['tariffs'],
  })
  expect(rule.status).toBe(201)
  const push = (module: string) =>
    cpo.call(module, 'RECEIVER', { method: 'PUT', path: '/NL/CP2/X1', to: HUB, body: '{"id":"X1"}' })
  expect((await push('tariffs')).envelope?.status_code).toBe(1000)
  expect((await push('locations')).envelope?.status_code).toBe(1000)
  await friend.waitForRequest((request) => request.path.includes('/tariffs/NL/CP2'))
  // Each module has a lane of its own, so what came by the other one says nothing: ask for a second tariff at the friend too.
  await stranger.waitForRequest((request) => request.path.includes('/locations/NL/CP2'))
  expect((await push('tariffs')).envelope?.status_code).toBe(1000)
  await friend.waitForRequest(() => friend.requests.filter(({ path }) => path.includes('/tariffs/')).length === 2)
  const { body: queues } = await hub.admin('GET', '/queues')
  const waiting = queues.find((queue: { platform_id: string }) => queue.platform_id === stranger.platformId)
  expect(waiting).toMatchObject({ failed: 0 })
  expect(stranger.requests.some(({ path }) => path.includes('/tariffs/'))).toBe(false)
})

test('a platform of several eMSPs gets a broadcast once for each of them when it is set so, by what each agreed', async () => {
  const cpo = await hub.join({ name: 'cpo3', parties: [{ country_code: 'NL', party_id: 'CP3', role: 'CPO' }] })
  const parties = ['GRA', 'GRB', 'GRC'].map((party_id) => ({ country_code: 'BE', party_id, role: 'EMSP' as const }))
  const group = await hub.join({ name: 'group', parties }, { delivery: { broadcast_to: 'party' } })
  const named = (party_id: string, country_code = 'BE') => ({ country_code, party_id })
  await hub.admin('POST', '/agreements', { a: named('CP3', 'NL'), b: named('GRB'), effect: 'deny' })
  const push = (id: string) =>
    cpo.call('locations', 'RECEIVER', { method: 'PUT', path: `/NL/CP3/${id}`, to: HUB, body: { id } })
  const receivers = () =>
    group.requests.filter(({ module }) => module === 'locations').map((request) => request.header('ocpi-to-party-id'))
  expect((await push('L1')).statusCode).toBe(1000)
  await until(() => receivers().length === 2, 'Expected it once for each party that may')
  expect(new Set(receivers())).toEqual(new Set(['GRA', 'GRC']))

  await hub.admin('POST', `/queues/${group.platformId}/pause`)
  await push('L2')
  await hub.admin('POST', `/queues/${group.platformId}/skip`)
  const missed = async () => (await hub.admin('GET', `/queues/${group.platformId}/missed`)).body
  await until(async () => (await missed()).length === 2, 'Expected a line for each party')
  expect((await missed()).map(({ to_party }: { to_party: string }) => to_party).sort()).toEqual(['BE-GRA', 'BE-GRC'])
})
