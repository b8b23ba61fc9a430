import { expect, test } from 'vitest'
import { LEASE_MS } from '../../src/hub/push/drain/leases.ts'
import { createRunningQueues } from '../../src/runtime/workers/objects/running-queues.ts'

/** Queues that follow a new table when the test says so. */
function setUp() {
  let at = 0
  const calls: { readonly to: string; readonly end: () => void }[] = []
  const queues = createRunningQueues({
    clock: () => at,
    giveUp: async () => undefined,
    follow: (to) => new Promise((resolve) => calls.push({ to, end: resolve })),
  })
  async function settle() {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  return { queues, calls, settle, pass: (ms: number) => (at += ms) }
}

test('whoever changed the routing table goes on when each queue that runs goes by it, and those at rest are not asked', async () => {
  const { queues, calls, settle, pass } = setUp()
  queues.noteLeased('at rest')
  pass(LEASE_MS)
  queues.noteLeased('a')
  queues.noteLeased('b')
  queues.tell()
  let isTold = false
  void queues.told().then(() => (isTold = true))
  expect(calls.map(({ to }) => to)).toEqual(['a', 'b'])
  calls[0]?.end()
  await settle()
  expect(isTold).toBe(false)
  calls[1]?.end()
  await settle()
  expect(isTold).toBe(true)
})

test('changes that come while queues are told are told together behind that, and waited for', async () => {
  const { queues, calls, settle } = setUp()
  queues.noteLeased('a')
  for (let i = 0; i < 10; i++) queues.tell()
  let isTold = false
  void queues.told().then(() => (isTold = true))
  expect(calls).toHaveLength(1)
  calls[0]?.end()
  await settle()
  expect([calls.length, isTold]).toEqual([2, false])
  calls[1]?.end()
  await settle()
  expect([calls.length, isTold]).toEqual([2, true])
})

test('a queue that does not answer holds up whoever changed something for a second, and no later change', async () => {
  const { queues, calls } = setUp()
  queues.noteLeased('hangs')
  queues.tell()
  const begun = performance.now()
  await queues.told()
  expect(performance.now() - begun).toBeGreaterThan(900)
  await new Promise((resolve) => setTimeout(resolve, 50))
  queues.tell()
  expect(calls).toHaveLength(2)
  calls[1]?.end()
  await queues.told()
})
