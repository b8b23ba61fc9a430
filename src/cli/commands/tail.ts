import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, Failure } from '../exit.ts'
import type { Query } from '../hub-api.ts'
import type { Session } from '../session.ts'
import { messageLine } from '../text/message.ts'
import type { EventView, MessageView } from '../views.ts'

const LOOK_EVERY_MS = 1_000
/** A message is written when it is over, under the moment when it began: one that takes long is found that much later. */
const LOOK_BACK_MS = 120_000
const MOST_AT_ONCE = 1_000
/** A stream that ends or breaks off is opened again after this. */
const COME_BACK_MS = 2_000

/** Shows messages as they pass, until the signal or until there were enough. The log has no stream: it is asked every second. */
export async function tailMessages(session: Session, query: Query, most: number): Promise<void> {
  const { api, io } = session
  let seen: ReadonlySet<string> | null = null
  let shown = 0
  while (!io.signal.aborted) {
    const since = new Date(io.now() - LOOK_BACK_MS).toISOString()
    const { value } = await api.call<readonly MessageView[]>('GET', '/messages', {
      query: { ...query, since, limit: MOST_AT_ONCE },
    })
    const before: ReadonlySet<string> | null = seen
    const fresh = before === null ? [] : value.filter(({ id }) => !before.has(id)).reverse()
    for (const message of fresh.slice(0, most - shown)) {
      io.out(session.isJson ? `${JSON.stringify(message)}\n` : messageLine(session.screen, message))
    }
    shown += fresh.length
    if (shown >= most) return
    if (before !== null && fresh.length === MOST_AT_ONCE)
      io.err('More messages pass than are shown: narrow the search\n')
    seen = new Set(value.map(({ id }) => id))
    await sleep(LOOK_EVERY_MS, undefined, { signal: io.signal }).catch(() => undefined)
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
  let last: string | null = null
  let shown = 0
  while (!io.signal.aborted) {
    const answer: Response | null = await api.follow('/events', query, last, io.signal).catch((error: unknown) => {
      // A hub that restarts is there again soon; one that was never there is not waited for.
      if (last !== null && error instanceof Failure && error.code === EXIT.unreachable) return null
      if (io.signal.aborted) return null
      throw error
    })
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
