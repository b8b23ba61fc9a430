import type { MiddlewareHandler } from 'hono'

/** Nothing runs and nothing is shown but what the hub itself serves as a file; no other page holds the console in a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

/** Unless an answer says otherwise. */
const DEFAULTS = {
  // What shows the hub's insides is kept nowhere.
  'Cache-Control': 'no-store',
  // Forms have to say where they come from, and partners need not know of whom one looked at.
  'Referrer-Policy': 'same-origin',
} as const

/** Headers of every answer of the console. */
export const secured: MiddlewareHandler = async (c, next) => {
  await next()
  // A part of a page may be missing, and the rest be there; and nobody is to wait before they are led on.
  if (c.res.status < 400) c.header('Retry-After', undefined)
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
  for (const [name, value] of Object.entries(DEFAULTS)) if (!c.res.headers.has(name)) c.header(name, value)
}
