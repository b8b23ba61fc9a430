import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { MOST_PASSWORD_LENGTH } from '../../../hub/administration/passwords.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import type { PasswordCheck } from '../../sign-in/password.ts'
import { openSession } from '../../sign-in/sessions.ts'
import { PasswordSchema } from '../accounts/account-view.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { byOf } from '../reason.ts'
import { accountOf, SessionSchema, showSession } from './session.ts'

const OwnPasswordSchema = z
  .strictObject({
    present: z.string().min(1).max(MOST_PASSWORD_LENGTH).openapi({ description: 'The password that they have' }),
    password: PasswordSchema.openapi({ description: 'The one that takes its place' }),
  })
  .openapi('OwnPassword')

export const changeOwnPassword = createRoute({
  method: 'put',
  path: '/session/password',
  operationId: 'changeOwnPassword',
  summary: 'Change the password of who is signed in; all their other sessions end',
  description:
    'For people who sign in with name and password, in whatever role. A wrong present password counts as a failed sign-in. ' +
    'The answer sets the cookie of a new session in the place of the one that asked.',
  tags: ['Session'],
  request: { body: jsonBody(OwnPasswordSchema) },
  responses: {
    200: { ...jsonAnswer(SessionSchema, 'Who is signed in'), headers: z.object({ 'Set-Cookie': z.string() }) },
    ...problems({
      400: 'Invalid input',
      409: 'Who asks has no password here: a key, the administrator token, or an account of the identity provider',
      413: 'Body over 1 MB',
      415: 'Not JSON',
    }),
  },
})

/** Changing one's own password. */
export function addOwnPasswordRoute(app: OpenAPIHono<AdminEnv>, ports: AdminPorts, check: PasswordCheck): void {
  const { passwords } = ports

  app.openapi(changeOwnPassword, async (c) => {
    const { present, password } = c.req.valid('json')
    const caller = c.get('caller')
    const admin = await accountOf(caller, ports)
    if (!admin?.hasPassword) {
      const detail = 'Only people who sign in with name and password have one to change, in their own session'
      return problem(c, 409, 'no-password', detail)
    }
    const found = await check(c, admin.name, present)
    if (found instanceof Response) return found as never
    const passwordDigest = await passwords.digest(password)
    const changed = await ports.as(byOf(c)).accounts.changeAdmin(admin.id, { passwordDigest })
    if (!changed) throw new Error('Expected the account of the session')
    const endsAt = await openSession(c, ports, { kind: 'admin', id: admin.id })
    return c.json(showSession(caller, endsAt, true), 200)
  })
}
