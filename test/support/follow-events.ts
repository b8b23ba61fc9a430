import { request } from 'undici'
import { until } from './until.ts'

export type ToldEvent = {
  readonly id: number
  readonly at: string
  readonly kind: string
  readonly platform_id: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** A stream of events as a browser's EventSource reads it. */
export type Following = {
  readonly events: readonly ToldEvent[]
  /** What a client sends that comes back. */
  readonly lastEventId: () => string
  readonly close: () => void
}

/** Follows the events of a hub. Resolves once the stream has begun. @param query with its `?` */
export async function followEvents(
  hub: { readonly url: string; readonly adminToken: string },
  query = '',
  lastEventId?: string,
): Promise<Following> {
  const { statusCode, body } = await request(`${hub.url}/admin/api/events${query}`, {
    headers: {
      authorization: `Bearer ${hub.adminToken}`,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  })
  if (statusCode !== 200) throw new Error(`following events: ${statusCode} ${await body.text()}`)
  const events: ToldEvent[] = []
  let last = ''
  let rest = ''
  body.on('error', () => {})
  body.setEncoding('utf8')
  body.on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/) as [string, string]))
      last = fields.get('id') ?? last
      const data = fields.get('data')
      if (data !== undefined) events.push(JSON.parse(data))
    }
  })
  await until(() => last !== '', 'Expected the stream to begin')
  return { events, lastEventId: () => last, close: () => void body.destroy() }
}
