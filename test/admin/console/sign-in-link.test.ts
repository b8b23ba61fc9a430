import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { adminSessions } from '../../../src/storage/administration/account-schema.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const COOKIE = 'ocpi-hub-session'
const REFUSED = '/admin/sign-in?done=link-over'

let hub: TestHub
let browser: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '1000' })
})
afterAll(() => hub.close())
beforeEach(() => {
  browser = createPlainBrowser(hub.url)
})

async function makeLink(): Promise<string> {
  const { status, body } = await hub.admin('POST', '/session/tickets')
  expect(status, JSON.stringify(body)).toBe(201)
  expect(body.path).toBe(`/admin/sign-in?ticket=${body.ticket}`)
  return body.path
}

/** What the API answers somebody with a key or a cookie. */
async function ask(method: string, path: string, headers: Record<string, string>, body?: object) {
  const type = body && { 'Content-Type': 'application/json' }
  const text = body && { body: JSON.stringify(body) }
  return fetch(`${hub.url}/admin/api${path}`, { method, headers: { ...headers, ...type }, ...text })
}

it('opens the console signed in, and is gone from the address bar and from what is told to others', async () => {
  const answer = await browser.get(await makeLink(), { 'Sec-Fetch-Site': 'none' })
  expect([answer.status, answer.leadsTo]).toEqual([303, '/admin'])
  expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  expect(answer.headers.get('Set-Cookie')).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
  const page = await browser.follow(answer)
  expect(page.text).toContain('<h1>Overview</h1>')
  expect(page.headers.get('Referrer-Policy')).toBe('same-origin')
})

it('works once, also for two who come with it at the same time', async () => {
  const link = await makeLink()
  const both = await Promise.all([browser.get(link), createPlainBrowser(hub.url).get(link)])
  expect(both.map(({ leadsTo }) => leadsTo).sort()).toEqual(['/admin', REFUSED])
  const late = createPlainBrowser(hub.url)
  const again = await late.get(link)
  expect([again.leadsTo, late.cookies.size]).toEqual([REFUSED, 0])
  expect((await late.follow(again)).text).toContain('it was used already, or is older than five minutes')
})

it('lasts five minutes', async () => {
  const before = Date.now()
  const { body } = await hub.admin('POST', '/session/tickets')
  expect(Date.parse(body.expires_at) - before).toBeGreaterThan(299_000)
  expect(Date.parse(body.expires_at) - Date.now()).toBeLessThanOrEqual(300_000)
  const database = openDatabase({ url: hub.databaseUrl, maxConnections: 1 })
  await database.orm.update(adminSessions).set({ expiresAt: Date.now() - 1 })
  await database.close()
  expect((await browser.get(body.path)).leadsTo).toBe(REFUSED)
})

it.each(['', 'made-up', '%00', 'x'.repeat(500)])('with the wrong ticket %j lets nobody in', async (ticket) => {
  const answer = await browser.get(`/admin/sign-in?ticket=${ticket}`)
  expect([answer.leadsTo, browser.cookies.size]).toEqual([REFUSED, 0])
  expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer')
})

it('leads to pages of the console and nowhere else', async () => {
  const next = (to: string) => `&next=${encodeURIComponent(to)}`
  expect((await browser.get((await makeLink()) + next('/admin/queues'))).leadsTo).toBe('/admin/queues')
  for (const elsewhere of ['//evil.example', 'https://evil.example/admin', '/\\evil.example', '/admin/../ocpi']) {
    const { headers } = await browser.get((await makeLink()) + next(elsewhere))
    expect(headers.get('Location')).toBe('/admin')
  }
})

it('on the page of another site signs nobody in, and stays good', async () => {
  const link = await makeLink()
  for (const site of ['cross-site', 'same-site']) {
    const answer = await browser.get(link, { 'Sec-Fetch-Site': site })
    expect([answer.leadsTo, browser.cookies.size]).toEqual(['/admin/sign-in?done=link-elsewhere', 0])
    expect((await browser.follow(answer)).text).toContain('into the address bar')
  }
  const { ticket } = (await hub.admin('POST', '/session/tickets')).body
  const posted = await ask('POST', '/session/tickets/use', { Origin: 'https://evil.example' }, { ticket })
  expect(posted.status).toBe(403)
  await fetch(hub.url + link, { method: 'HEAD' })
  expect((await browser.get(link, { 'Sec-Fetch-Site': 'none' })).leadsTo).toBe('/admin')
})

it('is no session by itself, and a session is no link', async () => {
  const { ticket } = (await hub.admin('POST', '/session/tickets')).body
  for (const cookie of [ticket, `sign-in ticket ${ticket}`])
    expect((await ask('GET', '/session', { Cookie: `${COOKIE}=${encodeURIComponent(cookie)}` })).status).toBe(401)
  await browser.signIn(hub.adminToken)
  const session = browser.cookies.get(COOKIE) ?? ''
  expect((await createPlainBrowser(hub.url).get(`/admin/sign-in?ticket=${session}`)).leadsTo).toBe(REFUSED)
})

it('is made with a token or key only, signs in as whoever made it, and ends with their key', async () => {
  const { body: key } = await hub.admin('POST', '/keys', { name: crypto.randomUUID(), role: 'read-only' })
  const made = async () => {
    const answer = await ask('POST', '/session/tickets', { Authorization: `Bearer ${key.key}` })
    return ((await answer.json()) as { path: string }).path
  }
  const links = [await made(), await made()] as const
  expect((await browser.get(links[0])).leadsTo).toBe('/admin')
  const Cookie = `${COOKIE}=${browser.cookies.get(COOKIE)}`
  const who = await ask('GET', '/session', { Cookie })
  expect(await who.json()).toMatchObject({ name: key.name, role: 'read-only', way: 'session' })
  const another = await ask('POST', '/session/tickets', { Cookie, 'Sec-Fetch-Site': 'same-origin' })
  expect(another.status).toBe(403)
  expect((await ask('POST', '/session/tickets', {})).status).toBe(401)
  await hub.admin('DELETE', `/keys/${key.id}`)
  expect((await createPlainBrowser(hub.url).get(links[1])).leadsTo).toBe(REFUSED)
})
