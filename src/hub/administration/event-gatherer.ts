import { createRateLimit } from '../limits.ts'
import type { After, Now } from '../ports.ts'
import type { EventStore, HubEvent, NoteEvent } from './events.ts'

/** What is noted within this time is stored by one statement. */
const GATHER_MS = 200
/** While the database is away the oldest are tried again after this, and lost after so many tries: a minute. */
const RETRY_MS = 1_000
const TRIES = 60
const MOST_AT_ONCE = 200
/** More than the bursts of several kinds. With a kilobyte or so of each, what one process holds while the database is away. */
const MOST_WAITING = 2_000
/** Of one kind, on average and in a burst: whoever brings about many of one kind keeps none of another out. */
const PER_SECOND = 10
const BURST = 300
/** Characters of one text: much of it is what partners wrote. */
const MOST_CHARACTERS = 500

export type EventGatherer = {
  readonly note: NoteEvent
  /** Stores what waits, with one try. Never rejects. */
  readonly flush: () => Promise<void>
}

/**
 * Stores events some at a time, behind whoever notes them: for those that belong to no transaction. What there is no room for is
 * dropped, as nothing may wait for the events.
 *
 * @param onDropped told how many events were lost
 */
export function createEventGatherer(ports: {
  readonly append: EventStore['append']
  readonly after: After
  readonly now: Now
  readonly onDropped: (events: number) => void
}): EventGatherer {
  const { append, after, now, onDropped } = ports
  const rates = createRateLimit(PER_SECOND, now, BURST)
  let waiting: HubEvent[] = []
  let isDue = false
  /** Of the batch that comes first. */
  let tries = 0

  /** One batch; false when it could not be stored and waits again, in front of those that came since. */
  async function store(): Promise<boolean> {
    const batch = waiting.slice(0, MOST_AT_ONCE)
    waiting = waiting.slice(batch.length)
    try {
      await append(batch)
      tries = 0
      return true
    } catch {
      if (++tries < TRIES) {
        waiting = [...batch, ...waiting]
        return false
      }
      tries = 0
      onDropped(batch.length)
      return true
    }
  }

  function storeAfter(ms: number): void {
    isDue = true
    after(ms, () => void round())
  }

  async function round(): Promise<void> {
    while (waiting.length > 0) {
      if (!(await store())) return storeAfter(RETRY_MS)
    }
    isDue = false
  }

  return {
    note(event) {
      if (waiting.length >= MOST_WAITING || rates.take(event.kind).kind === 'empty') return onDropped(1)
      waiting.push({ ...event, data: withShortTexts(event.data) })
      if (!isDue) storeAfter(GATHER_MS)
    },
    async flush() {
      while (waiting.length > 0 && (await store()));
    },
  }
}

function withShortTexts(data: HubEvent['data']): HubEvent['data'] {
  const short = Object.entries(data).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : value,
  ])
  return Object.fromEntries(short)
}
