import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, Failure } from '../exit.ts'
import type { Query } from '../hub-api.ts'
import type { Io } from '../io.ts'
import type { Session } from '../session.ts'
import { clean } from '../text/clean.ts'
import { messageLine } from '../text/message.ts'
import type { EventView, MessageView } from '../views.ts'

const LOOK_EVERY_MS = 1_000
/** A message is written when it is over, under the moment when it began: one that takes long is found that much later. */
const LOOK_BACK_MS = 120_000
const MOST_AT_ONCE = 1_000
/** A stream that ends or breaks off is opened again after this. */
const COME_BACK_MS = 2_000

/**
 * Shows messages as they pass, until the signal or until there were enough. The log has no stream: it is asked every second, and after
 * a hub was away for all that passed meanwhile.
 */
export async function tailMessages(session: Session, query: Query, most: number): Promise<void> {
  const { api, io } = session
  const absence = createAbsence(io)
  let seen: ReadonlySet<string> | null = null
  let shown = 0
  let askedAt = io.now()
  while (!io.signal.aborted) {
    const asksAt = io.now()
    const since = new Date(askedAt - LOOK_BACK_MS).toISOString()
    const found: readonly MessageView[] | null = await absence.orNull(
      seen !== null,
      api
        .call<readonly MessageView[]>('GET', '/messages', { query: { ...query, since, limit: MOST_AT_ONCE } })
        .then(({ value }) => value),
    )
    if (found !== null) {
      const before: ReadonlySet<string> | null = seen
      const fresh = before === null ? [] : found.filter(({ id }) => !before.has(id)).reverse()
      for (const message of fresh.slice(0, most - shown)) {
        io.out(session.isJson ? `${JSON.stringify(message)}\n` : messageLine(session.screen, message))
      }
      shown += fresh.length
      if (shown >= most) return
      if (before !== null && fresh.length === MOST_AT_ONCE)
        io.err('More messages pass than are shown: narrow the search\n')
      seen = new Set(found.map(({ id }) => id))
      askedAt = asksAt
    }
    await sleep(found === null ? COME_BACK_MS : LOOK_EVERY_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
}

/** Follows events until the signal or until there were enough. A stream that ends goes on where it ended. */
export async function tailEvents(
  session: Session,
  query: Query,
  most: number,
  print: (event: EventView) => Promise<string>,
): Promise<void> {
  const { api, io } = session
  const absence = createAbsence(io)
  let last: string | null = null
  let shown = 0
  while (!io.signal.aborted) {
    const answer: Response | null = await absence.orNull(last !== null, api.follow('/events', query, last, io.signal))
    try {
      for await (const { id, data } of readEvents(answer?.body ?? null)) {
        last = id ?? last
        if (data === null) continue
        io.out(session.isJson ? `${data}\n` : await print(JSON.parse(data) as EventView))
        if (++shown >= most) return
      }
    } catch (error) {
      if (error instanceof SyntaxError) throw error
    }
    await sleep(COME_BACK_MS, undefined, { signal: io.signal }).catch(() => undefined)
  }
}

/** Waits for a hub that restarts, and says so once; one that was never there is not waited for. */
function createAbsence(io: Io) {
  let isAway = false
  return {
    /** What the hub answers, or null while it is away. */
    async orNull<T>(wasThere: boolean, answer: Promise<T>): Promise<T | null> {
      try {
        const found = await answer
        if (isAway) io.err('The hub is there again\n')
        isAway = false
        return found
      } catch (error) {
        if (io.signal.aborted) return null
        if (!wasThere || !(error instanceof Failure) || error.code !== EXIT.unreachable) throw error
        if (!isAway) io.err(`${clean(error.message)}. Trying again until it is there\n`)
        isAway = true
        return null
      }
    },
  }
}

type Told = { readonly id: string | null; readonly data: string | null }

/** Server-sent events [HTML, 9.2], those without data too: they tell from where to go on. */
async function* readEvents(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Told> {
  if (body === null) return
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const valueOf = (field: string) => {
        const line = block.split('\n').find((one) => one.startsWith(`${field}: `))
        return line === undefined ? null : line.slice(field.length + 2)
      }
      yield { id: valueOf('id'), data: valueOf('data') }
    }
  }
}
