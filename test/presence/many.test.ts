import { expect, test } from 'vitest'
import { createPresence } from '../../src/hub/presence/presence.ts'
import type { RoutingTable } from '../../src/hub/routing-table.ts'
import { createClock } from './clock.ts'

const PERIOD_MS = 300_000
const MANY = 10_000

test('10,000 silent platforms are each asked once within the period, evenly and at most 64 at a time', async () => {
  const clock = createClock()
  const startedAt = clock.now()
  const ids = Array.from({ length: MANY }, (_, i) => String(i))
  const platforms = new Map(ids.map((id) => [id, { id, status: 'CONNECTED' }]))
  /** In the order of silence. */
  const silent = new Map(ids.map((id) => [id, clock.now() - PERIOD_MS]))
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
        const minute = Math.floor((clock.now() - startedAt) / 60_000)
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
    now: clock.now,
    after: clock.after,
    keepaliveAfterMs: PERIOD_MS,
    onError(error) {
      throw error
    },
  })
  presence.start()
  await clock.pass(PERIOD_MS - 1, async () => {
    do await new Promise(setImmediate)
    while (inFlight > 0)
  })
  await presence.stop()

  expect(asked.size).toBe(MANY)
  expect(Math.max(...asked.values())).toBe(1)
  expect(mostInFlight).toBeLessThanOrEqual(64)
  expect(Math.max(...perMinute.values())).toBeLessThan(MANY / 3)
})
