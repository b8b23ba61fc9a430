import { expect, test } from 'vitest'
import { createHeldQueues } from '../../src/hub/push/held-queues.ts'
import type { Delivery } from '../../src/hub/push/partner-queue-deliver.ts'
import type { Push } from '../../src/hub/push/push.ts'
import type { PushTail } from '../../src/hub/push/tail.ts'
import type { Platform, RoutingTable } from '../../src/hub/routing-table.ts'
import { HUB, newPush, platformOf, type RigPlatform } from './rig.ts'

const CPO = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const LONG_MS = 60_000

/** One partner's queue on a log of this test's, with a clock of its own. */
function partner(spec: Partial<RigPlatform> = {}) {
  const log: Push[] = []
  const sent: string[] = []
  const timers: { at: number; callback: () => void }[] = []
  let time = 0
  let builds = 0
  let answer: Delivery = { kind: 'delivered' }
  let mayTalk = true
  let table = tableOf()
  const tail: PushTail = {
    position: () => log.length,
    recent: (module, after) => ({
      pushes: log.filter((push) => push.module === module && push.number > after),
      position: log.length,
    }),
    find: (number) => log[number - 1] ?? null,
    start: async () => {},
    offerOwn: () => {},
    wake: () => {},
    refresh: async () => {},
    stop: async () => {},
  }
  const queues = createHeldQueues({
    common: {
      tail,
      log: { readModule: async () => ({ pushes: [], position: 0 }), readNumbers: async () => [] },
      async deliver(_, push) {
        sent.push(push.path)
        return answer
      },
      clock: () => time,
      after(delayMs, callback) {
        const timer = { at: time + delayMs, callback }
        timers.push(timer)
        return () => void timers.splice(timers.indexOf(timer), 1)
      },
      chance: () => 0,
      checkAlive: async () => true,
      ...{ alarm: () => {}, onMissed: () => {}, onDirty: () => {}, onAway: () => {} },
    },
    table: () => table,
    mayTalk: () => mayTalk,
    now: () => time,
    id: () => 'id',
    clientInfo: undefined,
    isValid: () => true,
    waitMs() {
      builds++
      return 0
    },
  })

  function tableOf(changed: Partial<RigPlatform> = {}): RoutingTable {
    const emsp = platformOf({
      id: 'emsp',
      party: 'NL*MSP',
      roles: ['EMSP'],
      origin: 'http://emsp',
      ...spec,
      ...changed,
    })
    return {
      ...{ revision: 1, hub: HUB, credentials: new Map(), agreements: new Map(), departed: new Map() },
      policy: { kind: 'open', turns: [] },
      platforms: new Map([CPO, emsp].map((each) => [each.id, each])),
      parties: new Map(),
    }
  }

  const counts = { delivered: 7, collapsed: 0, failed: 0, missed: 0 }
  const saved = { platformId: 'emsp', cursor: { position: 0, lanes: [] }, isPaused: false, skipTo: null, ...counts }
  queues.hold(saved, table.platforms.get('emsp') as Platform, { shard: 1, epoch: 1 }, null)
  return {
    queues,
    sent,
    /** How often the queue was built. */
    builds: () => builds,
    answer: (next: Delivery) => void (answer = next),
    forbid: () => void (mayTalk = false),
    state: () => queues.states()[0],
    change: (changed: Partial<RigPlatform>) => {
      table = tableOf(changed)
      queues.retarget(table.platforms.get('emsp') as Platform)
    },
    push: async (path: string) => {
      const push = { ...newPush(CPO, { path }), number: log.length + 1 }
      log.push(push)
      queues.offer([push])
      await settle()
    },
    pass: async (ms: number) => {
      time += ms
      for (const timer of timers.filter(({ at }) => at <= time)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.callback()
      }
      queues.tick()
      await settle()
    },
  }
}

/** What is under way ends without waiting for anything but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('a partner to whom nothing came for long gets what comes then, and its numbers go on', async () => {
  const { queues, push, pass, sent, state, builds } = partner()
  expect(state()).toMatchObject({ delivered: 7, waiting: 0, inFlight: 0, pauseCause: null })
  await push('/NL/CPO/L1')
  await pass(LONG_MS)
  await push('/NL/CPO/L2')
  expect(sent).toEqual(['/NL/CPO/L1', '/NL/CPO/L2'])
  expect(state()).toMatchObject({ delivered: 9, waiting: 0, inFlight: 0 })
  expect(builds()).toBe(2)
  await pass(LONG_MS)
  expect(queues.snapshot('emsp')).toMatchObject({ delivered: 9, cursor: { position: 2, lanes: [] }, needed: 3 })
})

test('a push that waits for another try is kept for as long as that takes', async () => {
  const { push, pass, sent, state, answer, builds } = partner()
  answer({ kind: 'failed', retryAfterMs: LONG_MS * 3, reason: 'HTTP 503' })
  await push('/NL/CPO/L1')
  await pass(LONG_MS)
  expect(state()).toMatchObject({ waiting: 1 })
  answer({ kind: 'delivered' })
  await pass(LONG_MS * 2)
  expect(sent).toEqual(['/NL/CPO/L1', '/NL/CPO/L1'])
  expect(builds()).toBe(1)
})

test('what was sent counts towards a slow rate for as long as it has to', async () => {
  const delivery = { requestsPerSecond: 0.01 }
  const { push, pass, builds } = partner({ delivery })
  await push('/NL/CPO/L1')
  await pass(LONG_MS)
  await push('/NL/CPO/L2')
  expect(builds()).toBe(1)
})

test('a queue that is paused while nothing comes holds what comes then, and sends it when it is resumed', async () => {
  const { queues, push, pass, sent, state } = partner()
  queues.order('emsp', { isPaused: true, skipTo: null })
  expect(state()).toMatchObject({ pauseCause: 'administrator' })
  await push('/NL/CPO/L1')
  await pass(LONG_MS)
  await pass(LONG_MS)
  expect(sent).toEqual([])
  queues.order('emsp', { isPaused: false, skipTo: null })
  await settle()
  expect(sent).toEqual(['/NL/CPO/L1'])
})

test('a platform that goes OFFLINE while nothing comes misses what comes then, and gets the next after its return', async () => {
  const { change, push, pass, sent, state } = partner()
  change({ status: 'OFFLINE' })
  expect(state()).toMatchObject({ pauseCause: 'offline' })
  await push('/NL/CPO/L1')
  expect(state()).toMatchObject({ missed: 1 })
  await pass(LONG_MS)
  change({ status: 'CONNECTED' })
  await push('/NL/CPO/L2')
  expect(sent).toEqual(['/NL/CPO/L2'])
})

test('an order to skip beyond what was read drops what comes up to there', async () => {
  const { queues, push, pass, sent, state } = partner()
  queues.order('emsp', { isPaused: false, skipTo: 1 })
  await pass(LONG_MS)
  expect(queues.snapshot('emsp')).toMatchObject({ skippedTo: null })
  await push('/NL/CPO/L1')
  await push('/NL/CPO/L2')
  expect(sent).toEqual(['/NL/CPO/L2'])
  expect(state()).toMatchObject({ missed: 1 })
  expect(queues.snapshot('emsp')).toMatchObject({ skippedTo: 1 })
})

test('a push for others costs a partner that may not have it nothing', async () => {
  const { push, forbid, builds } = partner()
  forbid()
  await push('/NL/CPO/L1')
  expect(builds()).toBe(0)
})

test('what comes while the hub ends is not sent any more, nor taken for done', async () => {
  const { queues, push, sent } = partner()
  await queues.stop(['emsp'])
  await push('/NL/CPO/L1')
  expect(sent).toEqual([])
  expect(queues.snapshot('emsp')).toMatchObject({ needed: 1 })
})
