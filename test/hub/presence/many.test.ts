import { expect, test } from 'vitest'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createPresence } from '../../../src/hub/presence/presence.ts'
import type { PresenceStore } from '../../../src/hub/presence/presence-store.ts'
import { createClock } from './clock.ts'
import { isDue } from './due.ts'

const PERIOD_MS = 300_000
const SLICE_MS = 10_000
const MANY = 10_000

type Status = 'CONNECTED' | 'OFFLINE'

type Listed = { readonly id: string; readonly status: Status; readonly statusCause: string }

/** A database in memory, where nobody has been heard since a moment, and those that are OFFLINE are so from then on. */
function createSilentStore(platforms: ReadonlyMap<string, Listed>, offlineSince: number): PresenceStore {
  /** In the order of silence. */
  const silent = new Map([...platforms.keys()].map((id) => [id, offlineSince]))
  return {
    async claimSilent(claim) {
      const { now, limit, sharedSince } = claim
      const all = [...silent]
      const shared = all.filter(([, since]) => since > sharedSince).length
      const due = all.filter(([id, silentSince]) =>
        isDue(claim, platforms.get(id)?.status, { silentSince, offlineSince }),
      )
      const claimed = due.slice(0, Math.max(0, limit - shared))
      for (const [id] of claimed) {
        silent.delete(id)
        silent.set(id, now)
      }
      return claimed.map(([id]) => id)
    },
    lastHeard: async () => ({ seenAt: null, revivedAt: null }),
  }
}

/** Processes of one hub on one clock, and whom they asked. Who is OFFLINE stays so, and is refused at once or hangs. */
function createStage(
  counts: Partial<Record<Status, number>>,
  { hangsForMs = 0, silentForMs = PERIOD_MS }: { readonly hangsForMs?: number; readonly silentForMs?: number } = {},
) {
  const clock = createClock()
  const listed = Object.entries(counts).flatMap(([status, count]) =>
    Array.from(
      { length: count },
      (_, i): Listed => ({ id: `${status}-${i}`, status: status as Status, statusCause: '' }),
    ),
  )
  const platforms = new Map(listed.map((platform) => [platform.id, platform]))
  const store = createSilentStore(platforms, clock.now() - silentForMs)
  const asked = new Map<string, number>()
  const startedAt = clock.now()
  const perSlice = new Map<number, number>()
  let inFlight = 0
  let mostInFlight = 0
  const createProcess = () =>
    createPresence({
      registry: {
        findConnection: async (id) => ({ versionsUrl: id, sealedToken: '', version: '2.2.1' }),
        setStatus: async () => ({ kind: 'changed' }),
        noteSeen: async () => {},
      },
      store,
      client: {
        async getVersions(id) {
          asked.set(id, (asked.get(id) ?? 0) + 1)
          const slice = Math.floor((clock.now() - startedAt) / SLICE_MS)
          perSlice.set(slice, (perSlice.get(slice) ?? 0) + 1)
          const isOffline = platforms.get(id)?.status === 'OFFLINE'
          if (isOffline && hangsForMs > 0) {
            await new Promise<void>((resolve) => void clock.after(hangsForMs, resolve))
          } else {
            mostInFlight = Math.max(mostInFlight, ++inFlight)
            await new Promise(setImmediate)
            inFlight--
          }
          return isOffline ? { kind: 'unreachable', detail: 'refused' } : { kind: 'ok', value: [] }
        },
      },
      open: () => 'token',
      table: () => ({ platforms }) as unknown as RoutingTable,
      refresh: async () => {},
      alarm: () => {},
      now: clock.now,
      after: clock.after,
      keepaliveAfterMs: PERIOD_MS,
      onError(error) {
        throw error
      },
    })
  const pass = (ms: number) =>
    clock.pass(ms, async () => {
      do await new Promise(setImmediate)
      while (inFlight > 0)
    })
  return {
    createProcess,
    pass,
    asked,
    mostInFlight: () => mostInFlight,
    mostPerSlice: () => Math.max(...perSlice.values()),
  }
}

test.each([
  ['one process', 1, 0],
  ['four processes that began together', 4, 0],
  ['four processes that began one after the other', 4, 1_250],
  ['sixteen processes, some beginning late', 16, 700],
])(
  '10,000 silent platforms are each asked once within the period by %s, evenly and at most 64 at a time',
  async (_, processCount, lagMs) => {
    const { createProcess, pass, asked, mostInFlight, mostPerSlice } = createStage({ CONNECTED: MANY })
    const processes = Array.from({ length: processCount }, createProcess)
    for (const process of processes) {
      process.start()
      await pass(lagMs)
    }
    await pass(PERIOD_MS - 1 - processCount * lagMs)
    for (const process of processes) await process.stop()

    expect(asked.size).toBe(MANY)
    expect(Math.max(...asked.values())).toBe(1)
    expect(mostInFlight()).toBeLessThanOrEqual(64)
    // A quarter more than the share of ten seconds, and one pick more where the picks do not end with them.
    expect(mostPerSlice()).toBeLessThanOrEqual(Math.ceil((MANY / 60) * 1.25) * 3)
  },
)

test('a few platforms are asked no faster by several processes than by one', async () => {
  const most = async (processCount: number) => {
    const { createProcess, pass, asked, mostPerSlice } = createStage({ CONNECTED: 40 })
    const processes = Array.from({ length: processCount }, createProcess)
    for (const process of processes) {
      process.start()
      await pass(900)
    }
    await pass(PERIOD_MS - 10_000)
    for (const process of processes) await process.stop()
    expect(asked.size).toBe(40)
    return mostPerSlice()
  }
  expect(await most(5)).toBeLessThanOrEqual((await most(1)) + 1)
})

test('platforms that are OFFLINE are each asked ever more seldom, also when they are many', async () => {
  const { createProcess, pass, asked } = createStage({ OFFLINE: 500 }, { silentForMs: 0 })
  const process = createProcess()
  process.start()
  await pass(2 * PERIOD_MS)
  await process.stop()
  expect(asked.size).toBe(500)
  expect(Math.min(...asked.values())).toBeGreaterThanOrEqual(3)
  expect(Math.max(...asked.values())).toBeLessThanOrEqual(4)
})

test('platforms that are OFFLINE and hang hold up the checks of no other, neither those of silence nor those at once', async () => {
  const { createProcess, pass, asked } = createStage({ OFFLINE: 1_000, CONNECTED: 1_000 }, { hangsForMs: 10_000 })
  const process = createProcess()
  process.start()
  await pass(PERIOD_MS - 20_000)
  const timesAsked = (id: string) => asked.get(id) ?? 0
  const connected = Array.from({ length: 1_000 }, (_, i) => `CONNECTED-${i}`)
  expect(connected.filter((id) => timesAsked(id) !== 1)).toEqual([])
  process.onUnreachable('CONNECTED-7')
  await pass(1)
  expect(timesAsked('CONNECTED-7')).toBe(2)
  await process.stop()
})

test('a platform that is OFFLINE is asked next when an administrator wants it, though many others hang', async () => {
  const { createProcess, pass, asked } = createStage({ OFFLINE: 1_000 }, { hangsForMs: 10_000 })
  const process = createProcess()
  process.start()
  await pass(20_000)
  const waiting = 'OFFLINE-999'
  expect(asked.has(waiting)).toBe(false)
  void process.check(waiting)
  await pass(10_000)
  expect(asked.get(waiting)).toBe(1)
  await process.stop()
})
