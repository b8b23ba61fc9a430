import type { Context } from 'hono'
import { ApiProblem, type Problem } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'
import type { HubEvent } from '../views.ts'
import { address } from './href.ts'
import { type Html, html } from './html.ts'

/**
 * A part of a page that is sent anew when something happens, whole each time: what it holds when the page is made is right for whoever
 * has no scripts. `from` is an address of the console's own, which `streamPart` answers.
 *
 * @example html`${livePart('queues', '/admin/queues/live', queueTable(rows))}`
 */
export function livePart(id: string, from: string, part: Html): Html {
  return html`<div id="${id}" class="live-part" hx-sse:connect="${from}" hx-swap="innerMorph">${part}</div>`
}

/**
 * Answers with a stream of a part: at once as it is by now, so that nothing is missed since the page was made, and again whenever events
 * tell of a change. It is the API's stream of events, read for whoever is signed in: the API bounds how many there are, how long one
 * lasts, and how often it tells, and ends it with the rights of its reader. Nothing is made that the browser is not ready to take.
 *
 * @param kinds events that may change the part, such as `['queue.paused', 'queue.resumed']`
 * @param isAbout whether an event of these kinds may; every one, where it is left out
 */
export async function streamPart(
  c: Context<ConsoleEnv>,
  kinds: readonly HubEvent['kind'][],
  make: () => Promise<Html>,
  isAbout: (event: HubEvent) => boolean = () => true,
): Promise<Response> {
  const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
  // Nobody would read it.
  if (c.req.method === 'HEAD') return c.body(null, 200, headers)
  const source = address('/events', { kinds: kinds.join(',') })
  const events = await c.get('api').ask('GET', source, { Accept: 'text/event-stream' })
  if (!events.ok) throw new ApiProblem((await events.json()) as Problem)
  const reader = readEvents(events)
  try {
    return c.body(partsOf(reader, make, isAbout, String(await make())), 200, headers)
  } catch (error) {
    await reader.cancel()
    throw error
  }
}

/** The part as it is now, and after each event about it, as server-sent events [HTML, 9.2]. What is the same as before is not sent. */
function partsOf(
  reader: EventReader,
  make: () => Promise<Html>,
  isAbout: (event: HubEvent) => boolean,
  first: string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let taken = Promise.withResolvers<void>()
  let told = first
  let isGone = false

  /** What there is to say next; null at the end. */
  async function more(): Promise<string | null> {
    for (;;) {
      const events = await reader.next()
      if (events === null) return null
      if (!events.some(isAbout)) return ': all is well\n\n'
      const part = String(await make())
      if (part === told) continue
      told = part
      return asMessage(part)
    }
  }

  async function tell(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (let text: string | null = asMessage(first); text !== null; text = await more()) {
        controller.enqueue(encoder.encode(text))
        await taken.promise
      }
    } catch {
      // The browser comes back, and is told then what is wrong.
      await reader.cancel()
    }
    if (!isGone) controller.close()
  }

  return new ReadableStream<Uint8Array>(
    {
      // Not from within `pull`: on Workers that is called outside of the request, whose connections nobody else may use.
      start: (controller) => void tell(controller),
      pull() {
        taken.resolve()
        taken = Promise.withResolvers()
      },
      cancel() {
        isGone = true
        return reader.cancel()
      },
    },
    { highWaterMark: 0 },
  )
}

type EventReader = {
  /** What has happened since, perhaps nothing; null at the end. */
  readonly next: () => Promise<readonly HubEvent[] | null>
  readonly cancel: () => Promise<void>
}

function readEvents(answer: Response): EventReader {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let rest = ''
  return {
    async next() {
      const { done, value } = await reader.read()
      if (done) return null
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      return blocks.flatMap((block) => {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        return data === undefined ? [] : [JSON.parse(data) as HubEvent]
      })
    },
    cancel: () => reader.cancel(),
  }
}

/** Without a name, so that htmx puts it into the page. */
function asMessage(part: string): string {
  return `${part
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
}
