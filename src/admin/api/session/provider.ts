import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, nothingHere, plainProblem, problems } from '../../problem.ts'
import { HOME, nextAddress } from '../../sign-in/next-address.ts'
import type { PROVIDER_REFUSED } from '../../sign-in/provider-refused.ts'
import { createSignInCookie } from '../../sign-in/session-cookie.ts'
import { openSession, PROVIDED_SESSION_SECONDS } from '../../sign-in/sessions.ts'

const tags = ['Session']

const REDIRECT = z.object({ Location: z.string() })

const beginAtProvider = createRoute({
  method: 'get',
  path: '/session/provider',
  operationId: 'beginAtProvider',
  summary: 'Sign in at the identity provider [OpenID Connect]: for browsers, which are sent there',
  tags,
  security: [],
  request: {
    query: z.object({
      next: z
        .string()
        .optional()
        .openapi({ description: 'Page of the console to go to once signed in', example: '/admin/queues' }),
    }),
  },
  responses: {
    302: { description: 'To the provider', headers: REDIRECT },
    ...problems({ 400: 'Invalid query', 404: 'The hub knows no provider', 502: 'The provider cannot be asked' }),
  },
})

const finishAtProvider = createRoute({
  method: 'get',
  path: '/session/provider/callback',
  operationId: 'finishAtProvider',
  summary: 'Where the identity provider sends the browser back to',
  description: 'The role follows from the claims of the provider, at each sign-in; the cookie lasts an hour.',
  tags,
  security: [],
  responses: {
    303: { description: 'Signed in', headers: REDIRECT.extend({ 'Set-Cookie': z.string() }) },
    ...problems({ 404: 'The hub knows no provider', 502: 'The provider cannot be asked' }),
  },
})

/**
 * Refuses a sign-in. A browser, which the provider has sent here, is led to the console's page, which says why in words and still leads
 * on to `next`; programs get the problem.
 */
function refused(c: Context<AdminEnv>, key: keyof typeof PROVIDER_REFUSED, next: string, problem: Response): Response {
  const isBrowser = c.req.header('Accept')?.includes('text/html') ?? false
  const query = new URLSearchParams({ done: key, ...(next !== HOME && { next }) })
  return isBrowser ? c.redirect(`/admin/sign-in?${query}`, 303) : problem
}

/** Signing in with an account that is kept elsewhere. */
export function addProviderRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { provider, credentials, lockOuts, random, now, clientAddress } = ports
  const cookie = createSignInCookie(ports)

  app.openapi(beginAtProvider, async (c) => {
    if (provider === null) return nothingHere(c)
    const next = nextAddress(c.req.valid('query').next)
    const begun = await provider.begin()
    if (begun.kind === 'failed') return refused(c, 'provider-away', next, plainProblem(c, 502, begun.detail)) as never
    cookie.set(c, { kept: begun.kept, next })
    return c.redirect(begun.url, 302) as never
  })

  app.openapi(finishAtProvider, async (c) => {
    if (provider === null) return nothingHere(c)
    const address = clientAddress(c)
    const begun = cookie.read(c)
    cookie.clear(c)
    const next = begun?.next ?? HOME
    if (!(await lockOuts.mayTry(address))) {
      const wait = plainProblem(c, 429, 'Too many failed logins from this address', { 'Retry-After': '60' })
      return refused(c, 'provider-wait', next, wait) as never
    }
    const search = URL.parse(c.req.url)?.search ?? ''
    const found =
      begun === undefined
        ? ({ kind: 'refused', detail: 'No sign-in was begun here' } as const)
        : await provider.finish(search, begun.kept)
    if (found.kind === 'failed') return refused(c, 'provider-away', next, plainProblem(c, 502, found.detail)) as never
    if (found.kind === 'refused') {
      await lockOuts.failed(address)
      const challenge = { 'WWW-Authenticate': 'Bearer realm="ocpi-hub"' }
      return refused(c, 'provider-refused', next, plainProblem(c, 401, found.detail, challenge)) as never
    }
    if (found.kind === 'no-role') {
      const none = plainProblem(c, 403, 'The identity provider gives you no role at this hub')
      return refused(c, 'provider-no-role', next, none) as never
    }
    const id = await credentials.admitProvided(found.admin, random.id(), now(), address)
    if (id === null) {
      const closed = plainProblem(c, 403, 'Your account is disabled, or there is no room for another')
      return refused(c, 'provider-closed', next, closed) as never
    }
    await openSession(c, ports, { kind: 'admin', id }, PROVIDED_SESSION_SECONDS)
    return c.redirect(next, 303) as never
  })
}
