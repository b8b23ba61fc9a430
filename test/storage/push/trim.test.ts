import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTrimStore } from '../../../src/storage/push/trim.ts'
import { newPlatform, openTestRegistry } from '../../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeAll(async () => {
  hub = await openTestRegistry()
})
afterAll(() => hub.close())

test('of more missed objects than are listed the oldest of whoever has most go, not those of other owners', async () => {
  const { database, registry } = hub
  const { sql } = database
  const platform = newPlatform()
  await registry.createPlatform(platform)
  const miss = (chainKey: string, missedAt: number) => sql`
    insert into push_missed (platform_id, chain_key, path_key, module, method, path, at, missed_at, cause, times)
    values (${platform.id}, ${chainKey}, ${chainKey}, 'locations', 'PUT', '/x', 0, ${missedAt}, 'offline', 1)`
  await miss('locations NL*OLD l1', 1)
  await miss('DE*EMS locations NL*OLD l2', 2)
  for (let n = 10; n < 30; n++) await miss(`locations BE*FLO l${n}`, n)
  const left = async () =>
    (await sql`select chain_key from push_missed order by missed_at`).map(({ chain_key }) => chain_key)
  expect(await createTrimStore(sql).boundMissed(5)).toBe(17)
  expect(await left()).toEqual([
    'locations NL*OLD l1',
    'DE*EMS locations NL*OLD l2',
    'locations BE*FLO l27',
    'locations BE*FLO l28',
    'locations BE*FLO l29',
  ])
  expect(await createTrimStore(sql).boundMissed(5)).toBe(0)
  expect(await left()).toHaveLength(5)
})
