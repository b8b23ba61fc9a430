import { startTestHub, type TestHub, type TestHubOptions } from '../support/hub.ts'
import type { CallOptions, Partner } from '../support/partner.ts'
import type { CallAnswer } from '../support/partner-client.ts'

export const CPO = { country_code: 'NL', party_id: 'CPO' }
export const EMSP = { country_code: 'DE', party_id: 'EMS' }

export type Joined = Partner & { readonly platformId: string }

/** A hub with short deadlines, a CPO and an eMSP. */
export type Pair = {
  readonly hub: TestHub
  readonly cpo: Joined
  readonly emsp: Joined
  /** The eMSP asks the CPO for its locations. */
  readonly ask: (options?: CallOptions) => Promise<CallAnswer>
  /** The CPO puts something big or small at the eMSP. */
  readonly put: (body: unknown, options?: CallOptions) => Promise<CallAnswer>
}

export const SHORT = {
  FORWARD_TIMEOUT_MS: '1000',
  STREAM_IDLE_MS: '400',
  BUFFER_BYTES: String(64 * 1024),
  MAX_BODY_BYTES: String(8 * 1024 * 1024),
}

export async function startPair(environment: Record<string, string> = {}, options: TestHubOptions = {}): Promise<Pair> {
  const hub = await startTestHub({ ...SHORT, ...environment }, options)
  const cpo = await hub.join({ name: 'cpo', parties: [{ ...CPO, role: 'CPO' }] })
  const emsp = await hub.join({ name: 'emsp', parties: [{ ...EMSP, role: 'EMSP' }] })
  return {
    hub,
    cpo,
    emsp,
    ask: (options = {}) => emsp.call('locations', 'SENDER', { to: CPO, ...options }),
    put: (body, options = {}) =>
      cpo.call('locations', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/LOC1', to: EMSP, body, ...options }),
  }
}

/** Resolves once `check` holds; what it returned last is in the error otherwise. */
export async function eventually<T>(check: () => T | Promise<T>, holds: (value: T) => boolean, withinMs = 20_000) {
  const until = Date.now() + withinMs
  for (;;) {
    const value = await check()
    if (holds(value)) return value
    if (Date.now() > until) throw new Error(`Still ${JSON.stringify(value)} after ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The value of a metric without labels, or with exactly these in the text. */
export async function metric(hub: TestHub, name: string, labels = ''): Promise<number> {
  const text = await (
    await fetch(`${hub.url}/metrics`, { headers: { Authorization: `Bearer ${hub.adminToken}` } })
  ).text()
  const line = text.split('\n').find((each) => each.startsWith(labels ? `${name}{${labels}}` : `${name} `))
  return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ')))
}

/** How many messages of others reached a partner: what the hub tells or asks on its own account is left out. */
export function routedTo(partner: Partner): number {
  return partner.requests.filter(({ module }) => module !== null).length
}
