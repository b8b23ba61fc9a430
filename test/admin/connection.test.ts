import { describe, expect, it } from 'vitest'
import { RegistrationSchema } from '../../src/admin/api/schemas.ts'
import type { HandshakeOutcome } from '../../src/hub/registration/handshake-outcome.ts'
import { StoreUnavailable } from '../../src/hub/store-unavailable.ts'
import { createAdminHarness, faultsIn, platformIn, START } from './admin-harness.ts'

const NOBODY = '/platforms/2b6f0cc9-04d2-4a1b-9d3e-3f6f1f8f0a11'
const PARTNER = { versions_url: 'https://cpo.example/ocpi/versions', token: 'abc-123' }

const REFUSALS: [HandshakeOutcome, number, object][] = [
  [{ kind: 'wrong-status', status: 'CONNECTED' }, 409, { detail: 'The platform is CONNECTED' }],
  [
    {
      ...{ kind: 'party-taken', party: { countryCode: 'NL', partyId: 'ABC' }, role: 'CPO' },
      ...{ heldBy: NOBODY.slice(11), why: 'held' },
    },
    409,
    { party: { country_code: 'NL', party_id: 'ABC', role: 'CPO' }, platform_id: NOBODY.slice(11) },
  ],
  [
    { kind: 'forbidden-url', detail: '10.0.0.1 is a private address' },
    422,
    { detail: '10.0.0.1 is a private address' },
  ],
  [{ kind: 'partner-unreachable', detail: 'connection refused' }, 502, { detail: 'connection refused' }],
  [{ kind: 'partner-refused', detail: 'HTTP 200', ocpiStatus: 3001 }, 502, { ocpi_status: 3001 }],
  [{ kind: 'partner-refused', detail: 'HTTP 500' }, 502, { detail: 'HTTP 500' }],
  [
    { kind: 'answer-lost', method: 'PUT', detail: 'timeout' },
    502,
    { detail: expect.stringMatching(/^timeout\. Both tokens.*registering anew/) },
  ],
  [
    { kind: 'answer-lost', method: 'POST', detail: 'timeout' },
    502,
    { detail: expect.stringMatching(/another registration token/) },
  ],
  [
    { kind: 'roles-unusable', detail: 'roles: expected a list, got nothing' },
    502,
    { detail: expect.stringMatching(/^roles: .*The new tokens hold/) },
  ],
  [{ kind: 'unsupported-version', offered: ['2.0', '3.0'] }, 502, { offered_versions: ['2.0', '3.0'] }],
  [{ kind: 'no-matching-endpoints' }, 502, {}],
]

describe.each([
  ['connect', PARTNER, ['connect', { versionsUrl: PARTNER.versions_url, token: PARTNER.token }]],
  ['rotate', undefined, ['rotate']],
  ['disconnect', undefined, ['end', 'disconnected by an administrator']],
] as const)('%s', (action, body, [call, ...given]) => {
  it('asks the partner and shows the platform as it is afterwards', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const answer = await hub.call('POST', `/platforms/${id}/${action}`, { body })
    expect(answer.status, answer.text).toBe(200)
    expect(platformIn(answer).id).toBe(id)
    expect(hub.handshakes).toEqual([[call, id, ...given]])
    expect(hub.afterChanges()).toBe(2)
  })

  it.each(REFUSALS)('tells the administrator of %o', async (outcome, status, shown) => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    hub.partner.outcome = outcome
    const answer = await hub.call('POST', `/platforms/${id}/${action}`, { body })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ type: `urn:ocpi-hub:problem:${outcome.kind}`, ...shown })
  })

  it('answers 404 for a platform that is not there', async () => {
    expect((await createAdminHarness().call('POST', `${NOBODY}/${action}`, { body })).status).toBe(404)
  })
})

it.each([
  ['no URL', { token: 'a' }, '#/versions_url'],
  ['a URL that is none', { ...PARTNER, versions_url: 'cpo.example' }, '#/versions_url'],
  ['a URL of a file', { ...PARTNER, versions_url: 'file:///etc/passwd' }, '#/versions_url'],
  ['no token', { versions_url: PARTNER.versions_url }, '#/token'],
  ['a token that would break a header', { ...PARTNER, token: 'a\r\nb' }, '#/token'],
])('connect refuses %s and calls nobody', async (_what, body, pointer) => {
  const hub = createAdminHarness()
  const { id } = await hub.addPlatform()
  const answer = await hub.call('POST', `/platforms/${id}/connect`, { body })
  expect(answer.status).toBe(400)
  expect(faultsIn(answer)[0]?.pointer).toBe(pointer)
  expect(hub.handshakes).toEqual([])
})

describe('suspend and resume', () => {
  it('suspends with a cause, and lets back to what the credentials allow', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    hub.memory.update(id, () => ({ status: 'OFFLINE', version: '2.2.1' }))
    hub.clock.now += 1000
    const suspended = await hub.call('POST', `/platforms/${id}/suspend`)
    expect(suspended.body).toMatchObject({
      status: 'SUSPENDED',
      status_cause: 'suspended by an administrator',
      status_since: new Date(START + 1000).toISOString(),
    })
    expect((await hub.call('POST', `/platforms/${id}/suspend`)).status).toBe(200)
    expect(platformIn(await hub.call('POST', `/platforms/${id}/resume`)).status).toBe('CONNECTED')
    expect((await hub.call('POST', `/platforms/${id}/resume`)).status).toBe(409)
  })

  it('lets a platform without credentials back to PLANNED', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    await hub.call('POST', `/platforms/${id}/suspend`)
    expect(platformIn(await hub.call('POST', `/platforms/${id}/resume`)).status).toBe('PLANNED')
  })

  it.each(['suspend', 'resume', 'check', 'registration', 'older-tokens/end'])(
    '%s answers 404 for nobody',
    async (action) => {
      expect((await createAdminHarness().call('POST', `${NOBODY}/${action}`)).status).toBe(404)
    },
  )
})

describe('check', () => {
  it('says that the partner is alive', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    const { status, body } = await hub.call('POST', `/platforms/${id}/check`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ is_alive: true, detail: null, platform: { id } })
  })

  it('reports a partner that does not answer as a finding, not as a failure of the API', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    hub.partner.found = { kind: 'silent', detail: 'timeout', isTokenRefused: false }
    const { status, body } = await hub.call('POST', `/platforms/${id}/check`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ is_alive: false, detail: 'timeout' })
  })

  it.each([
    [503, { kind: 'not-asked', why: 'fault', error: new StoreUnavailable('away') }, /database is away/],
    [500, { kind: 'not-asked', why: 'fault', error: new Error('sealed with another key') }, /hub failed/],
    [503, { kind: 'not-asked', why: 'stopping' }, /stopping/],
  ] as const)(
    'answers %i, and says nothing of the partner, when the hub cannot ask: %o',
    async (status, found, detail) => {
      const hub = createAdminHarness()
      const { id } = await hub.addPlatform()
      hub.partner.found = found
      const answer = await hub.call('POST', `/platforms/${id}/check`)
      expect(answer.status).toBe(status)
      expect(answer.body).toMatchObject({ detail: expect.stringMatching(detail) })
      expect(answer.body).not.toHaveProperty('is_alive')
    },
  )

  it('refuses for a platform that never connected', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform()
    hub.partner.found = { kind: 'wrong-status', status: 'PLANNED' }
    expect((await hub.call('POST', `/platforms/${id}/check`)).status).toBe(409)
  })
})

describe('registration', () => {
  it('makes another token that replaces the one before', async () => {
    const hub = createAdminHarness()
    const { id, registration } = await hub.addPlatform()
    const before = hub.memory.digests.get(id)
    hub.clock.now += 5000
    const answer = await hub.call('POST', `/platforms/${id}/registration`)
    expect(answer.status).toBe(201)
    const renewed = RegistrationSchema.parse(answer.body)
    expect(renewed.token).not.toBe(registration.token)
    expect(Date.parse(renewed.expires_at)).toBe(Date.parse(registration.expires_at) + 5000)
    expect(hub.memory.digests.get(id)).not.toBe(before)
  })
})

it('ends the replaced tokens of a partner', async () => {
  const hub = createAdminHarness()
  const { id } = await hub.addPlatform()
  hub.memory.update(id, () => ({ hasOlderToken: true }))
  expect(platformIn(await hub.call('GET', `/platforms/${id}`)).has_older_token).toBe(true)
  expect(platformIn(await hub.call('POST', `/platforms/${id}/older-tokens/end`)).has_older_token).toBe(false)
})

describe('moving a party', () => {
  it('takes it with all its roles, found in any letter case', async () => {
    const hub = createAdminHarness()
    const roles = ['CPO', 'EMSP'].map((role) => ({ country_code: 'NL', party_id: 'ABC', role }))
    const from = await hub.addPlatform({ parties: roles })
    const to = await hub.addPlatform()
    const answer = await hub.call('POST', '/parties/nl/abc/move', { body: { platform_id: to.id } })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id: to.id, parties: roles })
    expect(platformIn(await hub.call('GET', `/platforms/${from.id}`)).parties).toEqual([])
  })

  it('takes it in one role, and leaves it where it is in others', async () => {
    const hub = createAdminHarness()
    const [cpo, emsp] = ['CPO', 'EMSP'].map((role) => ({ country_code: 'NL', party_id: 'ABC', role }))
    const from = await hub.addPlatform({ parties: [cpo, emsp] })
    const to = await hub.addPlatform()
    const body = { platform_id: to.id, role: 'EMSP' }
    expect((await hub.call('POST', '/parties/NL/ABC/move', { body })).body).toMatchObject({ parties: [emsp] })
    expect(platformIn(await hub.call('GET', `/platforms/${from.id}`)).parties).toMatchObject([cpo])
    const unknown = await hub.call('POST', '/parties/NL/ABC/move', { body: { ...body, role: 'NSP' } })
    expect(unknown).toMatchObject({ status: 404, body: { detail: 'No platform hosts this party as NSP' } })
  })

  it('refuses a party or a platform that is not there', async () => {
    const hub = createAdminHarness()
    const { id } = await hub.addPlatform({ parties: [{ country_code: 'NL', party_id: 'ABC', role: 'CPO' }] })
    expect((await hub.call('POST', '/parties/NL/DEF/move', { body: { platform_id: id } })).status).toBe(404)
    expect((await hub.call('POST', '/parties/NLD/DEF/move', { body: { platform_id: id } })).status).toBe(404)
    const nowhere = await hub.call('POST', '/parties/NL/ABC/move', { body: { platform_id: NOBODY.slice(11) } })
    expect(nowhere.status).toBe(400)
    expect(faultsIn(nowhere)).toEqual([{ pointer: '#/platform_id', detail: 'No platform has this id' }])
  })
})
