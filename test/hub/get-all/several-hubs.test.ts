import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { servePages } from '../../support/paging.ts'
import type { Partner } from '../../support/partner.ts'
import { type Listed, locationsOf } from './lists.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const AAA = { country_code: 'NL', party_id: 'AAA', role: 'CPO' as const }
const BBB = { country_code: 'BE', party_id: 'BBB', role: 'CPO' as const }

let hub: TestHub
let partial: TestHub
let emsp: Partner
let a: Partner
let b: Partner

/** Two hubs on one database, the second one content with partial lists; both give a source two seconds. */
beforeAll(async () => {
  const quick = { FORWARD_TIMEOUT_MS: '2000' }
  hub = await startTestHub(quick)
  partial = await startTestHub({ ...quick, GET_ALL_PARTIAL: 'true' }, { databaseUrl: hub.databaseUrl })
  emsp = await hub.join({ name: 'emsp', parties: [{ country_code: 'NL', party_id: 'MSP', role: 'EMSP' }] })
  a = await hub.join({ name: 'a', parties: [AAA] })
  b = await hub.join({ name: 'b', parties: [BBB] })
})
afterAll(async () => {
  await partial.close()
  await hub.close()
})

const getAll = (at: TestHub, query: string) =>
  emsp.callUrl(`${at.url}/ocpi/2.2.1/sender/locations${query}`, { to: HUB })
const ids = (data: unknown) => (data as Listed[]).map(({ id, party_id }) => `${String(party_id)}/${id}`)

describe('Transport and format: GET All via Hubs, several processes', () => {
  it('maps later pages through the totals that another process saw', async () => {
    let count = 2
    const undo = [
      servePages(b, 'locations', () => locationsOf(BBB, count)),
      servePages(a, 'locations', () => locationsOf(AAA, 2)),
    ]
    const first = await getAll(hub, '?limit=2')
    expect(ids(first.data)).toEqual(['BBB/LOC0', 'BBB/LOC1'])
    count = 9
    const second = await getAll(partial, '?limit=2&offset=2')
    expect(ids(second.data)).toEqual(['AAA/LOC0', 'AAA/LOC1'])
    expect(second.header('x-total-count')).toBe('4')
    expect(second.next).toBeNull()
    for (const each of undo) each()
  })

  it('goes on by a next link as it began, though the same caller has begun another crawl meanwhile', async () => {
    let count = 3
    const undo = [
      servePages(b, 'locations', () => locationsOf(BBB, count)),
      servePages(a, 'locations', () => locationsOf(AAA, 2)),
    ]
    const first = await getAll(hub, '?limit=2')
    count = 1
    const other = await getAll(hub, '?limit=2')
    expect(other.header('x-total-count')).toBe('3')
    const next = new URL(first.next as string)
    const second = await emsp.callUrl(partial.url + next.pathname + next.search)
    expect([...ids(first.data), ...ids(second.data)]).toEqual(['BBB/LOC0', 'BBB/LOC1', 'AAA/LOC0'])
    expect(second.header('x-total-count')).toBe('5')
    for (const each of undo) each()
  })

  it('fails with 4002 and the name of a source that does not answer in time', async () => {
    const undo = [b.on('locations', 'SENDER', () => 'handled'), servePages(a, 'locations', () => locationsOf(AAA, 1))]
    const answer = await getAll(hub, '?limit=5')
    expect(answer.statusCode).toBe(4002)
    expect(answer.envelope?.status_message).toContain('BE-BBB')
    for (const each of undo) each()
  })

  it('gives what the others have within its time where partial lists are allowed and a source hangs', async () => {
    const undo = [b.on('locations', 'SENDER', () => 'handled'), servePages(a, 'locations', () => locationsOf(AAA, 2))]
    const answer = await getAll(partial, '?limit=5')
    expect(ids(answer.data)).toEqual(['AAA/LOC0', 'AAA/LOC1'])
    expect(answer.envelope?.status_message).toContain('BE-BBB')
    for (const each of undo) each()
  })

  it('gives what there is where partial lists are allowed, and says in status_message what is missing', async () => {
    const undo = [
      b.on('locations', 'SENDER', () => ({ status: 500, body: 'oops' })),
      servePages(a, 'locations', () => locationsOf(AAA, 2)),
    ]
    const answer = await getAll(partial, '?limit=1')
    expect(answer.statusCode).toBe(1000)
    expect(ids(answer.data)).toEqual(['AAA/LOC0'])
    expect(answer.envelope?.status_message).toContain('BE-BBB')
    const next = await getAll(partial, '?limit=1&offset=1')
    expect(ids(next.data)).toEqual(['AAA/LOC1'])
    expect(next.envelope?.status_message).toContain('BE-BBB')
    for (const each of undo) each()
  })
})
