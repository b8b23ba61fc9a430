import { afterEach, expect, test } from 'vitest'
import { shardOf } from '../../src/hub/push/drain/leases.ts'
import type { Push } from '../../src/hub/push/push.ts'
import { createTrafficCounts } from '../../src/runtime/metrics/traffic.ts'
import { createInbox } from '../../src/runtime/workers/objects/inbox.ts'
import type { LogObject } from '../../src/runtime/workers/objects/ports.ts'
import { createQueueEngine, type QueueEngine } from '../../src/runtime/workers/objects/queue-engine.ts'
import type { QueueGround } from '../../src/runtime/workers/objects/queue-ground.ts'
import { newPush, platformOf, tableOf } from '../hub/push/rig.ts'
import { until } from '../support/until.ts'

/** What the Log object grants. */
const GRANTED_MS = 3_300
const LEASE = { shard: shardOf('emsp'), epoch: 4, freeForMs: 60_000, grantedMs: GRANTED_MS }
const ANSWERED = new TextEncoder().encode('{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}')

let queue: QueueEngine | null = null

afterEach(async () => {
  await queue?.stop(0)
})

/** A queue whose Log object takes its time for a lease, and whose partner for an answer. */
function setUp({
  leaseAfterMs,
  answerAfterMs,
}: {
  readonly leaseAfterMs: () => number
  readonly answerAfterMs: number
}) {
  const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })
  const table = tableOf([
    cpo,
    platformOf({ id: 'emsp', party: 'NL*EMS', roles: ['EMSP'], origin: 'https://emsp.example' }),
  ])
  const sent: string[] = []
  let aborted = 0
  const inbox = createInbox()
  inbox.openAt(0)
  const logObject = {
    async lease() {
      await pause(leaseAfterMs())
      return { kind: 'done', value: { lease: LEASE, revision: 1 } }
    },
    save: async () => ({ kind: 'done', value: true }),
    orders: async () => ({ kind: 'done', value: null }),
    observed: async () => undefined,
  } as unknown as LogObject
  const ground = {
    settings: { forwardTimeoutMs: 30_000, logsFailedBodies: false, messageLogBodyBytes: 0 },
    shared: { current: () => table, refresh: async () => undefined },
    alarm: () => undefined,
    now: Date.now,
    loopMark: 'mark',
    isLogged: () => false,
    count: () => undefined,
    traffic: createTrafficCounts(),
    noteEvent: () => undefined,
    inflate: async () => ({ kind: 'unreadable' }),
    send: (request: Parameters<QueueGround['send']>[0]) =>
      new Promise((resolve) => {
        sent.push(request.path)
        request.onAbortable?.(() => {
          aborted++
          resolve({ kind: 'failed', why: 'aborted', detail: '' })
        })
        setTimeout(() => resolve({ kind: 'answer', status: 200, headers: [], body: ANSWERED }), answerAfterMs)
      }),
  } as unknown as QueueGround
  queue = createQueueEngine({
    ground,
    platformId: 'emsp',
    holder: 'h',
    begun: {
      kind: 'ours',
      lease: LEASE,
      saved: {
        platformId: 'emsp',
        cursor: { position: 0, lanes: [] },
        ...{ isPaused: false, skipTo: null, delivered: 0, collapsed: 0, failed: 0, missed: 0, withheld: 0 },
      },
      told: null,
      last: 0,
      revision: 1,
    },
    askedAt: performance.now(),
    freeForMs: 60_000,
    onSend: () => undefined,
    inbox,
    logObject: () => logObject,
    checkAlive: async () => true,
    onUnreachable: () => undefined,
    onRevision: () => undefined,
  })
  const hand = (number: number) => {
    const row: Push = { ...newPush(cpo, { path: `/NL/CPO/L${number}` }), number }
    inbox.add({ after: number - 1, upTo: number, rows: [row], isToLook: false, revision: 1 })
    queue?.engine.onPushed()
  }
  return { queue, hand, sent, aborted: () => aborted, delivered: () => queue?.state()?.delivered }
}

test('a Log object that answers after a second lets no lease lapse', async () => {
  const { queue: running } = setUp({ leaseAfterMs: () => 1_000, answerAfterMs: 0 })
  await running.engine.start()
  const until = performance.now() + 7_000
  while (performance.now() < until) {
    await pause(50)
    expect(running.isLeased()).toBe(true)
  }
})

test('a queue whose lease comes late sends nothing meanwhile, and nothing twice', async () => {
  let leaseAfterMs = 5_000
  const {
    queue: running,
    hand,
    sent,
    aborted,
    delivered,
  } = setUp({
    leaseAfterMs: () => leaseAfterMs,
    answerAfterMs: 4_000,
  })
  await running.engine.start()
  hand(1)
  await until(() => sent.length === 1, 'Expected the first push')
  await until(() => !running.isLeased(), 'Expected the lease to lapse')
  hand(2)
  await until(() => delivered() === 1, 'Expected the first to count as delivered')
  expect(sent.length).toBe(1)
  leaseAfterMs = 0
  await until(() => delivered() === 2, 'Expected the second')
  expect(sent).toEqual(['/ocpi/locations/NL/CPO/L1', '/ocpi/locations/NL/CPO/L2'])
  expect(aborted()).toBe(0)
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
