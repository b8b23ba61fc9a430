import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const PASSWORD = 'correct horse battery staple'
const COOKIE = 'ocpi-hub-session'

let hub: TestHub
let browser: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '1000', HUB_NAME: 'Nordic <Roaming>' })
})
afterAll(() => hub.close())
beforeEach(() => {
  browser = createPlainBrowser(hub.url)
})

async function addAdmin(fields: Record<string, unknown> = {}): Promise<{ id: string; name: string }> {
  const name = `admin ${crypto.randomUUID()}`
  const { status, body } = await hub.admin('POST', '/admins', { name, role: 'operator', password: PASSWORD, ...fields })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

describe('signing in', () => {
  it('is asked of whoever comes without a session, and leads on to what was asked for', async () => {
    const first = await browser.get('/admin?window=7d')
    expect([first.status, first.leadsTo]).toEqual([303, '/admin/sign-in?next=%2Fadmin%3Fwindow%3D7d'])
    const form = await browser.get(first.leadsTo)
    expect(form.status).toBe(200)
    const { name } = await addAdmin()
    const signedIn = await browser.submit(form, '/admin/sign-in', { name, password: PASSWORD })
    expect([signedIn.status, signedIn.leadsTo]).toEqual([303, '/admin?window=7d'])
    const page = await browser.follow(signedIn)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<h1>Overview</h1>')
    expect(page.text).toContain(name)
  })

  it('goes with the administrator token, or a key, with the spaces of copying it', async () => {
    expect((await browser.post('/admin/sign-in', { token: ` ${hub.adminToken}\n` })).status).toBe(303)
    expect((await browser.get('/admin')).text).toContain('owner')
    const { body: made } = await hub.admin('POST', '/keys', { name: 'a key', role: 'read-only' })
    const other = createPlainBrowser(hub.url)
    await other.signIn(made.key)
    const page = await other.get('/admin')
    expect(page.text).toContain('read-only')
    expect(page.text).not.toContain('Add a platform')
    expect(page.text).not.toContain('/admin/settings')
  })

  it('says why it did not let one in, keeps the name, and not the password', async () => {
    const { name } = await addAdmin()
    const answer = await browser.post('/admin/sign-in', { name, password: 'not the password' })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('No administrator has this name and password')
    expect(answer.text).toContain(`value="${name}"`)
    expect(answer.text).not.toContain('not the password')
    expect([...browser.cookies]).toEqual([])
    expect((await browser.post('/admin/sign-in', { token: 'made-up' })).status).toBe(401)
    expect((await browser.post('/admin/sign-in', {})).status).toBe(400)
  })

  it('says after how long to come again to whoever has tried too often', async () => {
    for (let i = 0; i < 10; i++) await browser.post('/admin/sign-in', { name: 'nobody', password: `guess ${i}` })
    const answer = await browser.post('/admin/sign-in', { name: 'nobody', password: 'another guess' })
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([429, '60'])
  })

  it('ends by signing out, at once and for good', async () => {
    await browser.signIn(hub.adminToken)
    const token = browser.cookies.get(COOKIE) ?? ''
    const page = await browser.get('/admin')
    const out = await browser.submit(page, '/admin/sign-out')
    expect([out.status, out.leadsTo]).toEqual([303, '/admin/sign-in?done=out'])
    expect((await browser.follow(out)).text).toContain('You are signed out')
    browser.cookies.set(COOKIE, token)
    expect((await browser.get('/admin')).leadsTo).toMatch(/^\/admin\/sign-in/)
  })

  it('is asked again once the account may not come in any more', async () => {
    const { id, name } = await addAdmin()
    await browser.post('/admin/sign-in', { name, password: PASSWORD })
    expect((await browser.get('/admin')).status).toBe(200)
    await hub.admin('PATCH', `/admins/${id}`, { disabled: true })
    expect((await browser.get('/admin')).leadsTo).toBe('/admin/sign-in')
  })

  it('is no place where a part of a page is expected: htmx is sent there as a whole', async () => {
    const answer = await browser.get('/admin', { 'HX-Request': 'true', 'HX-Current-URL': `${hub.url}/admin?window=1h` })
    expect(answer.headers.get('HX-Redirect')).toBe('/admin/sign-in?next=%2Fadmin%3Fwindow%3D1h')
    expect(answer.text).toBe('')
  })

  it('does not tell a stranger which pages exist', async () => {
    expect((await browser.get('/admin/nothing-here')).leadsTo).toBe('/admin/sign-in?next=%2Fadmin%2Fnothing-here')
  })
})

describe('attacks', () => {
  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/admin/..//evil.example',
    '/admin\\..\\..\\evil.example',
    '/\t/evil.example',
    '/admin@evil.example',
    'javascript:alert(1)',
    '/admin/api/session/provider',
    '/admin/../metrics',
  ])('open redirect: signing in leads home, not to %s', async (next) => {
    const form = await browser.get(`/admin/sign-in?next=${encodeURIComponent(next)}`)
    expect((await browser.submit(form, '/admin/sign-in', { token: hub.adminToken })).leadsTo).toBe('/admin')
    expect((await browser.post('/admin/sign-in', { token: hub.adminToken, next })).leadsTo).toBe('/admin')
  })

  it.each<[string, Record<string, string>]>([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['another host of the same domain', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.hub.example' }],
    ['another site in an old browser', { 'Sec-Fetch-Site': '', Origin: 'https://evil.example' }],
    ['a page without an origin', { 'Sec-Fetch-Site': '', Origin: 'null' }],
  ])('cross-site requests: a form is not taken from %s', async (_, { Origin, ...site }) => {
    await browser.signIn(hub.adminToken)
    const headers = { ...(site['Sec-Fetch-Site'] && site), Origin: Origin ?? '' }
    const asIs = { Cookie: `${COOKIE}=${browser.cookies.get(COOKIE)}`, ...headers }
    const body = new URLSearchParams({ token: hub.adminToken })
    for (const path of ['/admin/sign-out', '/admin/sign-in', '/admin/anything']) {
      const answer = await fetch(hub.url + path, { method: 'POST', headers: asIs, body, redirect: 'manual' })
      expect(answer.status, path).toBe(403)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect((await browser.get('/admin')).status).toBe(200)
  })

  it.each(['/admin/api/openapi.json', '/admin/api/messages', '/admin/api/nothing-here'])(
    'a browser takes what is at %s for what it says it is',
    async (path) => {
      const { headers } = await fetch(hub.url + path, { headers: { Authorization: `Bearer ${hub.adminToken}` } })
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    },
  )

  it.each(['/admin', '/admin/sign-in', '/admin/nothing-here', '/admin/assets/console.css'])(
    'clickjacking and scripts: %s is held in no frame, and runs nothing but the hub’s own files',
    async (path) => {
      await browser.signIn(hub.adminToken)
      const { headers } = await browser.get(path)
      const policy = headers.get('Content-Security-Policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Referrer-Policy')).toBe('same-origin')
    },
  )

  it('stored scripts: the name of a partner is text, wherever it stands', async () => {
    await browser.signIn(hub.adminToken)
    const name = `<script>alert(1)</script>" onmouseover="alert(2)' ${crypto.randomUUID()}`
    for (const parties of [[], [{ country_code: 'NL', party_id: 'XSS', role: 'CPO' }]])
      expect((await hub.admin('POST', '/platforms', { name: name.slice(0, 100), parties })).status).toBe(201)
    const { text } = await browser.get(`/admin/find?q=${encodeURIComponent('alert(1)')}`)
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot; onmouseover=&quot;')
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('Nordic &lt;Roaming&gt;')
    const reflected = await browser.get(`/admin/find?q=${encodeURIComponent('"><img src=x onerror=alert(3)>')}`)
    expect(reflected.text).not.toContain('<img')
  })

  it('made-up news: no link from elsewhere says that something was done', async () => {
    await browser.signIn(hub.adminToken)
    const shown = async (site: string) =>
      (await browser.get('/admin/queues?done=pause', { 'Sec-Fetch-Site': site })).text.includes('Paused.')
    expect(await shown('same-origin')).toBe(true)
    for (const site of ['cross-site', 'same-site', 'none']) expect(await shown(site), site).toBe(false)
  })

  it('what is no form, or over 1 MB, is refused', async () => {
    await browser.signIn(hub.adminToken)
    const json = await browser.post('/admin/sign-in', {}, { 'Content-Type': 'application/json' })
    expect(json.status).toBe(415)
    const large = await browser.post('/admin/sign-in', { token: 'x'.repeat(1024 * 1024) })
    expect(large.status).toBe(413)
  })
})

describe('pages', () => {
  it('are kept nowhere, and are pages also where something is wrong', async () => {
    await browser.signIn(hub.adminToken)
    const page = await browser.get('/admin/')
    expect([page.status, page.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    const nothing = await browser.get('/admin/nothing-here')
    expect(nothing.status).toBe(404)
    expect(nothing.headers.get('Content-Type')).toContain('text/html')
    expect(nothing.text).toContain('aria-label="Sections"')
    const part = await browser.get('/admin/nothing-here', { 'HX-Request': 'true' })
    expect([part.status, part.headers.get('HX-Retarget')]).toEqual([404, '#flash'])
    expect(part.text).not.toContain('<html')
  })

  it.each([
    ['PUT', '/admin/queues', 'GET, HEAD'],
    ['GET', '/admin/sign-out', 'POST'],
    ['DELETE', '/admin/agreements/import', 'GET, HEAD, POST'],
    ['PATCH', '/admin/sign-in', 'GET, HEAD, POST'],
  ])('asked by %s, %s says how else', async (method, path, allow) => {
    await browser.signIn(hub.adminToken)
    const answer = await browser.ask(path, { method, headers: { 'Sec-Fetch-Site': 'same-origin' } })
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, allow])
    expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(answer.text).toContain('<h1>Not in this way</h1>')
  })

  it('leave what is below the API to the API', async () => {
    await browser.signIn(hub.adminToken)
    const answer = await browser.get('/admin/api/nothing-here')
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect((await hub.admin('GET', '/platforms')).status).toBe(200)
  })

  it('load files that a browser may keep for a year, by an address that names their content', async () => {
    const { text } = await browser.get('/admin/sign-in')
    const addresses = [...text.matchAll(/(?:href|src)="(\/admin\/assets\/[^"]+)"/g)].map(([, address = '']) => address)
    expect(addresses).toHaveLength(5)
    for (const address of addresses) {
      const file = await browser.get(address)
      expect(file.status, address).toBe(200)
      expect(file.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
      expect(file.headers.get('Content-Type')).toMatch(/^(text\/(css|javascript)|font\/woff2)/)
    }
    const other = await browser.get('/admin/assets/console.css?of-another-version')
    expect(other.headers.get('Cache-Control')).toBe('no-cache')
    for (const path of ['nothing.css', '..%2fmanifest.ts', 'constructor'])
      expect((await browser.get(`/admin/assets/${path}`)).headers.get('Content-Type')).not.toContain('css')
  })
})
