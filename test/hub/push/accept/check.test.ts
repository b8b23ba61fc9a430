import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Agreement, pairKey } from '../../../../src/hub/network/policy.ts'
import type { Platform, RoutingTable } from '../../../../src/hub/network/routing-table.ts'
import { type BroadcastRequest, checkBroadcast } from '../../../../src/hub/push/accept/check.ts'
import { couldReceive, receiver } from '../../../../src/hub/push/attempt/receivers.ts'
import { keyOf, type PartyKey } from '../../../../src/ocpi/party.ts'
import { newPush, platformOf } from '../rig.ts'

const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const emsp = platformOf({ id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: 'http://emsp' })

type Request = Partial<Omit<BroadcastRequest, 'body'>> & { readonly bodyText?: string }

function check({ bodyText = '{}', ...request }: Request, caller: Platform = cpo, allowsPrivate = false) {
  const body = new TextEncoder().encode(bodyText)
  return checkBroadcast(
    caller,
    { module: 'locations', method: 'PUT', path: '/NL/CPO/L1', query: '', body, ...request },
    allowsPrivate,
  )
}

describe('What may be broadcast [transport_and_format: Broadcast Push]', () => {
  test.each([
    { method: 'PUT', path: '/NL/CPO/L1' },
    { method: 'PATCH', path: '/NL/CPO/L1/E1/C1' },
    { module: 'tariffs', method: 'PUT', path: '/NL/CPO/T1' },
    { module: 'tariffs', method: 'DELETE', path: '/NL/CPO/T1', bodyText: '' },
    { module: 'tariffs', method: 'DELETE', path: '/NL/CPO/T1', bodyText: ' { }' },
    { path: '/NL/CPO/L%5C1' },
    { path: '/nl/cpo/L1/' },
    { path: '/N%4C/CPO/L1' },
    { bodyText: '{"country_code":"nl","party_id":"Cpo","evses":[{"country_code":"DE"}]}' },
  ])('%j', (request) => expect(check(request)).toMatchObject({ kind: 'allowed' }))

  test.each([
    { module: 'commands', method: 'POST', path: '/START_SESSION' },
    { module: 'chargingprofiles', method: 'PUT', path: '/s1' },
    { method: 'POST', path: '' },
    { method: 'DELETE', path: '/NL/CPO/L1', bodyText: '' },
    { module: 'tariffs', method: 'DELETE', path: '/NL/CPO/T1', bodyText: '{"id":"T1"}' },
    { module: 'sessions', path: '/NL/CPO/S1' },
    { module: 'cdrs', method: 'POST', path: '', bodyText: '{"country_code":"NL","party_id":"CPO","id":"1"}' },
    { module: 'tokens', path: '/NL/CPO/T1' },
    { path: '' },
    { path: '/NL/CPO' },
    { path: '/NL/CPO/' },
    { path: '/NL/CPO//L1' },
    { path: '/NL/CPO/L1/E1/C1/X' },
    { path: '/NL/CPO/%ZZ' },
    { module: 'tariffs', path: '/NL/CPO/T1/X' },
    { path: `/NL/CPO/${'x'.repeat(801)}` },
    { module: 'tokens', path: '/NL/CPO/T1', query: `?type=${'x'.repeat(801)}` },
    { bodyText: '[]' },
    { bodyText: '"text"' },
    { bodyText: '' },
  ])('but not %j', (request) => expect(check(request)).toMatchObject({ kind: 'refused' }))

  test('cdrs and sessions only where the administrator allows it', () => {
    expect(check({ module: 'sessions', path: '/NL/CPO/S1' }, cpo, true)).toMatchObject({ kind: 'allowed' })
    const cdr = {
      module: 'cdrs',
      method: 'POST',
      path: '',
      bodyText: '{"country_code":"NL","party_id":"CPO","id":"\\u0000\\ud800"}',
    }
    expect(check(cdr, cpo, true)).toMatchObject({ kind: 'allowed' })
    expect(check({ ...cdr, bodyText: '{"country_code":"BE","party_id":"CPO","id":"1"}' }, cpo, true)).toMatchObject({
      kind: 'refused',
    })
    expect(check({ ...cdr, bodyText: '{"id":"1"}' }, cpo, true)).toMatchObject({ kind: 'refused' })
  })
})

describe('A forged owner never leaves the hub', () => {
  test.each([
    { path: '/NL/XXX/L1' },
    { path: '/BE/CPO/L1' },
    { path: '/NL/CPO%20/L1' },
    { path: '/%254eL/CPO/L1' },
    { bodyText: '{"country_code":"BE"}' },
    { bodyText: '{"party_id":"XXX"}' },
    { bodyText: '{"party_id":null}' },
    { bodyText: '{"party_id":["CPO"]}' },
    { bodyText: '{"country_code":"BE","country_code":"NL"}' },
    { bodyText: '{"country_code":"NL","Country_Code":"BE"}' },
    { bodyText: '{"a":{"b":[1,"}"]},"country\\u005fcode" : "BE"}' },
    { bodyText: '{"a":"\\"}","party_id":"XXX"}' },
  ])('%j', (request) => expect(check(request)).toMatchObject({ kind: 'refused' }))

  test('whatever stands around it', () => {
    const plain = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 })
    fc.assert(
      fc.property(plain, plain, fc.constantFrom('country_code', 'party_id', 'PARTY_ID'), (before, after, name) => {
        const members = [...Object.entries(before), [name, 'ZZ'] as const, ...Object.entries(after)]
        const bodyText = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
        expect(check({ bodyText })).toMatchObject({ kind: 'refused' })
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bodyText = JSON.stringify({ a: value, country_code: 'NL', b: [value], party_id: 'cpo' })
        expect(check({ bodyText })).toMatchObject({ kind: 'allowed' })
      }),
    )
  })
})

describe('A chain', () => {
  test('is a root object, in any letter case and spelling', () => {
    const keys = ['/NL/CPO/L1', '/nl/cpo/l1', '/NL/CPO/%4c1/E1'].map((path) => check({ path }))
    expect(new Set(keys.map((each) => each.kind === 'allowed' && each.chainKey)).size).toBe(1)
  })

  test('of a token has its type, RFID when none is given [mod_tokens: RECEIVER interface]', () => {
    const keyOf = (query: string) => {
      const checked = check({ module: 'tokens', path: '/NL/MSP/T1', query }, emsp)
      return checked.kind === 'allowed' ? checked.chainKey : null
    }
    expect(keyOf('')).toBe(keyOf('?type=RFID'))
    expect(keyOf('?type=APP_USER')).not.toBe(keyOf(''))
  })

  test('of a token has its type however that is spelled, and none but its own where there are several', () => {
    const keyOf = (query: string) => {
      const checked = check({ module: 'tokens', path: '/NL/MSP/T1', query }, emsp)
      return checked.kind === 'allowed' ? checked.chainKey : null
    }
    for (const query of ['?%74ype=OTHER', '?a=1&Type=other', '?type=%4fTHER', '?a=%&type=OTHER']) {
      expect(keyOf(query), query).toBe(keyOf('?type=OTHER'))
    }
    expect(keyOf('?%74ype=RFID')).toBe(keyOf(''))
    const one = [keyOf(''), keyOf('?type=OTHER')]
    for (const query of ['?type=RFID&type=OTHER', '?type=OTHER&%74ype=RFID']) expect(one).not.toContain(keyOf(query))
    expect(keyOf('?type=%00%2F')).not.toMatch(/[\u0000/]/)
  })

  test('of a name with a slash in it is not that of a path beneath', () => {
    const [a, b] = ['/NL/CPO/L1%2FE1', '/NL/CPO/L1/E1'].map((path) => check({ path }))
    expect(a?.kind === 'allowed' && b?.kind === 'allowed' && a.pathKey === b.pathKey).toBe(false)
  })
})

describe('Who receives a push [transport_and_format: Broadcast Push]', () => {
  const push = { ...newPush(cpo, { path: '/NL/CPO/L1' }), number: 1 }
  const table = { policy: { kind: 'open', turns: [] } } as Partial<RoutingTable> as RoutingTable

  test.each([
    ['CPO', ['EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP']],
    ['EMSP', ['CPO']],
    ['OTHER', ['CPO']],
  ] as const)('from %s: %j', (senderClass, roles) => {
    const receiving = (['CPO', 'EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP', 'HUB'] as const).filter((role) =>
      couldReceive(platformOf({ id: 'x', party: 'NL*XXX', roles: [role], origin: 'http://x' }), {
        ...push,
        senderClass,
      }),
    )
    expect([...receiving].sort()).toEqual([...roles].sort())
  })

  test('never the sending platform, nor one without the module, nor one that is not connected', () => {
    const both = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO', 'EMSP'], origin: 'http://x' })
    expect(couldReceive(both, push)).toBe(false)
    expect(
      couldReceive(
        platformOf({ id: 'x', party: 'NL*X', roles: ['EMSP'], origin: 'http://x', modules: ['tariffs'] }),
        push,
      ),
    ).toBe(false)
    for (const status of ['SUSPENDED', 'PLANNED'] as const) {
      expect(
        couldReceive(platformOf({ id: 'x', party: 'NL*X', roles: ['EMSP'], origin: 'http://x', status }), push),
      ).toBe(false)
    }
  })

  test('is asked of the agreements, between the owner and the party addressed', () => {
    const rule = (module: string): Agreement => ({
      ...{ id: 'r', number: 1, a: push.owner, b: { countryCode: 'NL', partyId: 'MSP' }, effect: 'deny' },
      ...{ modules: [module], validFrom: null, validUntil: null },
      ...{ createdAt: 0, createdRevision: 0, endedAt: null, revision: 0 },
    })
    const under = (...rules: Agreement[]): RoutingTable => ({
      ...table,
      agreements: new Map([[pairKey(keyOf(push.owner), 'NL*MSP' as PartyKey), rules]]),
    })
    expect(receiver(under(rule('locations')), emsp, push, 0)).toBe(null)
    expect(receiver(under(rule('tariffs')), emsp, push, 0)?.key).toBe('NL*MSP')
    expect(receiver(under(), emsp, push, 0)?.key).toBe('NL*MSP')
  })
})
