import type { Context, MiddlewareHandler } from 'hono'
import type { AdminPorts } from '../ports.ts'
import type { AdminEnv } from '../problem.ts'
import { isOfOwnSite } from '../sign-in/same-site.ts'
import { callerBySession } from '../sign-in/sessions.ts'
import { mayAsk } from './answer.ts'
import { type AskInside, createApi } from './api.ts'
import type { ConsoleEnv } from './console-env.ts'
import { address } from './parts/href.ts'
import { showProblem } from './problems.ts'

/** Takes forms from the console's own pages only, so that no other site acts in the name of who is signed in, or signs somebody in. */
export function fromOwnPages({ publicUrl }: Pick<AdminPorts, 'publicUrl'>): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    if (isOfOwnSite(c, publicUrl)) return next()
    return showProblem(c, {
      status: 403,
      title: 'This came from elsewhere',
      detail: 'Changes are taken from the pages of this hub only. Open the page here, and do it again.',
    })
  }
}

/** Lets in who has a session, with the API asked in their name; everybody else is sent to sign in, and then to what they asked for. */
export function onlySignedIn(ports: AdminPorts, askInside: AskInside): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    // The console keeps per request what the API keeps, and more.
    const caller = await callerBySession(c as unknown as Context<AdminEnv>, ports)
    if (caller === null || caller instanceof Response) return toSignIn(c)
    c.set('caller', caller)
    c.set('api', createApi(askInside, c, caller))
    return next()
  }
}

/**
 * Keeps a page with nothing but a form from whoever may not post it: `onlyWhoMay('POST /agreements')`. Whether a change is allowed the API
 * decides by itself.
 */
export function onlyWhoMay(route: string): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    if (mayAsk(c, route)) return next()
    const detail = `You are signed in as ${c.get('caller').role}, which may look and not change.`
    return showProblem(c, { status: 403, title: 'This is not for your role', detail })
  }
}

/** A part of a page would be no place for the sign-in form: htmx goes there as a whole. */
function toSignIn(c: Context<ConsoleEnv>) {
  const { pathname, search } = URL.parse(c.req.header('HX-Current-URL') ?? '') ?? new URL(c.req.url)
  const asked = pathname + search
  const signIn = address('/admin/sign-in', { next: c.req.method === 'GET' && asked !== '/admin' ? asked : null })
  if (c.req.header('HX-Request') === undefined) return c.redirect(signIn, 303)
  return c.body(null, 401, { 'HX-Redirect': signIn })
}
