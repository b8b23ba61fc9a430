import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hubCredentials, parseCredentials, parseNewCredentials } from '../../src/ocpi/credentials.ts'

const role = { role: 'CPO', party_id: 'ABC', country_code: 'NL', business_details: { name: 'Abc', extra: 1.5 } }
const credentials = {
  token: 'ebf3b399-779f-4497-9b9d-ac6ad3cc44d2',
  url: 'https://example.com/ocpi/versions/',
  roles: [role],
}

function detail(data: unknown): string {
  const parsed = parseCredentials(data)
  return parsed.kind === 'problem' ? parsed.detail : 'no problem'
}

describe('credentials: Credentials object', () => {
  test('is read with all its parties, unknown fields ignored, business details as they came', () => {
    const second = { ...role, role: 'emsp', party_id: 'x-1', country_code: 'de', business_details: undefined, more: [] }
    expect(parseCredentials({ ...credentials, roles: [role, second], hub_party_id: 'DEHUB' })).toEqual({
      kind: 'ok',
      value: {
        token: credentials.token,
        url: credentials.url,
        roles: [
          { role: 'CPO', countryCode: 'NL', partyId: 'ABC', businessDetails: { name: 'Abc', extra: 1.5 } },
          { role: 'EMSP', countryCode: 'de', partyId: 'x-1', businessDetails: null },
        ],
      },
    })
  })

  test('the same party and role in other letters counts once, as first given', () => {
    const parsed = parseCredentials({
      ...credentials,
      roles: [role, { ...role, party_id: 'abc', country_code: 'nl' }, { ...role, role: 'EMSP' }],
    })
    expect(parsed.kind === 'ok' && parsed.value.roles.map((r) => [r.role, r.countryCode, r.partyId])).toEqual([
      ['CPO', 'NL', 'ABC'],
      ['EMSP', 'NL', 'ABC'],
    ])
  })

  test('roles the hub does not know are ignored while one is left', () => {
    const parsed = parseCredentials({ ...credentials, roles: [{ role: 'ROBOT' }, role, { ...role, role: 'HUB' }] })
    expect(parsed.kind === 'ok' && parsed.value.roles.length).toBe(1)
    expect(detail({ ...credentials, roles: [{ role: 'ROBOT' }, { ...role, role: 'HUB' }] })).toBe(
      'roles: expected at least one of CPO, EMSP, NSP, NAP, SCSP, PTP, OTHER, got "ROBOT", "HUB"',
    )
  })

  test('tokens longer than the specification allows are taken, within reason', () => {
    expect(detail({ ...credentials, token: 'x'.repeat(255) })).toBe('no problem')
    expect(detail({ ...credentials, token: 'x'.repeat(256) })).toBe('token: expected 1 to 255 characters, got 256')
  })

  test.each([
    [null, 'credentials: expected an object, got null'],
    ['secret', 'credentials: expected an object, got a string'],
    [[credentials], 'credentials: expected an object, got a list'],
    [{ ...credentials, token: undefined }, 'token: expected a string, got nothing'],
    [{ ...credentials, token: 5 }, 'token: expected a string, got a number'],
    [{ ...credentials, token: '' }, 'token: expected 1 to 255 characters, got 0'],
    [{ ...credentials, token: 'a b' }, 'token: expected printable ASCII without spaces, got other characters'],
    [{ ...credentials, token: 'é' }, 'token: expected printable ASCII without spaces, got other characters'],
    [{ ...credentials, url: null }, 'url: expected a string, got null'],
    [{ ...credentials, url: 'ftp://a/b' }, 'url: expected an http or https URL, got "ftp://a/b"'],
    [{ ...credentials, url: '/ocpi/versions' }, 'url: expected an http or https URL, got "/ocpi/versions"'],
    [{ ...credentials, url: 'https://' }, 'url: expected an http or https URL, got "https://"'],
    [{ ...credentials, url: `https://a/${'b'.repeat(600)}` }, 'url: expected at most 512 characters, got 610'],
    [{ ...credentials, roles: role }, 'roles: expected a list, got an object'],
    [
      { ...credentials, roles: [] },
      'roles: expected at least one of CPO, EMSP, NSP, NAP, SCSP, PTP, OTHER, got an empty list',
    ],
    [{ ...credentials, roles: [role, 'CPO'] }, 'roles[1]: expected an object, got a string'],
    [{ ...credentials, roles: [{ ...role, role: 1 }] }, 'roles[0].role: expected a string, got a number'],
    [
      { ...credentials, roles: [role, { ...role, party_id: 'ABCDE' }] },
      'roles[1].party_id: expected 1 to 3 characters, got 5',
    ],
    [
      { ...credentials, roles: [{ ...role, party_id: 'A/B' }] },
      'roles[0].party_id: expected printable ASCII without space, * and /, got "A/B"',
    ],
    [
      { ...credentials, roles: [{ ...role, party_id: undefined }] },
      'roles[0].party_id: expected a string, got nothing',
    ],
    [
      { ...credentials, roles: [{ ...role, country_code: 'NLD' }] },
      'roles[0].country_code: expected 2 letters, got "NLD"',
    ],
    [
      { ...credentials, roles: [{ ...role, country_code: 31 }] },
      'roles[0].country_code: expected a string, got a number',
    ],
  ])('a partner is told precisely what is wrong: %j', (data, expected) => {
    expect(detail(data)).toBe(expected)
  })

  test('no problem ever shows the token', () => {
    const secret = 'S3CRET-S3CRET'
    const broken = fc.oneof(fc.constant(undefined), fc.jsonValue())
    fc.assert(
      fc.property(fc.constantFrom('url', 'roles', 'token'), broken, (field, value) => {
        expect(
          detail({ ...credentials, token: `${secret} x`, [field]: field === 'token' ? { secret } : value }),
        ).not.toContain(secret)
      }),
    )
  })

  test('any JSON is read or refused', () => {
    const entry = fc.record(
      {
        role: fc.oneof(fc.constant('CPO'), fc.jsonValue()),
        party_id: fc.oneof(fc.string({ maxLength: 4 }), fc.jsonValue()),
        country_code: fc.oneof(fc.constant('NL'), fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, fc.jsonValue())), (roles) => {
        const parsed = parseCredentials({ ...credentials, roles })
        if (parsed.kind === 'ok') expect(parsed.value.roles.length).toBeGreaterThan(0)
        else expect(parsed.detail).toMatch(/: expected .+, got .+/)
      }),
    )
  })
})

describe('credentials: the answer to new ones', () => {
  test('is usable, or at least its token is', () => {
    expect(parseNewCredentials(credentials)).toEqual(parseCredentials(credentials))
    const { token } = credentials
    expect(parseNewCredentials({ ...credentials, roles: [] })).toEqual({
      kind: 'ok',
      value: { token, unusable: expect.stringContaining('roles: expected at least one') },
    })
    expect(parseNewCredentials({ token })).toMatchObject({ kind: 'ok', value: { token } })
    expect(parseNewCredentials({ ...credentials, token: '' })).toMatchObject({ kind: 'problem' })
  })
})

describe('credentials of the hub', () => {
  const common = {
    token: 't',
    versionsUrl: 'https://hub/ocpi/versions',
    hub: { countryCode: 'NL', partyId: 'HUB' },
    business: { name: 'The Hub', website: null, logoUrl: null },
  }
  const cpo = { role: 'CPO', countryCode: 'NL', partyId: 'CPO', businessDetails: { name: 'Charge', x: 1 } } as const
  const own = { business_details: { name: 'The Hub' }, party_id: 'HUB', country_code: 'NL' }

  test('2.2.1: the single role HUB, whatever can be reached', () => {
    const written = hubCredentials({ ...common, version: '2.2.1', reachable: [cpo] })
    expect(written).toEqual({ token: 't', url: 'https://hub/ocpi/versions', roles: [{ role: 'HUB', ...own }] })
  })

  test('2.3.0: the hub apart, and the parties that can be reached with business details as they came', () => {
    const nameless = { role: 'EMSP', countryCode: 'DE', partyId: 'EMS', businessDetails: null } as const
    expect(hubCredentials({ ...common, version: '2.3.0', reachable: [cpo, nameless] })).toEqual({
      token: 't',
      url: 'https://hub/ocpi/versions',
      hub_party_id: 'NLHUB',
      roles: [
        { role: 'CPO', business_details: { name: 'Charge', x: 1 }, party_id: 'CPO', country_code: 'NL' },
        { role: 'EMSP', business_details: { name: 'DE-EMS' }, party_id: 'EMS', country_code: 'DE' },
      ],
    })
  })

  test('2.3.0, nobody can be reached: the hub itself as OTHER, since a list of roles is never empty', () => {
    const { roles } = hubCredentials({ ...common, version: '2.3.0', reachable: [] }) as { roles: unknown }
    expect(roles).toEqual([{ role: 'OTHER', ...own }])
  })
})
