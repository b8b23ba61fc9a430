import { conversionNote, storeConversions } from '../support/conversions.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { html } from '../support/misbehave.ts'
import { routedModules, type WireParty } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { addDayOfTraffic } from './busy-hub.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'DE', party_id: 'CPB', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMB', role: 'EMSP' } as const
const OTHER = { country_code: 'NL', party_id: 'EMA', role: 'EMSP' } as const
const HELD = { country_code: 'DE', party_id: 'CPC', role: 'CPO' } as const
const SUSPENDED = { country_code: 'FR', party_id: 'CPD', role: 'CPO' } as const
const NEWCOMER = { country_code: 'EE', party_id: 'BGR', role: 'CPO' } as const
const OFFLINE = { country_code: 'EE', party_id: 'TLC', role: 'EMSP' } as const
const NEW_ROLE = { country_code: 'DE', party_id: 'CPX', role: 'CPO' } as const

const CHECKS = { CONNECTION_CHECK_CALLS_PER_SECOND: '100' }

/** IDs of what stands in a hub, for the addresses of its pages. */
export type Filled = Readonly<
  Record<
    | 'platform'
    | 'paused'
    | 'held'
    | 'suspended'
    | 'newcomer'
    | 'rule'
    | 'person'
    | 'key'
    | 'webhook'
    | 'sandbox'
    | 'link',
    string
  >
> & {
  readonly hub: TestHub
  /** Where the link to the page of `platform` leads. */
  readonly entrance: string
  /** A message of each kind that pages tell apart. */
  readonly messages: Readonly<
    Record<'command' | 'tokenRefused' | 'refused' | 'broadcast' | 'delivery' | 'configuration', string>
  >
}

/**
 * A hub in which every page has something to show. `worded` makes the words that partners and administrators send: those
 * that they stand for, or others.
 */
export async function startFilledHub(worded: (text: string) => string = (text) => text): Promise<Filled> {
  const hub = await startTestHub({ HUB_NAME: 'Roaming Hub', ROUTING_POLICY: 'agreements', ...CHECKS })
  await addDayOfTraffic(hub.databaseUrl)
  const join = (name: string, party: WireParty, settings: Record<string, unknown> = {}, more: WireParty[] = []) =>
    hub.join(
      { name: worded(name), parties: [party, ...more], modules: routedModules([party]) },
      { parties: [party], ...settings },
    )
  const cpo = await join('Rheinstrom', CPO, { reason: worded('signed in October') }, [NEW_ROLE])
  const emsp = await join('Alpendrive', EMSP)
  const other = await join('Polder eMobility', OTHER)
  const held = await join('Nordlade', HELD, { hold: true })
  const suspended = await join('Lumière', SUSPENDED)
  const newcomer = await addNewcomer(hub, worded)

  const rule = await made(hub, '/agreements', {
    ...{ a: named(CPO), b: named(EMSP), effect: 'allow', reason: worded('roaming contract') },
  })
  await made(hub, '/agreements', { a: named(SUSPENDED), b: named(OTHER), effect: 'allow', modules: ['locations'] })
  await made(hub, '/agreements', { a: named(HELD), b: named(EMSP), effect: 'deny' })
  const person = await made(hub, '/admins', {
    ...{ name: worded('Ada'), email: 'ada@hub.example', role: 'operator', password: 'correct horse battery' },
  })
  const sandbox = await made(hub, '/sandbox', { role: 'EMSP' })
  await hub.admin('PUT', `/platforms/${held.platformId}/sandbox`, { partners: [sandbox] })
  await hub.admin('POST', `/platforms/${held.platformId}/sandbox/try`, { what: 'locations', partner: sandbox })
  const key = await made(hub, '/keys', { name: worded('nightly export'), role: 'read-only' })
  // Nobody listens there.
  const webhook = await made(hub, '/webhooks', { name: worded('on call'), url: 'http://127.0.0.1:9/alerts' })
  await hub.admin('POST', `/webhooks/${webhook}/test`)
  await hub.admin('PATCH', `/platforms/${cpo.platformId}`, {
    endpoint_overrides: [{ identifier: 'cdrs', role: 'SENDER', url: null }],
    delivery: { requests_per_second: 20, concurrency: 4, max_age_seconds: 3600 },
    reason: worded('asked for by mail'),
  })

  const statusMessage = worded('No such thing')
  emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage }))
  cpo.on('tariffs', 'SENDER', () => ({ status: 401, statusCode: 2001, statusMessage }))
  cpo.on('locations', 'SENDER', () => ({
    data: [{ id: 'LOC1', name: worded('Hafenstraße'), images: [{ url: 'javascript:alert(1)' }] }],
    headers: ['Link', '<javascript:alert(1)>; rel="next"', 'X-Note', ascii(worded('a note'))],
  }))
  const body = { response_url: `${emsp.origin}/results/1`, location_id: worded('LOC7') }
  const headers = ['X-Note', ascii(worded('a note'))]
  const command = { method: 'POST', path: '/UNLOCK_CONNECTOR', to: CPO, body, headers } as const
  await emsp.call('commands', 'RECEIVER', { ...command, correlationId: 'command' })
  await emsp.call('tariffs', 'SENDER', { to: CPO, headers, correlationId: 'tokenRefused' })
  await emsp.call('locations', 'SENDER', { to: CPO, headers })
  await other.call('locations', 'SENDER', { to: CPO, headers, correlationId: 'refused' })
  await emsp.call('locations', 'SENDER', { to: { country_code: 'FR', party_id: 'NON' } })
  for (const id of ['LOC1', worded('LOC2')]) {
    const path = `/DE/CPB/${encodeURIComponent(id)}`
    const push = { method: 'PUT', path, to: HUB, headers, body: { id, name: worded('Hafenstraße') } } as const
    await cpo.call('locations', 'RECEIVER', { ...push, correlationId: 'push' })
  }

  await storeConversions(hub.databaseUrl, conversionsToward(cpo.platformId, emsp.platformId, worded))

  const messages = await messagesOf(hub)
  await until(async () => {
    const { body: queue } = await hub.admin('GET', `/queues/${emsp.platformId}/missed`)
    return queue.length > 0
  }, 'a push to be missed')
  await hub.admin('POST', `/platforms/${suspended.platformId}/suspend`, { reason: worded('maintenance window') })
  await hub.admin('POST', `/queues/${emsp.platformId}/pause`, { reason: worded('asked for by the partner') })
  const waiting = { method: 'PUT', path: '/DE/CPB/LOC3', to: HUB, body: { id: 'LOC3' } } as const
  await cpo.call('locations', 'RECEIVER', waiting)
  await checked(hub, cpo.platformId)
  const { body: followed } = await hub.admin('POST', `/platforms/${cpo.platformId}/partner-links`, {})
  return {
    ...{ hub, messages, newcomer, rule, person, key, webhook, sandbox },
    platform: cpo.platformId,
    link: followed.id,
    entrance: new URL(followed.link).pathname,
    paused: emsp.platformId,
    held: held.platformId,
    suspended: suspended.platformId,
  }
}

/** A connection check that found what there is to find, of which one fault is let pass. */
async function checked(hub: TestHub, id: string): Promise<void> {
  const path = `/platforms/${id}/checks`
  await hub.admin('POST', path, {})
  await until(async () => (await hub.admin('GET', `${path}/1`)).body.ended_at !== null, 'a check to end', 20_000)
  await hub.admin('PUT', `${path}/waivers/schema`, { reason: 'mended with their next release' })
}

/** Somebody whose first calls failed. */
async function addNewcomer(hub: TestHub, worded: (text: string) => string): Promise<string> {
  const { id, token } = await hub.createPlatform({ name: worded('Baltic Grid'), parties: [NEWCOMER] })
  await fetch(hub.versionsUrl, {
    headers: { Authorization: `Token ${btoa(`${token}x`)}`, 'User-Agent': ascii(worded('ocpi')) },
  })
  await fetch(hub.versionsUrl, { headers: { Authorization: `Token ${btoa(btoa(token))}` } })
  const partner = await hub.join({ name: worded('Tallinn Charge'), parties: [OFFLINE] })
  partner.onRequest(html(502))
  const connect = { versions_url: partner.versionsUrl, token: 'a-token-of-theirs' }
  await hub.admin('POST', `/platforms/${id}/connect`, connect)
  return id
}

async function made(hub: TestHub, path: string, body: Record<string, unknown>): Promise<string> {
  const answer = await hub.admin('POST', path, body)
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body.id
}

async function messagesOf(hub: TestHub): Promise<Filled['messages']> {
  type Row = { readonly id: string; readonly correlation_id: string; readonly kind: string }
  let rows: Row[] = []
  await until(async () => {
    rows = (await hub.admin('GET', '/messages?limit=100')).body
    return ['delivery', 'broadcast', 'configuration'].every((kind) => rows.some((row) => row.kind === kind))
  }, 'the rows of a push')
  const idOf = (holds: (row: Row) => boolean) => rows.find(holds)?.id ?? 'none'
  const by = (id: string) => idOf(({ correlation_id }) => correlation_id === id)
  const of = (wanted: string) => idOf(({ kind }) => kind === wanted)
  return {
    ...{ command: by('command'), tokenRefused: by('tokenRefused'), refused: by('refused') },
    ...{ broadcast: of('broadcast'), delivery: of('delivery'), configuration: of('configuration') },
  }
}

function named({ country_code, party_id }: WireParty) {
  return { country_code, party_id }
}

/** What a header can hold. */
function ascii(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?')
}

function conversionsToward(cpo: string, emsp: string, worded: (text: string) => string) {
  const lost = (pointer: string, reason: string) => ({ fate: 'lost', pointer, reason: worded(reason) }) as const
  const down = { from: '2.3.0', to: '2.1.1', platformId: emsp } as const
  return [
    conversionNote({ platformId: cpo }),
    conversionNote({
      ...down,
      sample: worded('TARIFF-7'),
      remarks: [lost('/elements/*/price_components/*/vat', '2.1.1 has no VAT')],
    }),
    conversionNote({
      ...down,
      outcome: 'withheld',
      remarks: [
        { fate: 'withheld', pointer: '/tax_included', reason: 'prices include taxes, 2.1.1 reads them without' },
      ],
    }),
    conversionNote({
      ...down,
      kind: 'location',
      remarks: [
        lost('/help_phone', 'came with 2.3.0'),
        { fate: 'changed', pointer: '/evses/*/connectors/*/power_type', reason: 'AC_2_PHASE came with 2.2' },
        { fate: 'unknown', pointer: worded('/x_own'), reason: 'in no version' },
      ],
    }),
    conversionNote({ ...down, kind: 'session', outcome: 'failed', remarks: [], sample: null }),
  ]
}
