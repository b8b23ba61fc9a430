import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

// Links to partners' own pages, made, listed and revoked in the console. What they open stands in test/partner.

let hub: TestHub
let browser: PlainBrowser
let path: string

beforeAll(async () => {
  hub = await startTestHub()
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  const { id } = await hub.createPlatform({ name: '<b>Newcomer' })
  path = `/admin/platforms/${id}/partner-links`
})
afterAll(() => hub?.close())

const LINK = /http:\/\/127\.0\.0\.1:\d+\/partner\/enter\/[\w-]{43}/

test('a link is made in two clicks, shown once, and listed without its secret', async () => {
  const platform = path.replace('/partner-links', '')
  expect((await browser.get(platform)).text).toContain('No link opens it')
  const empty = await browser.get(path)
  expect(empty.text).toContain('No link was made')
  const made = await browser.submit(empty, path, { reason: 'asked for' })
  expect(made.status).toBe(200)
  const [link = ''] = LINK.exec(made.text) ?? []
  expect((await createPlainBrowser(hub.url).get(new URL(link).pathname)).status).toBe(200)
  const list = await browser.get(path)
  expect(list.text).not.toMatch(LINK)
  expect(list.text).toContain('by owner')
  expect((await browser.get(platform)).text).toContain('1 link opens it until')
})

test('what the API would not is said at the field, with what was typed', async () => {
  const page = await browser.submit(await browser.get(path), path, { expires_at: '2020-01-01T00:00', reason: 'mine' })
  expect(page.status).toBe(400)
  expect(page.text).toContain('id="f-expires_at-fault"')
  expect(page.text).toContain('value="mine"')
})

test('it is revoked, with a page before that says what follows', async () => {
  const list = await browser.get(path)
  const [, revoke = ''] = /href="([^"]+\/revoke)"/.exec(list.text) ?? []
  const page = await browser.get(revoke)
  expect(page.text).toContain('browsers that it let in are shut out at once')
  const done = await browser.submit(page, revoke)
  expect(done.leadsTo).toBe(`${path}?done=revoked`)
  expect((await browser.get(path)).text).toContain('revoked')
  // Once more there is nothing to revoke.
  expect((await browser.post(revoke, {})).status).toBe(404)
})

test('who may only look sees the links and makes none', async () => {
  const { body } = await hub.admin('POST', '/keys', { name: 'looks', role: 'read-only' })
  const reader = createPlainBrowser(hub.url)
  await reader.signIn(body.key)
  const list = await reader.get(path)
  expect(list.status).toBe(200)
  expect(list.text).not.toContain('Make a link')
  expect((await reader.post(path, {})).status).toBe(403)
})

test('the invitation of a newcomer has a link to follow it live, unless it is not wanted', async () => {
  const form = await browser.get('/admin/onboarding/new')
  const invited = await browser.submit(form, '/admin/onboarding/new', { name: 'Volt' })
  expect(invited.status, invited.text).toBe(200)
  const [, link = ''] = /Follow it live: (\S+?)<\/textarea>/.exec(invited.text) ?? []
  expect(link).toMatch(LINK)
  // What is opened in mail has neither.
  expect(/mailto:[^"]+/.exec(invited.text)?.[0]).not.toContain('partner')
  const without = await browser.post('/admin/onboarding/new', { name: 'Ampere' })
  expect(without.text).not.toContain('Follow it live')
})
