import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseVersionDetails, parseVersions, pickVersion } from '../../src/ocpi/versions.ts'

const v211 = { version: '2.1.1', url: 'https://www.server.com/ocpi/2.1.1/' }
const v221 = { version: '2.2.1', url: 'https://www.server.com/ocpi/2.2.1/' }
const endpoint = (identifier: unknown, role: unknown, url: unknown = 'https://a.example/x') => ({
  identifier,
  role,
  url,
})

function endpoints(...list: unknown[]) {
  const parsed = parseVersionDetails({ version: '2.2.1', endpoints: list })
  return parsed.kind === 'ok' ? parsed.value.endpoints : parsed.detail
}

describe('version_information_endpoint: versions', () => {
  test('are read, unknown ones and unknown fields included', () => {
    expect(parseVersions([v211, { ...v221, x: 1 }, { version: '9.9', url: 'http://a' }])).toEqual({
      kind: 'ok',
      value: [v211, v221, { version: '9.9', url: 'http://a' }],
    })
  })

  test('entries that make no sense are left out while one is left', () => {
    expect(
      parseVersions([null, {}, { version: 2.2, url: 'https://a' }, { version: '2.2', url: 'nowhere' }, v221]),
    ).toEqual({ kind: 'ok', value: [v221] })
  })

  test.each([
    [{ versions: [] }, 'versions: expected a list, got an object'],
    [undefined, 'versions: expected a list, got nothing'],
    [[], 'versions: expected at least one version, got an empty list'],
    [[{ version: 2.2, url: 'https://a' }, null], 'versions[0].version: expected a string, got a number'],
    [[{ version: '2.2.1' }], 'versions[0].url: expected a string, got nothing'],
  ])('what is wrong is said: %j', (data, detail) => {
    expect(parseVersions(data)).toEqual({ kind: 'problem', detail })
  })

  test('2.2 is taken for 2.2.1 where that is not listed', () => {
    const v22 = { version: '2.2', url: 'https://a' }
    expect(pickVersion([v211, v22], '2.2.1')).toBe(v22)
    expect(pickVersion([v22, v221], '2.2.1')).toBe(v221)
    expect(pickVersion([v221], '2.2')).toBe(undefined)
  })

  test('the version asked for is picked exactly', () => {
    const other = { version: '2.2.1', url: 'https://other' }
    expect(pickVersion([v211, v221, other], '2.2.1')).toBe(v221)
    expect(
      pickVersion([v211, { version: '2.3', url: 'https://a' }, { version: '2.2.1-d2', url: 'https://a' }], '2.2.1'),
    ).toBe(undefined)
  })
})

describe('version_information_endpoint: version details', () => {
  test('of duplicates the first counts, URLs stay as announced, letter case of the role does not matter', () => {
    expect(
      endpoints(
        endpoint('locations', 'SENDER', 'https://a.example/l//'),
        endpoint('locations', 'sender', 'https://b.example/l'),
        endpoint('locations', 'Receiver', 'https://a.example/r/'),
      ),
    ).toEqual([
      { identifier: 'locations', role: 'SENDER', url: 'https://a.example/l//' },
      { identifier: 'locations', role: 'RECEIVER', url: 'https://a.example/r/' },
    ])
  })

  test.each([undefined, 'RECEIVER', null, 'x'])('the role of a credentials endpoint has no function: %j', (role) => {
    expect(endpoints(endpoint('credentials', role), endpoint('credentials', 'SENDER', 'https://b.example'))).toEqual([
      { identifier: 'credentials', role: 'SENDER', url: 'https://a.example/x' },
    ])
  })

  test('custom modules are kept as written, modules of the specification understood in any letter case', () => {
    expect(endpoints(endpoint('nltnm-Tokens', 'SENDER'))).toEqual([endpoint('nltnm-Tokens', 'SENDER')])
    expect(
      endpoints(endpoint('LOCATIONS', 'SENDER'), endpoint('Credentials', null), endpoint('HubClientInfo', 'RECEIVER')),
    ).toEqual([
      endpoint('locations', 'SENDER'),
      endpoint('credentials', 'SENDER'),
      endpoint('hubclientinfo', 'RECEIVER'),
    ])
  })

  test('those left out are named', () => {
    const list = [
      endpoint('cdrs', 'SENDER'),
      endpoint('tokens', 'BOTH'),
      endpoint('tokens', 'SENDER', 'https://a/x?a=b'),
    ]
    const parsed = parseVersionDetails({ version: '2.2.1', endpoints: list })
    expect(parsed.kind === 'ok' && parsed.value.leftOut).toEqual([
      'endpoints[1].role: expected SENDER or RECEIVER, got "BOTH"',
      'endpoints[2].url: expected no query and no fragment, got one',
    ])
  })

  test('endpoints nothing can be routed to are left out', () => {
    const bad = [
      null,
      {},
      endpoint('tokens', undefined),
      endpoint('tokens', 'BOTH'),
      endpoint('to/kens', 'SENDER'),
      endpoint(1, 'SENDER'),
    ]
    const badUrls = [undefined, '', '/x', 'https://a?x=1', 'https://a/#x', 'ftp://a', 'https://a b'].map((url) =>
      endpoint('tokens', 'SENDER', url ?? null),
    )
    expect(endpoints(...bad, ...badUrls, endpoint('tokens', 'SENDER'))).toEqual([endpoint('tokens', 'SENDER')])
  })

  test('when none is left the first problem is said', () => {
    expect(endpoints(endpoint('tokens', 'BOTH'))).toBe('endpoints[0].role: expected SENDER or RECEIVER, got "BOTH"')
    expect(endpoints()).toEqual([])
  })

  test.each([
    [[], 'version details: expected an object, got a list'],
    [{ endpoints: [] }, 'version: expected a string, got nothing'],
    [{ version: '2.2.1', endpoints: {} }, 'endpoints: expected a list, got an object'],
  ])('what is wrong is said: %j', (data, detail) => {
    expect(parseVersionDetails(data)).toEqual({ kind: 'problem', detail })
  })

  test('any JSON is read or refused, and no two endpoints share module and role', () => {
    const entry = fc.record({
      identifier: fc.constantFrom('credentials', 'tokens', 'cdrs', 'x', ''),
      role: fc.constantFrom('SENDER', 'receiver', 'x', null),
      url: fc.oneof(fc.webUrl(), fc.string(), fc.constant('https://a.example///')),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, fc.jsonValue())), (list) => {
        const found = endpoints(...list)
        if (typeof found === 'string') return
        expect(new Set(found.map((one) => `${one.identifier}/${one.role}`)).size).toBe(found.length)
        for (const one of found) expect(one.url).toMatch(/^https?:\/\//i)
      }),
    )
    fc.assert(fc.property(fc.jsonValue(), (data) => void [parseVersions(data), parseVersionDetails(data)]))
  })
})
