import type { z } from '@hono/zod-openapi'
import type { Context, ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { SearchesBusy, SearchTooLong } from '../../hub/message/message-query.ts'
import { StoreUnavailable } from '../../hub/store-unavailable.ts'
import { type AdminEnv, type InputError, nothingHere, plainProblem, problem } from '../problem.ts'

/** More than this many faults in one body help nobody, and a hostile body could hold a hundred thousand. */
const MOST_ERRORS_SHOWN = 20

const NARROW =
  'The search was ended after 8 seconds. Ask for less: a shorter period (since, until), a platform or a party, an object, or the ID of a request.'

const BUSY = 'As many searches as may be at once are under way here: try again in a moment'

/** Turns what was thrown into an answer. Only the framework's own refusals are explained; the rest is for the log. */
export const onError: ErrorHandler<AdminEnv> = (error, c) => {
  if (error instanceof HTTPException && error.status === 415) {
    return plainProblem(c, 415, 'Expected a body with Content-Type application/json')
  }
  if (error instanceof HTTPException && error.status === 400) return plainProblem(c, 400, error.message)
  if (error instanceof SearchTooLong) return problem(c, 422, 'search-too-long', NARROW)
  if (error instanceof SearchesBusy) return plainProblem(c, 503, BUSY, { 'Retry-After': '2' })
  if (error instanceof StoreUnavailable)
    return plainProblem(c, 503, 'The database is away. Nothing was changed for certain')
  return plainProblem(c, 500, 'The hub failed. Its log has the reason under this instance.')
}

/** Answers input that does not fit its schema. A path with parts that cannot name anything names nothing: 404. */
export function onInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
  c: Context<AdminEnv>,
): Response | undefined {
  if (result.success) return undefined
  if (result.target === 'param') return nothingHere(c)
  return invalidInput(
    c,
    result.error.issues.flatMap((issue) => inputErrors(issue, result.target === 'json')),
  )
}

/** Names each place in the input that is wrong, and how. */
export function invalidInput(c: Context<AdminEnv>, errors: readonly InputError[]) {
  const shown = errors.slice(0, MOST_ERRORS_SHOWN)
  const detail = shown.map((error) => `${error.pointer ?? error.parameter}: ${error.detail}`).join('; ')
  return problem(c, 400, 'invalid-input', detail, { errors: shown })
}

/** One error per place: unknown fields are named each by itself. */
function inputErrors(issue: z.core.$ZodIssue, isBody: boolean): InputError[] {
  const isUnknown = issue.code === 'unrecognized_keys'
  const paths: PropertyKey[][] = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
  const detail = issue.message
  return paths.map((path) => (isBody ? { pointer: pointerTo(path), detail } : { parameter: path.join('.'), detail }))
}

/** `['parties', 0, 'a/b']` → `#/parties/0/a~1b` [RFC 6901, section 6]. */
function pointerTo(path: readonly PropertyKey[]): string {
  const tokens = path.map((part) => {
    const token = String(part).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')
    return encodeURIComponent(token)
  })
  return ['#', ...tokens].join('/')
}
