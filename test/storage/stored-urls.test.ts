import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoredUrl } from '../../src/hub/network/registry.ts'
import { partyKey } from '../../src/ocpi/party.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { createStoredUrls, deleteExpiredUrls, deleteUrlsBeyond } from '../../src/storage/stored-urls.ts'
import { newPlatform, openTestRegistry, role } from '../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeAll(async () => {
  hub = await openTestRegistry()
})
afterAll(() => hub.close())

function storedUrl(id: string, parts: Partial<StoredUrl> = {}): StoredUrl {
  return {
    id,
    kind: 'response',
    url: 'https://emsp.example/results/1?a=%2F',
    module: 'commands',
    interfaceRole: 'SENDER',
    forParty: partyKey('NL', 'CPO'),
    toParty: partyKey('NL', 'MSP'),
    toPlatformId: 'p1',
    expiresAt: null,
    ...parts,
  }
}

test('a URL led through the hub is found until its time is up', async () => {
  const { clock, database } = hub
  const urls = createStoredUrls({ orm: database.orm, now: () => clock.at })
  const url = storedUrl('u1', { expiresAt: clock.at + 10 })
  await urls.save(url)
  expect(await urls.find('u1')).toEqual(url)
  expect(await urls.find('u2')).toBeNull()
  clock.at += 10
  expect(await urls.find('u1')).toBeNull()
})

test('of more URLs than may be kept the oldest go, of whoever caused them and of nobody else', async () => {
  const { clock, database } = hub
  const urls = createStoredUrls({ orm: database.orm, now: () => clock.at })
  const most = { response: 3, next: 2, location: 2 }
  const save = async (id: string, parts: Partial<StoredUrl>) => {
    clock.at += 1
    await urls.save(storedUrl(id, parts))
  }
  for (const n of [1, 2, 3, 4, 5]) {
    await save(`response-${n}`, { toPlatformId: 'flooder', forParty: partyKey('NL', `C${n}`) })
    await save(`next-${n}`, { kind: 'next', forParty: partyKey('NL', 'FLO'), toPlatformId: `list ${n}` })
    await save(`location-${n}`, { kind: 'location', forParty: partyKey('NL', 'FLO'), toPlatformId: `emsp ${n}` })
  }
  await save('response-other', { toPlatformId: 'other', forParty: partyKey('NL', 'C1') })
  await save('next-other', { kind: 'next', forParty: partyKey('NL', 'OTH'), toPlatformId: 'list 1' })
  expect(await deleteUrlsBeyond(database.orm, most)).toBe(2 + 3 + 3)
  const left = (await database.sql`select id from stored_urls where created_at > 0 order by id`).map(({ id }) => id)
  expect(left.filter((id) => /-/.test(id))).toEqual([
    'location-4',
    'location-5',
    'next-4',
    'next-5',
    'next-other',
    'response-3',
    'response-4',
    'response-5',
    'response-other',
  ])
  expect(await deleteUrlsBeyond(database.orm, most)).toBe(0)
  await database.sql`truncate stored_urls`
})

test('URLs past their time and those of parties that are gone are forgotten', async () => {
  const { clock, database, registry } = hub
  const platform = newPlatform({ parties: [role('NL-CPO CPO'), role('NL-MSP EMSP')] })
  await registry.createPlatform(platform)
  const urls = createStoredUrls({ orm: database.orm, now: () => clock.at })
  const toPlatformId = platform.id
  await urls.save(storedUrl('kept', { toPlatformId }))
  await urls.save(storedUrl('late', { toPlatformId, expiresAt: clock.at - 1 }))
  await urls.save(storedUrl('gone', { toPlatformId, toParty: partyKey('NL', 'GON') }))
  await urls.save(storedUrl('moved', { toPlatformId: 'the platform before' }))
  await deleteExpiredUrls(database.orm, clock.at)
  const left = async () => (await database.sql`select id from stored_urls order by id`).map((row) => row.id)
  expect(await left()).toEqual(['kept'])
  await registry.deletePlatform(platform.id)
  expect(await deleteExpiredUrls(database.orm, clock.at)).toBe(1)
  expect(await left()).toEqual([])
})

test('with the database away a URL is refused, not waited for', async () => {
  const away = openDatabase({ url: 'postgres://hub@127.0.0.1:1/postgres', maxConnections: 2 })
  const urls = createStoredUrls({ orm: away.orm, now: Date.now })
  for (let i = 0; i < 5; i++) await expect(urls.save(storedUrl(`x${i}`))).rejects.toThrow(/ECONNREFUSED/)
  await expect(urls.find('x')).rejects.toThrow(/ECONNREFUSED/)
  await away.close()
})

test('a database that takes connections and never answers is given up within seconds', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const url = `postgres://hub@127.0.0.1:${port}/postgres`
  const away = openDatabase({ url, maxConnections: 1, connectTimeoutMs: 500 })
  const urls = createStoredUrls({ orm: away.orm, now: Date.now })
  await expect(urls.find('x')).rejects.toThrow(/CONNECT_TIMEOUT/)
  await away.close()
  silent.close()
})

test('an error of the database names no URL or token', async () => {
  const { clock, database } = hub
  const urls = createStoredUrls({ orm: database.orm, now: () => clock.at })
  await urls.save(storedUrl('twice', { url: 'https://partner.example/secret' }))
  const error: unknown = await urls.save(storedUrl('twice', { url: 'https://partner.example/secret' })).catch((e) => e)
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: 9 })).not.toContain('secret')
})
