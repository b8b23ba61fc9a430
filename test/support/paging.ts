import type { Partner } from './partner.ts'
import type { Handler, RecordedRequest, Reply } from './partner-server.ts'

/** How a source of lists pages. What is left out is as the specification has it [transport_and_format: Pagination]. */
export type PagingStyle = {
  /** Most objects it gives at once, and what it gives unasked. @default as many as asked for, 50 unasked */
  readonly ownLimit?: number
  /** Gives as many at once as `ownLimit` says, whatever it is asked for. */
  readonly ignoresLimit?: boolean
  /** Gives all it has at once, whatever it is asked for. */
  readonly knowsNoPaging?: boolean
  /** Begins at its beginning, unless a cursor of its own says otherwise. */
  readonly ignoresOffset?: boolean
  /** Its X-Total-Count: the size of the page, nothing, or this text whatever it has. */
  readonly total?: 'page' | 'none' | { readonly says: string }
  /**
   * Its next links: by offset; by a cursor that only it understands; by the number of the page, which it calls offset; none at
   * all; by offset and on the last page too; by offset, and from the last page to the first; at an address that nobody may call.
   */
  readonly links?: 'offset' | 'cursor' | 'page-number' | 'none' | 'always' | 'round' | 'nowhere'
  /** Where its next links lead, without query. @default its endpoint */
  readonly linkUrl?: string
  /** What it answers past its end. @default an empty list */
  readonly pastEnd?: 'null' | 'no-data' | '404' | '404-html' | '2001' | '204'
  /** ISO-8859-1 in place of UTF-8. */
  readonly isLatin1?: boolean
  readonly hasNoStatusCode?: boolean
  /** Objects that it drops from a page after it was cut, by their JSON. */
  readonly hides?: (object: string) => boolean
}

/** Serves a list as a SENDER does; what `objects` gives may change between requests. Returns how to take it back. */
export function servePages(
  partner: Partner,
  module: string,
  objects: (request: RecordedRequest) => readonly string[],
  style: PagingStyle = {},
): () => void {
  const url = partner.endpointUrl(module, 'SENDER')
  return partner.on(module, 'SENDER', (request) => {
    if (request.method !== 'GET' || request.suffix !== '') return 'pass'
    const all = objects(request)
    const { start, limit } = placeOf(request, style, all.length)
    if (style.pastEnd && start > 0 && start >= all.length) return pastEnd(style.pastEnd)
    const cut = all.slice(start, start + limit)
    const page = cut.filter((object) => !style.hides?.(object))
    return {
      headers: [...totalOf(style, all.length, page.length), ...linkOf(style, url, request, start, limit, all.length)],
      body: bodyOf(style, page),
    }
  })
}

/** Answers every `n`th request of a list in some other way, `Infinity` never; behind what it serves else. */
export function failEvery(partner: Partner, module: string, n: number, failure: Handler): () => void {
  let count = 0
  return partner.on(module, 'SENDER', (request, response) => {
    count += 1
    return count % n === 0 ? failure(request, response) : 'pass'
  })
}

function placeOf(
  { query }: RecordedRequest,
  { ownLimit = Number.POSITIVE_INFINITY, ignoresLimit, knowsNoPaging, ignoresOffset, links }: PagingStyle,
  length: number,
): { readonly start: number; readonly limit: number } {
  if (knowsNoPaging) return { start: 0, limit: length }
  const parameters = new URLSearchParams(query)
  const limit = ignoresLimit ? ownLimit : Math.min(Number(parameters.get('limit') ?? 50), ownLimit)
  const cursor = parameters.get('cursor')
  if (cursor !== null) return { start: Number(Buffer.from(cursor, 'base64url').toString()), limit }
  const offset = Number(parameters.get('offset') ?? 0)
  if (links === 'page-number') return { start: offset * limit, limit }
  return { start: ignoresOffset ? 0 : offset, limit }
}

function totalOf({ total, knowsNoPaging }: PagingStyle, length: number, onPage: number): string[] {
  if (total === 'none' || (knowsNoPaging && total === undefined)) return []
  const says = typeof total === 'object' ? total.says : String(total === 'page' ? onPage : length)
  return ['X-Total-Count', says]
}

function linkOf(
  { links = 'none', linkUrl }: PagingStyle,
  url: string,
  { query }: RecordedRequest,
  start: number,
  limit: number,
  length: number,
): string[] {
  const isLast = start + limit >= length
  const next = isLast && links === 'round' ? 0 : start + limit
  if (links === 'none' || (isLast && links !== 'always' && links !== 'round')) return []
  if (links === 'nowhere') return ['Link', `<urn:cursor:${next}>; rel="next"`]
  const parameters = new URLSearchParams(query)
  parameters.delete('cursor')
  parameters.delete('offset')
  parameters.set('limit', String(limit))
  if (links === 'cursor') parameters.set('cursor', Buffer.from(String(next)).toString('base64url'))
  else parameters.set('offset', String(links === 'page-number' ? next / limit : next))
  return ['Link', `<${linkUrl ?? url}?${parameters.toString()}>; rel="next"`]
}

const TIMESTAMP = '"timestamp":"2026-01-01T00:00:00Z"'

function bodyOf({ isLatin1, hasNoStatusCode }: PagingStyle, page: readonly string[]): Buffer {
  const status = hasNoStatusCode ? '' : '"status_code":1000, '
  return Buffer.from(`{${status}"data" : [${page.join(' ,\n')}],${TIMESTAMP}}`, isLatin1 ? 'latin1' : 'utf8')
}

function pastEnd(answer: NonNullable<PagingStyle['pastEnd']>): Reply {
  switch (answer) {
    case 'null':
      return { body: `{"status_code":1000,"data":null,${TIMESTAMP}}` }
    case 'no-data':
      return { body: `{"status_code":1000,${TIMESTAMP}}` }
    case '404':
      return { status: 404, statusCode: 2003, statusMessage: 'Not found' }
    case '404-html':
      return { status: 404, isBare: true, headers: ['Content-Type', 'text/html'], body: '<h1>Not Found</h1>' }
    case '2001':
      return { statusCode: 2001, statusMessage: 'Invalid offset' }
    case '204':
      return { status: 204, body: '' }
  }
}
