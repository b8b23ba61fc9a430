import type { EventFilter, StoredEvent } from '../../../hub/administration/events.ts'
import { createGate } from '../../../hub/limits.ts'
import type { AdminPorts } from '../../ports.ts'
import { showEvent } from './event-view.ts'

/** Of one process: each asks the database as often as something happens, a few times a second at most. */
export const MOST_STREAMS = 32
/** Of one account or key, in one process: as many pages as somebody has open, and no script takes the streams of others. */
export const MOST_OF_CALLER = 16
/** Then a stream ends and its client comes back, to another process perhaps. */
const LASTS_MS = 600_000
/** A client that takes nothing is cut off that much later. */
const GRACE_MS = 10_000
/** So often a client hears that all is well, and of the newest number that it has no need to ask for again. */
const SIGN_EVERY_MS = 15_000
/** So often it is looked whether a client may still listen: a key was ended perhaps, or a session, or has another role. */
const ASKED_EVERY_MS = 15_000
/** A client that comes back does so after this. */
const RETRY_MS = 2_000
const MOST_AT_ONCE = 200

type Writer = WritableStreamDefaultWriter<Uint8Array>

/** What a stream is to tell and to whom. */
type Wish = {
  readonly filter: EventFilter
  /** The event after which it begins; null: from now on. */
  readonly begin: number | null
  /** Id of the account or the key. */
  readonly caller: string
  /** Whether its client may still listen, and do what it might when the stream began. */
  readonly mayListen: () => Promise<boolean>
}

/** `too-many`: of this caller. `full`: as many as may be are open, or the hub ends. */
type Opened = ReadableStream<Uint8Array> | 'too-many' | 'full'

/** Server-sent events [HTML, 9.2], of which a client that comes back misses none and gets none twice. */
export function createStreams({ events, now, after }: Pick<AdminPorts, 'events' | 'now' | 'after'>) {
  const all = createGate(MOST_STREAMS)
  const ofCaller = createGate(MOST_OF_CALLER)

  function leave(caller: string): void {
    all.leave('')
    ofCaller.leave(caller)
  }

  /** Tells of all after an event until the stream is over; from the newest number on it looks for more as they come. */
  async function tell(writer: Writer, { filter, mayListen }: Wish, begin: number): Promise<void> {
    const say = (text: string) => writer.write(new TextEncoder().encode(text))
    const endsAt = now() + LASTS_MS
    let isGone = false
    const gone = writer.closed.then(
      () => (isGone = true),
      () => (isGone = true),
    )
    let last = begin
    let saidAt = now()
    let askedAt = now()
    // A number without data is remembered and tells nothing: who loses the stream now goes on from here.
    await say(`retry: ${RETRY_MS}\nid: ${last}\n\n`)
    while (!isGone && !events.isEnding() && now() < endsAt) {
      if (now() - askedAt >= ASKED_EVERY_MS) {
        if (!(await mayListen())) return
        askedAt = now()
      }
      const more = events.more()
      // All up to the newest number are there to be read, since numbers follow commits.
      const newest = await events.last()
      const found = newest > last ? await events.after(last, filter, MOST_AT_ONCE) : []
      const isAll = found.length < MOST_AT_ONCE
      last = Math.max(last, isAll ? newest : 0, found.at(-1)?.number ?? 0)
      if (found.length > 0) await say(found.map(written).join(''))
      else if (now() - saidAt >= SIGN_EVERY_MS) await say(`: all is well\nid: ${last}\n\n`)
      else {
        await Promise.race([more, gone])
        continue
      }
      saidAt = now()
    }
  }

  /** Closes a stream that is over, breaks off one whose client takes nothing any more, and has room for another then. */
  async function run(writer: Writer, wish: Wish, begin: number): Promise<void> {
    const cancel = after(LASTS_MS + GRACE_MS, () => void writer.abort().catch(() => undefined))
    try {
      await tell(writer, wish, begin)
      await writer.close()
    } catch {
      // The client went away, or the database did: who comes back goes on where this ended.
      await writer.abort().catch(() => undefined)
    } finally {
      cancel()
      leave(wish.caller)
    }
  }

  return {
    /** A stream of what happens after an event, or from now on. Rejects while the database is away. */
    async open(wish: Wish): Promise<Opened> {
      if (events.isEnding()) return 'full'
      if (!ofCaller.enter(wish.caller)) return 'too-many'
      if (!all.enter('')) {
        ofCaller.leave(wish.caller)
        return 'full'
      }
      try {
        const newest = await events.last()
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
        const writer = writable.getWriter()
        // A number that is yet to come is of a database that was put back since.
        events.behind(() => run(writer, wish, Math.min(wish.begin ?? newest, newest)))
        return readable
      } catch (error) {
        leave(wish.caller)
        throw error
      }
    },
  }
}

function written(event: StoredEvent): string {
  return `id: ${event.number}\nevent: ${event.kind}\ndata: ${JSON.stringify(showEvent(event))}\n\n`
}
