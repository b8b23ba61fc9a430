import { gzipSync } from 'node:zlib'
import type { CheckPorts } from '../../../src/hub/check/ports.ts'
import { type Asked, type Fault, HUB, type Said, type Stored } from './right-partner.ts'

/** What a partner does wrong, and the one probe that tells of it. */
export type Row = {
  readonly what: string
  /** `total-count fail` */
  readonly tells: string
  readonly fault?: Fault
  readonly ports?: Partial<CheckPorts>
  /** What is in the list of a module from the beginning. */
  readonly lists?: (lists: Record<string, Stored[]>) => void
  readonly consent?: boolean
  /** What each answer takes. */
  readonly takesMs?: number
}

const DAY_MS = 24 * 3_600_000

const tls = (protocol: string, days: number): Partial<CheckPorts> => ({
  readTls: () => Promise.resolve({ kind: 'seen', facts: { protocol, validTo: Date.now() + days * DAY_MS } }),
})

const at =
  (path: string, change: (said: Said) => void): Fault =>
  (said, { path: asked }) => {
    if (asked === path) change(said)
  }
const versions = (change: (data: Record<string, unknown>[]) => unknown): Fault =>
  at('/ocpi/versions', ({ envelope }) => {
    envelope['data'] = change(envelope['data'] as Record<string, unknown>[])
  })
const details = (change: (data: { endpoints: Record<string, unknown>[] } & Record<string, unknown>) => void): Fault =>
  at('/ocpi/2.2.1', ({ envelope }) => change(envelope['data'] as { endpoints: Record<string, unknown>[] }))
const endpoints = (change: (listed: Record<string, unknown>[]) => Record<string, unknown>[]): Fault =>
  details((data) => {
    data.endpoints = change(data.endpoints)
  })

const isList = ({ module, beneath, isReceiver, method, token }: Asked) =>
  module !== null && beneath.length === 0 && !isReceiver && method === 'GET' && token === 'right'
/** Of a list, asked with this parameter, or with none. */
const list =
  (parameter: string | null, change: (said: Said, asked: Asked) => void): Fault =>
  (said, asked) => {
    if (!isList(asked)) return
    if (parameter === null ? asked.query.size === 0 : asked.query.has(parameter)) change(said, asked)
  }
const everyList =
  (change: (said: Said, asked: Asked) => void): Fault =>
  (said, asked) => {
    if (isList(asked)) change(said, asked)
  }
const without = (name: string) => (said: Said) => {
  delete said.headers[name]
}
const link = (to: (url: string) => string) => (said: Said) => {
  const { Link } = said.headers
  if (Link !== undefined) said.headers['Link'] = Link.replace(/<(.*)>/, (_, url: string) => `<${to(url)}>`)
}
const error = (status: number) => (said: Said) => {
  said.status = status
  said.raw = 'An error'
}
const everything: (change: (said: Said, asked: Asked) => void) => Fault = (change) => (said, asked) => {
  if (asked.token === 'right' && said.status < 300) change(said, asked)
}
const timestamp = (text: (now: number) => unknown): Fault =>
  everything(({ envelope }) => {
    envelope['timestamp'] = text(Date.now())
  })
const first = (module: string, change: (object: Stored) => void) => (lists: Record<string, Stored[]>) => {
  const [object] = lists[module] ?? []
  if (object) change(object)
}
const evse = (change: (evse: Stored) => void) =>
  first('locations', ({ evses }) => change((evses as Stored[])[0] as Stored))

/** Each probe's faults, in the order of probes. */
export const ROWS: readonly Row[] = [
  { what: 'a certificate that ends soon', tells: 'tls warn', ports: tls('TLSv1.3', 20) },
  { what: 'no newer TLS than 1.2', tells: 'tls warn', ports: tls('TLSv1.2', 300) },
  { what: 'a certificate that has ended', tells: 'tls fail', ports: tls('TLSv1.3', -2) },
  {
    what: 'a certificate that nobody trusts',
    tells: 'tls fail',
    ports: { readTls: () => Promise.resolve({ kind: 'failed', detail: 'self-signed certificate' }) },
  },
  { what: 'a version listed twice', tells: 'versions-unique warn', fault: versions((data) => [...data, ...data]) },
  {
    what: 'a version at another host',
    tells: 'versions-https warn',
    fault: versions((data) => [...data, { version: '2.1.1', url: 'https://other.example/2.1.1' }]),
  },
  {
    what: 'a version without https',
    tells: 'versions-https fail',
    fault: versions((data) => [...data, { version: '2.1.1', url: 'http://partner.example/2.1.1' }]),
  },
  {
    what: 'details of another version',
    tells: 'details-version warn',
    fault: details((data) => (data['version'] = '2.2')),
  },
  {
    what: 'details without a version',
    tells: 'details-version fail',
    fault: details((data) => delete data['version']),
  },
  {
    what: 'an endpoint listed twice',
    tells: 'endpoints-unique fail',
    fault: endpoints((listed) => [...listed, ...listed.slice(-2, -1)]),
  },
  {
    what: 'no commands endpoint',
    tells: 'endpoints-roles warn',
    fault: endpoints((listed) => listed.filter(({ identifier }) => identifier !== 'commands')),
  },
  {
    what: 'an endpoint whose URL ends with a slash',
    tells: 'endpoints-url warn',
    fault: endpoints((listed) =>
      listed.map((each) => (each['identifier'] === 'commands' ? { ...each, url: `${String(each['url'])}/` } : each)),
    ),
  },
  {
    what: 'no credentials endpoint',
    tells: 'credentials-listed fail',
    fault: endpoints((listed) => listed.filter(({ identifier }) => identifier !== 'credentials')),
  },
  {
    what: 'no hubclientinfo endpoint',
    tells: 'hubclientinfo-listed warn',
    fault: endpoints((listed) => listed.filter(({ identifier }) => identifier !== 'hubclientinfo')),
  },
  {
    what: 'credentials with another role',
    tells: 'credentials-get warn',
    fault: at('/ocpi/2.2.1/credentials', ({ envelope }) => {
      ;(envelope['data'] as { roles: unknown[] }).roles.pop()
    }),
  },
  { what: 'no GET of credentials', tells: 'credentials-get fail', fault: at('/ocpi/2.2.1/credentials', error(405)) },
  { what: 'no X-Request-ID', tells: 'request-id-back fail', fault: everything(without('X-Request-ID')) },
  {
    what: 'an X-Request-ID of its own',
    tells: 'request-id-back fail',
    fault: everything(({ headers }) => (headers['X-Request-ID'] = 'mine')),
  },
  { what: 'no X-Correlation-ID', tells: 'correlation-id-back fail', fault: everything(without('X-Correlation-ID')) },
  { what: 'no routing headers', tells: 'routing-headers-back warn', fault: everyList(without('OCPI-from-party-id')) },
  {
    what: 'routing headers as they came',
    tells: 'routing-headers-back fail',
    fault: everyList(({ headers }) => {
      headers['OCPI-from-party-id'] = HUB.partyId
    }),
  },
  {
    what: 'another character set',
    tells: 'content-type warn',
    fault: everything(({ headers }) => (headers['Content-Type'] = 'application/json; charset=ISO-8859-1')),
  },
  {
    what: 'answers as text',
    tells: 'content-type fail',
    fault: everything(({ headers }) => (headers['Content-Type'] = 'text/plain')),
  },
  {
    what: 'timestamps with an offset',
    tells: 'timestamp-format warn',
    fault: timestamp((now) => new Date(now + 7_200_000).toISOString().replace('Z', '+02:00')),
  },
  { what: 'timestamps as numbers', tells: 'timestamp-format fail', fault: timestamp((now) => now) },
  {
    what: 'a clock two minutes behind',
    tells: 'timestamp-now warn',
    fault: timestamp((now) => new Date(now - 120_000).toISOString()),
  },
  {
    what: 'a clock an hour ahead',
    tells: 'timestamp-now fail',
    fault: timestamp((now) => new Date(now + 3_600_000).toISOString()),
  },
  {
    what: 'status codes as text',
    tells: 'status-code-present fail',
    fault: everything(({ envelope }) => (envelope['status_code'] = String(envelope['status_code']))),
  },
  {
    what: 'an object where a list should be',
    tells: 'data-shape fail',
    fault: (said, asked) => {
      if (asked.module === 'cdrs' && isList(asked)) said.envelope['data'] = { items: said.envelope['data'] }
    },
  },
  {
    what: 'an error with status code 1000',
    tells: 'http-versus-ocpi warn',
    fault: (said, { beneath }) => {
      if (said.status === 404 && beneath[0]?.includes('NOSUCH') && said.envelope['status_code'] === 2003) {
        said.envelope['status_code'] = 1000
      }
    },
  },
  {
    what: 'a list that cannot be read',
    tells: 'list-answers fail',
    fault: (said, asked) => {
      if (asked.module === 'sessions' && isList(asked)) error(500)(said)
    },
  },
  { what: 'no X-Total-Count', tells: 'total-count fail', fault: everyList(without('X-Total-Count')) },
  {
    what: 'a total that is too small',
    tells: 'total-count fail',
    fault: list(null, ({ headers }) => (headers['X-Total-Count'] = '1')),
  },
  { what: 'no X-Limit', tells: 'x-limit warn', fault: everyList(without('X-Limit')) },
  {
    what: 'a limit that is not kept',
    tells: 'limit-1 fail',
    fault: (said, asked, { lists }) => {
      const { query, module } = asked
      if (isList(asked) && query.get('limit') === '1' && query.size === 1)
        said.envelope['data'] = lists[module ?? '']?.slice(0, 2)
    },
  },
  { what: 'no link to the next page', tells: 'link-next fail', fault: everyList(without('Link')) },
  {
    what: 'a relative link',
    tells: 'link-next warn',
    fault: everyList(link((url) => new URL(url).pathname + new URL(url).search)),
  },
  {
    what: 'a link without the filters',
    tells: 'link-keeps-filters fail',
    fault: list(
      'date_from',
      link((url) => url.replace(/date_from=[^&]*&/, '')),
    ),
  },
  {
    what: 'a link to another host',
    tells: 'link-host warn',
    fault: everyList(link((url) => url.replace('partner.', 'cdn.partner.'))),
  },
  {
    what: 'a link without https',
    tells: 'link-host fail',
    fault: everyList(link((url) => url.replace('https:', 'http:'))),
  },
  {
    what: 'a link to a private address',
    tells: 'link-host fail',
    fault: everyList(link((url) => url.replace('partner.example', '10.0.0.1'))),
  },
  {
    what: 'a link to the same page',
    tells: 'second-page fail',
    fault: (said, asked, { lists }) => {
      const { query, module } = asked
      const isSecond = query.get('offset') === '1' && query.get('limit') === '1' && query.size === 2
      if (isList(asked) && isSecond) said.envelope['data'] = lists[module ?? '']?.slice(0, 1)
    },
  },
  {
    what: 'a link behind the last page',
    tells: 'last-page fail',
    fault: list('offset', (said, { query, path }) => {
      if (query.size === 1 && query.get('offset') === '4')
        said.headers['Link'] = `<https://partner.example${path}?offset=5>; rel="next"`
    }),
  },
  {
    what: 'an error beyond the end',
    tells: 'beyond-end warn',
    fault: list('offset', (said, { query }) => {
      if (query.get('offset') === '15') said.envelope['status_code'] = 2001
    }),
  },
  {
    what: 'a crash beyond the end',
    tells: 'beyond-end fail',
    fault: list('offset', (said, { query }) => {
      if (query.get('offset') === '15') error(500)(said)
    }),
  },
  {
    what: 'everything on one page',
    tells: 'huge-limit warn',
    fault: list('limit', (said, { query }) => {
      if (query.get('limit') === '100000') said.raw = `{"data":["${'x'.repeat(5 * 1024 * 1024)}"]}`
    }),
  },
  {
    what: 'a crash with a huge limit',
    tells: 'huge-limit fail',
    fault: list('limit', (said, { query }) => {
      if (query.get('limit') === '100000') error(502)(said)
    }),
  },
  {
    what: 'no filter by date_from',
    tells: 'date-from fail',
    fault: list('date_from', (said, { query, module }) => {
      const isTomorrow = Date.parse(query.get('date_from') ?? '') > Date.now()
      if (isTomorrow && module === 'tariffs') said.envelope['data'] = [{ last_updated: '2026-01-01T00:00:00Z' }]
    }),
  },
  {
    what: 'date_to that is included',
    tells: 'date-window fail',
    fault: (said, asked, { lists }) => {
      const to = asked.query.get('date_to')
      if (!isList(asked) || to === null) return
      const same = lists[asked.module ?? '']?.filter(
        ({ last_updated: written }) => Date.parse(String(written)) === Date.parse(to),
      )
      said.envelope['data'] = [...(said.envelope['data'] as unknown[]), ...(same ?? [])]
    },
  },
  {
    what: 'an error without an envelope for a bad date',
    tells: 'bad-date warn',
    fault: list('date_from', (said, { query }) => {
      if (query.get('date_from') === 'yesterday') error(400)(said)
    }),
  },
  {
    what: 'a crash with a bad date',
    tells: 'bad-date fail',
    fault: list('date_from', (said, { query }) => {
      if (query.get('date_from') === 'yesterday') error(500)(said)
    }),
  },
  {
    what: 'a bad date that is passed over',
    tells: 'bad-date fail',
    fault: list('date_from', (said, { query }) => {
      if (query.get('date_from') === 'yesterday') said.envelope = { ...said.envelope, status_code: 1000, data: [] }
    }),
  },
  {
    what: 'an object that differs from the list',
    tells: 'object-get fail',
    fault: (said, { beneath, module, isReceiver }) => {
      const { data } = said.envelope
      if (module === 'locations' && beneath[0] === 'LOC1' && !isReceiver)
        said.envelope['data'] = { ...(data as object), city: 'Zwolle' }
    },
  },
  {
    what: 'null for an unknown object',
    tells: 'object-unknown warn',
    fault: (said, { beneath, method }) => {
      if (method === 'GET' && beneath[0]?.includes('NOSUCH'))
        Object.assign(said, { status: 200, envelope: { ...said.envelope, data: null, status_code: 1000 } })
    },
  },
  {
    what: 'another object for an unknown one',
    tells: 'object-unknown fail',
    fault: (said, { beneath, method }, { lists }) => {
      const data = lists['locations']?.[0]
      if (method === 'GET' && beneath[0]?.includes('NOSUCH'))
        Object.assign(said, { status: 200, envelope: { ...said.envelope, data, status_code: 1000 } })
    },
  },
  { what: 'a field of its own', tells: 'schema warn', lists: first('tariffs', (tariff) => (tariff['colour'] = 'red')) },
  {
    what: 'a city that is too long',
    tells: 'schema warn',
    lists: first('locations', (location) => (location['city'] = 'x'.repeat(46))),
  },
  {
    what: 'an object without a required field',
    tells: 'schema fail',
    lists: first('cdrs', (cdr) => delete cdr['total_cost']),
  },
  { what: 'a number as text', tells: 'schema fail', lists: first('sessions', (session) => (session['kwh'] = '1.5')) },
  { what: 'a status in small letters', tells: 'schema fail', lists: evse((each) => (each['status'] = 'available')) },
  {
    what: 'objects of nobody',
    tells: 'ownership fail',
    lists: first('tokens', (token) => (token['party_id'] = 'ZZZ')),
  },
  {
    what: 'objects of its other party',
    tells: 'ownership warn',
    lists: first('tariffs', (tariff) => (tariff['party_id'] = 'EMA')),
  },
  {
    what: 'objects from the future',
    tells: 'last-updated-order warn',
    lists: first('sessions', (session) => (session['last_updated'] = '2099-01-01T00:00:00Z')),
  },
  { what: 'an EVSE ID of another kind', tells: 'evse-ids warn', lists: evse((each) => (each['evse_id'] = '12345')) },
  { what: 'an EVSE ID twice', tells: 'evse-ids warn', lists: evse((each) => (each['evse_id'] = 'NLCPAE2')) },
  {
    what: 'an unknown token that is not allowed',
    tells: 'authorize-unknown warn',
    fault: (said, { beneath }) => {
      if (beneath[1] === 'authorize')
        Object.assign(said, {
          status: 200,
          envelope: { ...said.envelope, status_code: 1000, data: { allowed: 'NOT_ALLOWED' } },
        })
    },
  },
  {
    what: 'an unknown token that is allowed',
    tells: 'authorize-unknown fail',
    fault: (said, { beneath }) => {
      if (beneath[1] === 'authorize')
        Object.assign(said, {
          status: 200,
          envelope: { ...said.envelope, status_code: 1000, data: { allowed: 'ALLOWED' } },
        })
    },
  },
  {
    what: 'a page for an unknown path',
    tells: 'unknown-path warn',
    fault: at('/ocpi/ocpi-hub-check-nosuch', (said) => (said.status = 200)),
  },
  {
    what: 'a DELETE that finds nothing',
    tells: 'method-wrong warn',
    fault: (said, { method }) => {
      if (method === 'DELETE') said.status = 404
    },
  },
  {
    what: 'a DELETE that is taken',
    tells: 'method-wrong fail',
    fault: (said, { method }) => {
      if (method === 'DELETE') Object.assign(said, { status: 200, envelope: { ...said.envelope, status_code: 1000 } })
    },
  },
  {
    what: 'a broken gzip',
    tells: 'gzip fail',
    fault: (said, { headers }) => {
      if (!headers.includes('gzip')) return
      said.headers['Content-Encoding'] = 'gzip'
      said.raw = gzipSync(JSON.stringify(said.envelope)).fill(0, 12, 30)
    },
  },
  { what: 'answers after two seconds', tells: 'speed warn', takesMs: 2_000 },
  { what: 'answers after six seconds', tells: 'speed fail', takesMs: 6_000 },
  {
    what: 'a wrong token that is let in',
    tells: 'wrong-token fail',
    fault: (said, { token }) => {
      if (token === 'wrong')
        Object.assign(said, { status: 200, envelope: { ...said.envelope, status_code: 1000, data: [] } })
    },
  },
  {
    what: 'a wrong token that is forbidden',
    tells: 'wrong-token warn',
    fault: (said, { token }) => {
      if (token === 'wrong') said.status = 403
    },
  },
  {
    what: 'no token that is let in',
    tells: 'no-token fail',
    fault: (said, { token }) => {
      if (token === 'none')
        Object.assign(said, { status: 200, envelope: { ...said.envelope, status_code: 1000, data: [] } })
    },
  },
  {
    what: 'a location that loses a field',
    tells: 'push-location warn',
    consent: true,
    fault: (said, { method, isReceiver, module }) => {
      const { data } = said.envelope
      if (isReceiver && module === 'locations' && method === 'GET')
        said.envelope['data'] = { ...(data as object), time_zone: undefined }
    },
  },
  {
    what: 'locations that are not taken',
    tells: 'push-location fail',
    consent: true,
    fault: (said, { method, isReceiver, module, body }) => {
      const isPlain = body !== null && !('field_of_a_newer_version' in (body as object))
      if (isReceiver && module === 'locations' && method === 'PUT' && isPlain) said.envelope['status_code'] = 2000
    },
  },
  {
    what: 'a token that stays valid',
    tells: 'push-token fail',
    consent: true,
    fault: (said, { method, isReceiver, module }) => {
      const { data } = said.envelope
      if (isReceiver && module === 'tokens' && method === 'GET')
        said.envelope['data'] = { ...(data as object), valid: true }
    },
  },
  {
    what: 'an unknown field that is refused',
    tells: 'push-unknown-field fail',
    consent: true,
    fault: (said, { body }) => {
      if (body !== null && 'field_of_a_newer_version' in (body as object)) said.envelope['status_code'] = 2001
    },
  },
  {
    what: 'a command without a result',
    tells: 'command-result fail',
    consent: true,
    ports: {
      results: {
        open: () =>
          Promise.resolve({
            url: 'https://hub.example/result',
            within: () => Promise.resolve(null),
          }),
      },
    },
  },
  {
    what: 'a command with a result of its own making',
    tells: 'command-result fail',
    consent: true,
    ports: {
      results: {
        open: () => Promise.resolve({ url: 'https://hub.example/result', within: () => Promise.resolve('accepted') }),
      },
    },
  },
]
