import type { Partner } from '../../support/partner.ts'
import type { Handler, RecordedRequest } from '../../support/partner-server.ts'

export type Listed = Record<string, unknown> & { id: string }

/** Objects with spelling that no parser would keep: what a hub that rebuilt them would lose. */
export function locationsOf(
  party: { country_code: string; party_id: string },
  count: number,
  prefix = 'LOC',
): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      `{ "country_code":"${party.country_code}", "party_id" : "${party.party_id}","id":"${prefix}${i}","power":1.10,"x_own":{"a":[ ]},"name":"\\u00e9"}`,
  )
}

export type ListOptions = {
  /** Most objects it gives at once. */
  readonly ownLimit?: number
  readonly hasNoTotal?: boolean
  /** Its X-Total-Count, however many there are. */
  readonly saysTotal?: string
  readonly knowsNoPaging?: boolean
}

/** Serves a list as a SENDER does; what `objects` gives may change between requests. */
export function serveList(
  partner: Partner,
  module: string,
  objects: (request: RecordedRequest) => readonly string[],
  options: ListOptions = {},
): () => void {
  const handler: Handler = (request) => {
    if (request.method !== 'GET' || request.suffix !== '') return 'pass'
    const all = objects(request)
    const parameters = new URLSearchParams(request.query)
    const offset = options.knowsNoPaging ? 0 : Number(parameters.get('offset') ?? 0)
    const asked = Number(parameters.get('limit') ?? 50)
    const limit = options.knowsNoPaging ? all.length : Math.min(asked, options.ownLimit ?? asked)
    const headers =
      options.hasNoTotal || (options.knowsNoPaging && options.saysTotal === undefined)
        ? []
        : ['X-Total-Count', options.saysTotal ?? String(all.length), 'X-Limit', String(limit)]
    const body = `{"status_code":1000, "data" : [${all.slice(offset, offset + limit).join(' ,\n')}],"timestamp":"2026-01-01T00:00:00Z"}`
    return { body, headers }
  }
  return partner.on(module, 'SENDER', handler)
}
