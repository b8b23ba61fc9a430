import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createShadowStore } from '../../../src/hub/shadow/shadow.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createPushLog } from '../../../src/storage/push/log.ts'
import { createShadowRows, maintainShadow } from '../../../src/storage/shadow/store.ts'
import { newPush, platformOf, register } from '../../hub/push/rig.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const CPO = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] } as const
const OWNER = { countryCode: 'NL', partyId: 'CPO' }
const BOUNDS = { objects: 100, bytes: 1_000_000 }

let server: TestDatabase
let database: Database
let isKept = true
let before = 0

type Said = [method: string, path: string, body: object | null, module?: string]

const append = (...pushes: Said[]) =>
  createPushLog(database.sql, () => isKept).append(
    pushes.map(([method, path, body, module = 'locations']) =>
      newPush(platformOf(CPO), { method, module, path: `/NL/CPO/${path}`, ...(body && { body }) }),
    ),
  )
const seen = async (id: string, kind: 'location' | 'tariff' | 'session' = 'location') => {
  const object = await createShadowStore(createShadowRows(database.sql)).find(OWNER, kind, id)
  return object && { ...(JSON.parse(new TextDecoder().decode(object.bytes)) as object), wasShown: object.wasShown }
}
const rows = async () => Number((await database.sql`select count(*) from shadow`)[0]?.['count'])
/** The version of one platform; another speaks 2.2.1. */
const speak = (version: string) => database.sql`update platforms set version = ${version} where id = 'other'`
const AT = { last_updated: '2026-01-01T00:00:00Z' }
const location = (id: string, more: object = {}) => ({
  id,
  publish: true,
  evses: [{ uid: 'E1', status: 'A' }],
  ...AT,
  ...more,
})

beforeAll(async () => {
  server = await createTestDatabase()
  database = openDatabase({ url: server.url, maxConnections: 4 })
  await register(database, [CPO, { id: 'other', party: 'NL*OTH', roles: ['EMSP'] }])
  await database.sql`update platforms set version = '2.2.1'`
  await database.sql`insert into parties (key, country_code, party_id) values ('NL*CPO', 'NL', 'CPO')`
  await database.sql`
    insert into party_roles (party_key, role, platform_id, state, status, last_updated)
    values ('NL*CPO', 'CPO', 'cpo', 'ACTIVE', 'CONNECTED', 0)`
})
beforeEach(async () => {
  isKept = true
  await speak('2.1.1')
  await database.sql`update push_counter set shadow_since = null`
  await database.sql`delete from shadow`
  before = await createPushLog(database.sql).lastNumber()
})
afterAll(async () => {
  await database.close()
  await server.drop()
})

describe('What owners say of their objects', () => {
  test('is known once their pushes are stored, part by part, whatever order one insert or several bring', async () => {
    await append(['PUT', 'L1', location('L1')], ['PATCH', 'L1/E1', { status: 'B', ...AT }])
    expect(await seen('l1')).toEqual({
      ...location('L1', { evses: [{ uid: 'E1', status: 'B', ...AT }] }),
      wasShown: true,
    })
    await append(['PATCH', 'L1/E1', { status: 'C', ...AT }], ['PUT', 'L1/E1', { uid: 'E1', status: 'D' }])
    await append(['PATCH', 'L1', { name: 'x', publish: false, ...AT }])
    const evses = [{ uid: 'E1', status: 'D' }]
    expect(await seen('L1')).toEqual({ ...location('L1', { publish: false, name: 'x', evses }), wasShown: true })
  })

  test('is forgotten where a newer PUT or a DELETE says more', async () => {
    await append(['PUT', 'L1', location('L1')], ['PATCH', 'L1', { name: 'x' }], ['PUT', 'T1', { id: 'T1' }, 'tariffs'])
    await append(['PUT', 'L1', location('L1')], ['DELETE', 'T1', null, 'tariffs'])
    expect([await seen('L1'), await seen('T1', 'tariff')]).toEqual([{ ...location('L1'), wasShown: true }, null])
    expect(await rows()).toBe(1)
  })

  test('is not kept without platforms of 2.1.1, and what was kept before is of no use then', async () => {
    await append(['PUT', 'L1', location('L1')])
    await speak('2.2.1')
    await maintainShadow(database.sql, BOUNDS)
    isKept = false
    await append(['PUT', 'L2', location('L2')])
    expect(await rows()).toBe(0)
    isKept = true
    await append(['PUT', 'L3', location('L3')])
    expect([await seen('L1'), await seen('L2'), await seen('L3')]).toEqual([null, null, expect.anything()])
  })

  test('is kept by a process as well that does not know yet of the platform of 2.1.1 that joined at another', async () => {
    await append(['PUT', 'L1', location('L1')])
    isKept = false
    await append(['PUT', 'L1', location('L1', { name: 'new' })])
    expect(await seen('L1')).toMatchObject({ name: 'new' })
    isKept = true
    await append(patch('L1', { floor: 1, ...AT }))
    expect(await seen('L1')).toMatchObject({ name: 'new', floor: 1 })
    expect(await createPushLog(database.sql).lastNumber()).toBe(before + 3)
  })

  test('is still known behind an upgrade from a hub that did not note since when it is', async () => {
    await append(['PUT', 'L1', location('L1', { publish: false })])
    await database.sql`alter table push_counter drop column shadow_since`
    const upgrade = readFileSync(new URL('../../../migrations/0036_shadow_since.sql', import.meta.url), 'utf8')
    await database.sql.unsafe(upgrade)
    expect(await seen('L1')).toMatchObject({ publish: false })
  })

  test('of a Location tells whether it was ever shown', async () => {
    await append(['PUT', 'L1', location('L1', { publish: false })])
    expect(await seen('L1')).toMatchObject({ wasShown: false })
    await append(['PUT', 'L1', location('L1')], ['PUT', 'L1', location('L1', { publish: false })])
    expect(await seen('L1')).toMatchObject({ publish: false, wasShown: true })
    await append(['PUT', 'L1', location('L1', { publish: false })])
    expect(await seen('L1')).toMatchObject({ publish: false, wasShown: true })
  })

  test('tells since which push it cannot be told platforms of 2.1.1 any more, whatever order one insert or several bring', async () => {
    const hiddenBy = async () => {
      const object = await createShadowStore(createShadowRows(database.sql)).find(OWNER, 'location', 'L1')
      const last = Number((await database.sql`select last from push_counter`)[0]?.['last'])
      return object?.hidden && last - object.hidden.number
    }
    const put = (publish: boolean): Said => ['PUT', 'L1', location('L1', { publish })]
    const [shown, hidden] = [put(true), put(false)]
    const steps: readonly (readonly [said: Said[], ago: number | null])[] = [
      [[shown], null],
      [[hidden, hidden], 1],
      [[patch('L1/E1', { status: 'B', ...AT }), hidden], 3],
      [[patch('L1', { publish: true, ...AT })], null],
      [[hidden, patch('L1', { name: 'x', ...AT })], 1],
      [[hidden, shown, hidden, patch('L1', { publish: false, ...AT })], 1],
      [[shown, patch('L1', { name: 'x', ...AT })], null],
    ]
    for (const [said, ago] of steps) {
      await append(...said)
      expect(await hiddenBy()).toBe(ago)
    }
    await append(...range(30).map((n) => patch('L1', { name: `n${n}`, publish: false, ...AT })))
    await maintainShadow(database.sql, BOUNDS)
    expect([await rows(), await hiddenBy()]).toEqual([1, 29])
  })

  test('of a tariff tells whether platforms of 2.1.1 may have it', async () => {
    const tariff = (more: object): Said => ['PUT', 'T1', { id: 'T1', ...more }, 'tariffs']
    const find = () => createShadowStore(createShadowRows(database.sql)).find(OWNER, 'tariff', 'T1')
    await append(tariff({ type: 'AD_HOC_PAYMENT' }))
    expect(await find()).toMatchObject({ wasShown: false, hidden: {} })
    await append(tariff({}))
    expect(await find()).toMatchObject({ wasShown: true, hidden: null })
    await append(tariff({ end_date_time: '2020-01-01T00:00:00Z' }))
    expect(await find()).toMatchObject({ wasShown: true, hidden: {} })
  })

  test('becomes one row in time, the same object', async () => {
    await append(['PUT', 'L1', location('L1')], ...range(30).map((n) => patch('L1', { name: `n${n}`, ...AT })))
    // Not read before: reading it makes one row of it, too, and whatever that holds housekeeping leaves alone.
    await maintainShadow(database.sql, BOUNDS)
    expect([await rows(), await seen('L1')]).toEqual([1, { ...location('L1', { name: 'n29' }), wasShown: true }])
    await append(patch('L1', { name: 'last', ...AT }))
    expect(await seen('L1')).toMatchObject({ name: 'last' })
  })

  test('becomes one row once it is read, where much changed', async () => {
    await append(['PUT', 'L1', location('L1')], ...range(30).map((n) => patch('L1/E1', { status: `${n}`, ...AT })))
    const before = await seen('L1')
    await expect.poll(rows).toBe(1)
    expect(await seen('L1')).toEqual(before)
  })

  test('does not pile up where its owner went on in another version', async () => {
    await append(['PUT', 'L1', location('L1')], patch('L1', { name: 'x', ...AT }))
    await database.sql`update shadow set version = '2.1.1' where method = 'PUT'`
    expect(await seen('L1')).toBe(null)
    await append(...range(30).map((n) => patch('L1/E1', { status: `${n}`, ...AT })))
    await maintainShadow(database.sql, BOUNDS)
    expect(await rows()).toBe(0)
  })

  test('is kept longest of what was heard of last, though it changed often', async () => {
    await append(['PUT', 'L0', location('L0')], ['PUT', 'L1', location('L1')], ['PUT', 'L2', location('L2')])
    await append(...range(30).map((n) => patch('L0/E1', { status: `${n}`, ...AT })))
    await maintainShadow(database.sql, BOUNDS)
    await maintainShadow(database.sql, { ...BOUNDS, objects: 2 })
    expect([await seen('L0'), await seen('L1')]).toEqual([expect.anything(), null])
  })

  test('is bounded for each owner: what was not heard of for longest goes, and all of an owner who left', async () => {
    await append(...range(5).map((n): Pushed => ['PUT', `L${n}`, location(`L${n}`)]))
    await append(patch('L0', { name: 'x', ...AT }), patch('UNKNOWN', { name: 'x' }))
    expect(await maintainShadow(database.sql, { ...BOUNDS, objects: 3 })).toBe(2)
    expect(await Promise.all(range(5).map(async (n) => (await seen(`L${n}`)) !== null))).toEqual([
      ...[true, false, false, true, true],
    ])
    expect(await maintainShadow(database.sql, { ...BOUNDS, bytes: 150 })).toBe(2)
    await database.sql`update shadow set owner = 'NL*GONE'`
    await maintainShadow(database.sql, BOUNDS)
    expect(await rows()).toBe(0)
  })

  test('is read of as many objects at once as there is room for, in the order in which they are asked for', async () => {
    const store = createShadowStore(createShadowRows(database.sql))
    await append(...range(3).map((n): Pushed => ['PUT', `L${n}`, location(`L${n}`)]))
    await database.sql`update shadow set bytes = 3000000`
    const find = async (...ids: string[]) => {
      const refs = ids.map((id) => ({ owner: OWNER, id }))
      const found = await store.findMany('location', refs)
      return found.map((object) => object && (JSON.parse(new TextDecoder().decode(object.bytes)) as { id: string }).id)
    }
    expect(await find('L2', 'NONE', 'l0', 'L2', 'L1', 'L0')).toEqual(['L2', null, 'L0', 'L2'])
    expect(await find('L1', 'L0')).toEqual(['L1', 'L0'])
    expect(await find('NONE')).toEqual([null])
  })

  test('of a session that goes to one party is noted as it goes', async () => {
    const store = createShadowStore(createShadowRows(database.sql))
    const note = (method: string, body: object) =>
      store.note(OWNER, 'S1', { method, version: '2.2.1', at: 1, body: new TextEncoder().encode(JSON.stringify(body)) })
    await note('PUT', { id: 'S1', charging_periods: [{ start_date_time: 'a' }], ...AT })
    await note('PATCH', { charging_periods: [{ start_date_time: 'b' }], ...AT })
    // Its sender had no answer.
    await note('PATCH', { charging_periods: [{ start_date_time: 'b' }], ...AT })
    const charging_periods = [{ start_date_time: 'a' }, { start_date_time: 'b' }]
    expect(await seen('s1', 'session')).toMatchObject({ charging_periods })
    await note('PUT', { id: 'S1', ...AT })
    expect(await rows()).toBe(1)
  })
})

type Pushed = Parameters<typeof append>[number]

function patch(path: string, body: object): Pushed {
  return ['PATCH', path, body]
}

function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n)
}
