import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPlainBrowser, type PlainBrowser } from '../admin/console/plain-browser.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { until } from '../support/until.ts'
import { runSql } from './sql.ts'

// The connection check as the partner itself sees it and runs it again, and the sandbox partners that it tries the hub with.

const PARTY = { country_code: 'NL', party_id: 'CPA', role: 'CPO' } as const

let hub: TestHub
let partner: Awaited<ReturnType<TestHub['join']>>
let own: PlainBrowser
let other: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
  partner = await hub.join({ name: 'Rhein', parties: [PARTY] }, { parties: [PARTY] })
  partner.on('locations', 'SENDER', () => ({ data: [{ id: '<img src=x>', country_code: 7 }] }))
  own = await follow(partner.platformId)
  other = await follow((await hub.createPlatform({ name: 'Other' })).id)
})
afterAll(() => hub?.close())

async function follow(platformId: string): Promise<PlainBrowser> {
  const { body } = await hub.admin('POST', `/platforms/${platformId}/partner-links`, {})
  const browser = createPlainBrowser(hub.url)
  await browser.post(new URL(body.link).pathname, {})
  return browser
}

const runs = async () => (await hub.admin('GET', `/platforms/${partner.platformId}/checks`)).body

async function ended(count: number) {
  await until(async () => {
    const all = await runs()
    return all.length === count && all.every((run: { ended_at: string | null }) => run.ended_at !== null)
  }, `${count} checks to end`)
}

test('a check that the partner asks for is made without consent, and says what to mend', async () => {
  const none = await own.get('/partner/check')
  expect(none.text).toContain('Never checked')
  expect((await own.submit(none, '/partner/check')).leadsTo).toBe('/partner/check')
  await ended(1)
  expect(await runs()).toMatchObject([{ asked_by: 'partner', consent: false }])
  const { text } = await own.get('/partner/check')
  for (const part of ['<h2>To mend', '<h2>Passed', 'Asked for by you', 'Run the check again'])
    expect(text).toContain(part)
  expect(text).not.toContain('<img')
  // The evidence is an exchange of its own.
  const [, evidence = ''] = /href="(\/partner\/messages\?request_id=[^"]+)"/.exec(text) ?? []
  expect((await own.get(evidence)).text).toMatch(/href="\/partner\/messages\/[^"?]+"/)
  expect((await own.get('/partner')).text).toContain('to mend')
})

test('it is asked for once in 10 minutes, and one that was mended says so', async () => {
  const soon = await own.post('/partner/check', {})
  expect(soon.status).toBe(429)
  expect(Number(soon.headers.get('Retry-After'))).toBeGreaterThan(500)
  expect(soon.text).toContain('once in 10 minutes')
  expect(await runs()).toHaveLength(1)
  partner.on('locations', 'SENDER', () => ({ data: [] }))
  await runSql(hub, 'update check_runs set asked_at = asked_at - 600000')
  expect((await own.post('/partner/check', {})).status).toBe(303)
  await ended(2)
  expect((await own.get('/partner/check')).text).toContain('<h2>Since the check before')
})

test('who let a fault pass, and why, is the hub’s affair', async () => {
  const [{ run }] = await runs()
  const { probes } = (await hub.admin('GET', `/platforms/${partner.platformId}/checks/${run}`)).body
  const fault = probes.find(({ outcome }: { outcome: string }) => outcome === 'fail')
  expect(fault).toBeDefined()
  const path = `/platforms/${partner.platformId}/checks/waivers/${fault.name}`
  expect((await hub.admin('PUT', path, { reason: 'a friend of ours' })).status).toBeLessThan(300)
  const { text } = await own.get('/partner/check')
  expect(text).toContain('let pass')
  expect(text).not.toContain('a friend of ours')
})

test('another sees nothing of it, and checks nothing without a connection', async () => {
  const { text } = await other.get('/partner/check')
  expect(text).toContain('Never checked')
  expect(text).not.toContain('Rhein')
  expect((await other.post('/partner/check', {})).status).toBe(409)
  for (const path of ['/partner/check/1', `/partner/check/${partner.platformId}/1`])
    expect((await other.get(path)).status).toBe(404)
})

test('a sandbox partner that it was given acts by a click; others have none', async () => {
  const { body: sandbox } = await hub.admin('POST', '/sandbox', { role: 'EMSP' })
  const action = `/partner/try/${sandbox.id}/locations`
  expect((await own.post(action, {})).status).toBe(404)
  await hub.admin('PUT', `/platforms/${partner.platformId}/sandbox`, { partners: [sandbox.id] })
  const tried = await own.submit(await own.get('/partner'), action)
  expect(tried.status).toBe(200)
  expect(tried.text).toContain('went well')
  expect((await own.post(`/partner/try/${sandbox.id}/nonsense`, {})).status).toBe(404)
  expect((await other.post(action, {})).status).toBe(404)
  expect((await other.get('/partner')).text).not.toContain('Try the hub')
})
