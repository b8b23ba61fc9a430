import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPlainBrowser, type PlainBrowser } from '../admin/console/plain-browser.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { runSql } from './sql.ts'

// The link that opens a partner's page: who comes in by it, for how long, and what it opens beside that page. Nothing.

let hub: TestHub
let platformId: string
let browser: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub?.close())
beforeEach(async () => {
  browser = createPlainBrowser(hub.url)
  platformId = (await hub.createPlatform({ name: 'Volt & Co' })).id
})

type Made = { readonly id: string; readonly path: string }

async function makeLink(of = platformId): Promise<Made> {
  const { status, body } = await hub.admin('POST', `/platforms/${of}/partner-links`, {})
  expect(status).toBe(201)
  return { id: body.id, path: new URL(body.link).pathname }
}

const revoke = ({ id }: Made) => hub.admin('DELETE', `/platforms/${platformId}/partner-links/${id}`)

const listed = async ({ id }: Made) =>
  (await hub.admin('GET', `/platforms/${platformId}/partner-links`)).body.find((link: Made) => link.id === id)

async function enter({ path }: Made, by = browser) {
  expect((await by.get(path)).text).toContain('<form method="post"><button')
  const answer = await by.post(path, {})
  expect(answer.status, answer.text).toBe(303)
  return by.follow(answer)
}

describe('the link', () => {
  test('leads to a page with a button, which opens the page of the platform', async () => {
    const page = await enter(await makeLink())
    expect(page.status).toBe(200)
    expect(page.text).toContain('Volt &amp; Co')
    expect(page.text).toContain('PLANNED')
    expect(page.text).toContain('Register with the token from your invitation')
  })

  test('is not used by programs that follow it without pressing the button', async () => {
    const link = await makeLink()
    for (const method of ['GET', 'HEAD', 'GET']) {
      const answer = await browser.ask(link.path, { method })
      expect(answer.status).toBe(200)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(await listed(link)).toMatchObject({ first_used_at: null, sessions: 0 })
    expect((await enter(link)).status).toBe(200)
    expect(await listed(link)).toMatchObject({ first_used_at: expect.any(String), sessions: 1 })
  })

  test('lets colleagues in as well, until it is revoked: then all are out at once', async () => {
    const link = await makeLink()
    const colleague = createPlainBrowser(hub.url)
    await enter(link)
    await enter(link, colleague)
    expect(await listed(link)).toMatchObject({ sessions: 2, last_used_at: expect.any(String) })
    expect((await revoke(link)).status).toBe(204)
    for (const each of [browser, colleague]) expect((await each.get('/partner')).status).toBe(401)
    expect((await browser.get(link.path)).status).toBe(404)
    expect((await browser.post(link.path, {})).status).toBe(404)
  })

  test('keeps the newest 20 browsers that it let in', async () => {
    const link = await makeLink()
    await enter(link)
    for (let n = 0; n < 20; n++) await createPlainBrowser(hub.url).post(link.path, {})
    expect((await listed(link)).sessions).toBe(20)
    expect((await browser.get('/partner')).status).toBe(401)
  })

  test('ends at its end, with the sessions that it opened', async () => {
    const link = await makeLink()
    await enter(link)
    await runSql(hub, `update partner_links set expires_at = 1 where id = '${link.id}'`)
    expect((await browser.get('/partner')).status).toBe(401)
    expect((await browser.get(link.path)).status).toBe(404)
  })

  test('opens a session of 12 hours', async () => {
    const link = await makeLink()
    const answer = await browser.post(link.path, {})
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^ocpi-hub-partner=[\w-]{43}; Max-Age=43(200|199); Path=\/; HttpOnly; SameSite=Lax$/)
    await runSql(hub, `update partner_sessions set expires_at = 1 where link_id = '${link.id}'`)
    expect((await browser.get('/partner')).status).toBe(401)
    // It is come back to by the link.
    expect((await enter(link)).status).toBe(200)
  })

  test('is left by a button', async () => {
    const link = await makeLink()
    const page = await enter(link)
    expect((await browser.submit(page, '/partner/leave')).text).toContain('You have left')
    expect((await browser.get('/partner')).status).toBe(401)
    expect((await listed(link)).sessions).toBe(0)
  })

  test('goes with its platform', async () => {
    const { id } = await hub.createPlatform({ name: 'Short-lived' })
    const link = await makeLink(id)
    await enter(link)
    await hub.admin('DELETE', `/platforms/${id}`)
    expect((await browser.get('/partner')).status).toBe(401)
    expect((await browser.get(link.path)).status).toBe(404)
  })

  test('is never stored, and is in no row of the audit trail', async () => {
    const secret = (await makeLink()).path.split('/').at(-1) ?? ''
    const rows = JSON.stringify(await runSql(hub, 'select * from partner_links'))
    const audit = JSON.stringify((await hub.admin('GET', '/audit?what=partner-link')).body)
    expect(audit).toContain('partner-link.add')
    for (const text of [rows, audit]) expect(text).not.toContain(secret)
  })
})

describe('what opens nothing', () => {
  const WRONG = '/partner/enter/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

  test('whoever has no session, or one of the console', async () => {
    const pages = ['/partner', '/partner/messages', '/partner/messages/abc-1', '/partner/missed', '/partner/nowhere']
    for (const path of pages) expect((await browser.get(path)).status, path).toBe(401)
    await browser.signIn(hub.adminToken)
    for (const path of pages) expect((await browser.get(path)).status, path).toBe(401)
  })

  test("a partner's cookie opens neither the console nor its API, under its own name or another", async () => {
    await enter(await makeLink())
    const token = browser.cookies.get('ocpi-hub-partner') ?? ''
    for (const name of ['ocpi-hub-partner', 'ocpi-hub-session']) {
      browser.cookies.set(name, token)
      expect((await browser.get('/admin')).leadsTo).toBe('/admin/sign-in')
      for (const path of ['platforms', 'events', 'messages', 'agreements/export', 'session'])
        expect((await browser.get(`/admin/api/${path}`)).status, path).toBe(401)
    }
  })

  test('and a session of the console is none of a partner', async () => {
    await browser.signIn(hub.adminToken)
    browser.cookies.set('ocpi-hub-partner', browser.cookies.get('ocpi-hub-session') ?? '')
    expect((await browser.get('/partner')).status).toBe(401)
  })

  test('forms of other sites', async () => {
    const { path } = await makeLink()
    expect((await browser.post(path, {}, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await browser.post('/partner/leave', {}, { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
  })

  test('a link that was guessed, and after some guesses that address cannot try any', async () => {
    const link = await makeLink()
    expect((await browser.get(WRONG)).status).toBe(404)
    for (const path of ['/partner/enter', '/partner/enter/', `${WRONG}/x`, `${link.path}A`, '/partner/enter/%2e%2e'])
      expect((await browser.get(path)).status, path).toBeOneOf([401, 404])
    let last = await browser.post(WRONG, {})
    for (let guess = 0; guess < 100 && last.status === 404; guess++) last = await browser.post(WRONG, {})
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await browser.get(link.path)).status).toBe(429)
  })
})

describe('its answers', () => {
  test('are kept by nobody, framed by nobody, and tell nobody where they were found', async () => {
    const { path } = await makeLink()
    for (const at of [path, '/partner', '/partner/nowhere']) {
      const { headers } = await browser.get(at)
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(headers.get('Cache-Control')).toBe('no-store')
      expect(headers.get('X-Robots-Tag')).toBe('noindex, nofollow')
      expect(headers.get('Content-Security-Policy')).toMatch(
        /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      )
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    }
  })

  test('load nothing from where administrators are', async () => {
    const { text } = await browser.get('/partner')
    expect(text).not.toContain('/admin')
    const files = [...text.matchAll(/(?:src|href)="(\/partner\/assets\/[^"]+)"/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) {
      const { status, headers } = await browser.get(file)
      expect(status, file).toBe(200)
      expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    }
    const sheet = await browser.get('/partner/assets/console.css')
    expect(sheet.text).not.toContain('/admin/')
    expect((await browser.get('/partner/assets/../ports.ts')).status).not.toBe(200)
  })
})
