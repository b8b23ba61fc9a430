import type { Context } from 'hono'
import { LEAST_ROLES, reaches } from '../sign-in/permissions.ts'
import { isFromOwnPage } from '../sign-in/same-site.ts'
import type { ConsoleEnv } from './console-env.ts'
import { address } from './parts/href.ts'
import type { Html } from './parts/html.ts'
import { page, type Section } from './parts/layout.ts'

export type PageOptions = {
  readonly title: string
  /** Which entry of the side bar it belongs to. */
  readonly section: Section
  /** @default 200 */
  readonly status?: 200 | 400 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 502 | 503
  /** What may have been done right before, by the key that `seeOther` left in the address. */
  readonly done?: Readonly<Record<string, string>>
}

/** Answers with a page of the console. */
export async function showPage(
  c: Context<ConsoleEnv>,
  { title, section, status = 200, done = {} }: PageOptions,
  body: Html,
) {
  const key = c.req.query('done') ?? ''
  // Anybody may make a link that says that something was done.
  const flash = Object.hasOwn(done, key) && isFromOwnPage(c) ? done[key] : undefined
  const caller = c.get('caller')
  const { name, role } = caller
  const mayCall = (route: string) => mayAsk(c, route)
  const marks = await c.get('marks')()
  return c.html(page({ title, section, hub: c.get('hub'), who: { name, role, mayCall }, marks, flash, body }), status)
}

/**
 * Sends the browser on once something was done, so that neither reload nor *back* does it again.
 *
 * @param done the key of what the page there says of it
 */
export function seeOther(c: Context, to: string, done?: string) {
  const { pathname, searchParams } = new URL(to, 'http://hub')
  return c.redirect(address(pathname, { ...Object.fromEntries(searchParams), done }), 303)
}

/**
 * Whether the API would let the one who is signed in use a route: what it would not is not shown.
 *
 * @example mayAsk(c, 'POST /platforms/{id}/suspend')
 */
export function mayAsk(c: Context<ConsoleEnv>, route: string): boolean {
  const least = LEAST_ROLES[route] ?? 'owner'
  return least === 'open' || reaches(c.get('caller').role, least)
}
