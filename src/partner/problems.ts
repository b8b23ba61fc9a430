import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { head } from '../admin/console/parts/head.ts'
import { html } from '../admin/console/parts/html.ts'
import { SearchesBusy, SearchTooLong } from '../hub/message/message-query.ts'
import { StoreUnavailable } from '../hub/store-unavailable.ts'
import type { PartnerEnv } from './env.ts'
import { plainPage } from './layout.ts'
import type { PartnerPorts } from './ports.ts'

/** Answers with a page that says one thing, to whomever. */
export function showPlain(c: Context<PartnerEnv>, status: ContentfulStatusCode, title: string, text: string) {
  const body = html`<section class="card pad">${head({ title, sub: text })}</section>`
  return c.html(plainPage(title, c.get('hub'), body), status)
}

export function nothingHere(c: Context<PartnerEnv>) {
  return showPlain(c, 404, 'Nothing here', 'Nothing has this address, or not any more.')
}

/** Says that a page could not be made, without the reason where that is the hub's own affair. */
export function showFailure(c: Context<PartnerEnv>, error: Error, { noteProblem }: PartnerPorts) {
  if (error instanceof SearchTooLong)
    return showPlain(c, 422, 'The search takes too long', 'Go back, and choose a shorter period, a party or an object.')
  if (error instanceof SearchesBusy) return showPlain(c, 503, 'The hub is busy', 'Try again in a moment.')
  const id = c.get('requestId')
  const isAway = error instanceof StoreUnavailable
  const status = isAway ? 503 : 500
  noteProblem({ id, method: c.req.method, path: pathWithoutSecret(c.req.path), status, error })
  if (isAway) return showPlain(c, 503, 'The database of the hub is away', 'Try again in a moment.')
  return showPlain(c, 500, 'The hub failed', `Its administrators find the reason in its log, under ${id}.`)
}

function pathWithoutSecret(path: string): string {
  return path.replace(/^(\/partner\/enter\/).*/, '$1…')
}
