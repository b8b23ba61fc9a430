import { expect, test } from 'vitest'
import type { Delivery } from '../../../../src/hub/push/attempt/deliver.ts'
import { Backlog } from '../../../../src/hub/push/log/backlog.ts'
import { RecentPushes } from '../../../../src/hub/push/log/recent.ts'
import type { Push } from '../../../../src/hub/push/push.ts'
import { Queue } from '../../../../src/hub/push/queue/queue.ts'
import { newPush, platformOf } from '../rig.ts'

const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const push: Push = { ...newPush(cpo, { path: '/NL/CPO/L1' }), number: 9 }

/** A queue at the end of a log that holds one push, which the tail has in memory and offers. */
function queueAtEnd(answer: Delivery, { position = push.number, takes = ['locations'] } = {}) {
  const waits: number[] = []
  const read: string[] = []
  let sent = 0
  const recent = new RecentPushes(1_000_000)
  recent.jumpTo(push.number - 1)
  recent.add(push)
  const counts = { delivered: 0, collapsed: 0, failed: 0, missed: 0, withheld: 0 }
  const saved = { platformId: 'emsp', cursor: { position, lanes: [] }, isPaused: false, skipTo: null, ...counts }
  const delivery = {
    requestsPerSecond: 10_000,
    concurrency: 1,
    maxAgeSeconds: 900,
    afterOffline: 'none',
    broadcastTo: 'platform',
  } as const
  const endpoints = new Map(
    takes.map((module) => [`${module}/RECEIVER`, { origin: 'http://emsp', path: '/', ownPath: '/' }]),
  )
  const target = { status: 'CONNECTED', delivery, endpoints, authorization: () => 'Token emsp' } as const
  const queue = new Queue(
    { saved, target, lease: { shard: 1, epoch: 1 }, waitMs: 0 },
    {
      recent,
      turns: { lineUp: (takeTurn) => takeTurn() },
      backlog: new Backlog({
        readModule: async (module) => {
          read.push(module)
          return { pushes: [], upTo: push.number }
        },
      }),
      log: { readNumbers: async () => [push] },
      modules: ['locations', 'tariffs'],
      addressed: (_, each) => [each],
      deliver: async () => {
        sent++
        return answer
      },
      holds: () => true,
      clock: () => 0,
      after(delayMs: number) {
        waits.push(delayMs)
        return () => {}
      },
      chance: () => 0,
      checkAlive: async () => true,
      alarm: () => {},
      onMissed: () => {},
      onListening: () => {},
      onDirty: () => {},
      onAway(error) {
        throw error
      },
    },
  )
  return { queue, waits, read, sent: () => sent }
}

test('the first push of a module leaves at once', async () => {
  const { queue, sent } = queueAtEnd({ kind: 'delivered' })
  expect(queue.offer(push)).toBe(true)
  queue.pump()
  await queue.stop()
  expect(sent()).toBe(1)
})

test.each(['throttled', 'failed'] as const)(
  'a partner that asks for years of rest (%s) gets no more than the maximum age',
  async (kind) => {
    const { queue, waits } = queueAtEnd({ kind, retryAfterMs: Number.POSITIVE_INFINITY, reason: 'HTTP 429' })
    queue.offer(push)
    queue.pump()
    await expect.poll(() => waits).toEqual([900_000])
  },
)

test('of what was pushed while nobody drained it, a queue reads the modules that its platform takes', async () => {
  const { queue, read } = queueAtEnd({ kind: 'delivered' }, { position: 3, takes: ['tariffs'] })
  queue.pump()
  await new Promise(setImmediate)
  expect(read).toEqual(['tariffs'])
})
