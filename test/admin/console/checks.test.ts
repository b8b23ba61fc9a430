// Connection checks in the console: what each page answers, without scripts, with a partner over real HTTP.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const PARTY = { country_code: 'NL', party_id: 'CPA', role: 'CPO' } as const
const NAME = '<b>Rhein</b>'

let hub: TestHub
let browser: PlainBrowser
let partner: Awaited<ReturnType<TestHub['join']>>
let checks: string
let onboarding: string

beforeAll(async () => {
  hub = await startTestHub({ CONNECTION_CHECK: 'advised', CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  partner = await hub.join({ name: NAME, parties: [PARTY] }, { parties: [PARTY] })
  // What a partner writes stands in what is found.
  partner.on('locations', 'SENDER', () => ({ data: [{ id: '<img src=x>', country_code: 7 }] }))
  checks = `/admin/platforms/${partner.platformId}/checks`
  onboarding = `/admin/onboarding/${partner.platformId}`
})
afterAll(() => hub.close())

async function ended(run: number): Promise<void> {
  const path = `/platforms/${partner.platformId}/checks/${run}`
  await until(async () => Boolean((await hub.admin('GET', path)).body.ended_at), `check ${run} to end`)
}

test('one begins by itself after the handshake, keeps nobody, and is told in onboarding and on the page of the platform', async () => {
  await ended(1)
  const { text } = await browser.get(onboarding)
  expect(text).toContain('<h2>Connection check')
  expect(text).toMatch(/\d+ of \d+ passed\. \d+ to mend/)
  expect(text).toContain('NL-CPA is CONNECTED')
  const { text: page } = await browser.get(`/admin/platforms/${partner.platformId}`)
  expect(page).toContain('<h2>Last check')
  expect(page).toContain('>Run connection check</button>')
  expect((await browser.get('/admin')).text).toContain('Its connection check found')
})

test('a report has what is to be mended with advice and exchanges, a mail, a file; what a partner wrote stays text', async () => {
  const { status, text } = await browser.get(`${checks}/1`)
  expect(status).toBe(200)
  for (const part of ['To mend', 'For the partner', 'Passed', 'Not looked at'])
    expect(text, part).toContain(`<h2>${part}`)
  expect(text).toContain('Begun after its handshake')
  expect(text).toContain('/admin/messages?request_id=')
  expect(text).not.toContain('<img src=x>')
  expect(text).not.toContain('<b>Rhein')
  const file = await browser.get(`${checks}/1/report.json`)
  expect(JSON.parse(file.text)).toMatchObject({ run: 1, state: 'ended', compared_with: null })
  expect((await browser.get(`${checks}/99`)).status).toBe(404)
})

test('it is run again by a button or another way, and says what differs', async () => {
  const first = await browser.get(checks)
  const running = await browser.submit(first, checks, {})
  expect(running.leadsTo).toBe(`${checks}/2`)
  // Who asks a moment later is led to it.
  expect((await browser.post(checks, {})).leadsTo).toBe(`${checks}/2?done=under-way`)
  await ended(2)
  const { text } = await browser.get(`${checks}/2`)
  expect(text).toContain('<h2>Since check 1')
  expect(text).toContain('Nothing differs')
  await browser.post(checks, { skip_wrong_token: 'on', reason: 'asked for by mail' })
  await ended(3)
  expect((await hub.admin('GET', `/platforms/${partner.platformId}/checks/3`)).body.skip_wrong_token).toBe(true)
  expect((await browser.get(checks)).text).toContain('Check 3')
})

test('a fault is let pass with a reason, and no longer', async () => {
  const { text } = await browser.get(`${checks}/3`)
  const [link] = /\/admin\/platforms\/[0-9a-f-]+\/checks\/waivers\/[a-z0-9-]+\?run=3/.exec(text) ?? []
  expect(link).toBeDefined()
  const page = await browser.get(link ?? '')
  const refused = await browser.submit(page, link ?? '', { reason: '' })
  expect(refused.status).toBe(400)
  const done = await browser.submit(refused, link ?? '', { reason: 'known, <i>mended</i> in March' })
  expect(done.leadsTo).toBe(`${checks}/3?done=waived`)
  expect((await browser.follow(done)).text).toContain('It is let pass.')
  const list = await browser.get(checks)
  expect(list.text).toContain('Faults that are let pass')
  expect(list.text).not.toContain('<i>mended')
  const [end] = new RegExp(`${checks}/waivers/[a-z0-9-]+/end`).exec(list.text) ?? []
  expect((await browser.follow(await browser.submit(list, end ?? '', {}))).text).toContain('It is a fault again')
})

test('one goes on anyway with a reason, which lets all that is left pass', async () => {
  const page = await browser.get(`${onboarding}/go-on`)
  expect(page.text).toContain('check 3')
  expect((await browser.submit(page, `${onboarding}/go-on`, { reason: '' })).status).toBe(400)
  const done = await browser.follow(await browser.submit(page, `${onboarding}/go-on`, { reason: 'they know' }))
  expect(done.text).toContain('What its check found is let pass.')
  expect(done.text).toContain('what is left is let pass')
  expect((await browser.get('/admin')).text).not.toContain('Its connection check found')
})

test('who was never checked, and who may only look, find words and no buttons', async () => {
  const { id } = await hub.createPlatform({ name: 'planned' })
  const { text } = await browser.get(`/admin/platforms/${id}/checks`)
  expect(text).toContain('Never checked.')
  expect(text).toContain('once its handshake is done')
  const { body } = await hub.admin('POST', '/keys', { name: 'looker', role: 'read-only' })
  const looker = createPlainBrowser(hub.url)
  await looker.signIn(body.key)
  const seen = await looker.get(`${checks}/3`)
  expect(seen.status).toBe(200)
  for (const verb of ['Run again', 'Let it pass']) expect(seen.text).not.toContain(verb)
  expect((await looker.get(checks)).text).not.toContain('Run it so')
  expect((await looker.get(`${checks}/waivers/speed`)).status).toBe(403)
  expect((await looker.get(`${onboarding}/go-on`)).status).toBe(403)
  expect((await looker.post(checks, {})).status).toBe(403)
})
