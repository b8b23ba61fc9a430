import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Admission, MOST_ROLES, type Registry } from '../../../src/hub/network/registry.ts'
import { createRegistry } from '../../../src/storage/network/registry.ts'
import { OPEN_ADMISSION } from '../../support/admission.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { handshake, newPlatform, role } from '../../support/registry.ts'

let database: TestDatabase
let sql: postgres.Sql
/** By statement: how many parameters it had. */
let statements: number[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  sql = postgres(database.url, {
    max: 1,
    fetch_types: false,
    debug: (_connection, _query, parameters) => void statements.push(parameters.length),
  })
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

async function costOf(change: () => Promise<{ readonly kind: string }>): Promise<readonly number[]> {
  statements = []
  expect((await change()).kind).toMatch(/^(changed|stored)$/)
  return [...statements]
}

function registryWith(admission: Partial<Admission> = {}): Registry {
  return createRegistry({
    orm: drizzle(sql),
    now: Date.now,
    admission: { ...OPEN_ADMISSION, mostRoles: MOST_ROLES, ...admission },
    noteBound: () => {},
  })
}

/** `NA-000 CPO`, `NA-001 CPO` and so on. */
function names(country: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${country}-${i.toString(36).toUpperCase().padStart(3, '0')} CPO`)
}

/** A platform is announced, registers, is given other roles, announces others, and is deleted. */
async function costsOfALife(letter: string, count: number): Promise<readonly (readonly number[])[]> {
  const registry = registryWith()
  const platform = newPlatform({ parties: names(`${letter}A`, count).map(role) })
  return [
    await costOf(() => registry.createPlatform(platform)),
    await costOf(() => registry.storeHandshake(handshake(platform.id, names(`${letter}B`, count)))),
    await costOf(() => registry.storeHandshake(handshake(platform.id, names(`${letter}C`, count)))),
    await costOf(() => registry.changePlatform(platform.id, { parties: names(`${letter}D`, count).map(role) })),
    await costOf(() => registry.deletePlatform(platform.id)),
  ]
}

/** A platform brings roles that wait, and others; some are refused, the others confirmed, given up and inherited. */
async function costsOfWaiting(letter: string, count: number): Promise<readonly (readonly number[])[]> {
  const registry = registryWith({ announcedOnly: true })
  const open = registryWith({ givenUpForMs: 0 })
  const [first, heir] = [newPlatform(), newPlatform()]
  await registry.createPlatform(first)
  await registry.createPlatform(heir)
  const [refused, confirmed] = [names(`${letter}E`, count), names(`${letter}F`, count)]
  const costs = [
    await costOf(() => registry.storeHandshake(handshake(first.id, names(`${letter}G`, count)))),
    await costOf(() => registry.storeHandshake(handshake(first.id, [...refused, ...confirmed]))),
    await costOf(() => registry.refuseRoles(first.id, refused.map(role))),
    await costOf(() => registry.confirmRoles(first.id, confirmed.map(role))),
    await costOf(() => registry.storeHandshake(handshake(first.id, []))),
    await costOf(() => open.storeHandshake(handshake(heir.id, confirmed))),
  ]
  const heirs = await registry.findPlatform(heir.id)
  expect(heirs?.parties.map(({ status }) => status)).toEqual(confirmed.map(() => 'CONNECTED'))
  expect((await registry.findPlatform(first.id))?.pendingRoles).toEqual([])
  return costs
}

test('A platform of 500 parties holds up other changes for no more statements than one of five', async () => {
  expect(await costsOfALife('N', 500)).toEqual(await costsOfALife('D', 5))
  const [left] = await sql`select (select count(*)::int from parties) as parties, count(*)::int from departed_roles`
  expect(left).toEqual({ parties: 0, count: 4 * 505 })
})

test('Nor do 500 roles that wait for an administrator, or that another platform gave up', async () => {
  expect(await costsOfWaiting('N', 500)).toEqual(await costsOfWaiting('D', 5))
})
