import { expect, test } from 'vitest'
import { createPresence } from '../../src/hub/presence/presence.ts'
import type { RoutingTable } from '../../src/hub/routing-table.ts'

const PERIOD_MS = 300_000
const MANY = 10_000

test('10,000 silent platforms are each asked once within the period, evenly and at most 64 at a time', async () => {
  let time = 1_000_000_000
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  const ids = Array.from({ length: MANY }, (_, i) => String(i))
  const platforms = new Map(ids.map((id) => [id, { id, status: 'CONNECTED' }]))
  /** In the order of silence. */
  const silent = new Map(ids.map((id) => [id, time - PERIOD_MS]))
  const asked = new Map<string, number>()
  const perMinute = new Map<number, number>()
  let inFlight = 0
  let mostInFlight = 0
  const presence = createPresence({
    registry: {
      findConnection: async (id) => ({ versionsUrl: id, sealedToken: '', version: '2.2.1' }),
      setStatus: async () => ({ kind: 'changed' }),
      noteSeen: async () => {},
    },
    store: {
      async claimSilent({ now, connectedSilentSince, limit }) {
        const claimed = []
        for (const [id, since] of silent) {
          if (claimed.length === limit || since > connectedSilentSince) break
          claimed.push(id)
        }
        for (const id of claimed) {
          silent.delete(id)
          silent.set(id, now)
        }
        return claimed
      },
      lastSeenAt: async () => null,
    },
    client: {
      async getVersions(id) {
        asked.set(id, (asked.get(id) ?? 0) + 1)
        const minute = Math.floor((time - 1_000_000_000) / 60_000)
        perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1)
        mostInFlight = Math.max(mostInFlight, ++inFlight)
        await new Promise(setImmediate)
        inFlight--
        return { kind: 'ok', value: [] }
      },
    },
    open: () => 'token',
    table: () => ({ platforms }) as unknown as RoutingTable,
    refresh: async () => {},
    alarm: () => {},
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    keepaliveAfterMs: PERIOD_MS,
    onError(error) {
      throw error
    },
  })
  presence.start()
  for (const end = time + PERIOD_MS; ; ) {
    const [next] = [...timers].filter(({ at }) => at < end).sort((x, y) => x.at - y.at)
    if (!next) break
    timers.delete(next)
    time = next.at
    next.run()
    do await new Promise(setImmediate)
    while (inFlight > 0)
  }
  await presence.stop()

  expect(asked.size).toBe(MANY)
  expect(Math.max(...asked.values())).toBe(1)
  expect(mostInFlight).toBeLessThanOrEqual(64)
  expect(Math.max(...perMinute.values())).toBeLessThan(MANY / 3)
})
