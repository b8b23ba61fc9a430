import type { CheckedPlatform } from '../../../src/hub/check/check.ts'
import { streamOf } from '../../../src/hub/message.ts'
import type { Send, SendResult } from '../../../src/hub/ports.ts'
import type { Headers } from '../../../src/ocpi/headers.ts'
import { header } from '../../../src/ocpi/headers.ts'

/** A request as the partner reads it. */
export type Asked = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** `locations`; null outside of modules. */
  readonly module: string | null
  /** What lies beneath the module's endpoint, decoded. */
  readonly beneath: readonly string[]
  readonly isReceiver: boolean
  readonly headers: Headers
  readonly token: 'right' | 'wrong' | 'none'
  readonly body: unknown
}

/** An answer before it is written: faults change it. */
export type Said = {
  status: number
  headers: Record<string, string>
  envelope: Record<string, unknown>
  /** Instead of the envelope. */
  raw?: Uint8Array | string
  /** Instead of any answer. */
  failed?: Extract<SendResult, { kind: 'failed' }>
}

/** One thing that a partner does wrong. */
export type Fault = (said: Said, asked: Asked, partner: RightPartner) => void

export type Stored = Record<string, unknown>

export type RightPartner = {
  readonly platform: CheckedPlatform
  /** By module. */
  readonly lists: Record<string, Stored[]>
  readonly received: Map<string, Stored>
  readonly send: Send
  /** Of all requests, in order. */
  readonly asked: Asked[]
}

export const HUB = { countryCode: 'NL', partyId: 'HUB' }
export const TOKEN = 'the-token-of-the-hub-0123456789'
const OWN_TOKEN = 'the-token-of-the-partner'
const ORIGIN = 'https://partner.example'
const BASE = '/ocpi/2.2.1'
const MAX_LIMIT = 3

/** A platform with a CPO and an eMSP that does everything as it should be, but for one fault. Called in the process, without a socket. */
export function createRightPartner(fault: Fault = () => undefined, now: () => number = Date.now): RightPartner {
  const lists: Record<string, Stored[]> = {
    locations: many(location),
    tariffs: many(tariff),
    sessions: many(session),
    cdrs: many(cdr),
    tokens: many(token),
  }
  const asked: Asked[] = []
  const received = new Map<string, Stored>()
  const partner: RightPartner = { platform: platformOf(), lists, received, send, asked }
  return partner

  async function send(request: Parameters<Send>[0]): Promise<SendResult> {
    const url = new URL(request.origin + request.path)
    const text = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : null
    const one = readRequest(request.method, url, request.headers, text)
    asked.push(one)
    const said = answer(one)
    fault(said, one, partner)
    if (said.failed) return said.failed
    const body = said.raw ?? JSON.stringify(said.envelope)
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    return {
      kind: 'answer',
      status: said.status,
      headers: Object.entries(said.headers).flat(),
      body: bytes.length > request.bufferBytes ? streamOf(bytes) : bytes,
    }
  }

  function answer(one: Asked): Said {
    const say = (status: number, code: number, data?: unknown, headers: Record<string, string> = {}): Said => ({
      status,
      headers: { ...replyHeaders(one), ...headers },
      envelope: { data, status_code: code, timestamp: new Date(now()).toISOString() },
    })
    if (one.token !== 'right') return say(401, 2001)
    if (one.path === '/ocpi/versions') return say(200, 1000, [{ version: '2.2.1', url: `${ORIGIN}${BASE}` }])
    if (one.path === BASE) return say(200, 1000, { version: '2.2.1', endpoints: endpoints() })
    if (one.path === `${BASE}/credentials`) return say(200, 1000, credentials())
    if (one.module === null) return say(404, 2000)
    return one.isReceiver ? receive(one, say) : offer(one, say)
  }

  function offer(
    one: Asked,
    say: (status: number, code: number, data?: unknown, headers?: Record<string, string>) => Said,
  ): Said {
    const list = lists[one.module ?? '']
    if (!list) return say(404, 2000)
    const [id, action] = one.beneath
    if (one.method === 'POST' && one.module === 'tokens' && action === 'authorize') return say(404, 2004)
    if (one.method !== 'GET') return say(405, 2000)
    if (id !== undefined) {
      const found = one.module === 'locations' ? list.find((each) => each['id'] === id) : undefined
      return found ? say(200, 1000, found) : say(404, 2003)
    }
    const { query } = one
    const from = Date.parse(query.get('date_from') ?? '2000-01-01T00:00:00Z')
    const to = Date.parse(query.get('date_to') ?? '2100-01-01T00:00:00Z')
    if (Number.isNaN(from) || Number.isNaN(to)) return say(200, 2001)
    const matching = list.filter((each) => {
      const at = Date.parse(String(each['last_updated']))
      return at >= from && at < to
    })
    const offset = Number(query.get('offset') ?? 0)
    const limit = Math.min(Number(query.get('limit') ?? MAX_LIMIT), MAX_LIMIT)
    const headers: Record<string, string> = { 'X-Total-Count': String(matching.length), 'X-Limit': String(MAX_LIMIT) }
    if (offset + limit < matching.length) {
      const next = new URLSearchParams(query)
      next.set('offset', String(offset + limit))
      next.set('limit', String(limit))
      headers['Link'] = `<${ORIGIN}${one.path}?${next.toString()}>; rel="next"`
    }
    return say(200, 1000, matching.slice(offset, offset + limit), headers)
  }

  function receive(one: Asked, say: (status: number, code: number, data?: unknown) => Said): Said {
    if (one.module === 'commands') return say(200, 1000, { result: 'ACCEPTED', timeout: 30 })
    const key = [one.module, ...one.beneath.slice(0, 3)].join('/')
    const known = received.get(key)
    const body = one.body as Stored
    const [, , , evse] = one.beneath
    switch (one.method) {
      case 'PUT':
        received.set(key, body)
        return say(known ? 200 : 201, 1000)
      case 'PATCH': {
        if (!known) return say(404, 2003)
        const { evses } = known as { evses?: Stored[] }
        const isIn = (each: Stored) => each['uid'] === evse
        received.set(
          key,
          evse === undefined
            ? { ...known, ...body }
            : { ...known, evses: evses?.map((each) => (isIn(each) ? { ...each, ...body } : each)) },
        )
        return say(200, 1000)
      }
      default:
        return known ? say(200, 1000, known) : say(404, 2003)
    }
  }
}

function readRequest(method: string, url: URL, headers: Headers, text: string | null): Asked {
  const match = /^\/ocpi\/2\.2\.1\/(receiver\/)?([a-z]+)(.*)$/.exec(url.pathname)
  const isModule = match !== null && match[2] !== 'credentials'
  const authorization = header(headers, 'authorization')
  const right = `Token ${Buffer.from(TOKEN).toString('base64')}`
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    module: isModule ? (match[2] ?? null) : null,
    beneath: isModule ? (match[3] ?? '').split('/').slice(1).map(decodeURIComponent) : [],
    isReceiver: isModule && match[1] !== undefined,
    headers,
    token: authorization === undefined ? 'none' : authorization === right ? 'right' : 'wrong',
    body: text === null ? null : (JSON.parse(text) as unknown),
  }
}

function replyHeaders({ headers }: Asked): Record<string, string> {
  const said: Record<string, string> = { 'Content-Type': 'application/json' }
  for (const [to, from] of [
    ['X-Request-ID', 'X-Request-ID'],
    ['X-Correlation-ID', 'X-Correlation-ID'],
    ['OCPI-to-country-code', 'OCPI-from-country-code'],
    ['OCPI-to-party-id', 'OCPI-from-party-id'],
    ['OCPI-from-country-code', 'OCPI-to-country-code'],
    ['OCPI-from-party-id', 'OCPI-to-party-id'],
  ] as const) {
    const value = header(headers, from.toLowerCase())
    if (value !== undefined) said[to] = value
  }
  return said
}

const CPO = { country_code: 'NL', party_id: 'CPA' }
const EMSP = { country_code: 'NL', party_id: 'EMA' }

function platformOf(): CheckedPlatform {
  return {
    id: 'platform-1',
    name: 'Partner',
    versionsUrl: `${ORIGIN}/ocpi/versions`,
    version: '2.2.1',
    token: TOKEN,
    encoding: 'base64',
    parties: [
      { countryCode: 'NL', partyId: 'CPA', roles: ['CPO'] },
      { countryCode: 'NL', partyId: 'EMA', roles: ['EMSP'] },
    ],
    endpoints: [],
    endpointOverrides: [],
  }
}

function endpoints() {
  const url = (module: string) => `${ORIGIN}${BASE}/${module}`
  const senders = ['locations', 'tariffs', 'sessions', 'cdrs', 'tokens', 'commands']
  const receivers = ['locations', 'tariffs', 'sessions', 'cdrs', 'tokens', 'commands', 'hubclientinfo']
  return [
    { identifier: 'credentials', role: 'RECEIVER', url: url('credentials') },
    ...senders.map((identifier) => ({ identifier, role: 'SENDER', url: url(identifier) })),
    ...receivers.map((identifier) => ({ identifier, role: 'RECEIVER', url: url(`receiver/${identifier}`) })),
  ]
}

function credentials() {
  const role = (party: object, name: string) => ({ ...party, role: name, business_details: { name: 'Partner' } })
  return { token: OWN_TOKEN, url: `${ORIGIN}/ocpi/versions`, roles: [role(CPO, 'CPO'), role(EMSP, 'EMSP')] }
}

function many(make: (number: number) => Stored): Stored[] {
  return [1, 2, 3, 4, 5].map((number) => ({ ...make(number), last_updated: `2026-01-0${number}T09:30:00.500Z` }))
}

function location(number: number): Stored {
  const last_updated = '2026-01-01T09:30:00Z'
  const connector = {
    ...{
      id: '1',
      standard: 'IEC_62196_T2',
      format: 'SOCKET',
      power_type: 'AC_3_PHASE',
      max_voltage: 230,
      max_amperage: 32,
    },
    last_updated,
  }
  return {
    ...CPO,
    id: `LOC${number}`,
    publish: true,
    address: 'Croeselaan 1',
    city: 'Utrecht',
    country: 'NLD',
    coordinates: { latitude: '52.086700', longitude: '5.105900' },
    evses: [
      {
        uid: `EVSE${number}`,
        evse_id: `NL*CPA*E${number}`,
        status: 'AVAILABLE',
        connectors: [connector],
        last_updated,
      },
    ],
    time_zone: 'Europe/Amsterdam',
  }
}

function tariff(number: number): Stored {
  const component = { type: 'ENERGY', price: 0.39, vat: 21, step_size: 1 }
  return { ...CPO, id: `TARIFF${number}`, currency: 'EUR', elements: [{ price_components: [component] }] }
}

const CDR_TOKEN = { ...EMSP, uid: 'TOKEN1', type: 'RFID', contract_id: 'NL-EMA-C1' }

function session(number: number): Stored {
  return {
    ...CPO,
    id: `SESSION${number}`,
    start_date_time: '2026-01-01T08:00:00Z',
    kwh: 1.5,
    cdr_token: CDR_TOKEN,
    auth_method: 'COMMAND',
    location_id: 'LOC1',
    evse_uid: 'EVSE1',
    connector_id: '1',
    currency: 'EUR',
    status: 'COMPLETED',
  }
}

function cdr(number: number): Stored {
  const cdr_location = {
    ...{
      id: 'LOC1',
      address: 'Croeselaan 1',
      city: 'Utrecht',
      country: 'NLD',
      evse_uid: 'EVSE1',
      evse_id: 'NL*CPA*E1',
    },
    coordinates: { latitude: '52.086700', longitude: '5.105900' },
    ...{
      connector_id: '1',
      connector_standard: 'IEC_62196_T2',
      connector_format: 'SOCKET',
      connector_power_type: 'AC_3_PHASE',
    },
  }
  return {
    ...CPO,
    id: `CDR${number}`,
    start_date_time: '2026-01-01T08:00:00Z',
    end_date_time: '2026-01-01T09:00:00Z',
    cdr_token: CDR_TOKEN,
    auth_method: 'COMMAND',
    cdr_location,
    currency: 'EUR',
    charging_periods: [{ start_date_time: '2026-01-01T08:00:00Z', dimensions: [{ type: 'ENERGY', volume: 1.5 }] }],
    total_cost: { excl_vat: 0.6, incl_vat: 0.73 },
    total_energy: 1.5,
    total_time: 1,
  }
}

function token(number: number): Stored {
  return {
    ...EMSP,
    uid: `TOKEN${number}`,
    type: 'RFID',
    contract_id: `NL-EMA-C${number}`,
    issuer: 'Partner',
    valid: true,
    whitelist: 'NEVER',
  }
}
