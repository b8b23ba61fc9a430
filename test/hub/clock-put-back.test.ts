import { describe, expect, test } from 'vitest'
import { createDoubts } from '../../src/hub/get-all/doubts.ts'
import { createRateLimit } from '../../src/hub/limits.ts'
import type { Platform, RoutingTable } from '../../src/hub/network/routing-table.ts'
import { createHeard } from '../../src/hub/presence/heard.ts'
import { createNetworkDoubt } from '../../src/hub/presence/network-doubt.ts'
import { createSilence } from '../../src/hub/presence/silence.ts'

const HOUR_MS = 3_600_000

function startClock() {
  let time = 1_000 * HOUR_MS
  return { now: () => time, pass: (ms: number) => void (time += ms), putBack: (ms: number) => void (time -= ms) }
}

const platforms = new Map([['P', { id: 'P', status: 'OFFLINE', statusCause: '' } as Platform]])
const table = () => ({ platforms }) as unknown as RoutingTable

/** A process, what it told others of whom it heard, and whom it asked. */
function startProcess({ now }: ReturnType<typeof startClock>) {
  const told: Map<string, number>[] = []
  const asked: string[] = []
  const heard = createHeard({
    store: { lastHeard: async () => ({ seenAt: null, revivedAt: null }) },
    registry: { noteSeen: async (seen) => void told.push(new Map(seen)) },
    table,
    now,
    keepaliveAfterMs: 300_000,
  })
  const silence = createSilence({
    store: { claimSilent: async () => ['P'] },
    table,
    heard,
    isBusy: () => false,
    now,
    keepaliveAfterMs: 300_000,
    onSilent: (id) => void asked.push(id),
  })
  return { heard, silence, told, asked }
}

describe('After the clock was put back by an hour', () => {
  test('a platform that is OFFLINE is asked again, though it was heard before', async () => {
    const clock = startClock()
    const { heard, silence, asked } = startProcess(clock)
    heard.noteMessage('P')
    await silence.pick()
    expect(asked).toEqual([])
    clock.putBack(HOUR_MS)
    await silence.pick()
    expect(asked).toEqual(['P'])
  })

  test('other processes are told of the messages that come, and of no moment that lies ahead', async () => {
    const clock = startClock()
    const { heard, told } = startProcess(clock)
    heard.noteMessage('P')
    await heard.flush()
    clock.putBack(HOUR_MS)
    await heard.flush()
    expect(told).toHaveLength(1)
    heard.noteMessage('P')
    await heard.flush()
    expect(told.at(-1)).toEqual(new Map([['P', clock.now()]]))
  })

  test('an address that used up its failed logins may try again within its time, and is given nothing', () => {
    const clock = startClock()
    const limit = createRateLimit(1, clock.now, 60)
    for (let i = 0; i < 60; i++) limit.take('address')
    clock.putBack(HOUR_MS)
    expect(limit.hasRoom('address')).toBe(false)
    clock.pass(1_000)
    expect(limit.hasRoom('address')).toBe(true)
  })

  test('alarms go out again: that the hub doubts its own network, and that a list is not as announced', async () => {
    const clock = startClock()
    const alarms: string[] = []
    const alarm = ({ kind }: { kind: string }) => void alarms.push(kind)
    const dead = new Map([...'abcdef'].map((id) => [id, { id, status: 'CONNECTED' } as Platform]))
    const doubt = createNetworkDoubt({
      table: () => ({ platforms: dead }) as unknown as RoutingTable,
      probe: async () => ({ kind: 'silent', detail: 'refused', isTokenRefused: false }),
      alarm,
      now: clock.now,
      onFound: () => {},
    })
    const doubts = createDoubts({ alarm, now: clock.now })
    for (let round = 0; round < 2; round++) {
      await doubt.isHubsOwn({ platformId: 'a', lastTriedAt: clock.now() })
      doubts.note('a', 'locations', '2 of 3 objects')
      clock.putBack(HOUR_MS)
    }
    expect(alarms).toEqual([
      'own-network-suspect',
      'list-not-as-announced',
      'own-network-suspect',
      'list-not-as-announced',
    ])
  })

  test('an answer of before is no witness that the network of the hub is fine', async () => {
    const clock = startClock()
    const dead = new Map([...'abcdef'].map((id) => [id, { id, status: 'CONNECTED' } as Platform]))
    const doubt = createNetworkDoubt({
      table: () => ({ platforms: dead }) as unknown as RoutingTable,
      probe: async () => ({ kind: 'silent', detail: 'refused', isTokenRefused: false }),
      alarm: () => {},
      now: clock.now,
      onFound: () => {},
    })
    for (const id of 'bcdef') doubt.noteSuccess(id)
    clock.putBack(HOUR_MS)
    expect(await doubt.isHubsOwn({ platformId: 'a', lastTriedAt: clock.now() })).toBe(true)
  })
})
