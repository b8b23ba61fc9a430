import type { Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { CLIENT, startIdentityProvider } from '../support/identity-provider.ts'

/** What the provider says of people, by the name they sign in with there. */
const PEOPLE: Record<string, Record<string, unknown>> = {}

let provider: Server
let hub: TestHub
let issuer: string

beforeAll(async () => {
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}`
  hub = await startTestHub({
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_ROLE_CLAIM: 'groups',
    OIDC_ROLES: 'hub-owners=owner,noc=operator,audit=read-only',
  })
  provider = await startIdentityProvider(port, hub.url, PEOPLE)
})
afterAll(async () => {
  await hub.close()
  provider.closeAllConnections()
  provider.close()
})
beforeEach(() => {
  Object.assign(PEOPLE, {
    ada: { preferred_username: 'Ada', email: 'ada@idp.example', groups: ['staff', 'noc'] },
    eve: { preferred_username: 'Eve', groups: ['staff'] },
    max: { preferred_username: 'Max', groups: 'audit' },
  })
})

/** A browser that keeps cookies for each server and follows no redirect by itself. */
function createBrowser() {
  const jars = new Map<string, Map<string, string>>()

  async function ask(
    url: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response & { readonly next: string }> {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), ...headers },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split('; ')
      const at = pair.indexOf('=')
      if (attributes.includes('Max-Age=0')) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const next = answer.headers.get('Location') ?? ''
    return Object.assign(answer, { next: next && new URL(next, url).href })
  }

  /** Goes to the provider and signs in there; returns where the provider sends the browser back to. */
  async function backFromProvider(login: string, begin = '/admin/api/session/provider'): Promise<string> {
    let { next } = await ask(hub.url + begin)
    for (let step = 0; step < 12 && !next.startsWith(hub.url); step++) {
      const prompt = next.includes('/interaction/') ? await promptAt(next) : null
      const answer = await ask(next, prompt === null ? undefined : { prompt, login, password: 'any' })
      next = answer.next
    }
    expect(next).toContain(`${hub.url}/admin/api/session/provider/callback?code=`)
    return next
  }

  async function promptAt(url: string): Promise<string> {
    const page = await (await ask(url)).text()
    return /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
  }

  return { ask, backFromProvider, signIn: async (login: string) => ask(await backFromProvider(login)) }
}

const session = async (browser: ReturnType<typeof createBrowser>) => {
  const answer = await browser.ask(`${hub.url}/admin/api/session`)
  return { status: answer.status, body: await answer.json() }
}

it('who signs in at the provider has the role that its claim gives, and an account that shows where it comes from', async () => {
  const browser = createBrowser()
  const answer = await browser.signIn('ada')
  expect({ status: answer.status, next: answer.next }).toEqual({ status: 303, next: `${hub.url}/admin` })
  expect(await session(browser)).toMatchObject({ status: 200, body: { name: 'Ada', role: 'operator', way: 'session' } })
  expect((await hub.admin('GET', '/admins')).body).toMatchObject([
    { name: 'Ada', email: 'ada@idp.example', role: 'operator', from_provider: true, has_password: false },
  ])
})

it('the sign-in page leads on to what was asked for by way of the provider too, and to no other site', async () => {
  const page = await fetch(`${hub.url}/admin/sign-in?next=%2Fadmin%2Fqueues%3Fstate%3Dpaused`)
  const begin = '/admin/api/session/provider?next=%2Fadmin%2Fqueues%3Fstate%3Dpaused'
  expect(await page.text()).toContain(`href="${begin}"`)
  const browser = createBrowser()
  const answer = await browser.ask(await browser.backFromProvider('ada', begin))
  expect(answer.next).toBe(`${hub.url}/admin/queues?state=paused`)
  const lured = await browser.backFromProvider('ada', '/admin/api/session/provider?next=%2F%2Fevil.example')
  expect((await browser.ask(lured)).next).toBe(`${hub.url}/admin`)
})

it('who has no role at the provider keeps the page that was asked for, for another way in', async () => {
  const browser = createBrowser()
  const back = await browser.backFromProvider('eve', '/admin/api/session/provider?next=%2Fadmin%2Fqueues')
  const { next } = await browser.ask(back, undefined, { Accept: 'text/html' })
  expect(next).toBe(`${hub.url}/admin/sign-in?done=provider-no-role&next=%2Fadmin%2Fqueues`)
})

it('owners are shown which provider is set and what its claims are here, and nobody its secret', async () => {
  const { status, body } = await hub.admin('GET', '/session/ways')
  expect([status, body]).toEqual([
    200,
    {
      provider: {
        issuer,
        role_claim: 'groups',
        roles: { 'hub-owners': 'owner', noc: 'operator', audit: 'read-only' },
        session_seconds: 3_600,
      },
      redirect_uri: `${hub.url}/admin/api/session/provider/callback`,
      session_seconds: 43_200,
    },
  ])
})

it('the provider takes a role away: the next sign-in has the new one, and sessions with the old one end', async () => {
  const before = createBrowser()
  await before.signIn('ada')
  PEOPLE['ada'] = { ...PEOPLE['ada'], groups: ['audit', 'staff'] }
  const after = createBrowser()
  await after.signIn('ada')
  expect((await session(before)).status).toBe(401)
  expect((await session(after)).body).toMatchObject({ role: 'read-only', may_see_bodies: false })
  const { body: changes } = await hub.admin('GET', '/audit?what=admin.change')
  expect(changes[0]).toMatchObject({
    who: { way: 'session' },
    before: { role: expect.any(String) },
    after: { role: expect.any(String) },
    reason: 'so says the identity provider',
  })
})

it('the provider takes a role away: the session that it vouched for is over within an hour, and there is no other', async () => {
  const browser = createBrowser()
  const signedIn = await browser.signIn('ada')
  expect(signedIn.headers.getSetCookie().join()).toMatch(/ocpi-hub-session=[^;]+; Max-Age=3600;/)
  const body = (await session(browser)).body as { expires_at: string }
  const endsIn = Date.parse(body.expires_at) - Date.now()
  expect(endsIn).toBeGreaterThan(3_500_000)
  expect(endsIn).toBeLessThanOrEqual(3_600_000)
  PEOPLE['ada'] = { ...PEOPLE['ada'], groups: ['staff'] }
  expect((await createBrowser().signIn('ada')).status).toBe(403)
})

it('who has no role at the provider is not let in, and gets no account', async () => {
  const browser = createBrowser()
  expect((await browser.signIn('eve')).status).toBe(403)
  expect((await session(browser)).status).toBe(401)
  const { body } = await hub.admin('GET', '/admins')
  expect(body.map(({ name }: { name: string }) => name)).not.toContain('Eve')
})

it('who is disabled here is not let in, whatever the provider says', async () => {
  await createBrowser().signIn('ada')
  const { body } = await hub.admin('GET', '/admins')
  const { id } = body.find(({ name }: { name: string }) => name === 'Ada')
  await hub.admin('PATCH', `/admins/${id}`, { disabled: true })
  expect((await createBrowser().signIn('ada')).status).toBe(403)
  await hub.admin('PATCH', `/admins/${id}`, { disabled: false })
  expect((await createBrowser().signIn('ada')).status).toBe(303)
})

it('nobody gets the account of another by calling themselves so at the provider', async () => {
  const { body: max } = await hub.admin('POST', '/admins', { name: 'Max', role: 'owner' })
  const browser = createBrowser()
  await browser.signIn('max')
  expect((await session(browser)).body).toMatchObject({ name: 'Max (2)', role: 'read-only' })
  expect((await hub.admin('GET', `/admins/${max.id}`)).body).toMatchObject({ role: 'owner', from_provider: false })
})

it('the way back works once, in the browser that set out, and not with a state that was changed', async () => {
  const browser = createBrowser()
  const back = await browser.backFromProvider('ada')
  expect((await createBrowser().ask(back)).status).toBe(401)
  const victim = createBrowser()
  await victim.ask(`${hub.url}/admin/api/session/provider`)
  expect((await victim.ask(back)).status).toBe(401)
  expect((await session(victim)).status).toBe(401)
  expect((await browser.ask(back)).status).toBe(303)
  expect((await browser.ask(back)).status).toBe(401)
})

it('a browser that came back in vain sees why where it can sign in otherwise', async () => {
  const headers = { Accept: 'text/html,*/*;q=0.8' }
  const back = `${hub.url}/admin/api/session/provider/callback?code=none&state=none`
  const answer = await fetch(back, { headers, redirect: 'manual' })
  expect(answer.status).toBe(303)
  const page = await fetch(new URL(answer.headers.get('Location') ?? '', hub.url), { headers })
  expect(await page.text()).toContain('did not confirm this sign-in')
})

it('asks with PKCE, state and nonce, and only for what it needs', async () => {
  const { next } = await createBrowser().ask(`${hub.url}/admin/api/session/provider`)
  const asked = new URL(next).searchParams
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid profile email',
    redirect_uri: `${hub.url}/admin/api/session/provider/callback`,
  })
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/)
})

it('a hub without a provider has no such way in, and one whose provider is away says so', async () => {
  const without = await startTestHub({}, { databaseUrl: hub.databaseUrl })
  expect((await fetch(`${without.url}/admin/api/session/provider`)).status).toBe(404)
  await without.close()
  const away = await startTestHub(
    {
      OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`,
      ...{ OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'x', OIDC_ROLES: 'x=owner' },
    },
    { databaseUrl: hub.databaseUrl },
  )
  expect((await fetch(`${away.url}/admin/api/session/provider`)).status).toBe(502)
  await away.close()
})
