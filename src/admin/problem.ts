import { type RouteConfig, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Caller } from '../hub/administration/author.ts'
import type { Answer } from '../hub/message.ts'
import { ROLES } from '../ocpi/party.ts'

/** What the room keeps per request. `requestId` names the request in problems and in the log; `caller` is there behind the door. */
export type AdminEnv = {
  Variables: {
    requestId: string
    caller: Caller
    /** Milliseconds since the epoch; of a caller by session. */
    sessionEndsAt?: number
  }
}

/** Stable names of what can go wrong; conditions that the HTTP status says in full are `about:blank`. */
const TYPES = [
  'about:blank',
  'urn:ocpi-hub:problem:invalid-input',
  'urn:ocpi-hub:problem:unknown-platform',
  'urn:ocpi-hub:problem:unknown-party',
  'urn:ocpi-hub:problem:unknown-message',
  'urn:ocpi-hub:problem:unknown-handshake',
  'urn:ocpi-hub:problem:unknown-agreement',
  'urn:ocpi-hub:problem:unknown-queue',
  'urn:ocpi-hub:problem:unknown-admin',
  'urn:ocpi-hub:problem:unknown-key',
  'urn:ocpi-hub:problem:unknown-lock-out',
  'urn:ocpi-hub:problem:no-password',
  'urn:ocpi-hub:problem:unknown-webhook',
  'urn:ocpi-hub:problem:unknown-sandbox-partner',
  'urn:ocpi-hub:problem:too-many-sandbox-partners',
  'urn:ocpi-hub:problem:is-sandbox-partner',
  'urn:ocpi-hub:problem:unknown-link',
  'urn:ocpi-hub:problem:name-taken',
  'urn:ocpi-hub:problem:too-many-accounts',
  'urn:ocpi-hub:problem:too-many-webhooks',
  'urn:ocpi-hub:problem:too-many-links',
  'urn:ocpi-hub:problem:not-a-broadcast',
  'urn:ocpi-hub:problem:not-replayable',
  'urn:ocpi-hub:problem:newer-push',
  'urn:ocpi-hub:problem:not-entitled',
  'urn:ocpi-hub:problem:push-gone',
  'urn:ocpi-hub:problem:party-taken',
  'urn:ocpi-hub:problem:wrong-status',
  'urn:ocpi-hub:problem:fixed-by-handshake',
  'urn:ocpi-hub:problem:handshake-under-way',
  'urn:ocpi-hub:problem:unknown-check',
  'urn:ocpi-hub:problem:check-under-way',
  'urn:ocpi-hub:problem:awaits-check',
  'urn:ocpi-hub:problem:forbidden-url',
  'urn:ocpi-hub:problem:partner-unreachable',
  'urn:ocpi-hub:problem:partner-refused',
  'urn:ocpi-hub:problem:answer-lost',
  'urn:ocpi-hub:problem:roles-unusable',
  'urn:ocpi-hub:problem:unsupported-version',
  'urn:ocpi-hub:problem:no-matching-endpoints',
  'urn:ocpi-hub:problem:search-too-long',
  'urn:ocpi-hub:problem:too-much',
] as const

const InputErrorSchema = z
  .object({
    pointer: z.string().optional().openapi({ description: 'JSON pointer into the body, as a URI fragment' }),
    parameter: z.string().optional().openapi({ description: 'Name of the query parameter' }),
    detail: z.string(),
  })
  .openapi('InputError', { example: { pointer: '#/parties/0/party_id', detail: 'Expected one to three characters' } })

/** Problem details [RFC 9457]; what stands below `instance` are extension members of single types. */
export const ProblemSchema = z
  .object({
    type: z.enum(TYPES),
    title: z.string(),
    status: z.int().openapi({ example: 409 }),
    detail: z.string(),
    instance: z.string().openapi({ description: 'Names this occurrence, also in the log of the hub' }),
    errors: z.array(InputErrorSchema).optional(),
    party: z.object({ country_code: z.string(), party_id: z.string(), role: z.enum(ROLES) }).optional(),
    platform_id: z
      .string()
      .optional()
      .openapi({ description: 'The platform that holds the role, or another one of the party' }),
    ocpi_status: z.int().optional().openapi({ description: "Status code of the partner's answer" }),
    offered_versions: z.array(z.string()).optional(),
    check: z.int().optional().openapi({ description: 'Number of the connection check that is under way' }),
  })
  .openapi('Problem')

export type InputError = z.infer<typeof InputErrorSchema>
type ProblemBody = z.infer<typeof ProblemSchema>
type ProblemName = ProblemBody['type'] extends infer T
  ? T extends `urn:ocpi-hub:problem:${infer N}`
    ? N
    : never
  : never
type Extensions = Pick<ProblemBody, 'errors' | 'party' | 'platform_id' | 'ocpi_status' | 'offered_versions' | 'check'>

const TITLES: Record<ProblemName, string> = {
  'invalid-input': 'The input is not as described',
  'unknown-platform': 'No such platform',
  'unknown-party': 'No such party',
  'unknown-message': 'No such message',
  'unknown-handshake': 'No such handshake',
  'unknown-agreement': 'No such rule',
  'unknown-queue': 'No such queue',
  'unknown-admin': 'No such administrator',
  'unknown-key': 'No such key',
  'unknown-lock-out': 'No such lock-out',
  'no-password': 'There is no password to change',
  'unknown-webhook': 'No such webhook',
  'unknown-sandbox-partner': 'No such sandbox partner',
  'too-many-sandbox-partners': 'There is no room for more',
  'is-sandbox-partner': 'This is a sandbox partner',
  'unknown-link': 'No such link',
  'name-taken': 'The name is taken',
  'too-many-accounts': 'There is no room for more',
  'too-many-webhooks': 'There is no room for more',
  'too-many-links': 'There is no room for more',
  'not-a-broadcast': 'This is no broadcast that was accepted',
  'not-replayable': 'This is not sent again',
  'newer-push': 'A newer push of the object came since',
  'not-entitled': 'The platform is not to get this',
  'push-gone': 'The push is not kept any more',
  'party-taken': 'The party belongs to another',
  'wrong-status': "The platform's status does not allow this",
  'fixed-by-handshake': 'The handshake settled this',
  'handshake-under-way': 'A handshake is under way',
  'unknown-check': 'No such check',
  'check-under-way': 'A check is under way',
  'awaits-check': 'The platform has to pass its connection check',
  'forbidden-url': 'The hub may not call this address',
  'partner-unreachable': 'The partner cannot be reached',
  'partner-refused': 'The partner refused',
  'roles-unusable': 'The partner gave a token, and roles that cannot be used',
  'answer-lost': 'Whether the partner took the credentials is not known',
  'unsupported-version': 'No OCPI version in common',
  'no-matching-endpoints': 'No endpoints in common',
  'search-too-long': 'The search takes too long',
  'too-much': 'Too much for one answer',
}

const PLAIN_TITLES: Partial<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

const MEDIA_TYPE = { 'Content-Type': 'application/problem+json' }

function instanceOf(requestId: string): string {
  return `urn:uuid:${requestId}`
}

/** Answers with a problem that has a name of its own. */
export function problem<S extends ContentfulStatusCode>(
  c: Context<AdminEnv>,
  status: S,
  name: ProblemName,
  detail: string,
  extensions: Extensions = {},
) {
  const type = `urn:ocpi-hub:problem:${name}` as const
  const body: ProblemBody = {
    type,
    title: TITLES[name],
    status,
    detail,
    instance: instanceOf(c.get('requestId')),
    ...extensions,
  }
  return c.json(body, status, MEDIA_TYPE)
}

/** Answers with a problem that is no more than its HTTP status. */
export function plainProblem<S extends ContentfulStatusCode>(
  c: Context<AdminEnv>,
  status: S,
  detail: string,
  headers: Record<string, string> = {},
) {
  return c.json(plainBody(status, detail, instanceOf(c.get('requestId'))), status, { ...headers, ...MEDIA_TYPE })
}

const NOTHING_HERE = 'Nothing has this address'

/** Answers an address under `/admin` that nothing has. */
export function nothingHere(c: Context<AdminEnv>) {
  return plainProblem(c, 404, NOTHING_HERE)
}

/** The same where the request never comes to this room, because a path may not be spelt so. */
export function nothingHereAnswer(requestId: string): Answer {
  const body = plainBody(404, NOTHING_HERE, instanceOf(requestId))
  return {
    status: 404,
    headers: ['Cache-Control', 'no-store', ...Object.entries(MEDIA_TYPE).flat()],
    body: new TextEncoder().encode(JSON.stringify(body)),
  }
}

function plainBody(status: number, detail: string, instance: string): ProblemBody {
  return { type: 'about:blank', title: PLAIN_TITLES[status] ?? `Status ${status}`, status, detail, instance }
}

function described(description: string) {
  return { description, content: { 'application/problem+json': { schema: ProblemSchema } } }
}

/** What any request may be answered with. */
const ANYWHERE = {
  401: { ...described('No token, key or session that counts'), headers: z.object({ 'WWW-Authenticate': z.string() }) },
  403: described('Not for your role, or with a session from another site'),
  429: { ...described('Too many failed logins from this address'), headers: z.object({ 'Retry-After': z.string() }) },
  500: described('The hub failed'),
  503: described(
    'The database is away; what was asked may have happened or not. Or as many searches as may be are under way',
  ),
} satisfies RouteConfig['responses']

/** The problems of a route, by status and what each means there, with those that any route may answer. */
export function problems<const P extends Record<number, string>>(own: P) {
  const entries = Object.entries(own).map(([status, description]) => [status, described(description)])
  return { ...ANYWHERE, ...(Object.fromEntries(entries) as { [S in keyof P]: ReturnType<typeof described> }) }
}
