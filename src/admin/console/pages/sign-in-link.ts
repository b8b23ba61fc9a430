import type { Context } from 'hono'
import type { useTicket } from '../../api/session/tickets.ts'
import { nextAddress } from '../../sign-in/next-address.ts'
import { seeOther } from '../answer.ts'
import { ApiProblem, type AskInside, createApi } from '../api.ts'
import type { ConsoleEnv } from '../console-env.ts'

/** What the sign-in page says to whom a link did not let in, by the key in its address. */
export const LINK_FAILED: Readonly<Record<string, string>> = {
  'link-over': 'This link lets nobody in any more: it was used already, or is older than five minutes.',
  'link-elsewhere': 'Put the link itself into the address bar: followed from another site, it lets nobody in.',
}

/**
 * Signs in whoever follows a link with a ticket, and takes the ticket out of the address bar. Only a link that was typed, copied, or
 * opened from another program: no page of another site can sign somebody in as somebody else.
 */
export async function followLink(c: Context<ConsoleEnv>, ticket: string, askInside: AskInside): Promise<Response> {
  c.header('Referrer-Policy', 'no-referrer')
  const site = c.req.header('Sec-Fetch-Site') ?? 'none'
  if (site !== 'none' && site !== 'same-origin') return seeOther(c, '/admin/sign-in', 'link-elsewhere')
  const sent = await createApi(askInside, c, null).send<typeof useTicket>('post', '/session/tickets/use', {
    body: { ticket },
  })
  if (sent.kind === 'problem') {
    if (sent.problem.status >= 429) throw new ApiProblem(sent.problem)
    return seeOther(c, '/admin/sign-in', 'link-over')
  }
  for (const cookie of sent.headers.getSetCookie()) c.header('Set-Cookie', cookie, { append: true })
  return seeOther(c, nextAddress(c.req.query('next')))
}
