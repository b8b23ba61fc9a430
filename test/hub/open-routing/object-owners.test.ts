import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createObjectOwners, type OwnerStore } from '../../../src/hub/open-routing/object-owners.ts'
import type { NoteBound } from '../../../src/hub/ports.ts'
import { partyKey } from '../../../src/ocpi/party.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createOwnerStore } from '../../../src/storage/object-owners.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const A = partyKey('NL', 'AAA')
const B = partyKey('NL', 'BBB')
let test: TestDatabase
let database: Database

beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase({ url: test.url, maxConnections: 4 })
})
afterAll(async () => {
  await database.close()
  await test.drop()
})

/** A process of its own, whose clock and timers the test moves. */
function ownersAt(
  clock: { at: number },
  options: { mostRecent?: number; mostStored?: number; store?: OwnerStore; noteBound?: NoteBound } = {},
) {
  const store = createOwnerStore(database.orm)
  return createObjectOwners({ store, now: () => clock.at, after: () => () => {}, noteBound: () => {}, ...options })
}

describe('Transport and format: Open Routing Request, what the hub remembers', () => {
  it('knows at once what it learnt, and all it was told of an object', async () => {
    const owners = ownersAt({ at: 1 })
    owners.learn({ kind: 'location', key: 'one', party: A })
    owners.learn({ kind: 'location', key: 'one', party: B })
    expect([...(await owners.find('location', 'one'))].sort()).toEqual([A, B])
    expect(await owners.find('session', 'one')).toEqual([])
  })

  it('names the party first that an object was seen with first, in every process, whoever renews it', async () => {
    const clock = { at: 10 }
    const [one, two] = [ownersAt(clock), ownersAt(clock)]
    one.learn({ kind: 'token', key: 'whose', party: B })
    await one.flush()
    clock.at += 24 * 3_600_000
    two.learn({ kind: 'token', key: 'whose', party: A })
    expect(await two.find('token', 'whose')).toEqual([B, A])
    await two.flush()
    clock.at += 24 * 3_600_000
    for (const party of [A, B]) one.learn({ kind: 'token', key: 'whose', party })
    await one.flush()
    for (const owners of [one, two, ownersAt(clock)]) expect(await owners.find('token', 'whose')).toEqual([B, A])
  })

  it("knows of a session's driver only the eMSP that it was sent to last, in every process", async () => {
    const clock = { at: 1 }
    const [one, two] = [ownersAt(clock), ownersAt(clock)]
    const driver = { kind: 'driver', key: 'nl*cpo/moved' } as const
    const findIn = (owners: typeof one) => owners.find(driver.kind, driver.key)
    one.learn({ ...driver, party: A })
    one.learn({ ...driver, party: B })
    expect(await findIn(one)).toEqual([B])
    await one.flush()
    expect(await findIn(two)).toEqual([B])
    clock.at++
    two.learn({ ...driver, party: A })
    expect(await findIn(two)).toEqual([A])
    await two.flush()
    expect(await findIn(one)).toEqual([A])
    clock.at++
    two.learn({ ...driver, party: B })
    await two.flush()
    expect(await findIn(ownersAt(clock))).toEqual([B])
  })

  it('takes the eMSP that a session was sent to last for the latest, though the clock was put back in between', async () => {
    const clock = { at: 90_000_000 }
    const driver = { kind: 'driver', key: 'nl*cpo/put-back' } as const
    const before = ownersAt(clock)
    before.learn({ ...driver, party: A })
    await before.flush()
    clock.at -= 3_600_000
    const after = ownersAt(clock)
    after.learn({ ...driver, party: B })
    await after.flush()
    expect(await ownersAt(clock).find(driver.kind, driver.key)).toEqual([B])
  })

  it('shares what it stored with other processes', async () => {
    const owners = ownersAt({ at: 1 })
    owners.learn({ kind: 'token', key: 'two', party: A })
    expect(await ownersAt({ at: 1 }).find('token', 'two')).toEqual([])
    await owners.flush()
    expect(await ownersAt({ at: 1 }).find('token', 'two')).toEqual([A])
  })

  it('takes processes that store the same facts at the same time', async () => {
    const processes = Array.from({ length: 4 }, () => ownersAt({ at: 2 }))
    for (const [p, owners] of processes.entries()) {
      for (let i = 0; i < 400; i++) owners.learn({ kind: 'location', key: `same ${(i * (p + 1)) % 400}`, party: A })
    }
    await Promise.all(processes.map((owners) => owners.flush()))
    expect(await ownersAt({ at: 2 }).find('location', 'same 7')).toEqual([A])
  })

  it('keeps a bounded number, the latest', async () => {
    const clock = { at: 1_000 }
    const met: string[] = []
    const owners = ownersAt(clock, { mostStored: 10, mostRecent: 5, noteBound: (bound) => met.push(bound) })
    for (let i = 0; i < 130; i++) {
      clock.at++
      owners.learn({ kind: 'session', key: `s${i}`, party: A })
      await owners.flush()
    }
    expect(met).toContain('owner-facts')
    await createOwnerStore(database.orm).trim(10)
    const { length } = await database.sql`select 1 from object_owners`
    expect(length).toBeLessThanOrEqual(10)
    expect(await ownersAt(clock).find('session', 's129')).toEqual([A])
    expect(await ownersAt(clock).find('session', 's1')).toEqual([])
  })

  it('stores at the next occasion what it learnt while the database was away', async () => {
    const store = createOwnerStore(database.orm)
    let isAway = true
    const save: OwnerStore['save'] = (facts, at) => (isAway ? Promise.reject(new Error('away')) : store.save(facts, at))
    const owners = ownersAt({ at: 1 }, { store: { ...store, save } })
    const fact = { kind: 'location', key: 'learnt while away', party: A } as const
    owners.learn(fact)
    await expect(owners.flush()).rejects.toThrow('away')
    isAway = false
    owners.learn(fact)
    await owners.flush()
    expect(await ownersAt({ at: 1 }).find(fact.kind, fact.key)).toEqual([A])
  })

  it("stores what others say, whatever one partner's ids and tokens are made of", async () => {
    const owners = ownersAt({ at: 1 })
    const detail = (uid: string) => ({ uid, type: 'RFID' })
    owners.learn({ kind: 'contract', key: 'odd', party: A, detail: detail('a\0b') })
    owners.learn({ kind: 'contract', key: 'endless', party: A, detail: detail('x'.repeat(900_000)) })
    owners.learn({ kind: 'contract', key: 'plain', party: B, detail: detail('1') })
    await owners.flush()
    const known = await ownersAt({ at: 1 }).findMany('contract', ['odd', 'endless', 'plain'])
    expect(known.get('odd')).toMatchObject([{ party: A, detail: null }])
    expect(known.get('endless')).toMatchObject([{ party: A, detail: null }])
    expect(known.get('plain')).toMatchObject([{ party: B, detail: detail('1') }])
  })

  it('stores a fact once that it forgot and learnt again before it was stored', async () => {
    const owners = ownersAt({ at: 1 }, { mostRecent: 3 })
    const facts = ['again', 'b', 'c', 'd', 'again'].map((key) => ({ kind: 'session', key, party: A }) as const)
    for (const fact of facts) owners.learn(fact)
    await owners.flush()
    expect(await ownersAt({ at: 1 }).find('session', 'again')).toEqual([A])
  })

  it('looks up as many as a list may name', async () => {
    const owners = ownersAt({ at: 1 })
    owners.learn({ kind: 'contract', key: 'c69999', party: A })
    await owners.flush()
    const keys = Array.from({ length: 70_000 }, (_, i) => `c${i}`)
    expect([...(await ownersAt({ at: 1 }).findMany('contract', keys)).keys()]).toEqual(['c69999'])
  })

  it('leaves out keys that no database keeps', async () => {
    const owners = ownersAt({ at: 1 })
    owners.learn({ kind: 'location', key: 'a\0b', party: A })
    owners.learn({ kind: 'location', key: 'x'.repeat(1000), party: A })
    await owners.flush()
    expect(await owners.find('location', 'x'.repeat(1000))).toEqual([])
    expect(await owners.find('location', 'a\0b')).toEqual([])
  })
})
