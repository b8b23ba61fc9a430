import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Api } from '../../../src/admin/console/api.ts'
import type { ConsoleEnv } from '../../../src/admin/console/console-env.ts'
import { withMarks } from '../../../src/admin/console/marks.ts'

test('The side bar asks once in five seconds, also while nothing can be said, and anew after a change', async () => {
  let now = 0
  let asked = 0
  let isAway = true
  const api = {
    send() {
      asked++
      const body = { platforms: { offline: 1 }, queues: { paused: 0, lagging: 0 }, pending_roles: 2 }
      return isAway ? Promise.reject(new Error('away')) : Promise.resolve({ kind: 'done', body })
    },
  } as unknown as Api
  const app = new Hono<ConsoleEnv>()
  app.use((c, next) => {
    c.set('api', api)
    return next()
  })
  app.use(withMarks({ now: () => now }))
  app.all('*', async (c) => c.json(await c.get('marks')()))
  const marks = async (method = 'GET') => (await app.request('/', { method })).json()
  const known = { platforms: { n: 3, words: '1 OFFLINE, 2 roles wait' } }

  expect([await marks(), await marks(), asked]).toEqual([{}, {}, 1])
  isAway = false
  now = 4_999
  expect([await marks(), asked]).toEqual([{}, 1])
  now = 5_000
  expect([await marks(), await marks(), asked]).toEqual([known, known, 2])
  await marks('POST')
  await marks()
  expect(asked).toBe(3)
})
