import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'BE', party_id: 'OTH', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const EVIL = '<img src=x onerror=alert(1)>'

type Joined = Partner & { readonly platformId: string }

let hub: TestHub
let cpo: Joined
let emsp: Joined
let other: Joined
let browser: PlainBrowser
let readOnly: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements', BROADCAST_CDRS_AND_SESSIONS: 'true' })
  cpo = await join('The CPO', CPO)
  emsp = await join('The eMSP', EMSP)
  other = await join(EVIL, OTHER)
  await hub.admin('POST', '/agreements', { a: party(CPO), b: party(EMSP), effect: 'allow' })
  const { body: made } = await hub.admin('POST', '/keys', { name: 'a key', role: 'read-only' })
  readOnly = createPlainBrowser(hub.url)
  await readOnly.signIn(made.key)
}, 60_000)
afterAll(() => hub?.close())
beforeEach(async () => {
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
})

function join(name: string, of: WireParty): Promise<Joined> {
  return hub.join({ name, parties: [of], modules: routedModules([of]) }, { parties: [of] })
}

function party({ country_code, party_id }: WireParty) {
  return { country_code, party_id }
}

type Row = { readonly id: string; readonly kind: string; readonly to_platform_id: string | null }

/** The rows of a correlation ID, once there are as many. */
async function rowsOf(correlationId: string, count = 1): Promise<Row[]> {
  let rows: Row[] = []
  await until(async () => {
    rows = (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body
    return rows.length >= count
  }, `${count} rows of ${correlationId}`)
  return rows
}

async function pageOf(correlationId: string, count = 1, by = browser) {
  const [row] = await rowsOf(correlationId, count)
  return by.get(`/admin/messages/${row?.id}`)
}

/** A push to all: ids of the broadcast and of its delivery to the eMSP. */
async function push(correlationId: string, path: string, module = 'locations') {
  const method = module === 'cdrs' ? 'POST' : 'PUT'
  const body = { country_code: 'NL', party_id: 'CPO', id: path.split('/').at(-1) || 'CDR1' }
  const answer = await cpo.call(module, 'RECEIVER', { method, path, to: HUB, body, correlationId })
  expect(answer.statusCode).toBe(1000)
  const rows = await rowsOf(correlationId, 2)
  const idOf = (kind: string) => rows.find((row) => row.kind === kind)?.id as string
  return { broadcast: idOf('broadcast'), delivery: idOf('delivery') }
}

describe('where did my message go', () => {
  beforeAll(async () => {
    await emsp.call('locations', 'SENDER', {
      to: CPO,
      path: '/LOC77',
      correlationId: 'searched',
      requestId: 'my-request',
    })
    await emsp.call('tariffs', 'SENDER', { to: party(OTHER), correlationId: 'to-another' })
    await rowsOf('searched')
    await rowsOf('to-another')
  })

  test.each([
    'party=nl-cpo&module=locations',
    'object=LOC77',
    'outcome=ok&module=locations&period=1h',
    'correlation_id=searched',
    'request_id=my-request',
    'kind=direct&status=1000&period=all',
  ])('it is found by %s, and leads to its page', async (query) => {
    const [row] = await rowsOf('searched')
    const page = await browser.get(`/admin/messages?${query}`)
    expect(page.status, page.text).toBe(200)
    expect(page.text).toContain(`/admin/messages/${row?.id}"`)
    expect(page.text).not.toContain('sender/tariffs')
  })

  test('what was typed stays in the form', async () => {
    const page = await browser.get('/admin/messages?party=NL-CPO&module=x-own&outcome=failed&request_id=%22%3E%3Cb%3E')
    expect(page.text).toContain('name="party" type="text" value="NL-CPO"')
    expect(page.text).toContain('<option value="x-own" selected>')
    expect(page.text).toContain('<option value="failed" selected>')
    expect(page.text).toContain('value="&quot;&gt;&lt;b&gt;"')
    expect(page.text).toMatch(/<details class="further" open>/)
  })

  test('where nothing is found it says how far back the log goes', async () => {
    const page = await browser.get('/admin/messages?object=NOSUCH')
    expect(page.text).toContain('Nothing in this period')
    expect(page.text).toMatch(/The log goes back to <time/)
  })

  test('what cannot be looked for is said at its field', async () => {
    const page = await browser.get('/admin/messages?party=Netherlands&since=yesterday')
    expect(page.status).toBe(400)
    expect(page.text).toContain('This cannot be looked for')
    expect(page.text).toContain('id="f-party-fault"')
    expect(page.text).toContain('id="f-since-fault"')
  })

  test('a moment is typed to the minute, in UTC', async () => {
    const page = await browser.get('/admin/messages?since=2000-01-01T00:00&until=2000-01-02T00:00')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Nothing in this period')
  })

  test('long lists come in pages of 100', async () => {
    for (let i = 0; i < 103; i++)
      await emsp.call('sessions', 'SENDER', { to: CPO, correlationId: 'many', requestId: `many-${i}` })
    await rowsOf('many', 100)
    await until(async () => (await hub.admin('GET', '/messages?request_id=many-102')).body.length === 1)
    const first = await browser.get('/admin/messages?correlation_id=many')
    expect(first.text.match(/<tr>/g)).toHaveLength(101)
    const [, next = ''] = /href="([^"]+)" rel="next"/.exec(first.text) ?? []
    const second = await browser.get(next.replaceAll('&amp;', '&'))
    expect(second.text.match(/<tr>/g)).toHaveLength(4)
    expect(second.text).toContain('rel="first"')
  })

  test('the search at the top leads there: to the only exchange, and to all of an object in one click', async () => {
    const [row] = await rowsOf('searched')
    expect((await browser.get('/admin/find?q=searched')).leadsTo).toBe(`/admin/messages/${row?.id}`)
    expect((await browser.get('/admin/find?q=many')).leadsTo).toBe('/admin/messages?correlation_id=many')
    await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC77', correlationId: 'searched-again' })
    await rowsOf('searched-again')
    const found = await browser.get('/admin/find?q=LOC77')
    expect(found.leadsTo).toBe('/admin/messages?object=LOC77&period=7d')
    expect((await browser.follow(found)).text).toContain(`/admin/messages/${row?.id}"`)
  })

  test('a party that no platform has is found by its messages', async () => {
    for (const correlationId of ['gone-1', 'gone-2']) {
      await emsp.call('locations', 'SENDER', { to: { country_code: 'FR', party_id: 'NON' }, correlationId })
      await rowsOf(correlationId)
    }
    expect((await browser.get('/admin/find?q=FR-NON')).leadsTo).toBe('/admin/messages?party=FR-NON&period=7d')
  })
})

describe('what happened in this exchange', () => {
  test('a command: both legs, what the hub changed in them, and its result', async () => {
    const was = `${emsp.origin}/results/1`
    const body = { response_url: was, location_id: 'LOC7' }
    const command = { method: 'POST', path: '/UNLOCK_CONNECTOR', to: CPO, body, correlationId: 'command' } as const
    await emsp.call('commands', 'RECEIVER', command)
    const got = cpo.requests.findLast(({ module }) => module === 'commands')
    const sent: unknown = got?.json()
    const { response_url: is } = sent as { response_url: string }
    await cpo.callUrl(is, { method: 'POST', body: { result: 'ACCEPTED' }, correlationId: 'result' })
    await rowsOf('result')
    const page = await pageOf('command')
    expect(page.text).toContain('POST UNLOCK_CONNECTOR')
    expect(page.text).toContain(`<mark>&quot;${was}&quot;</mark>`)
    expect(page.text).toContain(`<mark>&quot;${is}&quot;</mark>`)
    expect(page.text).toContain(got?.header('x-request-id'))
    expect(page.text).toMatch(/class="chg"><dt>Authorization<span class="vh"> \(changed by the hub\)/)
    expect(page.text).toContain('the result of the command, a request of its own')
    expect(page.text).toContain('2 exchanges')
    expect(page.text).not.toContain('class="card why')
  })

  test('a header that the receiver did not get is struck out on its side', async () => {
    const headers = ['Range', 'bytes=0-1']
    await emsp.call('locations', 'SENDER', { to: CPO, headers, correlationId: 'left-behind' })
    const page = await pageOf('left-behind')
    expect(page.text).toMatch(/<dt>Range<span class="vh"> \(not passed on\)<\/span><\/dt><dd class="gone">bytes=0-1/i)
  })

  test('it goes into a shell without its token, and down as JSON', async () => {
    const body = { id: "it's", note: '$(id)' }
    const put = { method: 'PUT', path: '/NL/CPO/LOC9', to: EMSP, body, correlationId: 'as-curl' } as const
    await cpo.call('locations', 'RECEIVER', put)
    const page = await pageOf('as-curl')
    const [, shown = ''] = /<textarea id="curl"[^>]*>([^]*?)<\/textarea>/.exec(page.text) ?? []
    const curl = shown.replaceAll('&#39;', "'").replaceAll('&quot;', '"')
    expect(curl).toContain(`'${hub.url}/ocpi/2.2.1/receiver/locations/NL/CPO/LOC9'`)
    expect(curl).toContain('"Authorization: Token $TOKEN"')
    expect(curl).toContain(`--data-raw '{"id":"it'\\''s","note":"$(id)"}'`)
    const [, address = ''] = /href="([^"]+)" download=/.exec(page.text) ?? []
    expect(JSON.parse((await browser.get(address)).text).correlation_id).toBe('as-curl')
  })

  test('headers and bodies are shown to those who may see them', async () => {
    const page = await pageOf('command', 1, readOnly)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Headers and bodies are not for you to see')
    expect(page.text).not.toContain('LOC7&quot;')
    expect(page.text).toContain('UNLOCK_CONNECTOR')
  })

  test('an exchange that the log does not hold is said not to be there', async () => {
    const page = await browser.get('/admin/messages/mx0-0')
    expect(page.status).toBe(404)
    expect(page.text).toContain('The log holds no message with this id')
  })
})

describe('bodies', () => {
  test('numbers stay as they came, and what is a program is text', async () => {
    const body = `{"a":1.0,"big":12345678901234567890,"x":"</pre><script>alert(1)</script>"}`
    const put = { method: 'PUT', path: '/NL/CPO/L1', to: EMSP, body, correlationId: 'as-it-came' } as const
    await cpo.call('locations', 'RECEIVER', put)
    const page = await pageOf('as-it-came')
    expect(page.text).toContain('<span class="j-n">1.0</span>')
    expect(page.text).toContain('12345678901234567890')
    expect(page.text).not.toContain('<script>alert')
  })

  test('nesting without end does not make a page without end', async () => {
    const body = `${'['.repeat(8_000)}${']'.repeat(8_000)}`
    const put = { method: 'PUT', path: '/NL/CPO/L2', to: EMSP, body, correlationId: 'deep' } as const
    await cpo.call('locations', 'RECEIVER', put)
    const page = await pageOf('deep')
    expect(page.status).toBe(200)
    expect(page.text.length).toBeLessThan(250_000)
  })

  test('what was cut is shown as text, with its size', async () => {
    const body = JSON.stringify({ id: 'L3', filling: 'x'.repeat(40_000) })
    const put = { method: 'PUT', path: '/NL/CPO/L3', to: EMSP, body, correlationId: 'cut' } as const
    await cpo.call('locations', 'RECEIVER', put)
    expect((await pageOf('cut')).text).toContain('Cut: the log keeps the beginning of 39.1 KB')
  })
})

describe('why it was refused', () => {
  test('a pair that may not talk is allowed from there, in one click', async () => {
    await other.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'refused' })
    const [row] = await rowsOf('refused')
    const page = await browser.get(`/admin/messages/${row?.id}`)
    expect(page.text).toContain('BE-OTH and NL-CPO may not talk about locations')
    expect(page.text).toContain('[status_codes: 4xxx: Hub errors]')
    expect(page.text).toContain('NL-CPO never heard of this request')
    const allowed = await browser.submit(page, `/admin/messages/${row?.id}/allow`)
    expect([allowed.status, allowed.leadsTo]).toEqual([303, `/admin/messages/${row?.id}?done=allowed`])
    const after = await browser.follow(allowed)
    expect(after.text).toContain('Both may talk now')
    expect(after.text).not.toContain('Allow BE-OTH and NL-CPO')
    expect((await other.call('locations', 'SENDER', { to: CPO, path: '/LOC1' })).statusCode).toBe(1000)
    // A page that was left open does it no second time.
    const again = await browser.post(`/admin/messages/${row?.id}/allow`, {})
    expect([again.status, again.leadsTo]).toEqual([303, `/admin/messages/${row?.id}`])
    expect((await hub.admin('GET', '/agreements?party=BE-OTH')).body).toHaveLength(1)
    const { body: audit } = await hub.admin('GET', '/audit?limit=1')
    expect(audit[0].reason).toContain(row?.id)
  })

  test('where rules of the two stand against it, they are shown instead', async () => {
    const deny = { a: party(EMSP), b: party(CPO), effect: 'deny', modules: ['tariffs'] }
    await hub.admin('POST', '/agreements', deny)
    await emsp.call('tariffs', 'SENDER', { to: CPO, correlationId: 'denied' })
    const page = await pageOf('denied')
    expect(page.text).toContain('A rule of these two denies it')
    expect(page.text).toContain('href="/admin/agreements/DE-EMS/NL-CPO"')
    expect(page.text).not.toContain('/allow"')
  })

  test('who may only read is not offered what would be refused', async () => {
    await emsp.call('locations', 'SENDER', { to: party(OTHER), correlationId: 'refused-too' })
    const [row] = await rowsOf('refused-too')
    const page = await readOnly.get(`/admin/messages/${row?.id}`)
    expect(page.text).toContain('DE-EMS and BE-OTH may not talk')
    expect(page.text).not.toContain('/allow"')
    expect((await readOnly.post(`/admin/messages/${row?.id}/allow`, {})).status).toBe(403)
  })

  test("the receiver's own words, escaped", async () => {
    const undo = cpo.on('tokens', 'RECEIVER', () => ({ statusCode: 2004, statusMessage: EVIL }))
    const put = { method: 'PUT', path: '/DE/EMS/T1', to: CPO, body: { uid: 'T1' }, correlationId: 'said' } as const
    await emsp.call('tokens', 'RECEIVER', put)
    undo()
    const page = await pageOf('said')
    expect(page.text).toContain('NL-CPO answered 2004, the token is unknown')
    expect(page.text).toContain('It said: “&lt;img')
    expect(page.text).not.toContain('<img')
  })

  test('a receiver that refuses the token of the hub: rotate it', async () => {
    const undo = cpo.on('sessions', 'SENDER', () => ({ status: 401, statusCode: 2001 }))
    await emsp.call('sessions', 'SENDER', { to: CPO, correlationId: 'token-refused' })
    undo()
    const page = await pageOf('token-refused')
    expect(page.text).toContain('NL-CPO refuses the token of the hub')
    expect(page.text).toContain(`href="/admin/platforms/${cpo.platformId}/rotate"`)
  })
})

describe('who has a broadcast', () => {
  test('a row for each platform, and whose name is a program is text', async () => {
    await hub.admin('POST', '/agreements', { a: party(CPO), b: party(OTHER), effect: 'allow' })
    const { broadcast } = await push('pushed', '/NL/CPO/B1')
    await rowsOf('pushed', 3)
    const page = await browser.get(`/admin/messages/${broadcast}`)
    expect(page.text).toContain('Who has it')
    expect(page.text).toContain('2 delivered')
    expect(page.text).toContain(`href="/admin/platforms/${emsp.platformId}"`)
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page.text).not.toContain('<img')
  })

  test('what one refused is sent to it again, with a reason', async () => {
    const undo = emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No' }))
    const { broadcast } = await push('refused-push', '/NL/CPO/B2')
    const rows = await rowsOf('refused-push', 3)
    undo()
    const failed = rows.find((row) => row.to_platform_id === emsp.platformId)?.id
    const page = await browser.get(`/admin/messages/${failed}`)
    expect(page.text).toContain('DE-EMS refuses this object of locations: 2001')
    expect(page.text).toContain(`href="/admin/messages/${failed}/replay"`)
    // It is listed as missed a moment after the log has its attempt.
    let list = page
    await until(async () => {
      list = await browser.get(`/admin/messages/${broadcast}`)
      return list.text.includes('Refused for good')
    }, 'the push to be listed as missed')
    expect(list.text).toContain(`href="/admin/messages/${broadcast}/replay?platform=${emsp.platformId}"`)
    expect((await readOnly.get(`/admin/messages/${failed}`)).text).not.toContain('/replay"')
    const confirm = await browser.get(`/admin/messages/${failed}/replay`)
    expect(confirm.text).toContain('Replay to The eMSP')
    const sent = await browser.submit(confirm, `/admin/messages/${failed}/replay`, { reason: 'they mended it' })
    expect([sent.status, sent.leadsTo]).toEqual([303, `/admin/messages/${failed}?done=replayed`])
    expect((await browser.follow(sent)).text).toContain('It waits in the queue')
    const { body: audit } = await hub.admin('GET', '/audit?limit=1')
    expect(audit[0].reason).toBe('they mended it')
  })

  test('never an old state over a newer one: it says so and keeps the reason', async () => {
    const undo = emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
    await push('older', '/NL/CPO/B3')
    const rows = await rowsOf('older', 3)
    undo()
    await push('newer', '/NL/CPO/B3')
    const failed = rows.find((row) => row.to_platform_id === emsp.platformId)?.id
    const confirm = await browser.get(`/admin/messages/${failed}/replay`)
    const refused = await browser.submit(confirm, `/admin/messages/${failed}/replay`, { reason: 'why not' })
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('A newer state is on its way or there already')
    expect(refused.text).toContain('value="why not"')
  })

  test('whom it goes to has to be chosen, and a CDR goes again only when that is meant', async () => {
    const undo = emsp.on('cdrs', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
    const { broadcast } = await push('a-cdr', '', 'cdrs')
    await until(async () => {
      const { body } = await hub.admin('GET', `/messages/${broadcast}/deliveries`)
      return body.some(({ state }: { state: string }) => state === 'failed')
    }, 'a partner that refused the CDR')
    undo()
    const choose = await browser.get(`/admin/messages/${broadcast}/replay`)
    expect(choose.text).toContain(`<option value="${emsp.platformId}">The eMSP</option>`)
    const action = `/admin/messages/${broadcast}/replay`
    expect((await browser.submit(choose, action, { cdr: 'on' })).status).toBe(400)
    const refused = await browser.submit(choose, action, { platform: emsp.platformId })
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('only when the box is checked')
    expect((await browser.submit(refused, action, { cdr: 'on' })).status).toBe(303)
  })

  test('of a push that the hub did not accept nobody has anything', async () => {
    const bad = { method: 'PUT', path: '/DE/EMS/LOC1', to: HUB, body: '{}', correlationId: 'not-accepted' } as const
    await cpo.call('locations', 'RECEIVER', bad)
    const page = await pageOf('not-accepted')
    expect(page.text).not.toContain('Who has it')
    expect(page.text).toContain('class="card why')
  })
})

describe('what became of it in another version', () => {
  const tariff = (id: string) => {
    const elements = [{ price_components: [{ type: 'ENERGY', price: 1, step_size: 1 }] }]
    return { country_code: 'NL', party_id: 'CPO', id, currency: 'EUR', elements, last_updated: '2026-01-01T00:00:00Z' }
  }
  let newer: Joined

  beforeAll(async () => {
    const of = { country_code: 'FR', party_id: 'NEW', role: 'EMSP' } as const
    newer = await hub.join(
      { name: 'The newer', parties: [of], modules: routedModules([of]), versions: ['2.3.0'] },
      { parties: [of] },
    )
    await hub.admin('POST', '/agreements', { a: party(CPO), b: party(of), effect: 'allow' })
  })

  test('stands on its page: both bodies, and what was lost', async () => {
    const way = { method: 'PUT', path: '/NL/CPO/T1', body: tariff('T1'), correlationId: 'converted' }
    await cpo.call('tariffs', 'RECEIVER', { ...way, to: { country_code: 'FR', party_id: 'NEW' } })
    const { text } = await pageOf('converted')
    const [, callers = '', receivers = ''] = text.split('class="card leg"')
    expect([callers.includes('tax_included'), receivers.includes('tax_included')]).toEqual([false, true])
    expect(text).toMatch(/What conversion did[^]+Invented[^]+\/tax_included/)
    expect((await pageOf('converted', 1, readOnly)).text).not.toContain('What conversion did')
  })

  test('stands on the page of its delivery, beside what its sender pushed', async () => {
    const way = { method: 'PUT', path: '/NL/CPO/T2', body: tariff('T2'), correlationId: 'delivered-newer' }
    await cpo.call('tariffs', 'RECEIVER', { ...way, to: HUB })
    const rows = await rowsOf('delivered-newer', 3)
    const { id } = rows.find(({ to_platform_id }) => to_platform_id === newer.platformId) as Row
    const { text } = await browser.get(`/admin/messages/${id}`)
    const [delivered = '', pushed = ''] = text.slice(text.indexOf('class="card leg"')).split('Before its conversion')
    const [before = ''] = pushed.split('What conversion did')
    const [, curl = ''] = text.split('id="curl"')
    expect([delivered, before, curl].map((part) => part.includes('tax_included'))).toEqual([true, false, true])
    expect(pushed).toMatch(/^[^]*>sender<\/a> pushed it/)
  })
})
