import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { metric } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { servePages } from '../../support/paging.ts'
import { type Partner, routedModules } from '../../support/partner.ts'
import { type Listed, locationsOf } from './lists.ts'

// What one caller or one source of GET All can take of what others need.

const MB = 1024 * 1024
const HUB = { country_code: 'NL', party_id: 'HUB' }
const EMSP = { country_code: 'NL', party_id: 'MSP', role: 'EMSP' as const }
const OTHER = { country_code: 'NL', party_id: 'OTH', role: 'EMSP' as const }
const AAA = { country_code: 'NL', party_id: 'AAA', role: 'CPO' as const }
const BBB = { country_code: 'BE', party_id: 'BBB', role: 'CPO' as const }
const CRAWLS = 30

let hub: TestHub
let emsp: Partner
let other: Partner
let a: Partner & { platformId: string }
let b: Partner
const undo: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({
    MAX_BODY_BYTES: String(4 * MB),
    FAN_OUTS_PER_MINUTE: String(CRAWLS),
    INBOUND_REQUESTS_PER_SECOND: '0',
  })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
  other = await hub.join({ name: 'other', parties: [OTHER], modules: routedModules([OTHER]) })
  a = await hub.join({ name: 'a', parties: [AAA], modules: routedModules([AAA]) })
  b = await hub.join({ name: 'b', parties: [BBB], modules: routedModules([BBB]) })
})
afterAll(() => hub.close())
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

const getAll = (query = '', from = emsp) => from.call('locations', 'SENDER', { to: HUB, query })

describe('a source that announces a billion objects', () => {
  test('is read as far as a million, in words', async () => {
    undo.push(servePages(b, 'locations', () => locationsOf(BBB, 1)))
    undo.push(servePages(a, 'locations', () => locationsOf(AAA, 5), { total: { says: '999999999' } }))
    const first = await getAll('?limit=3')
    expect(first.header('x-total-count')).toBe('1000001')
    expect(first.envelope?.status_message).toContain('NL-AAA: lists more than 1000000 objects')
    expect((first.data as Listed[]).map(({ id }) => id)).toEqual(['LOC0', 'LOC0', 'LOC1'])
    const second = await emsp.callUrl(first.next as string)
    expect((second.data as Listed[]).map(({ id }) => id)).toEqual(['LOC2', 'LOC3', 'LOC4'])
    expect(second.envelope?.status_message).toContain('NL-AAA: lists more than 1000000 objects')
    const last = await emsp.callUrl(second.next as string)
    expect([last.data, last.next]).toEqual([[], null])
    expect(await metric(hub, 'ocpi_hub_bounds_met_total', 'bound="listed-objects"')).toBe(1)
  })
})

describe('a source whose answers are larger than a page', () => {
  test('is asked no further once they exceed it, and the page fails', async () => {
    const large = (id: number) => `{"country_code":"BE","party_id":"BBB","id":"${id}","x":"${'x'.repeat(MB)}"}`
    const objects = Array.from({ length: 40 }, (_, id) => large(id))
    undo.push(servePages(b, 'locations', () => objects, { ownLimit: 1 }))
    undo.push(servePages(a, 'locations', () => []))
    b.requests.length = 0
    const answer = await getAll('?limit=40')
    expect(answer).toMatchObject({ status: 200, statusCode: 4000 })
    expect(answer.envelope?.status_message).toContain('exceeds')
    expect(b.requests.filter(({ module }) => module === 'locations').length).toBeLessThan(10)
  })
})

describe('a source with endless next links', () => {
  test('longer than any that could be kept: they are not followed, and the page says so', async () => {
    undo.push(servePages(b, 'locations', () => []))
    const link = `<${a.endpointUrl('locations', 'SENDER')}?cursor=${'c'.repeat(5_000)}>; rel="next"`
    undo.push(
      a.on('locations', 'SENDER', () => ({
        headers: ['Content-Type', 'application/json', 'Link', link],
        body: `{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z","data":[${locationsOf(AAA, 2).join(',')}]}`,
      })),
    )
    const answer = await getAll('?limit=10')
    expect(answer.statusCode).toBe(1000)
    expect(answer.envelope?.status_message).toContain('NL-AAA: its next link leads nowhere')
  })
})

describe('a caller that begins crawl after crawl', () => {
  test('gets 429 with Retry-After beyond its part, while pages of crawls it began and other callers pass', async () => {
    undo.push(servePages(a, 'locations', () => locationsOf(AAA, 5)))
    undo.push(servePages(b, 'locations', () => []))
    const begun = await getAll('?limit=2')
    expect(begun.statusCode).toBe(1000)
    let answer = begun
    for (let i = 0; i < 2 * CRAWLS && answer.status === 200; i++)
      answer = await getAll(`?date_from=2026-01-01T00:00:${i}Z`)
    expect([answer.status, answer.statusCode]).toEqual([429, 2000])
    expect(Number(answer.header('retry-after'))).toBeGreaterThanOrEqual(1)
    a.requests.length = 0
    const refused = await emsp.call('locations', 'SENDER', { to: HUB, query: '?limit=3' })
    expect(refused.status).toBe(429)
    expect(a.requests).toEqual([])
    expect(await emsp.callUrl(begun.next as string)).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await getAll('', other)).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await metric(hub, 'ocpi_hub_bounds_met_total', 'bound="fan-outs"')).toBeGreaterThan(0)
  })
})

describe('a CPO that asks about token after token that nobody knows', () => {
  test('gets 429 with Retry-After beyond its part, and no eMSP is asked', async () => {
    const authorize = (n: number) =>
      b.call('tokens', 'SENDER', { method: 'POST', path: `/NOBODYS-${n}/authorize`, to: null })
    let n = 0
    let answer = await authorize(n)
    while (answer.status !== 429 && n < 2 * CRAWLS) answer = await authorize(++n)
    expect([answer.status, answer.statusCode]).toEqual([429, 2000])
    emsp.requests.length = 0
    expect((await authorize(++n)).status).toBe(429)
    expect(emsp.requests.filter(({ module }) => module === 'tokens')).toEqual([])
    expect((await b.call('tokens', 'SENDER', { method: 'POST', path: '/1/authorize', to: EMSP })).status).not.toBe(429)
  })
})
