import type { Context, MiddlewareHandler } from 'hono'
import { createPartnerCookie } from '../admin/sign-in/session-cookie.ts'
import { createRateLimit } from '../hub/limits.ts'
import type { PartnerEnv } from './env.ts'
import type { PartnerPorts } from './ports.ts'
import { showPlain } from './problems.ts'
import { createPartnerReads } from './reads.ts'

/** Pages that the browsers of one link ask for, a second and at once. */
const PAGES_PER_SECOND = 2
const PAGES_AT_ONCE = 60

/** Lets in whom a link let in, with what its platform may see, until the link is revoked or ends. */
export function onlyWithLink(ports: PartnerPorts): MiddlewareHandler<PartnerEnv> {
  const cookie = createPartnerCookie(ports)
  const pages = createRateLimit(PAGES_PER_SECOND, ports.now, PAGES_AT_ONCE)
  return async (c, next) => {
    const token = cookie.read(c)
    const session = token === undefined ? null : await ports.sessions.find(ports.digest(token), ports.now())
    if (session === null) return noLink(c)
    const taken = pages.take(session.linkId)
    if (taken.kind === 'empty') return tooMany(c, taken.retryAfterSeconds)
    const reads = createPartnerReads(ports, session.platformId)
    const platform = await reads.platform()
    if (platform === null) return noLink(c)
    c.set('session', session)
    c.set('reads', reads)
    c.set('platform', platform)
    return next()
  }
}

/**
 * Takes forms from these pages only. Pages of links tell nobody where one comes from, so an old browser that does not say it by itself
 * is believed: it sends the cookie with no form of another site.
 */
export const fromOwnPages: MiddlewareHandler<PartnerEnv> = async (c, next) => {
  const site = c.req.header('Sec-Fetch-Site') ?? 'none'
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || site === 'same-origin' || site === 'none') return next()
  return showPlain(c, 403, 'This came from elsewhere', 'Open the page here, and do it again.')
}

export function tooMany(c: Context<PartnerEnv>, seconds: number) {
  c.header('Retry-After', String(seconds))
  return showPlain(c, 429, 'Too much at once', `Try again in ${seconds} seconds.`)
}

function noLink(c: Context<PartnerEnv>) {
  const text =
    'Follow the link that the administrators of the hub gave you; if it opens nothing, ask them for a new one.'
  return showPlain(c, 401, 'This page opens by a link', text)
}
