import { describe, expect, test } from 'vitest'
import { createStreams, MOST_OF_CALLER, MOST_STREAMS } from '../../src/admin/api/events/streams.ts'
import type { StoredEvent } from '../../src/hub/administration/events.ts'

const MINUTE_MS = 60_000
const ANY = {
  filter: { platformId: null, kinds: null },
  begin: null,
  caller: 'somebody',
  mayListen: async () => true,
}

/** Streams over events in memory; time passes, in steps of three seconds, while a stream waits for more. */
function createWorld() {
  const stored: StoredEvent[] = []
  const world = { now: 0, isEnding: false }
  const timers: { readonly dueAt: number; readonly callback: () => void }[] = []
  const streams = createStreams({
    now: () => world.now,
    after(delayMs, callback) {
      timers.push({ dueAt: world.now + delayMs, callback })
      return () => undefined
    },
    events: {
      after: async (number, _, limit) => stored.filter((event) => event.number > number).slice(0, limit),
      before: async () => [],
      last: async () => stored.length,
      async more() {
        await new Promise((resolve) => setImmediate(resolve))
        world.now += 3_000
      },
      isEnding: () => world.isEnding,
      behind: (work) => void work(),
    },
  })
  function happen(data: Record<string, unknown> = {}) {
    const event = { kind: 'alarm', platformId: null, correlationId: null, data } as const
    stored.push({ ...event, number: stored.length + 1, at: world.now })
  }
  function passTo(ms: number) {
    world.now = ms
    for (const { dueAt, callback } of timers) if (dueAt <= ms) callback()
  }
  return { world, streams, happen, passTo }
}

type Opened = Awaited<ReturnType<ReturnType<typeof createStreams>['open']>>

async function textOf(stream: Opened | undefined): Promise<string> {
  return stream instanceof ReadableStream ? new Response(stream).text() : String(stream)
}

/** As many streams as may be open, each of somebody else. */
const fill = (streams: ReturnType<typeof createStreams>) =>
  Promise.all(Array.from({ length: MOST_STREAMS }, (_, i) => streams.open({ ...ANY, caller: `${i}` })))

describe('A stream of events', () => {
  test('ends after ten minutes, with a sign of life every quarter of one until then', async () => {
    const { world, streams } = createWorld()
    const text = await textOf(await streams.open(ANY))
    expect(world.now).toBe(10 * MINUTE_MS)
    expect(text.match(/^: /gm)).toHaveLength(39)
  })

  test('begins after the event that a client names, with each event once and by its number', async () => {
    const { streams, happen } = createWorld()
    for (let i = 0; i < 450; i++) happen({ i })
    const text = await textOf(await streams.open({ ...ANY, begin: 3 }))
    const numbers = [...text.matchAll(/^id: (\d+)\nevent: alarm\ndata: \{"id":\1,/gm)].map(([, number]) =>
      Number(number),
    )
    expect(numbers).toEqual(Array.from({ length: 447 }, (_, i) => i + 4))
  })

  test('keeps an event whose text has lines in one piece', async () => {
    const { streams, happen } = createWorld()
    happen({ detail: 'one\ntwo\r\n\nid: 99' })
    const text = await textOf(await streams.open({ ...ANY, begin: 0 }))
    expect(text).not.toMatch(/^id: 99/m)
    expect(text).toContain(String.raw`"detail":"one\ntwo\r\n\nid: 99"`)
  })

  test('goes on with what comes in a database that was put back, instead of waiting for a number that it had', async () => {
    const { streams, happen } = createWorld()
    happen()
    const stream = await streams.open({ ...ANY, begin: 5_000 })
    happen()
    expect(await textOf(stream)).toMatch(/^id: 2\nevent/m)
  })

  test('is refused beyond as many as may be open, until one ends', async () => {
    const { world, streams } = createWorld()
    const open = await fill(streams)
    expect(open.every((stream) => stream instanceof ReadableStream)).toBe(true)
    expect(await streams.open(ANY)).toBe('full')
    world.now = 11 * MINUTE_MS
    await textOf(open[0])
    expect(await streams.open(ANY)).toBeInstanceOf(ReadableStream)
  })

  test('is refused to who has as many as one may have, until one ends, and to nobody else', async () => {
    const { world, streams } = createWorld()
    const own = await Promise.all(Array.from({ length: MOST_OF_CALLER }, () => streams.open(ANY)))
    expect(own.every((stream) => stream instanceof ReadableStream)).toBe(true)
    expect(await streams.open(ANY)).toBe('too-many')
    expect(await streams.open({ ...ANY, caller: 'another' })).toBeInstanceOf(ReadableStream)
    world.now = 11 * MINUTE_MS
    await textOf(own[0])
    expect(await streams.open(ANY)).toBeInstanceOf(ReadableStream)
  })

  test('is cut off when its client takes nothing, and makes room', async () => {
    const { streams, passTo } = createWorld()
    const stuck = await fill(streams)
    passTo(11 * MINUTE_MS)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await streams.open(ANY)).toBeInstanceOf(ReadableStream)
    await expect(textOf(stuck[0])).rejects.toThrow()
  })

  test('ends when the hub does', async () => {
    const { world, streams } = createWorld()
    const stream = await streams.open(ANY)
    world.isEnding = true
    await textOf(stream)
    expect(world.now).toBeLessThan(MINUTE_MS)
    expect(await streams.open(ANY)).toBe('full')
  })

  test('ends within half a minute once its client may no longer listen', async () => {
    const { world, streams, happen } = createWorld()
    let isEnded = false
    const stream = await streams.open({ ...ANY, mayListen: async () => !isEnded })
    isEnded = true
    happen()
    await textOf(stream)
    expect(world.now).toBeLessThan(MINUTE_MS / 2)
    expect(await streams.open(ANY)).toBeInstanceOf(ReadableStream)
  })
})
