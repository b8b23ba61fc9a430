import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { HUB_RUNTIME } from '../../support/only.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

let hub: TestHub
let browser: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '1000' })
})
afterAll(() => hub.close())
beforeEach(async () => {
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
})

/** A platform that somebody added and then held, with a reason. */
async function heldPlatform(name: string, reason: string): Promise<string> {
  const { status, body } = await hub.admin('POST', '/platforms', { name })
  expect(status).toBe(201)
  const changed = await hub.admin('PATCH', `/platforms/${body.id}`, { hold: true, reason })
  expect(changed.status, JSON.stringify(changed.body)).toBe(200)
  return body.id
}

async function keyOf(role: string): Promise<string> {
  return (await hub.admin('POST', '/keys', { name: `key ${crypto.randomUUID()}`, role })).body.key
}

it('says that there is no change yet, and offers no file of nothing', async () => {
  const { status, text } = await browser.get('/admin/audit')
  expect(status).toBe(200)
  expect(text).toContain('No change yet')
  expect(text).not.toContain('Export CSV')
})

it('tells who changed what, what it was and is, why, how they were let in and from where', async () => {
  const id = await heldPlatform('Northern Power', 'asked for in ticket 4711')
  const { text } = await browser.get('/admin/audit')
  expect(text).toContain('<a href="/admin/audit?who=owner">owner</a>')
  // Cloudflare says where a request comes from; on this machine nobody does.
  expect(text).toMatch(HUB_RUNTIME === 'node' ? /administrator token · [\d.:a-f]+/ : /administrator token/)
  expect(text).toContain('platform.hold')
  expect(text).toContain(`<a href="/admin/platforms/${id}"`)
  expect(text).toMatch(/<dt>\w+<\/dt><dd><del>\w+<\/del><span class="arrow">→<\/span><ins>\w+<\/ins>/)
  expect(text).toContain('asked for in ticket 4711')
})

it('is searched by who, what, words, days and platform, in links that can be sent to others', async () => {
  const id = await heldPlatform('Eastern Power', 'the only reason of its kind')
  await hub.admin('POST', '/platforms', { name: 'Western Power' })
  const today = new Date().toISOString().slice(0, 10)
  const isFound = async (query: string) => (await browser.get(`/admin/audit?${query}`)).text.includes('Eastern Power')
  expect(await isFound('q=only%20reason%20of%20its%20kind')).toBe(true)
  expect(await isFound(`who=owner&what=platform&since=${today}&until=${today}`)).toBe(true)
  expect(await isFound('what=key')).toBe(false)
  expect(await isFound('who=nobody')).toBe(false)
  expect(await isFound('until=2020-01-01')).toBe(false)
  const page = await browser.get(`/admin/audit?platform=${id}&what=platform.create`)
  expect(page.text).toContain('Eastern Power')
  expect(page.text).not.toContain('Western Power')
  expect(page.text).toContain(`value="${id}"`)
  expect(page.text).toContain('<option value="platform.create" selected>')
})

it('says that nothing matches, and leads back to all changes', async () => {
  const { text } = await browser.get('/admin/audit?q=no+row+has+these+words')
  expect(text).toContain('Nothing matches')
  expect(text).toContain('href="/admin/audit">Show all changes</a>')
})

it('says at its field what of a search cannot be asked, and keeps what was typed', async () => {
  const { status, text } = await browser.get('/admin/audit?since=yesterday&q=ticket')
  expect(status).toBe(400)
  expect(text).toMatch(/name="since"[^>]*value="yesterday"[^>]*aria-invalid="true"/)
  expect(text).toContain('value="ticket"')
})

it('comes in pages of a hundred, the latest first', async () => {
  for (let n = 0; n < 101; n++) expect((await hub.admin('POST', '/platforms', { name: `Paged ${n}` })).status).toBe(201)
  const first = await browser.get('/admin/audit?q=Paged')
  const next = /href="([^"]+)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  expect(first.text).toContain('Paged 100')
  expect(first.text).not.toMatch(/Paged 0\b/)
  const second = await browser.get(next)
  expect(second.text).toMatch(/Paged 0\b/)
  expect(second.text).toContain('rel="first"')
  expect(second.text).not.toContain('rel="next"')
})

it('goes into a file with the search as it stands', async () => {
  await heldPlatform('Filed Power', 'for the file, =1+1')
  const page = await browser.get('/admin/audit?q=for+the+file')
  const link = /href="([^"]+)" download>Export CSV/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const file = await browser.get(link)
  expect(file.status).toBe(200)
  expect(file.headers.get('Content-Type')).toContain('text/csv')
  expect(file.headers.get('Content-Disposition')).toContain('audit.csv')
  expect(file.text.split('\n').filter((line) => line !== '')).toHaveLength(2)
  expect(file.text).toContain('Filed Power')
  expect((await browser.get('/admin/audit.csv?since=yesterday')).status).toBe(400)
})

it('shows what others wrote as text', async () => {
  await heldPlatform('<img src=x onerror=alert(1)>', '"><script>alert(2)</script>')
  const { text } = await browser.get('/admin/audit')
  expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(text).toContain('&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;')
  expect(text).not.toMatch(/<img|<script>alert/)
})

it('tells who is read-only no address, and links to no page that is not theirs', async () => {
  await hub.admin('POST', '/admins', { name: 'Ada', role: 'operator', email: 'ada@hub.example' })
  expect((await browser.get('/admin/audit?what=admin')).text).toMatch(/href="\/admin\/settings\/people\/[\w-]+"/)
  const other = createPlainBrowser(hub.url)
  await other.signIn(await keyOf('read-only'))
  const { status, text } = await other.get('/admin/audit?what=admin')
  expect(status).toBe(200)
  expect(text).toContain('Ada')
  expect(text).not.toContain('127.0.0.1')
  expect(text).not.toContain('ada@hub.example')
  expect(text).not.toContain('/admin/settings/people/')
})
