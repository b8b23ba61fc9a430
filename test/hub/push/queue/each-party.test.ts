import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogTrim, type TrimStore } from '../../../../src/hub/push/drain/trim.ts'
import type { Push } from '../../../../src/hub/push/push.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver, until } from '../receiver.ts'
import { newPush, openRig, platformOf, type Rig, type RigPlatform } from '../rig.ts'

let database: TestDatabase
let rig: Rig
let group: Receiver

const CPO: RigPlatform = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] }

/** A platform of three eMSPs that gets a broadcast once for each of them. */
function groupWith(delivery: RigPlatform['delivery'] = {}): RigPlatform {
  const parties = { id: 'group', party: 'BE*ONE DE*TWO FR*TRE', roles: ['EMSP'] } as const
  return { ...parties, origin: group.origin, delivery: { broadcastTo: 'party', ...delivery } }
}

beforeEach(async () => {
  database = await createTestDatabase()
  group = await startReceiver()
  rig = openRig(database.url, { timeoutMs: 500 })
  await rig.put(CPO, groupWith())
  await rig.start()
})
afterEach(async () => {
  await rig.close()
  await group.close()
  await database.drop()
})

const partyOf = ({ headers }: Receiver['received'][number]) => headers['ocpi-to-party-id'] as string
/** What came for a party, in order: `[1, 2]`. */
const versions = (party: string) =>
  group.received.filter((each) => partyOf(each) === party).map(({ body }) => (JSON.parse(body) as { v: number }).v)

function state() {
  const found = rig.engine.states().find((each) => each.platformId === 'group')
  if (!found) throw new Error('Expected a queue of the group')
  return found
}

const push = (v: number, method = 'PUT') => rig.push('cpo', { method, path: '/NL/CPO/L1', body: { v } })

describe('A platform that gets a broadcast once for each of its parties', () => {
  test('gets it addressed to each, while others get it once', async () => {
    const single = await startReceiver()
    await rig.put({ id: 'single', party: 'BE*SIN BE*SI2', roles: ['EMSP'], origin: single.origin })
    await push(1)
    await until(() => state().delivered === 3, 'delivered to all three')
    expect(group.received.map(partyOf).sort()).toEqual(['ONE', 'TRE', 'TWO'])
    expect(new Set(group.received.map(({ headers }) => headers['x-request-id'])).size).toBe(3)
    await until(() => single.received.length === 1, 'delivered to the other platform')
    await single.close()
  })

  test('gets the pushes for each party in order, one at a time, and one party that fails holds up no other', async () => {
    group.answer = (request) => (partyOf(request) === 'TWO' ? { status: 503 } : {})
    for (const v of [1, 2, 3]) await push(v, 'PATCH')
    await until(() => state().delivered === 6, 'delivered to the two that answer')
    expect([versions('ONE'), versions('TRE')]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(new Set(versions('TWO'))).toEqual(new Set([1]))
    group.answer = () => ({})
    await until(() => state().delivered === 9, 'delivered to the third')
    expect([...new Set(versions('TWO'))]).toEqual([1, 2, 3])
  })

  test('gets only the newest state for a party that was behind, counted for that party', async () => {
    group.answer = (request) => (partyOf(request) === 'TWO' ? { status: 503 } : {})
    await push(1)
    await until(() => versions('TWO').length > 0, 'refused once')
    await push(2)
    group.answer = () => ({})
    await until(() => state().delivered === 5, 'delivered')
    expect(versions('TWO').at(-1)).toBe(2)
    expect([versions('ONE'), versions('TRE')]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(state()).toMatchObject({ collapsed: 1, waiting: 0 })
  })

  test('misses for one party what that party could not be given, in a line of its own', async () => {
    await rig.put(groupWith({ maxAgeSeconds: 1 }))
    group.answer = (request) => (partyOf(request) === 'ONE' ? {} : { status: 503 })
    await push(1)
    await until(() => state().missed === 2, 'given up for two')
    await until(async () => (await rig.engine.admin.missed('group', 10, null))?.length === 2, 'listed')
    const missed = await rig.engine.admin.missed('group', 10, null)
    expect(missed?.map(({ to, path, times }) => `${to} ${path} ${times}`).sort()).toEqual([
      'DE*TWO /NL/CPO/L1 1',
      'FR*TRE /NL/CPO/L1 1',
    ])
  })

  test('gets after a restart what a party still waits for, and nothing twice', async () => {
    group.answer = (request) => (partyOf(request) === 'TWO' ? { status: 503 } : {})
    await push(1)
    await until(() => state().delivered === 2 && versions('TWO').length > 0, 'delivered to two')
    await rig.close()
    group.received.length = 0
    group.answer = () => ({})
    rig = openRig(database.url)
    await rig.put(CPO, groupWith())
    await rig.start()
    await until(() => group.received.length > 0, 'tried again')
    await until(() => state().waiting + state().inFlight === 0, 'nothing waits')
    expect(group.received.map(partyOf)).toEqual(['TWO'])
  })

  test('loses nothing when it is set to get broadcasts once', async () => {
    group.answer = (request) => (partyOf(request) === 'TWO' ? { status: 503 } : {})
    await push(1)
    await until(() => state().delivered === 2 && versions('TWO').length > 0, 'delivered to two')
    await rig.close()
    group.answer = () => ({})
    rig = openRig(database.url)
    await rig.put(CPO, groupWith({ broadcastTo: 'platform' }))
    await rig.start()
    await until(() => state().delivered === 3, 'delivered')
    await push(2)
    await until(() => state().delivered === 4, 'delivered once')
    expect(group.received.at(-1)?.headers['ocpi-to-party-id']).toBe('ONE')
  })
})

test('what is cut from the log is missed by the parties that it was still for', async () => {
  const platforms = [platformOf(CPO), platformOf(groupWith())]
  const pushes: Push[] = [1, 2, 3].map((number) => ({
    ...newPush(platforms[0] as never, { path: `/NL/CPO/L${number}` }),
    number,
  }))
  const lanes = [
    { module: 'locations', watermark: 2, unfinished: [1, 2], owed: { 1: ['DE*TWO' as never] }, readTo: null },
  ]
  const listed: string[] = []
  let hasRead = false
  const store: TrimStore = {
    deletePassed: async () => 0,
    readTooOld: async () => (hasRead ? [] : ((hasRead = true), pushes)),
    extent: async () => ({ storedBytes: 0, mostBytes: 0 }),
    deleteSuperseded: async () => ({ bytesOf: new Map(), upTo: null }),
    readOldestOf: async () => ({ rows: [], upTo: null }),
    cursorsBehind: async () => [{ platformId: 'group', cursor: { position: 3, lanes } }],
    cut: async (_numbers, missed) => void listed.push(...missed.map(({ to, path }) => `${path.slice(-2)} ${to}`)),
    boundMissed: async () => 0,
  }
  const table = {
    ...{ revision: 1, hub: { countryCode: 'NL', partyId: 'HUB' }, credentials: new Map(), departed: new Map() },
    ...{ platforms: new Map(platforms.map((each) => [each.id, each])), parties: new Map(), agreements: new Map() },
    policy: { kind: 'open', turns: [] },
  } as const
  const bounds = { oldestAt: Date.now, maxBytes: 1 }
  await createLogTrim({ store, table: () => table, now: Date.now, bounds, onCut: () => {}, noteBound: () => {} })()
  const all = ['BE*ONE', 'DE*TWO', 'FR*TRE']
  expect(listed.sort()).toEqual(['L1 DE*TWO', ...['L2', 'L3'].flatMap((id) => all.map((to) => `${id} ${to}`))])
})
