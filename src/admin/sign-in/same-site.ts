import type { Context } from 'hono'

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/**
 * Whether a request that changes something comes from the hub's own pages, so that no other site acts in the name of who is signed in.
 * Browsers say where a request comes from (`Sec-Fetch-Site`; `Origin` where they speak plain http), and pages cannot change that.
 * Who says neither is no browser, and needs no cookie.
 */
export function isOfOwnSite(c: Context, publicUrl: string): boolean {
  if (SAFE_METHODS.includes(c.req.method)) return true
  const site = c.req.header('Sec-Fetch-Site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = URL.parse(c.req.header('Origin') ?? '')
  return origin !== null && (origin.origin === new URL(publicUrl).origin || origin.host === c.req.header('Host'))
}

/** Whether a page was come to from one of the hub's own, a form among them; whoever says nothing of it is believed. */
export function isFromOwnPage(c: Context): boolean {
  return (c.req.header('Sec-Fetch-Site') ?? 'same-origin') === 'same-origin'
}
