import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEntry, AuditFilter } from '../../../src/hub/administration/audit.ts'
import { appendAudit, createAuditTrail, deleteAuditBefore } from '../../../src/storage/administration/audit.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const ALL: AuditFilter = {
  who: null,
  what: null,
  platformId: null,
  text: null,
  inContacts: true,
  since: null,
  until: null,
}

let testDatabase: TestDatabase
let database: Database

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 2 })
})

afterEach(async () => {
  await database.close()
  await testDatabase.drop()
})

function entryOf(fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: 1_000,
    by: { author: { name: 'Ann', id: 'a1', way: 'key', address: '192.0.2.7' }, reason: 'ticket 7' },
    action: 'platform.change',
    on: { kind: 'platform', id: 'p1', name: 'ACME' },
    platformId: 'p1',
    before: { name: 'a NUL \u0000, a quote " and é' },
    after: null,
    ...fields,
  }
}

const append = (...entries: AuditEntry[]) => database.orm.transaction((tx) => appendAudit(tx, ...entries))
const numbers = async (filter: Partial<AuditFilter>) =>
  (await createAuditTrail(database.orm).list({ ...ALL, ...filter }, null, 10)).map(({ number }) => number)

describe('The audit trail', () => {
  test('gives rows back whole, the latest first', async () => {
    const [first, second] = [entryOf(), entryOf({ at: 2_000, action: 'key.add', platformId: null })]
    await append(first, second)
    const trail = createAuditTrail(database.orm)
    expect(await trail.list(ALL, null, 10)).toEqual([
      { ...second, number: 2 },
      { ...first, number: 1 },
    ])
    expect(await trail.list(ALL, 2, 10)).toEqual([{ ...first, number: 1 }])
  })

  test('keeps no row of a transaction that is undone', async () => {
    const undone = database.orm.transaction(async (tx) => {
      await appendAudit(tx, entryOf())
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await numbers({})).toEqual([])
  })

  test('is searched by the name or the id of who changed something, in any letter case', async () => {
    await append(
      entryOf(),
      entryOf({ by: { author: { ...entryOf().by.author, name: 'Bob', id: 'b1' }, reason: null } }),
    )
    expect(await numbers({ who: 'aNN' })).toEqual([1])
    expect(await numbers({ who: 'B1' })).toEqual([2])
    expect(await numbers({ text: 'TICKET' })).toEqual([1])
    expect(await numbers({ text: '%' })).toEqual([])
  })

  test('forgets by age', async () => {
    await append(entryOf(), entryOf({ at: 2_000 }))
    await deleteAuditBefore(database.orm, 2_000)
    expect(await numbers({})).toEqual([2])
  })
})
