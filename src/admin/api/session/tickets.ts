import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, plainProblem, problems } from '../../problem.ts'
import { isOfOwnSite } from '../../sign-in/same-site.ts'
import { openSession, otherSite } from '../../sign-in/sessions.ts'
import { callerByTicket, makeTicket } from '../../sign-in/tickets.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { plainText, TimestampSchema } from '../schemas.ts'
import { ownerOf, SessionSchema, showSession } from './session.ts'

const tags = ['Session']

export const TicketSchema = z
  .object({
    ticket: z.string().openapi({ description: 'Good once; whoever has it signs in as who made it' }),
    path: z.string().openapi({
      description: 'Leads into the console, behind the address of the hub',
      example: '/admin/sign-in?ticket=Jm0…',
    }),
    expires_at: TimestampSchema,
  })
  .openapi('Ticket')

const makeTicketRoute = createRoute({
  method: 'post',
  path: '/session/tickets',
  operationId: 'makeTicket',
  summary: 'A link that opens the console signed in, once and within five minutes, as who asks',
  description: 'For who brings the administrator token or a key. A session cannot make another: it would have no end.',
  tags,
  responses: { 201: jsonAnswer(TicketSchema, 'Shown this once'), ...problems({ 403: 'Asked with a session' }) },
})

export const useTicket = createRoute({
  method: 'post',
  path: '/session/tickets/use',
  operationId: 'useTicket',
  summary: 'Sign in with a ticket, which is used up by that',
  tags,
  security: [],
  request: { body: jsonBody(z.strictObject({ ticket: plainText(100) }).openapi('TicketToUse')) },
  responses: {
    201: { ...jsonAnswer(SessionSchema, 'Who is signed in'), headers: z.object({ 'Set-Cookie': z.string() }) },
    ...problems({ 400: 'No ticket', 413: 'Body over 1 MB' }),
  },
})

/** Signing in by a link that was asked for with a token or key, so that neither has to be typed into a browser. */
export function addTicketRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  app.openapi(makeTicketRoute, async (c) => {
    const caller = c.get('caller')
    if (caller.way === 'session') return plainProblem(c, 403, 'Ask with the administrator token or a key') as never
    const { ticket, expiresAt } = await makeTicket(c, ports, ownerOf(caller, ports))
    return c.json({ ticket, path: `/admin/sign-in?ticket=${ticket}`, expires_at: timestamp(expiresAt) }, 201)
  })

  app.openapi(useTicket, async (c) => {
    const isOfBrowser = ['Sec-Fetch-Site', 'Origin'].some((name) => c.req.header(name) !== undefined)
    if (isOfBrowser && !isOfOwnSite(c, ports.publicUrl)) return otherSite(c) as never
    const caller = await callerByTicket(c, ports, c.req.valid('json').ticket)
    if (caller instanceof Response) return caller as never
    const endsAt = await openSession(c, ports, ownerOf(caller, ports))
    return c.json(showSession(caller, endsAt), 201)
  })
}
