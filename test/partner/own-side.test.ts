import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPlainBrowser, type PlainBrowser } from '../admin/console/plain-browser.ts'
import { conversionNote, storeConversions } from '../support/conversions.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../support/partner.ts'
import { startPartner211 } from '../support/partner-211.ts'
import { until } from '../support/until.ts'

// What a partner sees of an exchange between it and another: its own side. And nothing of those between others, whatever id it guesses.

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'BE', party_id: 'OTH', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const EVIL = '<img src=x onerror=alert(1)>'
const CALLBACK = 'http://callback.of-the-emsp.example/results/77'

type Joined = Partner & { readonly platformId: string }

let hub: TestHub
let cpo: Joined
let emsp: Joined
let other: Joined
/** Each looks at its own page. */
const eyes = new Map<Joined, PlainBrowser>()

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join('Platform of the CPO', CPO)
  emsp = await join('Platform of the eMSP', EMSP)
  other = await join(EVIL, OTHER)
}, 60_000)
afterAll(() => hub?.close())

async function join(name: string, of: WireParty, versions?: string[]): Promise<Joined> {
  const parties = [of]
  const modules = routedModules(parties)
  const partner = await hub.join({ name, parties, modules, ...(versions && { versions }) }, { parties })
  const { body } = await hub.admin('POST', `/platforms/${partner.platformId}/partner-links`, {})
  const browser = createPlainBrowser(hub.url)
  expect((await browser.post(new URL(body.link).pathname, {})).status).toBe(303)
  eyes.set(partner, browser)
  return partner
}

const get = (who: Joined, path: string) => (eyes.get(who) as PlainBrowser).get(path)

type Row = { readonly id: string; readonly kind: string; readonly to_party: string | null }

/** The rows of a correlation ID, once there are as many. */
async function rowsOf(correlationId: string, count = 1): Promise<Row[]> {
  let rows: Row[] = []
  await until(async () => {
    rows = (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body
    return rows.length >= count
  }, `${count} rows of ${correlationId}`)
  return rows
}

/** The only exchange of a correlation ID, as each of two sees it. */
async function bothSees(correlationId: string) {
  const [row] = await rowsOf(correlationId)
  const path = `/partner/messages/${row?.id}`
  const [asCaller, asReceiver] = await Promise.all([get(emsp, path), get(cpo, path)])
  expect([asCaller.status, asReceiver.status]).toEqual([200, 200])
  return { asCaller: asCaller.text, asReceiver: asReceiver.text }
}

/** Whether it is in the list of its messages, found by its correlation ID. */
async function lists(who: Joined, { id }: Row, correlationId: string): Promise<boolean> {
  const { status, text } = await get(who, `/partner/messages?correlation_id=${correlationId}`)
  expect(status).toBe(200)
  return text.includes(`/partner/messages/${id}"`)
}

describe('what its version cannot say', () => {
  test('is shown to whom it did not reach, and to nobody else', async () => {
    expect((await get(emsp, '/partner')).text).not.toContain('From partners of other OCPI versions')
    const remarks = [{ fate: 'lost', pointer: '/help_phone', reason: `came later ${EVIL}` }] as const
    await storeConversions(hub.databaseUrl, [conversionNote({ platformId: emsp.platformId, remarks })])
    const { text } = await get(emsp, '/partner')
    for (const shown of ['From partners of other OCPI versions', '/help_phone', 'left out'])
      expect(text).toContain(shown)
    expect(text).not.toContain('<img src=x')
    expect((await get(cpo, '/partner')).text).not.toContain('/help_phone')
  })

  test('is shown to whom sent it, too, without whom it did not reach', async () => {
    const remarks = [{ fate: 'withheld', pointer: '/tax_included', reason: 'prices with taxes' }] as const
    const note = conversionNote({ sourceId: cpo.platformId, platformId: other.platformId, remarks })
    await storeConversions(hub.databaseUrl, [note, { ...note, platformId: emsp.platformId }])
    const { text } = await get(cpo, '/partner')
    expect(text).toMatch(/To partners of other OCPI versions[^]+not sent on[^]+\/tax_included[^]+to 2\.3\.0[^]+2 ×/)
    expect((await get(emsp, '/partner')).text).not.toContain('To partners of other OCPI versions')
  })
})

describe('a message between two', () => {
  test('shows the caller what it sent and was answered, and the receiver what it got and said', async () => {
    const undo = cpo.on('locations', 'SENDER', () => ({
      data: [{ id: 'LOC1' }],
      headers: ['Server', 'made-by-the-receiver/1.0'],
    }))
    const headers = ['Referer', 'http://inside-the-caller/', 'User-Agent', 'agent-of-both/2.0']
    const ids = { requestId: 'request-of-the-caller', correlationId: 'between-two' }
    await emsp.call('locations', 'SENDER', { to: CPO, query: '?limit=5', headers, ...ids })
    undo()
    const sent = cpo.requests.find((request) => request.header('x-correlation-id') === 'between-two')
    const { asCaller, asReceiver } = await bothSees('between-two')

    expect(asCaller).toContain('/ocpi/2.2.1/sender/locations?limit=5')
    expect(asCaller).toContain('request-of-the-caller')
    expect(asCaller).toContain('inside-the-caller')
    expect(asCaller).toContain('LOC1')
    for (const foreign of [cpo.origin, 'made-by-the-receiver', 'Platform of the CPO', sent?.header('x-request-id')])
      expect(asCaller).not.toContain(foreign)

    expect(asReceiver).toContain(`${cpo.origin}/`)
    expect(asReceiver).toContain(sent?.header('x-request-id'))
    expect(asReceiver).toContain('agent-of-both/2.0')
    expect(asReceiver).toContain('LOC1')
    const foreign = ['request-of-the-caller', 'inside-the-caller', 'Platform of the eMSP', emsp.origin]
    for (const each of [...foreign, '/ocpi/2.2.1/sender/locations']) expect(asReceiver).not.toContain(each)

    // Each is told who the other is by its party, and no token.
    for (const text of [asCaller, asReceiver]) {
      expect(text).toContain('NL-CPO')
      expect(text).toContain('DE-EMS')
      for (const token of [emsp.tokenAtHub(), cpo.tokenForHub()]) expect(text).not.toContain(token)
    }
  })

  test('leaves the response_url of the caller to the caller', async () => {
    const body = { token: { uid: 'T1' }, response_url: CALLBACK, location_id: 'LOC9' }
    const command = { method: 'POST', path: '/START_SESSION', to: CPO, body, correlationId: 'a-command' }
    await emsp.call('commands', 'RECEIVER', command)
    const got = cpo.requests.findLast(({ module }) => module === 'commands')?.json() as
      | { response_url: string }
      | undefined
    const led = got?.response_url
    expect(led).toContain(hub.url)
    const { asCaller, asReceiver } = await bothSees('a-command')
    expect(asCaller).toContain('of-the-emsp.example')
    expect(asCaller).not.toContain(led)
    expect(asReceiver).not.toContain('of-the-emsp.example')
    expect(asReceiver).toContain(led)
    expect(asReceiver).toContain('LOC9')
  })

  test('does not show the caller an answer that the hub did not pass on', async () => {
    const undo = cpo.on('tariffs', 'SENDER', () => ({
      body: 'stack trace of the receiver',
      headers: ['Content-Type', 'text/html'],
    }))
    const answer = await emsp.call('tariffs', 'SENDER', { to: CPO, correlationId: 'no-envelope' })
    undo()
    expect(answer.statusCode).not.toBe(1000)
    const { asCaller, asReceiver } = await bothSees('no-envelope')
    expect(asCaller).not.toContain('stack trace')
    expect(asReceiver).toContain('stack trace of the receiver')
  })

  test('does not tell the caller why the receiver was not reached', async () => {
    const undo = cpo.on('sessions', 'SENDER', (_, response) => {
      response.socket?.destroy()
      return 'handled'
    })
    await emsp.call('sessions', 'SENDER', { to: CPO, correlationId: 'broken-off' })
    undo()
    const { asCaller, asReceiver } = await bothSees('broken-off')
    expect(asCaller).not.toContain(new URL(cpo.origin).host)
    expect(asReceiver).toContain('No answer')
  })

  test('that was refused at the hub is unknown to whom it was meant for', async () => {
    const rule = { a: { country_code: 'NL', party_id: 'CPO' }, b: { country_code: 'DE', party_id: 'EMS' } }
    const { body: made } = await hub.admin('POST', '/agreements', { ...rule, effect: 'deny' })
    await emsp.call('locations', 'SENDER', { to: CPO, correlationId: 'denied' })
    await hub.admin('DELETE', `/agreements/${made.id}`)
    const [row] = (await rowsOf('denied')) as [Row]
    expect((await get(emsp, `/partner/messages/${row.id}`)).status).toBe(200)
    expect((await get(cpo, `/partner/messages/${row.id}`)).status).toBe(404)
    expect(await lists(emsp, row, 'denied')).toBe(true)
    expect(await lists(cpo, row, 'denied')).toBe(false)
  })
})

describe('a push to all', () => {
  test('is the sender’s own, each delivery its receiver’s', async () => {
    const body = { country_code: 'NL', party_id: 'CPO', id: 'LOC5', note: EVIL }
    const headers = ['X-Of-The-Sender', 'header-of-the-sender']
    const push = { method: 'PUT', path: '/NL/CPO/LOC5', to: HUB, body, headers, correlationId: 'to-all' }
    expect((await cpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
    const rows = await rowsOf('to-all', 3)
    const broadcast = rows.find(({ kind }) => kind === 'broadcast') as Row
    expect((await get(cpo, `/partner/messages/${broadcast.id}`)).text).toContain('header-of-the-sender')
    for (const who of [emsp, other]) expect((await get(who, `/partner/messages/${broadcast.id}`)).status).toBe(404)

    const seen: [Joined, string][] = []
    for (const delivery of rows.filter(({ kind }) => kind === 'delivery'))
      for (const who of [cpo, emsp, other]) {
        const { status, text } = await get(who, `/partner/messages/${delivery.id}`)
        expect(await lists(who, delivery, 'to-all')).toBe(status === 200)
        if (status === 200) seen.push([who, text])
      }
    expect(seen.map(([who]) => who.name).sort()).toEqual([EVIL, 'Platform of the eMSP'].sort())
    for (const [who, text] of seen) {
      expect(text).toContain(`${who.origin}/`)
      expect(text).toContain('LOC5')
      expect(text).not.toContain('header-of-the-sender')
      expect(text).not.toContain('Platform of the CPO')
      // What others wrote is text.
      expect(text).toContain('&lt;img')
      expect(text).not.toContain('<img')
    }
  })

  test('that was missed is listed to whom it missed, and to nobody else', async () => {
    const undo = emsp.on('tariffs', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
    const body = { country_code: 'NL', party_id: 'CPO', id: 'TARIFF7' }
    await cpo.call('tariffs', 'RECEIVER', {
      method: 'PUT',
      path: '/NL/CPO/TARIFF7',
      to: HUB,
      body,
      correlationId: 'missed',
    })
    await until(async () => (await get(emsp, '/partner/missed')).text.includes('/NL/CPO/TARIFF7'), 'a missed object')
    undo()
    expect((await get(emsp, '/partner/missed')).text).toContain('you refused it')
    expect((await get(emsp, '/partner')).text).toContain('You missed pushes')
    for (const who of [cpo, other]) expect((await get(who, '/partner/missed')).text).toContain('Nothing was missed')
  })
})

describe('of others', () => {
  test('nothing is reached, whatever id is guessed', async () => {
    const [row] = (await rowsOf('between-two')) as [Row]
    for (const id of [
      row.id,
      row.id.toUpperCase(),
      `${row.id}%20`,
      `../messages/${row.id}`,
      'x',
      "1'--",
      '%00',
      '..%2f..',
    ])
      expect((await get(other, `/partner/messages/${id}`)).status, id).toBeOneOf([400, 404])
    for (const query of [
      'correlation_id=between-two',
      'party=NL-CPO&period=all',
      `platform_id=${cpo.platformId}&ownSideOf=x`,
    ])
      expect((await get(other, `/partner/messages?${query}`)).text, query).not.toContain(`/partner/messages/${row.id}"`)
    const places = [
      'events',
      'live',
      'messages.csv',
      'export',
      'audit',
      `queues/${cpo.platformId}`,
      `platforms/${cpo.platformId}`,
    ]
    for (const place of [
      ...places,
      `messages/${row.id}/story`,
      `missed/${cpo.platformId}`,
      'api/platforms',
      'admin/api/platforms',
    ])
      expect((await get(other, `/partner/${place}`)).status, place).toBe(404)
    // Read-only: no page takes what is sent to it.
    const browser = eyes.get(other) as PlainBrowser
    for (const path of ['/partner', '/partner/messages', `/partner/messages/${row.id}`, '/partner/missed'])
      expect((await browser.post(path, {})).status, path).toBe(404)
  })

  test('no name and no address stands on any page, and one’s own is text', async () => {
    for (const path of ['/partner', '/partner/messages?period=all', '/partner/missed']) {
      const { status, text } = await get(other, path)
      expect(status).toBe(200)
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
      for (const foreign of ['<img', 'Platform of', cpo.origin, emsp.origin, cpo.platformId])
        expect(text).not.toContain(foreign)
    }
  })
})

describe('its own', () => {
  test('status says who it is, with its roles and interfaces as the hub read them', async () => {
    const { text } = await get(emsp, '/partner')
    for (const own of [
      'CONNECTED',
      'DE-EMS',
      'Interfaces, as the hub read them',
      emsp.versionsUrl,
      'You are connected',
    ])
      expect(text).toContain(own)
    expect(text).toContain('registered')
  })

  test('messages are found by party, object, module and period', async () => {
    const found = async (query: string) => (await get(emsp, `/partner/messages?${query}`)).text
    const [row] = (await rowsOf('a-command')) as [Row]
    const own = `/partner/messages/${row.id}"`
    for (const query of [
      'party=nl*cpo',
      'module=commands',
      'object=LOC9&period=7d',
      'outcome=ok&since=2020-01-01T00:00',
    ])
      expect(await found(query), query).toContain(own)
    for (const query of [
      'party=FR-XXX',
      'module=cdrs',
      'object=NOSUCH',
      'until=2020-01-01T00:00',
      'period=1h&party=%00',
    ])
      expect(await found(`${query}&module=commands`.replace('%00&', '&')), query).toBeTypeOf('string')
    expect(await found('object=NOSUCH')).toContain('Nothing in this period')
    expect(await found('party=%22%3E%3Cb%3E')).toContain('value="&quot;&gt;&lt;b&gt;"')
  })
})

test('of what was converted each sees what it sent and got itself', async () => {
  const of = { country_code: 'FR', party_id: 'NEW', role: 'EMSP' } as const
  const newer = await join('A newer platform', of, ['2.3.0'])
  const elements = [{ price_components: [{ type: 'ENERGY', price: 1, step_size: 1 }] }]
  const body = {
    country_code: 'NL',
    party_id: 'CPO',
    id: 'T9',
    currency: 'EUR',
    elements,
    last_updated: '2026-01-01T00:00:00Z',
  }
  const way = { method: 'PUT', path: '/NL/CPO/T9', body, correlationId: 'converted' }
  await cpo.call('tariffs', 'RECEIVER', { ...way, to: { country_code: 'FR', party_id: 'NEW' } })
  await cpo.call('tariffs', 'RECEIVER', { ...way, to: HUB, correlationId: 'converted-for-all' })
  const [direct] = await rowsOf('converted')
  const rows = await rowsOf('converted-for-all', 4)
  const delivery = rows.find(({ kind, to_party }) => kind === 'delivery' && to_party === 'FR-NEW')
  const shows = async (who: Joined, row: Row | undefined) =>
    (await get(who, `/partner/messages/${row?.id}`)).text.includes('tax_included')
  expect([await shows(cpo, direct), await shows(newer, direct), await shows(newer, delivery)]).toEqual([
    false,
    true,
    true,
  ])
})

test('of ids that are others toward 2.1.1, within that version, each sees those that it sent and got itself', async () => {
  const start = async (party_id: string, side: 'cpo' | 'emsp') => {
    const partner = await startPartner211({ name: party_id, side, party: { country_code: 'NL', party_id } })
    const { id, token } = await hub.createPlatform({ name: party_id })
    await partner.register({ versionsUrl: `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`, token })
    const { body } = await hub.admin('POST', `/platforms/${id}/partner-links`, {})
    const browser = createPlainBrowser(hub.url)
    await browser.post(new URL(body.link).pathname, {})
    return { partner, browser }
  }
  const [of, at] = [await start('OLE', 'emsp'), await start('OLC', 'cpo')]
  at.partner.on('commands', () => ({ data: { result: 'ACCEPTED' } }))
  const body = {
    ...{ response_url: `${of.partner.versionsUrl}result`, expiry_date: '2030-01-01T00:00:00Z', reservation_id: 17 },
    ...{ location_id: 'NLOLC.LOC1', token: { uid: 'U1', type: 'RFID', auth_id: 'NL-OLE-C1' } },
  }
  const headers = ['X-Correlation-ID', 'of-2.1.1']
  const answer = await of.partner.call('commands', { method: 'POST', path: '/RESERVE_NOW', body, headers })
  expect(answer.data).toEqual({ result: 'ACCEPTED' })
  const [row] = await rowsOf('of-2.1.1')
  const [asCaller, asReceiver] = await Promise.all(
    [of, at].map(async ({ browser }) => (await browser.get(`/partner/messages/${row?.id}`)).text),
  )
  expect([asCaller?.includes('NLOLC.LOC1'), asReceiver?.includes('NLOLC.LOC1')]).toEqual([true, false])
  expect(asReceiver).toContain('LOC1')
  await Promise.all([of, at].map(({ partner }) => partner.close()))
})
