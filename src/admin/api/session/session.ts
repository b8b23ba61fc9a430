import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Admin, SessionOf } from '../../../hub/administration/accounts.ts'
import { AUTHOR_WAYS, type Caller } from '../../../hub/administration/author.ts'
import { MOST_PASSWORD_LENGTH } from '../../../hub/administration/passwords.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { callerByBearer } from '../../sign-in/bearer.ts'
import type { PasswordCheck } from '../../sign-in/password.ts'
import { isOfOwnSite } from '../../sign-in/same-site.ts'
import { createSessionCookie } from '../../sign-in/session-cookie.ts'
import { endSession, openSession, otherSite } from '../../sign-in/sessions.ts'
import { AdminRoleSchema } from '../accounts/account-view.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { plainText, TimestampSchema } from '../schemas.ts'

const tags = ['Session']

export const SessionSchema = z
  .object({
    name: z.string().openapi({ description: 'Of the account or the key; owner by the administrator token' }),
    role: AdminRoleSchema,
    may_see_bodies: z.boolean().openapi({ description: 'Whether headers and bodies of messages are shown' }),
    way: z.enum(AUTHOR_WAYS),
    has_password: z.boolean().openapi({ description: 'Whether they signed in with a password of theirs, or could' }),
    expires_at: TimestampSchema.nullable().openapi({ description: 'When the session ends; null without one' }),
  })
  .openapi('Session')

const SignInSchema = z
  .strictObject({ name: plainText(100), password: z.string().min(1).max(MOST_PASSWORD_LENGTH) })
  .openapi('SignIn')

export const signIn = createRoute({
  method: 'post',
  path: '/session',
  operationId: 'signIn',
  summary: 'Sign in: with name and password, or with Authorization: Bearer and a token or key instead of a body',
  description:
    'The answer sets a cookie that lasts 12 hours. With it, requests that change something must come from the pages of the hub itself, ' +
    'as browsers say in Sec-Fetch-Site or Origin.',
  tags,
  security: [],
  request: { body: { content: { 'application/json': { schema: SignInSchema } }, required: false } },
  responses: {
    201: { ...jsonAnswer(SessionSchema, 'Who is signed in'), headers: z.object({ 'Set-Cookie': z.string() }) },
    ...problems({ 400: 'Neither a name and a password nor a token', 413: 'Body over 1 MB' }),
  },
})

export const getSession = createRoute({
  method: 'get',
  path: '/session',
  operationId: 'getSession',
  summary: 'Who one is, and what one may do',
  tags,
  responses: { 200: jsonAnswer(SessionSchema, 'The caller'), ...problems({}) },
})

export const signOut = createRoute({
  method: 'delete',
  path: '/session',
  operationId: 'signOut',
  summary: 'Sign out: the session that the cookie names ends',
  tags,
  responses: { 204: { description: 'Signed out' }, ...problems({}) },
})

/** Signing in and out, for browsers. */
export function addSessionRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts, checkPassword: PasswordCheck): void {
  const { accounts, clientAddress } = ports

  app.openapi(signIn, async (c) => {
    const isOfBrowser = ['Sec-Fetch-Site', 'Origin'].some((name) => c.req.header(name) !== undefined)
    if (isOfBrowser && !isOfOwnSite(c, ports.publicUrl)) return otherSite(c) as never
    if (c.req.header('Authorization') !== undefined) {
      const caller = await callerByBearer(c, ports)
      if (caller instanceof Response) return caller as never
      const endsAt = await openSession(c, ports, ownerOf(caller, ports))
      return c.json(showSession({ ...caller, way: 'session' }, endsAt), 201)
    }
    // Without a body, or with one of another type, there is nothing to check against the schema.
    const { name, password }: Partial<z.infer<typeof SignInSchema>> = c.req.valid('json')
    if (name === undefined || password === undefined) {
      return invalidInput(c, [{ pointer: '#', detail: 'Expected a name and a password, or Authorization: Bearer' }])
    }
    const id = await checkPassword(c, name, password)
    if (id instanceof Response) return id as never
    const endsAt = await openSession(c, ports, { kind: 'admin', id })
    const admin = await accounts.findAdmin(id)
    if (!admin) throw new Error('Expected the account of the new session')
    const maySeeBodies = admin.role !== 'read-only' || admin.maySeeBodies
    return c.json(showSession({ ...admin, maySeeBodies, way: 'session', address: clientAddress(c) }, endsAt, true), 201)
  })

  app.openapi(getSession, async (c) => {
    const caller = c.get('caller')
    const admin = await accountOf(caller, ports)
    return c.json(showSession(caller, c.get('sessionEndsAt') ?? null, admin?.hasPassword), 200)
  })

  app.openapi(signOut, async (c) => {
    await endSession(c, ports)
    createSessionCookie(ports).clear(c)
    return c.body(null, 204)
  })
}

/** Whose the session of somebody is who brought a token or key. */
export function ownerOf(caller: Caller, { adminTokenMark }: AdminPorts): SessionOf {
  return caller.id === null ? { kind: 'admin-token', mark: adminTokenMark() } : { kind: 'key', id: caller.id }
}

/** The account of who is signed in; null of who came with a key or the administrator token. */
export async function accountOf(
  { way, id }: Caller,
  { accounts }: Pick<AdminPorts, 'accounts'>,
): Promise<Admin | null> {
  return way === 'session' && id !== null ? accounts.findAdmin(id) : null
}

export function showSession(
  { name, role, maySeeBodies, way }: Caller,
  endsAt: number | null,
  hasPassword = false,
): z.infer<typeof SessionSchema> {
  const expires_at = endsAt === null ? null : timestamp(endsAt)
  return { name, role, may_see_bodies: maySeeBodies, way, has_password: hasPassword, expires_at }
}
