import { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { CreatedPlatformSchema, PlatformSchema } from '../../src/admin/api/schemas.ts'
import { type AdminAnswer, crawl, createAdminHarness, faultsIn, platformIn, START } from './admin-harness.ts'

const NOBODY = '/platforms/2b6f0cc9-04d2-4a1b-9d3e-3f6f1f8f0a11'
const MONTH_MS = 30 * 24 * 60 * 60 * 1000

describe('adding a platform', () => {
  it('shows a registration token once, good for 30 days, and stores its digest only', async () => {
    const hub = createAdminHarness()
    const answer = await hub.call('POST', '/platforms', { body: { name: 'ACME' } })
    expect(answer.status).toBe(201)
    const { id, registration } = CreatedPlatformSchema.parse(answer.body)
    expect(answer.body).toMatchObject({ name: 'ACME', status: 'PLANNED', version: null, parties: [], endpoints: [] })
    expect(registration.versions_url).toBe('https://hub.example/ocpi/versions')
    expect(Date.parse(registration.expires_at)).toBe(START + MONTH_MS)
    expect(registration.token).toMatch(/^[\w-]{43}$/)
    expect(answer.headers.get('Location')).toBe(`/admin/api/platforms/${id}`)

    const stored = hub.memory.digests.get(id)
    expect(stored).toMatch(/^[\w-]{43}$/)
    expect(stored).not.toBe(registration.token)
    const later = await hub.call('GET', `/platforms/${id}`)
    expect(later.text).not.toContain(registration.token)
    expect(platformIn(later).registration).toEqual({
      versions_url: registration.versions_url,
      expires_at: registration.expires_at,
      fingerprint: registration.fingerprint,
    })
  })

  it('answers only once the change holds in this process', async () => {
    const hub = createAdminHarness()
    await hub.addPlatform()
    expect(hub.afterChanges()).toBe(1)
  })

  it('no longer shows a registration that has expired', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    hub.clock.now += MONTH_MS
    expect(platformIn(await hub.call('GET', `/platforms/${id}`)).registration).toBeNull()
  })

  it('announces the parties given as PLANNED, in the spelling given', async () => {
    const hub = createAdminHarness()
    const parties = [
      { country_code: 'nl', party_id: 'aBc', role: 'CPO' },
      { country_code: 'nl', party_id: 'aBc', role: 'EMSP' },
    ]
    const created = await hub.addPlatform({ parties })
    expect(created.parties).toMatchObject(parties.map((party) => ({ ...party, status: 'PLANNED' })))
  })

  it('refuses a role of a party that another platform holds and names both', async () => {
    const hub = createAdminHarness()
    const holder = await hub.addPlatform({ parties: [{ country_code: 'NL', party_id: 'ABC', role: 'CPO' }] })
    const body = { name: 'Other', parties: [{ country_code: 'nl', party_id: 'abc', role: 'CPO' }] }
    const answer = await hub.call('POST', '/platforms', { body })
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({
      type: 'urn:ocpi-hub:problem:party-taken',
      detail: `nl-abc as CPO belongs to ${holder.name} (${holder.id})`,
      party: { country_code: 'nl', party_id: 'abc', role: 'CPO' },
      platform_id: holder.id,
    })
    expect((await hub.call('GET', '/platforms')).body).toHaveLength(1)
  })

  it("refuses the hub's own party in any letter case, and a role listed twice", async () => {
    const hub = createAdminHarness()
    const parties = [
      { country_code: 'NL', party_id: 'ABC', role: 'CPO' },
      { country_code: 'nl', party_id: 'hub', role: 'EMSP' },
      { country_code: 'NL', party_id: 'abc', role: 'CPO' },
    ]
    const answer = await hub.call('POST', '/platforms', { body: { name: 'X', parties } })
    expect(answer.status).toBe(400)
    expect(pointers(answer)).toEqual(['#/parties/1', '#/parties/2'])
  })

  it('fills what the platform has no setting for with the defaults of the hub', async () => {
    const hub = createAdminHarness()
    const created = await hub.addPlatform({ delivery: { requests_per_second: 5, after_offline: 'resync' } })
    expect(created.delivery).toEqual({
      requests_per_second: 5,
      concurrency: 8,
      max_age_seconds: 900,
      after_offline: 'resync',
      broadcast_to: 'platform',
    })
    expect(created).toMatchObject({ token_encoding: 'base64', strict_authorization: false })
    expect(hub.memory.records.get(created.id)?.delivery).toEqual({ requestsPerSecond: 5, afterOffline: 'resync' })
  })

  it.each([
    ['no name', {}, '#/name'],
    ['an empty name', { name: '  ' }, '#/name'],
    ['a name with a control character', { name: 'a\u0000b' }, '#/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '#/name'],
    ['an unknown field', { name: 'X', colour: 'red' }, '#/colour'],
    ['an unknown field with a name that needs escaping', { name: 'X', 'a/b~c d': 1 }, '#/a~1b~0c%20d'],
    ['a field name that is no text', { name: 'X', '\uD800': 1 }, '#/%EF%BF%BD'],
    ['an unknown delivery setting', { name: 'X', delivery: { rate: 1 } }, '#/delivery/rate'],
    ['a rate of 0', { name: 'X', delivery: { requests_per_second: 0 } }, '#/delivery/requests_per_second'],
    ['a broken rate', { name: 'X', delivery: { requests_per_second: 1.5 } }, '#/delivery/requests_per_second'],
    [
      'a rate over 100,000',
      { name: 'X', delivery: { requests_per_second: 100_001 } },
      '#/delivery/requests_per_second',
    ],
    ['a concurrency of 257', { name: 'X', delivery: { concurrency: 257 } }, '#/delivery/concurrency'],
    ['an age over a week', { name: 'X', delivery: { max_age_seconds: 604_801 } }, '#/delivery/max_age_seconds'],
    ['an unknown outage rule', { name: 'X', delivery: { after_offline: 'all' } }, '#/delivery/after_offline'],
    ['an unknown receiver of broadcasts', { name: 'X', delivery: { broadcast_to: 'all' } }, '#/delivery/broadcast_to'],
    ['an unknown encoding', { name: 'X', token_encoding: 'hex' }, '#/token_encoding'],
    ['a country of three letters', withParty({ country_code: 'NLD' }), '#/parties/0/country_code'],
    ['a party of four characters', withParty({ party_id: 'ABCD' }), '#/parties/0/party_id'],
    ['a party with a slash', withParty({ party_id: 'A/B' }), '#/parties/0/party_id'],
    ['the role of a hub', withParty({ role: 'HUB' }), '#/parties/0/role'],
    ['an unknown field of a party', withParty({ name: 'A' }), '#/parties/0/name'],
    ['a list', [], '#'],
    ['null', null, '#'],
  ])('refuses %s and points at it', async (_what, body, pointer) => {
    const hub = createAdminHarness()
    const answer = await hub.call('POST', '/platforms', { body })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ type: 'urn:ocpi-hub:problem:invalid-input' })
    expect(pointers(answer)).toContain(pointer)
    expect(hub.memory.records.size).toBe(0)
  })

  it('keeps its answer short when everything is wrong', async () => {
    const hub = createAdminHarness()
    const body = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field${i}`, i]))
    const answer = await hub.call('POST', '/platforms', { body })
    expect(answer.status).toBe(400)
    expect(answer.text.length).toBeLessThan(10_000)
  })
})

describe('listing platforms', () => {
  it('follows the Link header through every platform once, in the order they were added', async () => {
    const hub = createAdminHarness()
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.push((await hub.addPlatform()).id)
    const read = async (first: string) => {
      const pages = await crawl((path) => hub.call('GET', path), first)
      return pages.map(({ body }) =>
        z
          .array(PlatformSchema)
          .parse(body)
          .map((platform) => platform.id),
      )
    }
    expect(await read('/platforms?limit=2')).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    expect(await read('/platforms?limit=5')).toEqual([ids])
    expect(await read('/platforms')).toEqual([ids])
  })

  it('answers an empty list when there is none', async () => {
    expect((await createAdminHarness().call('GET', '/platforms')).body).toEqual([])
  })

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=', 'limit=1&limit=2', 'cursor=x', 'page=2'])(
    'refuses ?%s and names the parameter',
    async (query) => {
      const answer = await createAdminHarness().call('GET', `/platforms?${query}`)
      expect(answer.status).toBe(400)
      expect(faultsIn(answer)[0]?.parameter).toBe(query.split('=')[0])
    },
  )
})

describe('changing a platform', () => {
  it('changes what is given and nothing else', async () => {
    const hub = createAdminHarness()
    const delivery = { requests_per_second: 5, concurrency: 2, broadcast_to: 'party' }
    const { id, ...before } = await hub.addPlatform({ delivery, token_encoding: 'raw' })
    const answer = await hub.call('PATCH', `/platforms/${id}`, {
      body: { name: 'New', delivery: { requests_per_second: null, max_age_seconds: 60 }, strict_authorization: true },
    })
    expect(answer.status).toBe(200)
    const { token: _shownOnce, ...registration } = before.registration
    expect(answer.body).toEqual({
      ...before,
      id,
      registration,
      name: 'New',
      strict_authorization: true,
      delivery: {
        ...{ requests_per_second: 50, concurrency: 2, max_age_seconds: 60, after_offline: 'none' },
        broadcast_to: 'party',
      },
    })
  })

  it('announces other parties, unless one is taken or the hub', async () => {
    const hub = createAdminHarness()
    await hub.addPlatform({ parties: [{ country_code: 'NL', party_id: 'ABC', role: 'CPO' }] })
    const { id } = await hub.addPlatform()
    const patch = (party_id: string) =>
      hub.call('PATCH', `/platforms/${id}`, { body: { parties: [{ country_code: 'NL', party_id, role: 'CPO' }] } })
    expect((await patch('ABC')).status).toBe(409)
    expect((await patch('HUB')).status).toBe(400)
    expect(platformIn(await patch('DEF')).parties).toMatchObject([{ party_id: 'DEF', status: 'PLANNED' }])
  })

  it('mends endpoints of the partner and shows what it announced', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const endpoint = (identifier: string, role: 'SENDER' | 'RECEIVER', url: string) => ({ identifier, role, url })
    const announced = ['locations', 'tariffs', 'tokens'].map((name) =>
      endpoint(name, 'SENDER', `https://a.example/${name}`),
    )
    hub.memory.update(id, () => ({ endpoints: announced }))
    const endpoint_overrides = [
      endpoint('tariffs', 'SENDER', 'https://b.example/tariffs'),
      { ...endpoint('tokens', 'SENDER', ''), url: null },
      endpoint('cdrs', 'RECEIVER', 'https://b.example/cdrs'),
    ]
    const answer = await hub.call('PATCH', `/platforms/${id}`, { body: { endpoint_overrides } })
    expect(platformIn(answer).endpoints).toEqual([
      announced[0],
      { ...endpoint_overrides[0], override: { announced_url: 'https://a.example/tariffs' } },
      { ...endpoint_overrides[1], override: { announced_url: 'https://a.example/tokens' } },
      { ...endpoint_overrides[2], override: { announced_url: null } },
    ])
    expect(platformIn(await hub.call('PATCH', `/platforms/${id}`, { body: { name: 'X' } })).endpoints).toHaveLength(4)
    const undone = await hub.call('PATCH', `/platforms/${id}`, { body: { endpoint_overrides: [] } })
    expect(platformIn(undone).endpoints).toEqual(announced)
  })

  it.each([
    ['an endpoint that is named twice', [{}, {}], '#/endpoint_overrides/1'],
    ['an unknown interface role', [{ role: 'BOTH' }], '#/endpoint_overrides/0/role'],
    ['an identifier that is none', [{ identifier: 'a/b' }], '#/endpoint_overrides/0/identifier'],
    ['the versions, which are no endpoint', [{ identifier: 'versions' }], '#/endpoint_overrides/0/identifier'],
    ['a URL that is none', [{ url: 'ftp://a.example/' }], '#/endpoint_overrides/0/url'],
    ['a URL with a query', [{ url: 'https://a.example/?a=b' }], '#/endpoint_overrides/0/url'],
  ])('refuses %s among the mended endpoints', async (_what, overrides, pointer) => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const endpoint = { identifier: 'locations', role: 'SENDER', url: 'https://a.example/' }
    const body = { endpoint_overrides: overrides.map((override) => ({ ...endpoint, ...override })) }
    const answer = await hub.call('PATCH', `/platforms/${id}`, { body })
    expect(answer.status).toBe(400)
    expect(pointers(answer)).toContain(pointer)
  })

  it('refuses to mend an endpoint with an address that the hub may not call', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const endpoint_overrides = [{ identifier: 'locations', role: 'SENDER', url: 'http://10.0.0.1/locations' }]
    const answer = await hub.call('PATCH', `/platforms/${id}`, { body: { endpoint_overrides } })
    expect(answer).toMatchObject({ status: 422, body: { type: 'urn:ocpi-hub:problem:forbidden-url' } })
    expect(hub.memory.records.get(id)?.endpointOverrides).toEqual([])
  })

  it('refuses what is fixed', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const answer = await hub.call('PATCH', `/platforms/${id}`, { body: { status: 'CONNECTED', id: 'x' } })
    expect(answer.status).toBe(400)
    expect(pointers(answer)).toEqual(['#/status', '#/id'])
  })
})

describe('forgetting a platform', () => {
  it('answers 204, then 404', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    expect((await hub.call('DELETE', `/platforms/${id}`)).status).toBe(204)
    expect((await hub.call('DELETE', `/platforms/${id}`)).status).toBe(404)
    expect((await hub.call('GET', `/platforms/${id}`)).status).toBe(404)
  })
})

it.each([
  ['GET', NOBODY, undefined],
  ['PATCH', NOBODY, { name: 'X' }],
  ['DELETE', NOBODY, undefined],
  ['GET', '/platforms/1', undefined],
  ['GET', '/platforms/%00', undefined],
  ['DELETE', '/platforms/..%2f', undefined],
])('answers 404 to %s %s, which is no platform', async (method, path, body) => {
  const answer = await createAdminHarness().call(method, path, { body })
  expect(answer.status).toBe(404)
})

function withParty(party: Record<string, unknown>) {
  return { name: 'X', parties: [{ country_code: 'NL', party_id: 'ABC', role: 'CPO', ...party }] }
}

function pointers(answer: AdminAnswer): (string | undefined)[] {
  return faultsIn(answer).map((fault) => fault.pointer)
}
