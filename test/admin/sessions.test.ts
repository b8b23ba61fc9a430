import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'

const PASSWORD = 'correct horse battery staple'
const COOKIE = 'ocpi-hub-session'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '1000', TRUSTED_PROXIES: '127.0.0.1' })
})
afterAll(() => hub.close())

/** What these tests read of an answer: a session, a problem, or a platform. */
type Body = { readonly expires_at: string; readonly detail: string; readonly id: string }

type Answer = { readonly status: number; readonly headers: Headers; readonly body: Body }

async function call(
  method: string,
  path: string,
  { body, ...headers }: { readonly body?: unknown } & Record<string, unknown> = {},
): Promise<Answer> {
  const answer = await fetch(`${hub.url}/admin/api${path}`, {
    method,
    headers: {
      ...(headers as Record<string, string>),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
}

const signIn = (name: string, password = PASSWORD, headers: Record<string, string> = {}) =>
  call('POST', '/session', { ...headers, body: { name, password } })

const from = (address: string) => ({ 'X-Forwarded-For': address, 'CF-Connecting-IP': address })

/** What the browser sends back. */
function cookieOf(answer: Answer): string {
  const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? []
  expect(cookie).toMatch(/^ocpi-hub-session=[\w-]{43}$/)
  return cookie
}

const statusWith = async (Cookie: string, path = '/session') => (await call('GET', path, { Cookie })).status

async function addAdmin(fields: Record<string, unknown> = {}): Promise<{ id: string; name: string }> {
  const name = `admin ${crypto.randomUUID()}`
  const { status, body } = await hub.admin('POST', '/admins', { name, role: 'operator', password: PASSWORD, ...fields })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

async function signedIn(fields: Record<string, unknown> = {}): Promise<{ id: string; name: string; cookie: string }> {
  const admin = await addAdmin(fields)
  const answer = await signIn(admin.name)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return { ...admin, cookie: cookieOf(answer) }
}

describe('signing in', () => {
  it('with name and password opens a session of twelve hours, in whatever case the name is typed', async () => {
    const { name } = await addAdmin()
    const answer = await signIn(name.toUpperCase())
    const [cookie] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
    const { status, body } = await call('GET', '/session', { Cookie: cookieOf(answer) })
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { name, role: 'operator', way: 'session', may_see_bodies: true },
    })
    expect(Date.parse(body.expires_at) - Date.now()).toBeGreaterThan(11.9 * 3_600_000)
    expect(answer.body).toEqual(body)
  })

  it('over https sets a cookie that no other host and no plain page can set', async () => {
    const secure = await startTestHub({ PUBLIC_URL: 'https://hub.example' })
    try {
      const answer = await fetch(`${secure.url}/admin/api/session`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secure.adminToken}` },
      })
      const [cookie = ''] = answer.headers.getSetCookie()
      expect(cookie).toMatch(/^__Host-ocpi-hub-session=[\w-]{43}; /)
      expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    } finally {
      await secure.close()
    }
  })

  it('fails in the same words for a wrong password, nobody, who is disabled, and who has no password', async () => {
    const { name, id } = await addAdmin()
    const { name: passwordless } = await addAdmin({ password: undefined })
    const answers = [await signIn(name, 'not the password'), await signIn('nobody'), await signIn(passwordless)]
    await hub.admin('PATCH', `/admins/${id}`, { disabled: true })
    answers.push(await signIn(name))
    for (const { status, body, headers } of answers) {
      expect({ status, detail: body.detail }).toEqual({
        status: 401,
        detail: 'No administrator has this name and password',
      })
      expect(headers.getSetCookie()).toEqual([])
    }
  })

  it('with the administrator token, or a key, opens a session that may do the same', async () => {
    const bearer = (token: string) => call('POST', '/session', { Authorization: `Bearer ${token}` })
    const asOwner = cookieOf(await bearer(hub.adminToken))
    expect((await call('GET', '/session', { Cookie: asOwner })).body).toMatchObject({ name: 'owner', role: 'owner' })
    expect(await statusWith(asOwner, '/admins')).toBe(200)
    const { body: made } = await hub.admin('POST', '/keys', { name: crypto.randomUUID(), role: 'read-only' })
    const asKey = cookieOf(await bearer(made.key))
    expect(await statusWith(asKey, '/platforms')).toBe(200)
    expect(await statusWith(asKey, '/admins')).toBe(403)
    await hub.admin('DELETE', `/keys/${made.id}`)
    expect(await statusWith(asKey)).toBe(401)
    expect((await bearer('ohk_made-up')).status).toBe(401)
  })

  it('needs a name and a password, or a token', async () => {
    expect((await call('POST', '/session')).status).toBe(400)
    expect((await call('POST', '/session', { body: { name: 'x' } })).status).toBe(400)
  })
})

describe('a session ends', () => {
  it('when one signs out, and no other session with it', async () => {
    const { name, cookie } = await signedIn()
    const other = cookieOf(await signIn(name))
    const out = await call('DELETE', '/session', { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
    expect(out.status).toBe(204)
    expect(out.headers.getSetCookie()[0]).toMatch(/^ocpi-hub-session=; Max-Age=0;/)
    expect(await statusWith(cookie)).toBe(401)
    expect(await statusWith(other)).toBe(200)
  })

  it.each([
    ['another role', { role: 'read-only' }],
    ['being disabled', { disabled: true }],
    ['another password', { password: 'another password, long enough' }],
    ['bodies that may be seen', { may_see_bodies: true }],
  ])('by %s, at once', async (_, change) => {
    const { id, cookie } = await signedIn()
    expect(await statusWith(cookie)).toBe(200)
    expect((await hub.admin('PATCH', `/admins/${id}`, change)).status).toBe(200)
    expect(await statusWith(cookie)).toBe(401)
    await hub.admin('PATCH', `/admins/${id}`, { disabled: false, role: 'operator' })
    expect(await statusWith(cookie)).toBe(401)
  })

  it('of the administrator token, when that token is replaced', async () => {
    const before = await call('POST', '/session', { Authorization: `Bearer ${hub.adminToken}` })
    expect(await statusWith(cookieOf(before))).toBe(200)
    const replaced = await startTestHub({ ADMIN_TOKEN: 'another-token-0123456789' }, { databaseUrl: hub.databaseUrl })
    try {
      const headers = { Cookie: cookieOf(before) }
      expect((await fetch(`${replaced.url}/admin/api/session`, { headers })).status).toBe(401)
    } finally {
      await replaced.close()
    }
  })

  it('when its account is removed, and not by another address', async () => {
    const { id, cookie } = await signedIn()
    await hub.admin('PATCH', `/admins/${id}`, { email: 'new@hub.example' })
    expect(await statusWith(cookie)).toBe(200)
    await hub.admin('DELETE', `/admins/${id}`)
    expect(await statusWith(cookie)).toBe(401)
  })
})

describe('one’s own password', () => {
  const NEXT = 'another horse, another battery'
  const change = (Cookie: string, body: unknown) =>
    call('PUT', '/session/password', { Cookie, 'Sec-Fetch-Site': 'same-origin', body })

  it('is changed by whoever knows the present one, in any role, and ends all other sessions', async () => {
    const { name, id, cookie } = await signedIn({ role: 'read-only' })
    const elsewhere = cookieOf(await signIn(name))
    expect((await call('GET', '/session', { Cookie: cookie })).body).toMatchObject({ has_password: true })
    const changed = await change(cookie, { present: PASSWORD, password: NEXT })
    expect({ status: changed.status, body: changed.body }).toMatchObject({
      status: 200,
      body: { name, way: 'session' },
    })
    expect([await statusWith(elsewhere), await statusWith(cookie)]).toEqual([401, 401])
    expect(await statusWith(cookieOf(changed))).toBe(200)
    expect((await signIn(name)).status).toBe(401)
    expect((await signIn(name, NEXT)).status).toBe(201)
    const { body: trail } = await hub.admin('GET', `/audit?who=${id}`)
    expect(trail).toMatchObject([
      { action: 'admin.change', on: { id }, who: { name }, after: { password_changed: true } },
    ])
  })

  it('stays where the present one is wrong, or the new one is short', async () => {
    const { name, cookie } = await signedIn()
    expect((await change(cookie, { present: PASSWORD, password: 'short' })).status).toBe(400)
    expect((await change(cookie, { present: 'not the password', password: NEXT })).status).toBe(401)
    expect((await signIn(name)).status).toBe(201)
    expect(await statusWith(cookie)).toBe(200)
  })

  it('is none of who came with a key or the administrator token', async () => {
    const { body: made } = await hub.admin('POST', '/keys', { name: crypto.randomUUID(), role: 'owner' })
    const body = { present: PASSWORD, password: NEXT }
    for (const token of [made.key, hub.adminToken]) {
      const Authorization = `Bearer ${token}`
      const session = cookieOf(await call('POST', '/session', { Authorization }))
      expect(await change(session, body)).toMatchObject({
        status: 409,
        body: { type: 'urn:ocpi-hub:problem:no-password' },
      })
      expect((await call('PUT', '/session/password', { Authorization, body })).status).toBe(409)
    }
  })
})

it('when somebody was last here is shown to the minute', async () => {
  const { id, cookie } = await signedIn()
  expect((await hub.admin('GET', `/admins/${id}`)).body.last_used_at).toBeNull()
  await statusWith(cookie)
  const { body: first } = await hub.admin('GET', `/admins/${id}`)
  expect(Date.now() - Date.parse(first.last_used_at)).toBeLessThan(60_000)
  await statusWith(cookie)
  expect((await hub.admin('GET', `/admins/${id}`)).body.last_used_at).toBe(first.last_used_at)
})

describe('attacks', () => {
  it('fixation: a session that the attacker chose or had before is not the one that is signed in to', async () => {
    const planted = `${COOKIE}=${'A'.repeat(43)}`
    const { name } = await addAdmin()
    const answer = await signIn(name, PASSWORD, { Cookie: planted })
    expect(cookieOf(answer)).not.toBe(planted)
    expect(await statusWith(planted)).toBe(401)
    const attacker = await signedIn()
    const victim = cookieOf(await signIn(name, PASSWORD, { Cookie: attacker.cookie }))
    expect(victim).not.toBe(attacker.cookie)
    expect(await statusWith(attacker.cookie)).toBe(401)
  })

  it.each<[string, Record<string, string>]>([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['another host of the same domain', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.hub.example' }],
    ['another site in an old browser', { Origin: 'https://evil.example' }],
    ['a page without an origin', { Origin: 'null' }],
    ['who does not say', {}],
  ])('cross-site requests: a change with the cookie is refused from %s', async (_, headers) => {
    const { cookie: Cookie } = await signedIn()
    const before = (await hub.admin('GET', '/platforms')).body.length
    const answer = await call('POST', '/platforms', { Cookie, ...headers, body: { name: 'theirs' } })
    expect(answer.status).toBe(403)
    expect((await call('DELETE', '/session', { Cookie, ...headers })).status).toBe(403)
    expect((await hub.admin('GET', '/platforms')).body).toHaveLength(before)
    expect(await statusWith(Cookie)).toBe(200)
  })

  it.each<[string, () => Record<string, string>]>([
    ['a page of the hub', () => ({ 'Sec-Fetch-Site': 'same-origin' })],
    ['a page of the hub over plain http', () => ({ Origin: hub.url })],
  ])('a change with the cookie is taken from %s', async (_, headers) => {
    const { cookie: Cookie } = await signedIn()
    const answer = await call('POST', '/platforms', { Cookie, ...headers(), body: { name: 'ours' } })
    expect(answer.status).toBe(201)
    await hub.admin('DELETE', `/platforms/${answer.body.id}`)
  })

  it('another site cannot sign a browser in', async () => {
    const { name } = await addAdmin()
    const answer = await signIn(name, PASSWORD, { 'Sec-Fetch-Site': 'cross-site' })
    expect({ status: answer.status, cookies: answer.headers.getSetCookie() }).toEqual({ status: 403, cookies: [] })
  })

  it('guessing shuts the guesser out, and neither the owner of the account nor who is signed in; an owner lifts it', async () => {
    const { name, cookie } = await signedIn()
    const { body: key } = await hub.admin('POST', '/keys', { name: crypto.randomUUID(), role: 'read-only' })
    const guesser = from('198.51.100.7')
    const ownPassword = { present: 'a guess', password: 'another horse, another battery' }
    const change = () =>
      call('PUT', '/session/password', {
        ...{ Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', ...guesser },
        body: ownPassword,
      })
    const statuses = [(await change()).status]
    for (let i = 1; i < 12; i++) statuses.push((await signIn(name, `guess ${i} of many`, guesser)).status)
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    expect([(await signIn(name, PASSWORD, guesser)).status, (await change()).status]).toEqual([429, 429])
    expect((await signIn(name, PASSWORD, from('203.0.113.9'))).status).toBe(201)
    expect((await call('GET', '/session', { Cookie: cookie, ...guesser })).status).toBe(200)
    expect((await call('GET', '/session', { Authorization: `Bearer ${key.key}`, ...guesser })).status).toBe(200)

    const { body: found } = await hub.admin('GET', '/lock-outs')
    const lockOut = found.find(({ address }: { address: string }) => address === '198.51.100.7')
    expect(lockOut).toMatchObject({ name: name.toLowerCase(), since: expect.any(String) })
    expect(Date.parse(lockOut.ends_at) - Date.parse(lockOut.next_try_at)).toBe(540_000)
    const path = `/lock-outs/${lockOut.id}`
    expect((await hub.admin('DELETE', path, { reason: 'it was Ada' })).status).toBe(204)
    expect((await signIn(name, PASSWORD, guesser)).status).toBe(201)
    expect((await hub.admin('DELETE', path)).status).toBe(404)
    expect((await hub.admin('GET', '/lock-outs')).body).not.toContainEqual(lockOut)
    const { body: trail } = await hub.admin('GET', '/audit?what=lock-out.lift')
    expect(trail).toMatchObject([
      { before: { name: name.toLowerCase(), address: '198.51.100.7' }, reason: 'it was Ada' },
    ])
    const asReader = await call('GET', '/audit?what=lock-out.lift', { Authorization: `Bearer ${key.key}` })
    expect(asReader.body).toMatchObject([{ before: { address: '***' } }])
  })
})
