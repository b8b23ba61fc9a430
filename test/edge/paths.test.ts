import { Agent } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const agent = new Agent()
let hub: WorkersHub

beforeAll(async () => {
  hub = await startWorkersHub()
}, 60_000)

afterAll(async () => {
  await agent.close()
  await hub?.close()
})

test.each([
  '/nowhere/../healthz',
  '/nowhere/%2e%2e/healthz',
  '/./healthz',
  '/nowhere/..\\healthz',
  '/ocpi/x/%252e%252e/healthz',
  '/ocpi/x/..%5Chealthz',
])('%s, which a receiver could take for another path, is refused where it comes as it was sent', async (path) => {
  expect(await statusOf(path)).toBe(404)
  expect(await statusOf('/healthz')).toBe(200)
})

async function statusOf(path: string): Promise<number> {
  const { origin } = new URL(hub.url)
  // Sent as it is written here.
  const answer = await agent.request({ origin, path, method: 'GET' })
  await answer.body.dump()
  return answer.statusCode
}
