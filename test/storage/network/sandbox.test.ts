import { afterAll, beforeAll, expect, test } from 'vitest'
import { MOST_REMEMBERED, MOST_SANDBOX_PARTNERS } from '../../../src/hub/network/sandbox.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { attachPartner, removePartner } from '../../../src/storage/network/sandbox.ts'
import { createSandboxMemory } from '../../../src/storage/network/sandbox-memory.ts'
import { createTestDatabase } from '../../support/database.ts'

let made: Awaited<ReturnType<typeof createTestDatabase>>
let database: Database

beforeAll(async () => {
  made = await createTestDatabase()
  database = openDatabase({ url: made.url, maxConnections: 2 })
})
afterAll(async () => {
  await database.close()
  await made.drop()
})

test('a sandbox partner remembers the newest objects of each module, and nothing once it is taken away', async () => {
  const { orm } = database
  const [here, there] = [createSandboxMemory(orm), createSandboxMemory(orm)]
  await attachPartner(orm, { id: 'p', role: 'CPO', sealedToken: 's', accessDigest: 'd' }, 1)
  for (let i = 0; i <= MOST_REMEMBERED; i++) await here.put('p', 'sessions', `S${i}`, { i, text: '\u0000' })
  await here.put('p', 'cdrs', 'C', 'one')
  await here.put('p', 'sessions', 'S1', 'newer')
  const listed = await there.list('p', 'sessions')
  expect(listed).toHaveLength(MOST_REMEMBERED)
  expect(listed[0]).toEqual({ key: 'S2', object: { i: 2, text: '\u0000' } })
  expect(listed.at(-1)).toEqual({ key: 'S1', object: 'newer' })
  expect(await there.get('p', 'cdrs', 'C')).toBe('one')
  expect([await there.drop('p', 'cdrs', 'C'), await here.drop('p', 'cdrs', 'C')]).toEqual([true, false])
  await removePartner(orm, 'p')
  await here.put('p', 'sessions', 'S', 'late')
  expect(await there.list('p', 'sessions')).toEqual([])
})

test('there are at most ten of them, each with a party of its own', async () => {
  const { orm } = database
  const attach = (id: string) => attachPartner(orm, { id, role: 'CPO', sealedToken: 's', accessDigest: id }, 1)
  for (let i = 0; i < MOST_SANDBOX_PARTNERS; i++) expect((await attach(`p${i}`)).kind).toBe('attached')
  expect(await attach('one more')).toEqual({ kind: 'too-many', most: MOST_SANDBOX_PARTNERS })
  await removePartner(orm, 'p3')
  expect((await attach('again')).kind).toBe('attached')
})
