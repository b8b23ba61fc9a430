import { describe, expect, test } from 'vitest'
import { mayTalk, type PolicyKind } from '../../../src/hub/network/policy.ts'
import type { ConnectionStatus, Platform, RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { isSandboxHost, type Misbehaviour } from '../../../src/hub/network/sandbox.ts'
import { asSeenBy, platformIn } from '../../../src/hub/network/seen-by.ts'
import { keyOf, type Role } from '../../../src/ocpi/party.ts'

type Traits = {
  readonly status?: ConnectionStatus
  readonly sandbox?: Misbehaviour
  readonly tries?: readonly string[]
}

function platform(name: string, role: Role, { status = 'CONNECTED', ...traits }: Traits = {}): Platform {
  const [countryCode = '', partyId = ''] = name.split('-')
  const party = { countryCode, partyId }
  const told = { status, since: 0, revision: 1, announcedAt: 0, announcedRevision: 1 }
  return {
    id: name,
    name,
    status,
    statusCause: '',
    version: '2.2.1',
    parties: [{ ...party, key: keyOf(party), platformId: name, roles: [{ role, status: 'ACTIVE', told }] }],
    endpoints: new Map(),
    authorization: () => 'Token x',
    tokenEncoding: 'base64',
    isStrictAboutTokens: false,
    isStrict: false,
    isLeftOutOfGetAll: false,
    delivery: { requestsPerSecond: 1, concurrency: 1, maxAgeSeconds: 1, afterOffline: 'none', broadcastTo: 'platform' },
    revision: 1,
    ...traits,
  }
}

const partner = platform('XS-SC1', 'CPO', { sandbox: 'none' })
const other = platform('XS-SC2', 'CPO', { sandbox: 'none' })
const cpo = platform('NL-CPO', 'CPO')
const emsp = platform('DE-EMS', 'EMSP')
const trier = platform('DE-NEW', 'EMSP', { tries: ['XS-SC1', 'gone'] })
const held = platform('DE-HLD', 'EMSP', { tries: ['XS-SC1'], status: 'PLANNED' })

function tableOf(kind: PolicyKind): RoutingTable {
  const real = [cpo, emsp, trier, held]
  return {
    revision: 1,
    hub: { countryCode: 'NL', partyId: 'HUB' },
    credentials: new Map(),
    platforms: new Map(real.map((each) => [each.id, each])),
    parties: new Map(real.flatMap(({ parties }) => parties.map((party) => [party.key, [party]]))),
    policy: { kind, turns: [] },
    agreements: new Map(),
    departed: new Map(),
    sandbox: new Map([partner, other].map((each) => [each.id, each])),
  }
}

const idsIn = ({ platforms }: RoutingTable) => [...platforms.keys()].sort()
const keyIn = (each: Platform) => (each.parties[0] as Platform['parties'][number]).key

describe.each(['open', 'agreements'] as const)('Under the policy %s', (kind) => {
  const table = tableOf(kind)

  test('whoever tries the hub with no sandbox partner sees the table itself', () => {
    for (const viewer of [cpo, emsp]) expect(asSeenBy(table, viewer)).toBe(table)
    expect(table.parties.has(keyIn(partner))).toBe(false)
  })

  test('whoever does sees everybody and these, and may talk with these of everything', () => {
    const view = asSeenBy(table, trier)
    expect(idsIn(view)).toEqual(['DE-EMS', 'DE-HLD', 'DE-NEW', 'NL-CPO', 'XS-SC1'])
    expect(mayTalk(view, keyIn(trier), keyIn(partner), 'locations', 0)).toBe(true)
    expect(mayTalk(view, keyIn(trier), keyIn(cpo), 'locations', 0)).toBe(kind === 'open')
    expect(asSeenBy(table, trier)).toBe(view)
  })

  test('a sandbox partner sees those who try the hub with it alone, as connected before they are released', () => {
    const view = asSeenBy(table, partner)
    expect(idsIn(view)).toEqual(['DE-HLD', 'DE-NEW', 'XS-SC1'])
    expect(view.platforms.get('DE-HLD')?.status).toBe('CONNECTED')
    expect([...view.parties.keys()].sort()).toEqual([keyIn(held), keyIn(trier), keyIn(partner)].sort())
    expect(mayTalk(view, keyIn(partner), keyIn(trier), 'locations', 0)).toBe(true)
    expect(idsIn(asSeenBy(table, other))).toEqual(['XS-SC2'])
  })

  test('it is found by whoever has its id', () => {
    expect(platformIn(table, 'XS-SC1')).toBe(partner)
    expect(platformIn(table, 'NL-CPO')).toBe(cpo)
    expect(platformIn(table, 'gone')).toBeUndefined()
  })
})

test.each([
  ['sandbox.invalid', true],
  ['SANDBOX.invalid.', true],
  ['x.sandbox.invalid', true],
  ['sandbox.invalid.example', false],
  ['mysandbox.invalid', false],
])('the host of sandbox partners is told however it is spelled: %s', (host, is) => {
  expect(isSandboxHost(host)).toBe(is)
})
