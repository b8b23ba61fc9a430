import { expect, test } from 'vitest'
import type { HostedParty, Platform, RoutingTable } from '../../../src/hub/network/routing-table.ts'
import type { Mark } from '../../../src/hub/presence/client-info.ts'
import { createClientInfoLanes } from '../../../src/hub/presence/client-info-lane.ts'
import type { Lane } from '../../../src/hub/push/queue/lane.ts'
import { keyOf } from '../../../src/ocpi/party.ts'
import { HUB, platformOf } from '../push/rig.ts'

const viewer = platformOf({
  ...{ id: 'emsp', party: 'DE*EMS', roles: ['EMSP'], origin: 'http://emsp' },
  modules: ['hubclientinfo'],
})

/** A platform whose parties all changed at this revision. */
function changed(id: string, names: readonly string[], revision: number): Platform {
  const told = { status: 'CONNECTED', since: revision, revision, announcedAt: 0, announcedRevision: 1 } as const
  const parties = names.map((partyId): HostedParty => {
    const party = { countryCode: 'NL', partyId }
    return { ...party, key: keyOf(party), platformId: id, roles: [{ role: 'CPO', status: 'ACTIVE', told }] }
  })
  return { ...platformOf({ id, party: 'NL*XXX', roles: ['CPO'] }), parties }
}

const manyNames = (count: number) =>
  Array.from({ length: count }, (_, i) => i.toString(36).toUpperCase().padStart(3, '0'))

async function laneOn(first: RoutingTable): Promise<{ lane: Lane; change: (next: RoutingTable) => void }> {
  let table = first
  const lanes = createClientInfoLanes({
    cursors: {
      load: async (): Promise<Map<string, Mark>> => new Map([['emsp', { revision: 1, at: 0 }]]),
      save: async () => {},
    },
    ...{ table: () => table, now: () => 10_000, clock: () => 0, chance: () => 0, id: () => 'id' },
  })
  await lanes.expect(['emsp'])
  const lane = lanes.laneOf('emsp', { toSend() {}, toSave() {}, onAway() {} })
  if (!lane) throw new Error('Expected the platform to be told')
  lane.advance(0, false)
  return {
    lane,
    change(next) {
      table = next
      lane.advance(0, false)
    },
  }
}

function tableOf(revision: number, ...platforms: readonly Platform[]): RoutingTable {
  return {
    ...{ revision, hub: HUB, credentials: new Map(), agreements: new Map(), departed: new Map() },
    policy: { kind: 'open', turns: [] },
    platforms: new Map([viewer, ...platforms].map((platform) => [platform.id, platform])),
    parties: Map.groupBy(
      [viewer, ...platforms].flatMap(({ parties }) => parties),
      ({ key }) => key,
    ),
  }
}

/** How many changes are told until one of this party is. */
function turnsUntil(lane: Lane, party: string): number {
  for (let turns = 1; turns <= 2_000; turns++) {
    const entry = lane.take()
    if (!entry) break
    if (entry.push.chainKey === party) return turns
    lane.settle(entry)
    lane.advance(0, false)
  }
  return Number.POSITIVE_INFINITY
}

test('A change of a client is told within a few others, though a thousand of another platform changed before it', async () => {
  const many = changed('many', manyNames(1_000), 2)
  const { lane } = await laneOn(tableOf(3, many, changed('one', ['ONE'], 3)))
  expect(turnsUntil(lane, 'NL*ONE')).toBeLessThan(4)
})

test('and though these wait already', async () => {
  const many = changed('many', manyNames(1_000), 2)
  const { lane, change } = await laneOn(tableOf(2, many))
  change(tableOf(3, many, changed('one', ['ONE'], 3)))
  expect(turnsUntil(lane, 'NL*ONE')).toBeLessThan(4)
})

test('and all are told in the end, each once', async () => {
  const many = changed('many', manyNames(1_000), 2)
  const { lane } = await laneOn(tableOf(3, many, changed('one', ['ONE'], 3)))
  const told: string[] = []
  for (let entry = lane.take(); entry; entry = lane.take()) {
    told.push(entry.push.chainKey)
    lane.settle(entry)
    lane.advance(0, false)
  }
  expect(told).toHaveLength(1_001)
  expect(new Set(told).size).toBe(1_001)
})
