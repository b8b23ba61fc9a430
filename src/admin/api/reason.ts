import { z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { type By, MOST_REASON_LENGTH } from '../../hub/administration/audit.ts'
import type { AdminEnv } from '../problem.ts'
import { plainText } from './schemas.ts'

/** Why something is changed, in the words of who changes it. */
export const ReasonSchema = plainText(MOST_REASON_LENGTH).optional().openapi({
  description: 'Why, for the audit trail',
  example: 'Asked for by mail, ticket 4711',
})

/** An empty body is none, of whatever type it says it is. */
const emptyAsNone: MiddlewareHandler<AdminEnv> = async (c, next) => {
  if ((await c.req.text()) === '') {
    const headers = new Headers(c.req.raw.headers)
    headers.delete('Content-Type')
    headers.delete('Content-Length')
    c.req.raw = new Request(c.req.url, { method: c.req.method, headers })
  }
  return next()
}

/** As a query, for changes whose body says other things or none. */
export const reasonQuery = { query: z.strictObject({ reason: ReasonSchema }) }

/** What a change that needs no input but who asks for it takes: a reason, as `{"reason": "..."}` or as a query. */
export const reasonAlone = {
  request: {
    ...reasonQuery,
    body: {
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema }).openapi('Reason') } },
      required: false as const,
    },
  },
  middleware: emptyAsNone,
}

/** How a reason may be no reason. */
export const reasonProblems = { 400: 'Invalid reason', 413: 'Body over 1 MB', 415: 'Not JSON' } as const

/** Who changes something, with the first reason that was given. */
export function byOf(c: Context<AdminEnv>, ...given: readonly { readonly reason?: string | undefined }[]): By {
  const { name, way, id, address } = c.get('caller')
  const reason = given.find((one) => one.reason !== undefined)?.reason ?? null
  return { author: { name, way, id, address }, reason }
}
