import type { HubEvent, NoteEvent } from '../../hub/administration/events.ts'
import { type Exchange, type Observe } from '../../hub/message/exchange.ts'
import { keptOf } from '../../hub/message/message-log.ts'
import { NOTHING_COUNTED, type TrafficCounted } from '../../hub/message/traffic.ts'
import { hasPassed } from '../../hub/moments.ts'
import type { Now } from '../../hub/ports.ts'
import { createRowBatches, type RowBatch } from '../../storage/message-log/row-batch.ts'
import { type Counted, type EventCounts, NOTHING_HAPPENED } from '../metrics/events.ts'
import { createTrafficCounts } from '../metrics/traffic.ts'
import type { PackedRows } from './objects/row-gatherer.ts'

/** What an isolate has to tell of the requests that it served. */
export type Observed = {
  /** Null when there are none. */
  readonly rows: PackedRows | null
  /** When platforms sent their last message, in milliseconds since the epoch. */
  readonly seen: ReadonlyMap<string, number>
  readonly counted: Counted
  /** The exchanges, stored as rows or not. */
  readonly traffic: TrafficCounted
  /** For the administrators. */
  readonly happened: readonly HubEvent[]
}

/** Nothing to tell. */
export const NOTHING_OBSERVED: Observed = {
  rows: null,
  seen: new Map(),
  counted: NOTHING_HAPPENED,
  traffic: NOTHING_COUNTED,
  happened: [],
}

export type ObservedGatherer = {
  readonly observe: Observe
  readonly onSeen: (platformId: string) => void
  readonly noteEvent: NoteEvent
  /** To be awaited by each request at its end, behind its answer: one of many tells what all observed. Never rejects. */
  readonly flush: () => Promise<void>
}

/** What came within this time is told at once. */
const GATHER_MS = 100
/** A request that gathers for longer than this was cut off: another takes its place. */
const CUT_OFF_MS = 2_000
/** What may wait in an isolate, of its 128 MB. */
const MOST_BYTES = 8 * 1024 * 1024
/** Events that may wait in an isolate. */
const MOST_EVENTS = 200
/** A request is cut off 30 s after its answer: it tries so often, with 0.5, 1 and 2 s between. */
const TRIES = 4
const FIRST_RETRY_MS = 500
/** One isolate tells of one platform so often that it was heard, or four times in the period after which it is asked. */
const SEEN_EVERY_MS = 30_000

/**
 * Gathers what the requests of one isolate observe. No request may wait for another's work, which ends with that other: each adds
 * to what is gathered, and the first to end gathers on for a moment and tells all of it.
 */
export function createObservedGatherer(ports: {
  readonly tell: (observed: Observed) => Promise<void>
  /** Settles after so many milliseconds of the request that is served. */
  readonly pause: (ms: number) => Promise<void>
  readonly now: Now
  /** Silence after which a platform is asked. */
  readonly keepaliveAfterMs: number
  /** What is kept of one body. */
  readonly bodyBytes: number
  readonly onDropped: (rows: number) => void
  /** What the isolate counts, beside exchanges. */
  readonly events: EventCounts
}): ObservedGatherer {
  const { tell, pause, now, bodyBytes, onDropped, events } = ports
  const seenEveryMs = Math.min(SEEN_EVERY_MS, ports.keepaliveAfterMs / 4)
  const batches = createRowBatches()
  const traffic = createTrafficCounts()
  const toldAt = new Map<string, number>()
  let filling: RowBatch | null = null
  let seen = new Map<string, number>()
  let happened: HubEvent[] = []
  /** Of batches on their way. */
  let sentBytes = 0
  let gatheringSince = Number.NEGATIVE_INFINITY

  function take(): Observed {
    const batch = filling
    const observed = { rows: batch && packed(batch), seen, counted: events.take(), traffic: traffic.take(), happened }
    if (batch) batches.reuse(batch.pages())
    filling = null
    seen = new Map()
    happened = []
    return observed
  }

  async function tellAll({ rows, seen, counted, traffic: exchanges, happened }: Observed): Promise<void> {
    const bytes = rows?.pages.reduce((sum, page) => sum + page.byteLength, 0) ?? 0
    sentBytes += bytes
    for (let tries = 1; tries <= TRIES; tries++) {
      const isTold = await tell({ rows, seen, counted, traffic: exchanges, happened }).then(
        () => true,
        () => false,
      )
      if (isTold) break
      if (tries < TRIES) await pause(FIRST_RETRY_MS * 2 ** (tries - 1))
      else {
        onDropped(rows?.rows ?? 0)
        events.add(counted)
        traffic.add(exchanges)
        if (happened.length > 0) events.droppedEvents(happened.length)
        for (const platformId of seen.keys()) toldAt.delete(platformId)
      }
    }
    sentBytes -= bytes
  }

  return {
    observe(exchange: Exchange) {
      traffic.observe(exchange)
      if (sentBytes + (filling?.byteLength ?? 0) >= MOST_BYTES) return onDropped(1)
      filling ??= batches.open()
      filling.add(keptOf(exchange, bodyBytes))
    },
    onSeen(platformId) {
      const at = now()
      if (!hasPassed(seenEveryMs, toldAt.get(platformId) ?? Number.NEGATIVE_INFINITY, at)) return
      toldAt.set(platformId, at)
      seen.set(platformId, at)
    },
    noteEvent(event) {
      if (happened.length < MOST_EVENTS) happened.push(event)
      else events.droppedEvents(1)
    },
    async flush() {
      if (filling === null && seen.size === 0 && happened.length === 0 && events.isEmpty() && traffic.isEmpty()) return
      if (!hasPassed(CUT_OFF_MS, gatheringSince, now())) return
      gatheringSince = now()
      await pause(GATHER_MS)
      gatheringSince = Number.NEGATIVE_INFINITY
      await tellAll(take())
    },
  }
}

/** Copied, since a view would cross with the whole memory that it is a part of. */
export function packed(batch: RowBatch): PackedRows {
  return { rows: batch.rows, mark: batch.mark(), pages: batch.pages().map((page) => new Uint8Array(page)) }
}
