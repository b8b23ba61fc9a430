import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faultsOf } from '../../ocpi/convert/oracle/judge.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { onNode } from '../../support/only.ts'
import { servePages } from '../../support/paging.ts'
import { type Partner, type PartnerOptions, routedModules, type WireParty } from '../../support/partner.ts'
import type { Handler } from '../../support/partner-server.ts'
import { until } from '../../support/until.ts'

// Broadcasts, GET All and authorisations of tokens of unknown owner among platforms of OCPI 2.2.1 and 2.3.0.

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO_221 = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const CPO_230 = { country_code: 'BE', party_id: 'CPX', role: 'CPO' } as const
const EMSP_221 = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const EMSP_230 = { country_code: 'FR', party_id: 'MSX', role: 'EMSP' } as const
const LATE_EMSP = { country_code: 'FR', party_id: 'LAT', role: 'EMSP' } as const

const NOW = '2026-01-01T00:00:00Z'

type Joined = Partner & { readonly platformId: string }

let hub: TestHub
let cpo221: Joined
let cpo230: Joined
let emsp221: Joined
let emsp230: Joined
let late: Joined
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ INBOUND_REQUESTS_PER_SECOND: '0', FAN_OUTS_PER_MINUTE: '0' })
  const join = (party: WireParty, versions: readonly string[], more: Partial<PartnerOptions> = {}) =>
    hub.join({ name: party.party_id, parties: [party], modules: routedModules([party]), versions, ...more })
  cpo221 = await join(CPO_221, ['2.2.1'])
  cpo230 = await join(CPO_230, ['2.3.0'])
  emsp221 = await join(EMSP_221, ['2.2.1'])
  emsp230 = await join(EMSP_230, ['2.3.0'])
  late = await join(LATE_EMSP, ['2.2.1'])
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
  for (const partner of [cpo221, cpo230, emsp221, emsp230, late]) partner.requests.length = 0
})

function lists(partner: Partner, tariffs: readonly unknown[]): void {
  undos.push(servePages(partner, 'tariffs', () => tariffs.map((each) => JSON.stringify(each))))
}

/** Until the test ends. */
function answers(partner: Partner, module: string, handler: Handler): void {
  undos.push(partner.on(module, 'SENDER', handler))
}

function tariff({ country_code, party_id }: WireParty, id: string, more: Record<string, unknown> = {}) {
  const elements = [{ price_components: [{ type: 'ENERGY', price: 0.25, step_size: 1 }] }]
  return { country_code, party_id, id, currency: 'EUR', elements, last_updated: NOW, ...more }
}

function pushTo(partner: Partner, id: string) {
  return partner.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${id}`))
}

async function push(partner: Partner, { country_code, party_id }: WireParty, id: string, body: unknown) {
  const path = `/${country_code}/${party_id}/${id}`
  const answer = await partner.call('tariffs', 'RECEIVER', { method: 'PUT', path, to: HUB, body, correlationId: id })
  expect(answer.statusCode).toBe(1000)
}

async function queueOf({ platformId }: Joined) {
  return (await hub.admin('GET', `/queues/${platformId}`)).body
}

describe('a broadcast tariff', () => {
  test('of 2.2.1 reaches eMSPs of 2.2.1 byte by byte, and those of 2.3.0 without taxes', async () => {
    const body = `{"country_code":"NL", "party_id":"CPO","id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":1.10,"step_size":1}]}],"x_own":{"a":1e2},"last_updated":"${NOW}"}`
    await push(cpo221, CPO_221, 'T1', body)
    await until(async () => pushTo(emsp230, 'T1').length === 1 && pushTo(emsp221, 'T1').length === 1, 'both eMSPs')
    expect(pushTo(emsp221, 'T1')[0]?.body.toString()).toBe(body)
    const converted = pushTo(emsp230, 'T1')[0]?.body.toString() ?? ''
    expect(JSON.parse(converted)).toMatchObject({ id: 'T1', tax_included: 'NO' })
    expect(faultsOf('2.3.0', 'tariff', JSON.parse(converted))).toEqual(['/x_own: foreign'])
    expect(converted).toContain('"price":1.10')
    expect(converted).toContain('"x_own":{"a":1e2}')
    const row = async () => {
      const { body } = await hub.admin('GET', '/messages?correlation_id=T1&kind=delivery')
      return (body as { id: string; to_platform_id: string; conversion: string | null }[]).find(
        ({ to_platform_id }) => to_platform_id === emsp230.platformId,
      )
    }
    await until(async () => (await row()) !== undefined, 'a row of the delivery')
    expect((await row())?.conversion).toMatch(/^2\.2\.1 to 2\.3\.0, tariff: /)
    const { body: shown } = await hub.admin('GET', `/messages/${(await row())?.id}`)
    expect(shown).toMatchObject({ request: { body }, converted: { request: { body: converted }, response: null } })
    expect(shown.converted.request.remarks).toMatchObject([{ fate: 'invented', pointer: '/tax_included' }])
  })

  test('of 2.3.0 with taxes in its prices reaches eMSPs of 2.3.0, is withheld from others, and does their queues no harm', async () => {
    await push(cpo230, CPO_230, 'T2', tariff(CPO_230, 'T2', { tax_included: 'YES' }))
    await until(async () => pushTo(emsp230, 'T2').length === 1, 'the eMSP of 2.3.0')
    await until(async () => (await queueOf(emsp221)).withheld >= 1, 'the queue of the eMSP of 2.2.1')
    expect(pushTo(emsp221, 'T2')).toEqual([])
    expect(await queueOf(emsp221)).toMatchObject({ waiting: 0, failed: 0, missed: 0, paused: false, last_errors: [] })
    type Row = { id: string; kind: string; to_platform_id: string | null; failure: string | null }
    const rows = async () => (await hub.admin('GET', '/messages?correlation_id=T2')).body as Row[]
    const withheld = async () => (await rows()).find(({ to_platform_id }) => to_platform_id === emsp221.platformId)
    await until(async () => (await withheld()) !== undefined, 'a row of what was withheld')
    expect(await withheld()).toMatchObject({ kind: 'delivery', failure: 'withheld' })
    const broadcast = (await rows()).find(({ kind }) => kind === 'broadcast')
    const { body: receipts } = await hub.admin('GET', `/messages/${broadcast?.id}/deliveries`)
    expect(
      (receipts as { platform_id: string; state: string }[]).find(
        ({ platform_id }) => platform_id === emsp221.platformId,
      ),
    ).toMatchObject({ state: 'withheld' })
  })
})

describe('A broadcast tariff that waits for its eMSP goes out as things are when its turn comes', () => {
  async function waiting({ platformId }: Joined, pushing: () => Promise<void>, change: () => Promise<void>) {
    expect((await hub.admin('POST', `/queues/${platformId}/pause`, {})).status).toBe(200)
    await pushing()
    await change()
    expect((await hub.admin('POST', `/queues/${platformId}/resume`, {})).status).toBe(200)
  }

  test('in the version at which the eMSP has registered since', async () => {
    await waiting(
      late,
      () => push(cpo221, CPO_221, 'T3', tariff(CPO_221, 'T3')),
      async () => expect((await late.rotate({ versions: ['2.3.0'] })).statusCode).toBe(1000),
    )
    await until(async () => pushTo(late, 'T3').length === 1, 'what waited')
    expect(pushTo(late, 'T3')[0]?.json()).toMatchObject({ tax_included: 'NO' })
  })

  test('by the conversion settings that the eMSP has been given since', async () => {
    await waiting(
      emsp221,
      () => push(cpo230, CPO_230, 'T4', tariff(CPO_230, 'T4', { tax_included: 'NO', preauthorize_amount: 10 })),
      async () => {
        const conversion = { extras: 'keep' }
        expect((await hub.admin('PATCH', `/platforms/${emsp221.platformId}`, { conversion })).status).toBe(200)
      },
    )
    await until(async () => pushTo(emsp221, 'T4').length === 1, 'what waited')
    expect(pushTo(emsp221, 'T4')[0]?.json()).toMatchObject({ preauthorize_amount: 10 })
  })

  test('not at all, where a rule has been made since that keeps it from the eMSP', async () => {
    const rules: string[] = []
    await waiting(
      emsp230,
      () => push(cpo221, CPO_221, 'T5', tariff(CPO_221, 'T5')),
      async () => {
        const [a, b] = [CPO_221, EMSP_230].map(({ country_code, party_id }) => ({ country_code, party_id }))
        const { status, body } = await hub.admin('POST', '/agreements', { a, b, effect: 'deny' })
        expect(status).toBe(201)
        rules.push(body.id)
      },
    )
    await push(cpo230, CPO_230, 'T6', tariff(CPO_230, 'T6'))
    await until(async () => pushTo(emsp230, 'T6').length === 1, 'a push of another CPO')
    await until(async () => (await queueOf(emsp230)).waiting === 0, 'an empty queue')
    expect(pushTo(emsp230, 'T5')).toEqual([])
    for (const id of rules) expect((await hub.admin('DELETE', `/agreements/${id}`)).status).toBe(204)
  })

  test.runIf(onNode('One hub a database'))(
    'in the version at which the eMSP has registered since at another process than the one that has its queue',
    async () => {
      const other = await startTestHub({}, { databaseUrl: hub.databaseUrl })
      const queueIn = `ocpi_hub_queue_waiting{platform="${late.platformId}"}`
      const hasQueue = async ({ url }: TestHub) => (await (await fetch(`${url}/metrics`)).text()).includes(queueIn)
      await waiting(
        late,
        () => push(cpo221, CPO_221, 'T7', tariff(CPO_221, 'T7')),
        async () => {
          const at = (await hasQueue(hub)) ? other : hub
          late.hubEndpoints.set('credentials/RECEIVER', `${at.url}/ocpi/2.2.1/credentials`)
          expect((await late.rotate({ versions: ['2.2.1'] })).statusCode).toBe(1000)
        },
      )
      await until(async () => pushTo(late, 'T7').length === 1, 'what waited')
      expect(pushTo(late, 'T7')[0]?.json()).not.toHaveProperty('tax_included')
      await other.close()
    },
  )
})

describe('GET All', () => {
  test('gives the tariffs of all CPOs in the version of who asks, page by page, without those that it cannot say', async () => {
    lists(
      cpo221,
      ['A', 'B', 'C'].map((id) => tariff(CPO_221, id)),
    )
    const of230 = ['D', 'E', 'F', 'G'].map((id) => tariff(CPO_230, id, { tax_included: id === 'E' ? 'YES' : 'NO' }))
    lists(cpo230, of230)
    for (const [emsp, told] of [
      [emsp221, undefined],
      [emsp230, 'NO'],
    ] as const) {
      const found: { id: string; tax_included?: string }[] = []
      let pages = 0
      let answer = await emsp.call('tariffs', 'SENDER', { to: HUB, query: '?limit=2' })
      for (;;) {
        expect([answer.status, answer.statusCode]).toEqual([200, 1000])
        expect(answer.header('x-total-count')).toBe('7')
        found.push(...(answer.data as typeof found))
        pages++
        if (!answer.next) break
        answer = await emsp.callUrl(answer.next)
      }
      expect(pages).toBe(4)
      const ids = found.map(({ id }) => id).sort()
      expect(ids).toEqual(emsp === emsp221 ? ['A', 'B', 'C', 'D', 'F', 'G'] : ['A', 'B', 'C', 'D', 'E', 'F', 'G'])
      const ofAll = found.filter(({ id }) => id !== 'E').map(({ tax_included }) => tax_included)
      expect(new Set(ofAll)).toEqual(new Set([told]))
    }
  })
})

describe('the authorisation of a token of unknown owner', () => {
  const info = ({ country_code, party_id }: WireParty, type: string, allowed = 'ALLOWED') => {
    const token = { country_code, party_id, uid: 'U1', type, contract_id: 'C1', issuer: 'x', valid: true }
    return { allowed, token: { ...token, whitelist: 'NEVER', last_updated: NOW } }
  }
  const ask = (cpo: Partner) => cpo.call('tokens', 'SENDER', { method: 'POST', path: '/U1/authorize', to: null })

  test('is answered by the eMSP that knows it, in the version of the CPO', async () => {
    answers(emsp221, 'tokens', () => ({ status: 404, statusCode: 2004 }))
    answers(late, 'tokens', () => ({ status: 404, statusCode: 2004 }))
    answers(emsp230, 'tokens', () => ({ data: info(EMSP_230, 'EMAID') }))
    const [old, own] = [await ask(cpo221), await ask(cpo230)]
    expect([old.status, old.statusCode, old.data]).toMatchObject([200, 1000, { allowed: 'ALLOWED' }])
    expect(old.data).toMatchObject({ token: { type: 'OTHER' } })
    expect(own.data).toMatchObject({ token: { type: 'EMAID' } })
  })

  test('is answered with 404 when nobody knows it', async () => {
    for (const emsp of [emsp221, emsp230, late]) answers(emsp, 'tokens', () => ({ status: 404, statusCode: 2004 }))
    const answer = await ask(cpo230)
    expect([answer.status, answer.statusCode]).toEqual([404, 2004])
  })
})

test('administrators see which tariff was withheld, from whom, and why', async () => {
  const told = async () => (await hub.admin('GET', `/conversions?platform=${emsp221.platformId}&fate=withheld`)).body
  // Counts are stored every ten seconds.
  await until(async () => (await told()).length > 0, 'what was counted')
  const reason = expect.stringMatching(/include taxes/)
  const withheld = { from: '2.3.0', to: '2.2.1', kind: 'tariff', reason, sample: 'T2' }
  expect(await told()).toContainEqual(expect.objectContaining(withheld))
})
