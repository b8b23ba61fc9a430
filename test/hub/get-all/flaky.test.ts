import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { closeAtOnce, closeHalfWay, hang, html } from '../../support/misbehave.ts'
import { failEvery, servePages } from '../../support/paging.ts'
import type { Partner } from '../../support/partner.ts'
import type { Handler } from '../../support/partner-server.ts'
import { type Listed, locationsOf } from './lists.ts'

const EMSP = { country_code: 'NL', party_id: 'MSP', role: 'EMSP' as const }
const AAA = { country_code: 'NL', party_id: 'AAA', role: 'CPO' as const }
const BBB = { country_code: 'BE', party_id: 'BBB', role: 'CPO' as const }

let hub: TestHub
let emsp: Partner
let a: Partner & { platformId: string }
let b: Partner & { platformId: string }
const undo: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ GET_ALL_SOURCE_TIMEOUT_MS: '1000' })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  a = await hub.join({ name: 'a', parties: [AAA] })
  b = await hub.join({ name: 'b', parties: [BBB] })
  servePages(a, 'locations', () => locationsOf(AAA, 3))
})
afterAll(() => hub.close())
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

const getAll = (query = '?limit=4', correlationId: string | null = null) =>
  emsp.call('locations', 'SENDER', { query, ...(correlationId && { correlationId }) })
const names = (data: unknown) => ((data ?? []) as Listed[]).map(({ party_id, id }) => `${String(party_id)}/${id}`)

const tooMany = (...retryAfter: string[]): Handler => {
  return () => ({ status: 429, isBare: true, headers: retryAfter, body: 'slow down' })
}

describe('GET All, a source that fails now and then', () => {
  it.each<[string, Handler]>([
    ['500', html(500)],
    ['502 with Retry-After', () => ({ status: 502, isBare: true, headers: ['Retry-After', '0'], body: '' })],
    ['an envelope of 3000', () => ({ statusCode: 3000 })],
    ['broken JSON', () => ({ body: '{"status_code":1000,"data":[{"id":' })],
    ['half an answer', closeHalfWay()],
    ['a connection that ends', closeAtOnce()],
    ['429 with Retry-After', tooMany('Retry-After', '1')],
    ['nothing in time', hang()],
  ])('%s to every second request takes nothing from anybody', async (_, failure) => {
    undo.push(
      servePages(b, 'locations', () => locationsOf(BBB, 3)),
      failEvery(b, 'locations', 2, failure),
    )
    const first = await getAll()
    expect(names(first.data)).toEqual(['BBB/LOC0', 'BBB/LOC1', 'BBB/LOC2', 'AAA/LOC0'])
    const second = await emsp.callUrl(first.next as string)
    expect(names(second.data)).toEqual(['AAA/LOC1', 'AAA/LOC2'])
  })

  it('is asked three times at most, and what its last answer was is what the caller learns', async () => {
    undo.push(b.on('locations', 'SENDER', html(500)))
    b.requests.length = 0
    const answer = await getAll('?limit=4', 'three-times')
    expect(answer.statusCode).toBe(4003)
    expect(answer.envelope?.status_message).toBe('BE-BBB: answered HTTP 500 without an OCPI envelope')
    expect(b.requests.filter((request) => request.header('x-correlation-id') === 'three-times')).toHaveLength(3)
  })

  it('that wants to be left alone for longer than the caller can wait is not asked again: Retry-After goes to the caller', async () => {
    undo.push(b.on('locations', 'SENDER', tooMany('Retry-After', '120')))
    b.requests.length = 0
    const answer = await getAll('?limit=4', 'left-alone')
    expect(answer.status).toBe(200)
    expect(answer.statusCode).toBe(4003)
    expect(answer.header('retry-after')).toBe('120')
    expect(b.requests.filter((request) => request.header('x-correlation-id') === 'left-alone')).toHaveLength(1)
  })

  it('that refuses what it is asked is not asked again', async () => {
    undo.push(b.on('locations', 'SENDER', html(400)))
    b.requests.length = 0
    expect((await getAll('?limit=4', 'refused')).statusCode).toBe(4003)
    expect(b.requests.filter((request) => request.header('x-correlation-id') === 'refused')).toHaveLength(1)
  })

  it('that never answers has two tries of the time that is set before the first page fails', async () => {
    undo.push(b.on('locations', 'SENDER', hang()))
    const startedAt = Date.now()
    const answer = await getAll()
    expect(answer.statusCode).toBe(4002)
    expect(answer.envelope?.status_message).toBe('BE-BBB: did not answer in time')
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('GET All, a source that an administrator leaves out', () => {
  const leaveOut = (isLeftOut: boolean) =>
    hub.admin('PATCH', `/platforms/${b.platformId}`, { left_out_of_get_all: isLeftOut })

  it('is not asked, is named in status_message, and is there again when it is let in', async () => {
    undo.push(b.on('locations', 'SENDER', html(500)))
    const changed = await leaveOut(true)
    expect(changed.status).toBe(200)
    expect(changed.body.left_out_of_get_all).toBe(true)
    const answer = await getAll()
    expect(names(answer.data)).toEqual(['AAA/LOC0', 'AAA/LOC1', 'AAA/LOC2'])
    expect(answer.envelope?.status_message).toBe("Incomplete, without BE-BBB: left out by the hub's administrator")
    await leaveOut(false)
    expect((await getAll()).statusCode).toBe(4003)
  })

  it('takes no page from a crawl that is under way', async () => {
    undo.push(servePages(b, 'locations', () => locationsOf(BBB, 6)))
    const first = await getAll()
    const failing = b.on('locations', 'SENDER', html(500))
    await leaveOut(true)
    const second = await emsp.callUrl(first.next as string)
    expect(second.envelope?.status_message).toContain('BE-BBB')
    expect(names(second.data)).toEqual(['AAA/LOC0', 'AAA/LOC1'])
    const third = await emsp.callUrl(second.next as string)
    expect(names(third.data)).toEqual(['AAA/LOC2'])
    failing()
    await leaveOut(false)
  })

  it('can still be called by name', async () => {
    undo.push(servePages(b, 'locations', () => locationsOf(BBB, 1)))
    await leaveOut(true)
    const answer = await emsp.call('locations', 'SENDER', { to: { country_code: 'BE', party_id: 'BBB' } })
    expect(names(answer.data)).toEqual(['BBB/LOC0'])
    await leaveOut(false)
  })
})
