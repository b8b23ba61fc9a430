import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type Page, type PlainBrowser } from './plain-browser.ts'

const PEOPLE = '/admin/settings/people'
const KEYS = '/admin/settings/keys'
const PASSWORD = 'correct horse battery staple'

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

/** What a page shows once. */
function secretIn({ text }: Page): string {
  return /<input id="secret"[^>]*value="([^"]+)"/.exec(text)?.[1] ?? ''
}

async function invite(fields: Record<string, string> = {}): Promise<{ name: string; page: Page; id: string }> {
  const name = `person ${crypto.randomUUID()}`
  const form = await browser.get(`${PEOPLE}/new`)
  const page = await browser.submit(form, `${PEOPLE}/new`, { name, role: 'operator', ...fields })
  const { body: people } = await hub.admin('GET', '/admins')
  return { name, page, id: people.find((one: { name: string }) => one.name === name)?.id }
}

async function canSignIn(name: string, password: string): Promise<boolean> {
  return (await createPlainBrowser(hub.url).post('/admin/sign-in', { name, password })).status === 303
}

describe('people', () => {
  it('are nobody at first, and the page says why to invite some', async () => {
    const { text } = await browser.get(PEOPLE)
    expect(text).toContain('Nobody yet')
    expect(text).toContain(`href="${PEOPLE}/new">Invite</a>`)
  })

  it('are invited with a password that the hub makes and shows once, and then sign in with it', async () => {
    const { name, page, id } = await invite({ email: 'ada@hub.example', reason: 'first day' })
    expect(page.status).toBe(200)
    const password = secretIn(page)
    expect(password.length).toBeGreaterThan(20)
    expect(await canSignIn(name, password)).toBe(true)
    const list = await browser.get(PEOPLE)
    expect(list.text).toContain(name)
    expect(list.text).toContain('ada@hub.example')
    expect(list.text).not.toContain(password)
    expect((await browser.get(`${PEOPLE}/${id}`)).text).not.toContain(password)
    expect((await browser.get('/admin/audit?what=admin.add')).text).toContain('first day')
  })

  it('are invited with a password that was typed, which is not shown', async () => {
    const { name, page } = await invite({ password: PASSWORD })
    expect(page.status).toBe(200)
    expect(page.text).not.toContain(PASSWORD)
    expect(await canSignIn(name, PASSWORD)).toBe(true)
  })

  it('are not invited twice by a name, nor with a short password: the form says so and keeps what was typed', async () => {
    const { name } = await invite()
    const twice = await browser.post(`${PEOPLE}/new`, { name, role: 'owner', reason: 'again' })
    expect(twice.status).toBe(409)
    expect(twice.text).toContain('Another has this name')
    expect(twice.text).toContain(`value="${name}"`)
    expect(twice.text).toContain('<option value="owner" selected>')
    expect(twice.text).toContain('value="again"')
    const short = await browser.post(`${PEOPLE}/new`, { name: 'Short', role: 'owner', password: 'short-one' })
    expect(short.status).toBe(400)
    expect(short.text).toMatch(/name="password"[^>]*aria-invalid="true"/)
    expect(short.text).not.toContain('short-one')
  })

  it('may do more or less when their role changes, and are locked out and let in again', async () => {
    const { id, name } = await invite({ password: PASSWORD })
    const page = await browser.get(`${PEOPLE}/${id}`)
    expect(page.text).toContain('<option value="operator" selected>')
    const changed = await browser.submit(page, `${PEOPLE}/${id}`, { role: 'read-only', may_see_bodies: 'on' })
    expect(changed.status).toBe(303)
    expect((await browser.follow(changed)).text).toContain('Changed.')
    const now = async () => (await hub.admin('GET', `/admins/${id}`)).body
    expect(await now()).toMatchObject({ role: 'read-only', may_see_bodies: true, disabled_at: null })
    await browser.post(`${PEOPLE}/${id}`, { role: 'read-only' })
    expect(await canSignIn(name, PASSWORD)).toBe(false)
    expect(await now()).toMatchObject({ may_see_bodies: false, disabled_at: expect.any(String) })
    await browser.post(`${PEOPLE}/${id}`, { role: 'read-only', may_sign_in: 'on' })
    expect(await canSignIn(name, PASSWORD)).toBe(true)
  })

  it('get no role that there is not', async () => {
    const { id } = await invite()
    const refused = await browser.post(`${PEOPLE}/${id}`, { role: 'king', may_sign_in: 'on' })
    expect(refused.status).toBe(400)
    expect((await hub.admin('GET', `/admins/${id}`)).body.role).toBe('operator')
  })

  it('get another password, which ends the one before', async () => {
    const { id, name } = await invite({ password: PASSWORD })
    const form = await browser.get(`${PEOPLE}/${id}/password`)
    expect(form.text).toContain('sessions end at once')
    const made = secretIn(await browser.submit(form, `${PEOPLE}/${id}/password`, { reason: 'forgotten' }))
    expect(await canSignIn(name, made)).toBe(true)
    expect(await canSignIn(name, PASSWORD)).toBe(false)
    const typed = await browser.submit(form, `${PEOPLE}/${id}/password`, { password: `${PASSWORD}, again` })
    expect((await browser.follow(typed)).text).toContain('The password is changed')
    expect(await canSignIn(name, `${PASSWORD}, again`)).toBe(true)
    expect((await browser.post(`${PEOPLE}/${id}/password`, { password: 'short' })).status).toBe(400)
  })

  it('are removed after a page that says what will happen', async () => {
    const { id, name } = await invite({ password: PASSWORD })
    const page = await browser.get(`${PEOPLE}/${id}/remove`)
    expect(page.text).toContain('This is not undone')
    const removed = await browser.submit(page, `${PEOPLE}/${id}/remove`, { reason: 'left' })
    expect(removed.leadsTo).toBe(`${PEOPLE}?done=removed`)
    expect((await browser.follow(removed)).text).toContain('Their sessions have ended')
    expect(await canSignIn(name, PASSWORD)).toBe(false)
    expect((await browser.get(`${PEOPLE}/${id}`)).status).toBe(404)
    expect((await browser.get('/admin/audit?what=admin.remove')).text).toContain('left')
  })

  it('have names that are text', async () => {
    await hub.admin('POST', '/admins', { name: '"><script>alert(1)</script>', role: 'operator' })
    expect((await browser.get(PEOPLE)).text).not.toContain('<script>alert')
  })
})

describe('keys', () => {
  async function make(fields: Record<string, string> = {}): Promise<{ id: string; key: string; page: Page }> {
    const name = `key ${crypto.randomUUID()}`
    const form = await browser.get(`${KEYS}/new`)
    const page = await browser.submit(form, `${KEYS}/new`, { name, role: 'read-only', days: '90', ...fields })
    const { body: keys } = await hub.admin('GET', '/keys')
    return { page, key: secretIn(page), id: keys.find((one: { name: string }) => one.name === name)?.id }
  }

  const statusWith = async (key: string) =>
    (await fetch(`${hub.url}/admin/api/platforms`, { headers: { Authorization: `Bearer ${key}` } })).status

  it('are none at first', async () => {
    expect((await browser.get(KEYS)).text).toContain('No key yet')
  })

  it('are made for a time, and shown once', async () => {
    const { id, key, page } = await make()
    expect(page.status).toBe(200)
    expect(key).toMatch(/^ohk_/)
    expect(await statusWith(key)).toBe(200)
    const { expires_at } = (await hub.admin('GET', `/keys/${id}`)).body
    expect((Date.parse(expires_at) - Date.now()) / 86_400_000).toBeCloseTo(90, 1)
    for (const path of [KEYS, `${KEYS}/${id}`]) expect((await browser.get(path)).text).not.toContain(key)
    expect((await browser.get(KEYS)).text).toContain(key.slice(0, 10))
    const { id: lasting } = await make({ days: '' })
    expect((await hub.admin('GET', `/keys/${lasting}`)).body.expires_at).toBeNull()
  })

  it.each(['soon', '1e300'])('are not made for ever when %s days are asked for', async (days) => {
    const form = await browser.get(`${KEYS}/new`)
    const answer = await browser.submit(form, `${KEYS}/new`, { name: `for ${days}`, role: 'read-only', days })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('id="f-days-fault"')
  })

  it('are not made without a name', async () => {
    const refused = await browser.post(`${KEYS}/new`, { name: ' ', role: 'operator', days: '30' })
    expect(refused.status).toBe(400)
    expect(refused.text).toMatch(/name="name"[^>]*aria-invalid="true"/)
    expect(refused.text).toContain('<option value="30" selected>')
  })

  it('change: another role, another last day, none, and a stop for a time', async () => {
    const { id, key } = await make()
    const before = (await hub.admin('GET', `/keys/${id}`)).body
    const page = await browser.get(`${KEYS}/${id}`)
    const changed = await browser.submit(page, `${KEYS}/${id}`, { role: 'operator' })
    expect((await browser.follow(changed)).text).toContain('Changed.')
    expect((await hub.admin('GET', `/keys/${id}`)).body).toMatchObject({
      role: 'operator',
      expires_at: before.expires_at,
    })
    await browser.submit(page, `${KEYS}/${id}`, { role: 'operator', last_day: '2099-12-31' })
    expect((await hub.admin('GET', `/keys/${id}`)).body.expires_at).toBe('2100-01-01T00:00:00.000Z')
    await browser.submit(page, `${KEYS}/${id}`, { role: 'operator', last_day: '' })
    expect((await hub.admin('GET', `/keys/${id}`)).body.expires_at).toBeNull()
    const refused = await browser.submit(page, `${KEYS}/${id}`, { role: 'operator', last_day: 'soon' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('value="soon"')
    await browser.post(`${KEYS}/${id}`, { role: 'operator' })
    expect(await statusWith(key)).toBe(401)
    expect((await browser.get(KEYS)).text).toContain('disabled')
  })

  it('are revoked after a page that says what will happen', async () => {
    const { id, key } = await make()
    const page = await browser.get(`${KEYS}/${id}/revoke`)
    expect(page.text).toContain('answered 401 from the next request on')
    const revoked = await browser.submit(page, `${KEYS}/${id}/revoke`, { reason: 'leaked' })
    expect((await browser.follow(revoked)).text).toContain('It opens nothing any more')
    expect(await statusWith(key)).toBe(401)
    expect((await browser.get('/admin/audit?what=key.remove')).text).toContain('leaked')
  })
})

describe('sign-in', () => {
  it('tells who one is, until when, and that no identity provider is set', async () => {
    const { text } = await browser.get('/admin/settings/sign-in')
    expect(text).toContain('You came with a token or a key')
    expect(text).toContain('None is set')
    expect(text).toContain(`${hub.url}/admin/api/session/provider/callback`)
    expect(text).toContain('A session lasts 12 h')
  })

  it('leads whoever has an account to their own password', async () => {
    const { name } = await invite({ role: 'owner', password: PASSWORD })
    const own = createPlainBrowser(hub.url)
    await own.post('/admin/sign-in', { name, password: PASSWORD })
    expect((await own.get('/admin/settings/sign-in')).text).toContain('href="/admin/you"')
  })

  it('tells which identity provider is set, and what its roles are here, and none of its secrets', async () => {
    const other = await startTestHub({
      OIDC_ISSUER: 'https://login.hub.example',
      OIDC_CLIENT_ID: 'ocpi-hub',
      OIDC_CLIENT_SECRET: 'a-secret-of-the-client',
      OIDC_ROLES: 'hub-owners=owner,noc=operator',
    })
    const visitor = createPlainBrowser(other.url)
    await visitor.signIn(other.adminToken)
    const { text } = await visitor.get('/admin/settings/sign-in')
    expect(text).toContain('https://login.hub.example')
    expect(text).toMatch(/hub-owners<\/td><td class="">owner/)
    expect(text).not.toContain('a-secret-of-the-client')
    await other.close()
  })
})

describe('who is locked out', () => {
  it('stands with the people, and may try again once it is lifted', async () => {
    const { name } = await invite({ password: PASSWORD })
    for (let guess = 0; guess < 10; guess++) await canSignIn(name, `guess ${guess}`)
    expect(await canSignIn(name, PASSWORD)).toBe(false)
    const page = await browser.get(PEOPLE)
    expect(page.text).toContain('Locked out after too many failed sign-ins')
    const [, lift = ''] = /action="(\/admin\/settings\/lock-outs\/[^"]+\/lift)"/.exec(page.text) ?? []
    const lifted = await browser.submit(page, lift)
    const { text } = await browser.follow(lifted)
    expect(text).toContain('Lifted. They may try again at once.')
    expect(text).not.toContain('Locked out after')
    expect(await canSignIn(name, PASSWORD)).toBe(true)
    expect((await browser.post(lift, {})).leadsTo).toBe(`${PEOPLE}?done=over`)
  })
})

describe('one’s own page', () => {
  it('changes one’s own password, in any role, and stays signed in', async () => {
    const { name } = await invite({ password: PASSWORD, role: 'read-only' })
    const own = createPlainBrowser(hub.url)
    await own.post('/admin/sign-in', { name, password: PASSWORD })
    const page = await own.get('/admin/you')
    const next = `${PASSWORD}, again`
    const wrong = await own.submit(page, '/admin/you/password', { present: 'wrong', password: next })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('The present password is another one')
    const changed = await own.submit(page, '/admin/you/password', { present: PASSWORD, password: next })
    expect((await own.follow(changed)).text).toContain('Your password is changed')
    expect([await canSignIn(name, PASSWORD), await canSignIn(name, next)]).toEqual([false, true])
  })

  it('says that who came with the token has none', async () => {
    expect((await browser.get('/admin/you')).text).toContain('You have none here')
  })
})

it('are for owners: operators see no settings, and change nothing by the address', async () => {
  const { body: key } = await hub.admin('POST', '/keys', { name: 'of an operator', role: 'operator' })
  const { id } = await invite()
  const other = createPlainBrowser(hub.url)
  await other.signIn(key.key)
  for (const path of [PEOPLE, `${PEOPLE}/new`, `${PEOPLE}/${id}`, KEYS, `${KEYS}/new`, '/admin/settings/sign-in'])
    expect((await other.get(path)).status, path).toBe(403)
  expect((await other.post(`${PEOPLE}/new`, { name: 'Eve', role: 'owner' })).status).toBe(403)
  expect((await other.post(`${PEOPLE}/${id}/remove`, {})).status).toBe(403)
  expect((await hub.admin('GET', `/admins/${id}`)).status).toBe(200)
})
