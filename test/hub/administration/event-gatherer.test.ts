import { describe, expect, test } from 'vitest'
import { createEventGatherer } from '../../../src/hub/administration/event-gatherer.ts'
import type { EventKind, HubEvent } from '../../../src/hub/administration/events.ts'

function eventOf(kind: EventKind, data: HubEvent['data'] = {}): HubEvent {
  return { at: 1_000, kind, platformId: null, correlationId: null, data }
}

/** A gatherer whose time is the test's, and whose store can be away. */
function createWorld() {
  const stored: HubEvent[][] = []
  const world = { isAway: false, dropped: 0, at: 0 }
  const timers: { dueAt: number; callback: () => void }[] = []
  const gatherer = createEventGatherer({
    async append(events) {
      if (world.isAway) throw new Error('away')
      stored.push([...events])
    },
    after(delayMs, callback) {
      timers.push({ dueAt: world.at + delayMs, callback })
      return () => undefined
    },
    now: () => world.at,
    onDropped: (events) => (world.dropped += events),
  })
  async function pass(ms: number) {
    const until = world.at + ms
    for (;;) {
      const next = timers.findIndex(({ dueAt }) => dueAt <= until)
      if (next === -1) break
      const [timer] = timers.splice(next, 1)
      world.at = timer?.dueAt ?? until
      timer?.callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
    world.at = until
  }
  return { world, stored, gatherer, pass }
}

describe('Events that belong to no change', () => {
  test('are stored together, a moment later', async () => {
    const { stored, gatherer, pass } = createWorld()
    gatherer.note(eventOf('alarm'))
    gatherer.note(eventOf('queue.paused'))
    expect(stored).toEqual([])
    await pass(1_000)
    expect(stored.map((batch) => batch.map(({ kind }) => kind))).toEqual([['alarm', 'queue.paused']])
  })

  test('wait in order for a database that is away', async () => {
    const { world, stored, gatherer, pass } = createWorld()
    world.isAway = true
    gatherer.note(eventOf('alarm'))
    await pass(10_000)
    gatherer.note(eventOf('queue.paused'))
    world.isAway = false
    await pass(2_000)
    expect(stored.flat().map(({ kind }) => kind)).toEqual(['alarm', 'queue.paused'])
    expect(world.dropped).toBe(0)
  })

  test('are lost and counted when it is away for minutes', async () => {
    const { world, stored, gatherer, pass } = createWorld()
    world.isAway = true
    gatherer.note(eventOf('alarm'))
    await pass(120_000)
    expect(world.dropped).toBe(1)
    world.isAway = false
    gatherer.note(eventOf('queue.paused'))
    await pass(2_000)
    expect(stored.flat().map(({ kind }) => kind)).toEqual(['queue.paused'])
  })

  test('of one kind in a flood are bounded, and keep none of another kind out', async () => {
    const { world, stored, gatherer, pass } = createWorld()
    for (let i = 0; i < 5_000; i++) gatherer.note(eventOf('handshake.unknown-token'))
    gatherer.note(eventOf('alarm'))
    await pass(1_000)
    const kinds = stored.flat().map(({ kind }) => kind)
    expect(kinds.length).toBeLessThanOrEqual(1_000)
    expect(kinds).toContain('alarm')
    expect(world.dropped + kinds.length).toBe(5_001)
  })

  test('hold of a text that a partner wrote no more than its beginning', async () => {
    const { stored, gatherer, pass } = createWorld()
    gatherer.note(eventOf('platform.status', { cause: 'x'.repeat(100_000), to: 'OFFLINE' }))
    await pass(1_000)
    expect(stored[0]?.[0]?.data).toEqual({ cause: 'x'.repeat(500), to: 'OFFLINE' })
  })
})
