import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { StoreUnavailable } from '../../hub/store-unavailable.ts'
import { showPage } from './answer.ts'
import { ApiProblem, type Problem } from './api.ts'
import type { ConsoleEnv } from './console-env.ts'
import { head } from './parts/head.ts'
import { type Html, html } from './parts/html.ts'
import { plainPage } from './parts/layout.ts'

const NOTHING_HERE = 'Nothing has this address. It may have been removed, or the link is wrong.'

/** What to show when a page could not be made: what the API said, or that the hub failed. */
export function problemOf(error: Error): Pick<Problem, 'status' | 'title' | 'detail'> {
  if (error instanceof ApiProblem) return error.problem
  if (error instanceof StoreUnavailable)
    return {
      status: 503,
      title: 'The database is away',
      detail: 'Try again in a moment. What was asked last may have happened or not.',
    }
  return { status: 500, title: 'The hub failed', detail: 'Its log has the reason, under the ID below.' }
}

/** Answers with a page that says what is wrong; to htmx, which has a page already, with a line at its top. */
export function showProblem(
  c: Context<ConsoleEnv>,
  { status, title, detail }: Pick<Problem, 'status' | 'title' | 'detail'>,
) {
  // What is left of a body that is too large stays unread, so the connection serves nothing else.
  if (status === 413) c.header('Connection', 'close')
  if (c.req.header('HX-Request') !== undefined) {
    c.header('HX-Retarget', '#flash')
    c.header('HX-Reswap', 'innerHTML')
    c.header('HX-Reselect', '.flash')
    return c.html(html`<p class="flash bad"><strong>${title}</strong> ${detail}</p>`, status as ContentfulStatusCode)
  }
  const id = c.get('requestId')
  const body = html`${head({ title, sub: detail })}<p class="dim">Status ${status}${status >= 500 ? html` · <span class="mono">${id}</span>` : ''}</p><p><a href="/admin">To the overview</a></p>`
  return c.get('caller') === undefined
    ? c.html(plainPage(title, c.get('hub'), plainCard(body)), status as ContentfulStatusCode)
    : showPage(c, { title, section: 'none', status: status as 500 }, body)
}

export function nothingHere(c: Context<ConsoleEnv>) {
  return showProblem(c, { status: 404, title: 'Nothing here', detail: NOTHING_HERE })
}

/** Answers a page that is there, asked for in a way that it does not know: a form that was typed as an address, or the other way round. */
export function otherMethod(c: Context, methods: readonly string[]) {
  c.header('Allow', methods.join(', '))
  const detail = `This address is there for ${methods.join(' and ')}, not for ${c.req.method}.`
  return showProblem(c, { status: 405, title: 'Not in this way', detail })
}

function plainCard(body: Html): Html {
  return html`<section class="card pad">${body}</section>`
}
