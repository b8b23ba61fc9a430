import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { servePages } from '../../support/paging.ts'
import { type CallOptions, type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'
import { type Listed, locationsOf } from './lists.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const EMSP = { country_code: 'NL', party_id: 'MSP', role: 'EMSP' as const }
const AAA = { country_code: 'NL', party_id: 'AAA', role: 'CPO' as const }
const BBB = { country_code: 'BE', party_id: 'BBB', role: 'CPO' as const }

let hub: TestHub
let emsp: Partner
let a: Partner & { platformId: string }
let b: Partner & { platformId: string }
const undo: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ FAN_OUTS_PER_MINUTE: '0' })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  a = await hub.join({ name: 'a', parties: [AAA], modules: routedModules([AAA]) })
  b = await hub.join({ name: 'b', parties: [BBB], modules: routedModules([BBB]) })
})
afterAll(() => hub.close())

function listing(
  partner: Partner,
  ...rest: Parameters<typeof servePages> extends [Partner, string, ...infer R] ? R : never
): void {
  undo.push(servePages(partner, 'locations', ...rest))
}

function reset(): void {
  for (const each of undo.splice(0)) each()
  a.requests.length = 0
  b.requests.length = 0
}

const nameOf = ({ country_code, party_id }: WireParty) => ({ country_code, party_id })
const getAll = (query = '', options: CallOptions = {}) =>
  emsp.call('locations', 'SENDER', { to: HUB, query, ...options })
const isPage = ({ kind }: { kind: string }) => kind === 'get-all'
const ids = (answer: CallAnswer) => (answer.data as Listed[]).map(({ id, party_id }) => `${String(party_id)}/${id}`)

async function crawl(query: string): Promise<{ ids: string[]; pages: CallAnswer[] }> {
  const pages = [await getAll(query)]
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next ?? null) pages.push(await emsp.callUrl(next))
  return { ids: pages.flatMap(ids), pages }
}

describe('Transport and format: GET All via Hubs', () => {
  it('joins the objects of every party into one list, their bytes untouched', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 2))
    listing(b, () => locationsOf(BBB, 1))
    const answer = await getAll('?limit=10')
    expect(answer.statusCode).toBe(1000)
    expect(ids(answer)).toEqual(['BBB/LOC0', 'AAA/LOC0', 'AAA/LOC1'])
    expect(answer.bytes.toString()).toContain([...locationsOf(BBB, 1), ...locationsOf(AAA, 2)].join(','))
  })

  it('large pages arrive whole, and the log has the beginning of each, though its memory is given back once it is sent', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 900))
    listing(b, () => locationsOf(BBB, 900))
    const first = await getAll('?limit=1000', { correlationId: 'large-page-1' })
    const second = await emsp.callUrl(first.next as string, { correlationId: 'large-page-2' })
    const due = [...locationsOf(BBB, 900), ...locationsOf(AAA, 900)]
    expect(ids(first)).toHaveLength(1_000)
    expect(ids(second)).toHaveLength(800)
    for (const object of due.slice(0, 1_000)) expect(first.bytes.toString()).toContain(object)
    for (const object of due.slice(1_000)) expect(second.bytes.toString()).toContain(object)
    for (const [correlationId, page] of [['large-page-1', first] as const, ['large-page-2', second] as const]) {
      const [{ id }] = await eventually(
        async () => (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body.filter(isPage),
        (found) => found.length === 1,
      )
      const { body } = await hub.admin('GET', `/messages/${id}`)
      expect(body.response_bytes).toBe(page.bytes.length)
      expect(body.response.body).toHaveLength(16_384)
      expect(page.bytes.toString()).toContain(body.response.body)
    }
  })

  it("answers from the hub to the caller, with the caller's own message IDs", async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1))
    const answer = await getAll('', { requestId: 'r-1', correlationId: 'c-1' })
    expect(answer.header('x-request-id')).toBe('r-1')
    expect(answer.header('x-correlation-id')).toBe('c-1')
    expect(answer.header('ocpi-from-party-id')).toBe('HUB')
    expect(answer.header('ocpi-to-party-id')).toBe('MSP')
  })

  it('asks each source in the name of the caller: another request ID, the same correlation ID, its own token', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1))
    await getAll('', { requestId: 'r-2', correlationId: 'c-2' })
    expect(a.requests.length).toBeGreaterThan(0)
    for (const request of a.requests) {
      expect(request.header('ocpi-from-party-id')).toBe('MSP')
      expect(request.header('ocpi-to-party-id')).toBe('AAA')
      expect(request.header('x-correlation-id')).toBe('c-2')
      expect(request.header('x-request-id')).not.toBe('r-2')
    }
    expect(new Set(a.requests.map((request) => request.header('x-request-id'))).size).toBe(a.requests.length)
  })

  it('passes filters on as they came', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1))
    await getAll('?date_from=2019-01-29T12:00:00+00:00&offset=0&x=%2f%C3%A9&limit=5')
    // A page read ahead for an earlier crawl, without filters, may come in between.
    const filtered = a.requests.filter((request) => request.query.includes('date_from'))
    expect(filtered).not.toEqual([])
    for (const request of filtered)
      expect(request.query).toMatch(/^\?date_from=2019-01-29T12:00:00\+00:00&x=%2f%C3%A9&offset=/)
  })

  it('leads through pages with offset and limit visible, the total fixed, filters kept, without routing headers', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 7))
    listing(b, () => locationsOf(BBB, 4))
    const { ids: seen, pages } = await crawl('?limit=3&date_from=2019-01-01T00:00:00Z')
    expect(seen).toEqual(
      [...locationsOf(BBB, 4), ...locationsOf(AAA, 7)].map((text) => {
        const { party_id, id } = JSON.parse(text) as { party_id: string; id: string }
        return `${party_id}/${id}`
      }),
    )
    expect(pages).toHaveLength(4)
    for (const page of pages) {
      expect(page.header('x-total-count')).toBe('11')
      expect(page.header('x-limit')).toBe('1000')
    }
    expect(pages[0]?.next).toContain(hub.url)
    expect(pages[0]?.next).toMatch(/\?date_from=2019-01-01T00:00:00Z&offset=3&limit=3$/)
    expect(pages[3]?.next).toBeNull()
  })

  it('follows offset with routing headers as well, and twice the same', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 3))
    listing(b, () => locationsOf(BBB, 3))
    await getAll('?limit=2')
    expect(ids(await getAll('?offset=2&limit=2'))).toEqual(['BBB/LOC2', 'AAA/LOC0'])
    expect(ids(await getAll('?offset=2&limit=2'))).toEqual(['BBB/LOC2', 'AAA/LOC0'])
  })

  it('knows offset and limit in any spelling, and sends no source a second one', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 4))
    const answer = await getAll('?%6Fffset=1&x=%6F&l%69mit=2', { correlationId: 'spelt' })
    expect(ids(answer)).toEqual(['AAA/LOC1', 'AAA/LOC2'])
    expect(answer.next).toMatch(/\?x=%6F&offset=3&limit=2$/)
    const sent = a.requests.filter((request) => request.header('x-correlation-id') === 'spelt')
    expect(sent).not.toEqual([])
    for (const { query } of sent) expect(query).toMatch(/^\?x=%6F&offset=\d&limit=\d+$/)
  })

  it('refuses an impossible offset or limit with 2001 and asks nobody', async () => {
    reset()
    for (const query of ['?offset=-1', '?limit=0', '?limit=x', '?offset=1.5']) {
      expect((await getAll(query, { correlationId: 'impossible' })).statusCode).toBe(2001)
    }
    expect(a.requests.filter((request) => request.header('x-correlation-id') === 'impossible')).toEqual([])
  })

  it('reads the next page ahead and asks no source twice for it', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 4))
    const first = await getAll('?limit=2', { correlationId: 'ahead' })
    const isAhead = (request: RecordedRequest) => request.query === '?offset=2&limit=2'
    await a.waitForRequest(isAhead)
    expect(ids(await emsp.callUrl(first.next as string))).toEqual(['AAA/LOC2', 'AAA/LOC3'])
    expect(a.requests.filter(isAhead)).toHaveLength(1)
  })

  it('takes nothing read ahead for other filters', async () => {
    reset()
    listing(a, ({ query }) => (query.includes('x=1') ? locationsOf(AAA, 6, 'FILTERED') : locationsOf(AAA, 4)))
    const first = await getAll('?limit=2')
    await a.waitForRequest((request) => request.query === '?offset=2&limit=2')
    expect(ids(await emsp.callUrl(`${first.next as string}&x=1`))).toEqual(['AAA/FILTERED2', 'AAA/FILTERED3'])
    expect(ids(await emsp.callUrl(first.next as string))).toEqual(['AAA/LOC2', 'AAA/LOC3'])
  })

  it('leads nowhere by a link that was changed: 404', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 4))
    const next = new URL((await getAll('?limit=2')).next as string)
    const [crawlId] = /[0-9a-f-]{36}/.exec(next.pathname) ?? []
    for (const path of [
      next.pathname.replace(crawlId as string, '00000000-0000-4000-8000-000000000000'),
      next.pathname.replace(`/${crawlId as string}`, ''),
    ]) {
      expect((await emsp.callUrl(next.origin + path + next.search)).status).toBe(404)
    }
    expect(ids(await emsp.callUrl(next.href))).toEqual(['AAA/LOC2', 'AAA/LOC3'])
  })

  it('gives no more than 1000 objects at once', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1500))
    const answer = await getAll('?limit=5000')
    expect(answer.data).toHaveLength(1000)
    expect(answer.next).toMatch(/offset=1000&limit=1000$/)
  })

  it('is what a list without a receiver means: most client libraries cannot name one', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 2))
    listing(b, () => locationsOf(BBB, 1))
    const answer = await emsp.call('locations', 'SENDER', { query: '?limit=2' })
    expect(ids(answer)).toEqual(['BBB/LOC0', 'AAA/LOC0'])
    expect(answer.header('ocpi-from-party-id')).toBe('HUB')
    expect(answer.header('ocpi-to-party-id')).toBe('MSP')
    expect(ids(await emsp.callUrl(answer.next as string))).toEqual(['AAA/LOC1'])
  })

  it('has no list of a module that nobody has', async () => {
    const answer = await emsp.callUrl(`${hub.url}/ocpi/2.2.1/sender/payments`, { to: HUB })
    expect(answer.statusCode).toBe(4001)
  })

  it('has no list of commands and charging profiles', async () => {
    expect((await emsp.call('locations', 'SENDER', { to: HUB, method: 'GET', path: '/LOC1' })).statusCode).toBe(2001)
    const cpo = await a.call('commands', 'SENDER', { to: HUB })
    expect(cpo.statusCode).toBe(2001)
  })
})

describe('Transport and format: GET All, sources as they are', () => {
  it('reads sources that give fewer at once than asked', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 10), { ownLimit: 3 })
    const answer = await getAll('?limit=100')
    expect(ids(answer)).toHaveLength(10)
    expect(new Set(ids(answer)).size).toBe(10)
  })

  it('counts sources that do not say how many they have', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 10), { ownLimit: 3, total: 'none' })
    const { ids: seen, pages } = await crawl('?limit=4')
    expect(pages[0]?.header('x-total-count')).toBe('10')
    expect(seen).toHaveLength(10)
    expect(new Set(seen).size).toBe(10)
  })

  it('reads sources that know no paging and always give all', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 7), { knowsNoPaging: true })
    listing(b, () => locationsOf(BBB, 1), { knowsNoPaging: true })
    const { ids: seen, pages } = await crawl('?limit=3')
    expect(pages[0]?.header('x-total-count')).toBe('8')
    expect(seen).toHaveLength(8)
    expect(new Set(seen).size).toBe(8)
  })

  it.each([1, 2, 4, 100])(
    'repeats nothing of a source that always gives all and says that it has more, %i at once',
    async (limit) => {
      reset()
      listing(a, () => locationsOf(AAA, 7), { knowsNoPaging: true, total: { says: '9' } })
      listing(b, () => locationsOf(BBB, 2))
      const { ids: seen, pages } = await crawl(`?limit=${limit}`)
      expect(pages[0]?.header('x-total-count')).toBe('9')
      expect(seen).toEqual([...[0, 1].map((i) => `BBB/LOC${i}`), ...[0, 1, 2, 3, 4, 5, 6].map((i) => `AAA/LOC${i}`)])
    },
  )

  it('shortens a page where a source has become shorter; nothing is repeated and nothing moves', async () => {
    reset()
    let left = 4
    listing(b, () => locationsOf(BBB, left))
    listing(a, () => locationsOf(AAA, 4))
    await getAll('?limit=3')
    left = 2
    expect(ids(await getAll('?offset=3&limit=3&limit=3'))).toEqual(['AAA/LOC0', 'AAA/LOC1'])
    expect(ids(await getAll('?offset=6&limit=3'))).toEqual(['AAA/LOC2', 'AAA/LOC3'])
  })

  it('leads past a source that ends long before its total, to those behind it', async () => {
    reset()
    listing(b, () => locationsOf(BBB, 3), { total: { says: '100000000' } })
    listing(a, () => locationsOf(AAA, 3))
    const { ids: seen, pages } = await crawl('?limit=2')
    expect(seen).toEqual(['BBB/LOC0', 'BBB/LOC1', 'BBB/LOC2', 'AAA/LOC0', 'AAA/LOC1', 'AAA/LOC2'])
    expect(pages.map((page) => page.header('x-total-count'))).toEqual(Array(4).fill('1000003'))
    expect(pages[1]?.next).toMatch(/offset=1000000&limit=2$/)
  })

  it('counts a source itself that says a number which is none', async () => {
    reset()
    listing(b, () => locationsOf(BBB, 3), { total: { says: '999999999999999' } })
    listing(a, () => locationsOf(AAA, 1))
    const { ids: seen, pages } = await crawl('?limit=2')
    expect(seen).toEqual(['BBB/LOC0', 'BBB/LOC1', 'BBB/LOC2', 'AAA/LOC0'])
    expect(pages[0]?.header('x-total-count')).toBe('4')
  })

  it('takes an empty page with a next link for no end', async () => {
    reset()
    listing(b, () => locationsOf(BBB, 4))
    undo.push(
      b.on('locations', 'SENDER', ({ query }) =>
        query === '?offset=0&limit=2'
          ? { data: [], headers: ['X-Total-Count', '4', 'Link', '<https://b.example/?offset=2>; rel="next"'] }
          : 'pass',
      ),
    )
    expect((await crawl('?limit=2')).ids).toEqual(['BBB/LOC2', 'BBB/LOC3'])
  })

  it('leaves what a source has got meanwhile to the next crawl', async () => {
    reset()
    let count = 2
    listing(b, () => locationsOf(BBB, count))
    listing(a, () => locationsOf(AAA, 2))
    const first = await getAll('?limit=2')
    count = 5
    const second = await emsp.callUrl(first.next as string)
    expect([...ids(first), ...ids(second)]).toEqual(['BBB/LOC0', 'BBB/LOC1', 'AAA/LOC0', 'AAA/LOC1'])
    expect(second.header('x-total-count')).toBe('4')
    expect((await getAll('?limit=2')).header('x-total-count')).toBe('7')
  })

  it('drops objects of parties that were not asked', async () => {
    reset()
    listing(a, () => [
      ...locationsOf(AAA, 1),
      ...locationsOf({ country_code: 'DE', party_id: 'ZZZ' }, 1),
      ...locationsOf({ country_code: 'nl', party_id: 'aaa' }, 1, 'LOW'),
    ])
    expect(ids(await getAll())).toEqual(['AAA/LOC0', 'aaa/LOW0'])
  })

  it('counts and reads a platform once that gives each of its parties the list of all', async () => {
    reset()
    const parties = ['T1', 'T2', 'T3'].map((party_id) => ({ country_code: 'NL', party_id, role: 'CPO' as const }))
    const [t1, t2, t3] = parties as [(typeof parties)[0], (typeof parties)[0], (typeof parties)[0]]
    const three = await hub.join({ name: 'three', parties })
    const leave = servePages(three, 'locations', () => [
      ...locationsOf(t1, 2),
      ...locationsOf(t2, 3),
      ...locationsOf(t3, 1),
    ])
    const { ids: seen, pages } = await crawl('?limit=4')
    expect(pages[0]?.header('x-total-count')).toBe('6')
    expect(seen).toEqual(['T1/LOC0', 'T1/LOC1', 'T2/LOC0', 'T2/LOC1', 'T2/LOC2', 'T3/LOC0'])
    leave()
    servePages(three, 'locations', (request) => {
      const to = request.header('ocpi-to-party-id')
      return parties.filter(({ party_id }) => party_id === to).flatMap((party) => locationsOf(party, 2))
    })
    expect((await crawl('?limit=4')).ids).toEqual(['T1/LOC0', 'T1/LOC1', 'T2/LOC0', 'T2/LOC1', 'T3/LOC0', 'T3/LOC1'])
    await three.unregister()
  })

  it('does not show a caller the objects of its own platform', async () => {
    reset()
    const both = await hub.join({
      name: 'both',
      parties: [
        { country_code: 'FR', party_id: 'BTH', role: 'CPO' },
        { country_code: 'FR', party_id: 'BTH', role: 'EMSP' },
      ],
    })
    servePages(both, 'locations', () => locationsOf({ country_code: 'FR', party_id: 'BTH' }, 1))
    listing(a, () => locationsOf(AAA, 1))
    expect(ids(await both.call('locations', 'SENDER', { to: HUB }))).toEqual(['AAA/LOC0'])
    await both.unregister()
  })

  it('reads tokens of eMSPs for a CPO', async () => {
    const leave = servePages(emsp, 'tokens', () => ['{"country_code":"NL","party_id":"MSP","uid":"T1","id":"T1"}'])
    const answer = await a.call('tokens', 'SENDER', { to: HUB })
    expect(ids(answer)).toEqual(['MSP/T1'])
    leave()
  })
})

describe('Transport and format: GET All, agreements', () => {
  it('leaves out parties that may not talk to the caller, also in pages to come', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 4))
    listing(b, () => locationsOf(BBB, 2))
    const first = await getAll('?limit=4')
    expect(ids(first)).toEqual(['BBB/LOC0', 'BBB/LOC1', 'AAA/LOC0', 'AAA/LOC1'])
    const rule = await hub.admin('POST', '/agreements', { a: nameOf(EMSP), b: nameOf(AAA), effect: 'deny' })
    expect(rule.status).toBe(201)
    expect(ids(await emsp.callUrl(first.next as string))).toEqual([])
    expect(ids(await getAll())).toEqual(['BBB/LOC0', 'BBB/LOC1'])
    await hub.admin('DELETE', `/agreements/${rule.body.id}`)
    expect(ids(await getAll())).toHaveLength(6)
  })

  it('gives nothing that was read ahead of a party that a rule forbids by the time it is asked for', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 4))
    const begins = Date.now() + 1_500
    const rule = await hub.admin('POST', '/agreements', {
      a: nameOf(EMSP),
      b: nameOf(AAA),
      effect: 'deny',
      valid_from: new Date(begins).toISOString(),
    })
    const first = await getAll('?limit=2')
    expect(ids(first)).toEqual(['AAA/LOC0', 'AAA/LOC1'])
    await a.waitForRequest(({ query }) => query === '?offset=2&limit=2')
    await expect.poll(() => Date.now()).toBeGreaterThan(begins)
    expect(ids(await emsp.callUrl(first.next as string))).toEqual([])
    await hub.admin('DELETE', `/agreements/${rule.body.id}`)
  })
})

describe('Transport and format: GET All, sources that fail', () => {
  it('fails the page and names the source: an absence would read as deletion', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1))
    undo.push(b.on('locations', 'SENDER', () => ({ statusCode: 3000 })))
    const answer = await getAll()
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toContain('BE-BBB')
    expect(answer.envelope).not.toHaveProperty('data')
    expect(answer.header('ocpi-from-party-id')).toBe('HUB')
    expect(answer.header('ocpi-to-party-id')).toBe('MSP')
  })

  it('answers from the hub also where it asks nobody', async () => {
    const answer = await getAll('?limit=0')
    expect(answer.statusCode).toBe(2001)
    expect(answer.header('ocpi-from-party-id')).toBe('HUB')
  })

  it('fails a later page too, and gives it when asked again', async () => {
    reset()
    let fails = false
    listing(b, () => locationsOf(BBB, 2))
    undo.push(
      b.on('locations', 'SENDER', (request) =>
        fails && request.query.includes('offset=1&') ? { status: 500, body: 'oops' } : 'pass',
      ),
    )
    fails = true
    const first = await getAll('?limit=1')
    expect(ids(first)).toEqual(['BBB/LOC0'])
    expect((await emsp.callUrl(first.next as string)).statusCode).toBe(4003)
    fails = false
    expect(ids(await emsp.callUrl(first.next as string))).toEqual(['BBB/LOC1'])
  })

  it('names a source that is no list, no JSON or no envelope', async () => {
    for (const reply of [{ body: '{"data":[{]}' }, { data: {} }, { body: '<html>' }, { data: [7] }, { data: [null] }]) {
      reset()
      undo.push(b.on('locations', 'SENDER', () => reply))
      const answer = await getAll()
      expect(answer.statusCode).toBe(4003)
      expect(answer.envelope?.status_message).toContain('BE-BBB')
    }
  })

  it('names a source that gives more objects at once than any list holds', async () => {
    reset()
    const body = `{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z","data":[{}${',{}'.repeat(200_000)}]}`
    undo.push(b.on('locations', 'SENDER', () => ({ body })))
    const answer = await getAll('?limit=10')
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toBe('BE-BBB: answered more than 200000 objects')
  })

  it('inflates no more of a compressed answer than a page may hold', async () => {
    reset()
    const text = `{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z","data":[]${' '.repeat(40 * 1024 * 1024)}}`
    const reply = { body: gzipSync(text, { level: 1 }), headers: ['Content-Encoding', 'gzip'] }
    undo.push(b.on('locations', 'SENDER', () => reply))
    const answer = await getAll('?limit=10')
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toContain('BE-BBB')
  })

  it('fails the page when a source is OFFLINE, with its name', async () => {
    reset()
    listing(a, () => locationsOf(AAA, 1))
    await b.refuse()
    await hub.admin('POST', `/platforms/${b.platformId}/check`)
    await expect.poll(async () => (await hub.admin('GET', `/platforms/${b.platformId}`)).body.status).toBe('OFFLINE')
    const answer = await getAll()
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toContain('BE-BBB')
    await b.listenAgain()
    await b.call('tokens', 'SENDER', { to: HUB })
    await expect.poll(async () => ids(await getAll())).toEqual(['AAA/LOC0'])
  })
})
