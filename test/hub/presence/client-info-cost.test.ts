import { describe, expect, test } from 'vitest'
import { type Agreement, pairKey } from '../../../src/hub/network/policy.ts'
import type { HostedParty, Platform, RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { clientInfoPage, clientInfoSince } from '../../../src/hub/presence/client-info.ts'
import { keyOf, type Party } from '../../../src/ocpi/party.ts'

const NOW = 1_000_000
const PAGE = { kind: 'page', offset: 0, limit: 100, dateFrom: null, dateTo: null } as const
const nobody = { revision: 0, at: 0 }

function partyOf(side: string, i: number): Party {
  return { countryCode: 'NL', partyId: `${side}${i.toString(36).toUpperCase().padStart(2, '0')}` }
}

/** Two platforms of `size` parties each, where each party has a rule with one of the other's; counts what is read of names and rules. */
function createNetwork(size: number) {
  let reads = 0
  const told = { status: 'CONNECTED', since: 1, revision: 1, announcedAt: 1, announcedRevision: 1 } as const
  const partiesOf = (side: string): HostedParty[] =>
    Array.from({ length: size }, (_, i) => {
      const party = partyOf(side, i)
      const key = keyOf(party)
      return {
        ...party,
        platformId: side,
        roles: [{ role: 'CPO', status: 'ACTIVE', told }],
        get key() {
          reads++
          return key
        },
      }
    })
  const platforms = new Map(['A', 'B'].map((id) => [id, { id, parties: partiesOf(id) } as unknown as Platform]))
  const rules = Array.from(
    { length: size },
    (_, i): Agreement => ({
      ...{ id: `${i}`, number: i, a: partyOf('A', i), b: partyOf('B', i), effect: 'deny', modules: null },
      ...{ validFrom: null, validUntil: null, createdAt: 1, createdRevision: 1, endedAt: null, revision: 1 },
    }),
  )
  class CountedRules extends Map<ReturnType<typeof pairKey>, readonly Agreement[]> {
    override get(key: ReturnType<typeof pairKey>) {
      reads++
      return super.get(key)
    }
  }
  const hosted = [...platforms.values()].flatMap(({ parties }) => parties)
  const table: RoutingTable = {
    ...{ revision: 1, hub: partyOf('H', 0), credentials: new Map(), departed: new Map(), platforms },
    parties: new Map(hosted.map((party) => [party.key, [party]])),
    policy: { kind: 'open', turns: [] },
    agreements: new CountedRules(rules.map((rule) => [pairKey(keyOf(rule.a), keyOf(rule.b)), [rule]])),
  }
  const viewer = platforms.get('A') as Platform
  return {
    table,
    viewer,
    readsOf: (look: () => unknown): number => {
      reads = 0
      look()
      return reads
    },
  }
}

describe('With twice as many parties on either side', () => {
  test.each([
    ['a page of HubClientInfo', PAGE],
    ['a page of what changed since a date', { ...PAGE, dateFrom: 1 }],
  ])('%s costs twice as much, not four times', (_, page) => {
    const costs = [300, 600].map((size) => {
      const { table, viewer, readsOf } = createNetwork(size)
      return readsOf(() => expect(clientInfoPage(table, viewer, page, NOW)).toMatchObject({ total: size }))
    }) as [number, number]
    expect(costs[1]).toBeLessThan(2.5 * costs[0])
  })

  test('so does what is pushed to a platform that has to be told of all', () => {
    const costs = [300, 600].map((size) => {
      const { table, viewer, readsOf } = createNetwork(size)
      return readsOf(() => expect(clientInfoSince(table, viewer, nobody, () => nobody, NOW)).toHaveLength(size))
    }) as [number, number]
    expect(costs[1]).toBeLessThan(2.5 * costs[0])
  })
})

test('a platform of many parties sees another as it is where one of its parties may talk with it', () => {
  const { table, viewer } = createNetwork(2)
  const { items } = clientInfoPage(table, viewer, PAGE, NOW)
  expect(items.map(({ status }) => status)).toEqual(['CONNECTED', 'CONNECTED'])
  const alone = { ...viewer, parties: viewer.parties.slice(0, 1) } as Platform
  const seen = clientInfoPage(table, alone, PAGE, NOW).items
  expect(seen.map(({ party, status }) => `${party.partyId} ${status}`)).toEqual(['B00 PLANNED', 'B01 CONNECTED'])
})
