import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGetAllPlans, deletePlansBeyond } from '../../src/storage/get-all-plans.ts'
import { openTestRegistry } from '../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeAll(async () => {
  hub = await openTestRegistry()
})
afterAll(() => hub.close())

test('of more plans than may be kept of one platform the oldest go, and nothing of any other', async () => {
  const { clock, database } = hub
  const plans = createGetAllPlans({ orm: database.orm, now: () => clock.at })
  const save = (key: string, lifeMs: number) =>
    plans.save([key], { id: key, sources: [], expiresAt: clock.at + lifeMs })
  for (let n = 1; n <= 5; n++) await save(`flooder list-${n}`, n)
  await save('other list-1', 1)
  expect(await deletePlansBeyond(database.orm, 2)).toBe(3)
  const left = (await database.sql`select key from get_all_plans order by key`).map(({ key }) => key)
  expect(left).toEqual(['flooder list-4', 'flooder list-5', 'other list-1'])
  expect(await deletePlansBeyond(database.orm, 2)).toBe(0)
})
