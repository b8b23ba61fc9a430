import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { unknownToken } from '../../support/misbehave.ts'
import type { Partner, WireParty } from '../../support/partner.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'
import { until } from '../../support/until.ts'

type Joined = Partner & { readonly platformId: string }

const HUB = { country_code: 'NL', party_id: 'HUB' }
const role = (party_id: string, name: WireParty['role']): WireParty => ({ country_code: 'NL', party_id, role: name })
const EMS = role('EMS', 'EMSP')

let hub: TestHub
let others: TestHub[]
let cpo: Joined
let emsp: Joined

beforeEach(async () => {
  hub = await startTestHub()
  others = []
  cpo = await hub.join({ name: 'cpo', parties: [role('CPO', 'CPO')] })
  emsp = await hub.join({ name: 'emsp', parties: [EMS] })
})
afterEach(async () => {
  for (const other of others) await other.close()
  await hub.close()
})

/** Rotates while requests for a module are under way: the partner looks at their tokens when the rotation is over. */
function rotationsAmidst(partner: Joined, module: string): (rotate: () => Promise<void>) => Promise<void> {
  let rotated: Promise<void> | null = null
  let held = 0
  partner.onRequest(async (request): Promise<'pass'> => {
    if (request.module !== module || !rotated) return 'pass'
    held++
    await rotated
    return 'pass'
  })
  return async (rotate) => {
    const rotation = Promise.withResolvers<void>()
    rotated = rotation.promise
    held = 0
    await until(() => held > 0, 'a request to be under way')
    await rotate()
    rotated = null
    rotation.resolve()
  }
}

/** Counts the requests with a token that the partner does not take any more. */
function countRefused(partner: Joined): () => number {
  const taken = new Set<RecordedRequest>()
  for (const module of ['locations', 'hubclientinfo']) {
    partner.on(module, 'RECEIVER', (request) => {
      taken.add(request)
      return 'pass'
    })
  }
  return () =>
    [...partner.requests, ...partner.told].filter((request) => request.method === 'PUT' && !taken.has(request)).length
}

function pushes(count: number): Promise<unknown> {
  const one = async (i: number) => {
    const push = { method: 'PUT', path: `/NL/CPO/L${i}`, to: HUB, body: { id: `L${i}` } }
    expect((await cpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
  }
  return Promise.all(Array.from({ length: count }, (_, i) => one(i)))
}

/** The objects whose push the partner took. */
function objectsTaken(partner: Joined): Set<string> {
  const taken = new Set<string>()
  partner.on('locations', 'RECEIVER', (request) => {
    taken.add(request.suffix)
    return 'pass'
  })
  return taken
}

async function queue() {
  const { body } = await hub.admin('GET', '/queues')
  return body.find((each: { platform_id: string }) => each.platform_id === emsp.platformId)
}

async function lostNothing(): Promise<void> {
  expect(await queue()).toMatchObject({ failed: 0, missed: 0 })
  expect((await hub.admin('GET', `/queues/${emsp.platformId}/missed`)).body).toEqual([])
  expect((await hub.admin('GET', `/platforms/${emsp.platformId}`)).body.status).toBe('CONNECTED')
}

const PUT = async () => expect((await emsp.rotate()).statusCode).toBe(1000)
const PUT_OLD_ENDS_FIRST = async () => expect((await emsp.rotate({ oldTokenEnds: 'first' })).statusCode).toBe(1000)
const BY_THE_HUB = async () =>
  expect((await hub.admin('POST', `/platforms/${emsp.platformId}/rotate`)).status).toBe(200)

describe('A rotation under load [credentials: PUT Method]', () => {
  test.each([
    ['by the partner', PUT],
    ['by the partner, whose old token ends before the hub knows the new one', PUT_OLD_ENDS_FIRST],
    ['by the hub', BY_THE_HUB],
  ])('%s loses none of 300 pushes, three times', async (_, rotate) => {
    const taken = objectsTaken(emsp)
    const refused = countRefused(emsp)
    const amidst = rotationsAmidst(emsp, 'locations')
    const pushing = pushes(300)
    for (const size of [60, 120, 180]) {
      await until(() => taken.size >= size, `${size} pushes to arrive`)
      await amidst(rotate)
    }
    await pushing
    await until(() => taken.size === 300, 'all pushes to arrive')
    expect(refused()).toBeGreaterThan(0)
    await lostNothing()
  })

  test('loses none of them either when another process than the one that delivers is told the new token', async () => {
    others.push(await startTestHub({}, { databaseUrl: hub.databaseUrl }))
    const processes = [hub, ...others]
    const credentials = 'credentials/RECEIVER'
    const taken = objectsTaken(emsp)
    const refused = countRefused(emsp)
    const amidst = rotationsAmidst(emsp, 'locations')
    const pushing = pushes(300)
    for (const [i, size] of [50, 100, 150, 200].entries()) {
      await until(() => taken.size >= size, `${size} pushes to arrive`)
      const { origin } = new URL(emsp.hubEndpoints.get(credentials) ?? '')
      const at = processes[i % processes.length] as TestHub
      emsp.hubEndpoints.set(credentials, (emsp.hubEndpoints.get(credentials) ?? '').replace(origin, at.url))
      await amidst(PUT)
    }
    await pushing
    await until(() => taken.size === 300, 'all pushes to arrive')
    expect(refused()).toBeGreaterThan(0)
    await lostNothing()
  })

  test('that takes its time while the old token is dead holds the queue, and the platform stays CONNECTED', async () => {
    const taken = objectsTaken(emsp)
    emsp.onRequest(async ({ path }): Promise<'pass'> => {
      if (path.startsWith('/v/')) await setTimeout(2_500)
      return 'pass'
    })
    const rotating = PUT_OLD_ENDS_FIRST()
    await pushes(20)
    await until(async () => (await queue()).pause_cause === 'token-refused', 'the queue to be held')
    await rotating
    await until(() => taken.size === 20, 'all pushes to arrive', 3_000)
    await lostNothing()
  })

  test('loses no ClientInfo, and tells each at last as it is [mod_hub_client_info: Push model]', async () => {
    const told = new Map<string, string>()
    emsp.on('hubclientinfo', 'RECEIVER', (request) => {
      const { party_id, status } = request.json() as { party_id: string; status: string }
      told.set(party_id, status)
      return 'pass'
    })
    const refused = countRefused(emsp)
    const amidst = rotationsAmidst(emsp, 'hubclientinfo')
    for (const [i, rotate] of [PUT, PUT_OLD_ENDS_FIRST, BY_THE_HUB].entries()) {
      const over = amidst(rotate)
      for (const j of [0, 1, 2]) await hub.join({ name: `cp${i}${j}`, parties: [role(`C${i}${j}`, 'CPO')] })
      await over
    }
    await until(() => told.size === 9, 'all to be told')
    expect(refused()).toBeGreaterThan(0)
    expect([...told.values()].every((status) => status === 'CONNECTED')).toBe(true)
    await lostNothing()
  })
})

describe('A direct request in the moment of a rotation', () => {
  /** Lets the partner rotate when a request of a module has come, and before it looks at its token. */
  function rotateWhenAsked(method: string): void {
    let isFirst = true
    emsp.onRequest(async (request): Promise<'pass'> => {
      if (request.method !== method || request.module !== 'tokens' || !isFirst) return 'pass'
      isFirst = false
      await PUT()
      return 'pass'
    })
  }

  test('is sent again with the new token, and the caller notices nothing', async () => {
    rotateWhenAsked('GET')
    const answer = await cpo.call('tokens', 'SENDER', { to: EMS })
    expect([answer.status, answer.statusCode, answer.data]).toEqual([200, 1000, []])
    const came = emsp.requests.filter(({ module }) => module === 'tokens')
    expect(came).toHaveLength(2)
    expect(came[1]?.header('authorization')).toBe(`Token ${Buffer.from(emsp.tokenForHub() ?? '').toString('base64')}`)
    expect(await alarms()).toBe(0)
  })

  test('with a body arrives whole, once with a token that the receiver takes', async () => {
    rotateWhenAsked('POST')
    const bodies: string[] = []
    emsp.on('tokens', 'SENDER', ({ body }) => {
      bodies.push(body.toString())
      return { data: { allowed: 'ALLOWED' } }
    })
    const answer = await cpo.call('tokens', 'SENDER', {
      method: 'POST',
      path: '/U1/authorize',
      to: EMS,
      body: '{"a":1}',
    })
    expect(answer.statusCode).toBe(1000)
    expect(bodies).toEqual(['{"a":1}'])
  })

  test('whose body streamed by gets 4003', async () => {
    rotateWhenAsked('PUT')
    const body = `{"a":"${'x'.repeat(3_000_000)}"}`
    const answer = await cpo.call('tokens', 'SENDER', { method: 'PUT', path: '/U1', to: EMS, body })
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    expect(await alarms()).toBe(1)
  })

  test('whose new token is refused as well gets 4003, and the receiver is asked for a sign of life', async () => {
    rotateWhenAsked('GET')
    emsp.on('tokens', 'SENDER', unknownToken())
    const answer = await cpo.call('tokens', 'SENDER', { to: EMS })
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    const last = emsp.requests.findLastIndex(({ module }) => module === 'tokens')
    expect(emsp.requests.filter(({ module }) => module === 'tokens')).toHaveLength(2)
    await until(() => emsp.requests.slice(last).some(({ path }) => path === '/versions'), 'the versions to be read')
    expect(await alarms()).toBe(1)
  })

  test('at a process that does not know the new token yet is sent again with it', async () => {
    others.push(await startTestHub({}, { databaseUrl: hub.databaseUrl }))
    const [other] = others as [TestHub]
    const tokens = (cpo.hubEndpoints.get('tokens/SENDER') ?? '').replace(hub.url, other.url)
    rotateWhenAsked('GET')
    const answer = await cpo.callUrl(tokens, { to: EMS })
    expect([answer.status, answer.statusCode]).toEqual([200, 1000])
  })

  async function alarms(): Promise<number> {
    const text = await (await fetch(`${hub.url}/metrics`)).text()
    return Number(/ocpi_hub_alarms_total\{kind="receiver-rejects-our-token"\} (\d+)/.exec(text)?.[1] ?? 0)
  }
})
