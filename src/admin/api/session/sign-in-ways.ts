import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { PROVIDED_SESSION_SECONDS, SESSION_SECONDS } from '../../sign-in/sessions.ts'
import { AdminRoleSchema } from '../accounts/account-view.ts'
import { jsonAnswer } from '../media.ts'

const ProviderSchema = z.object({
  issuer: z.string().openapi({ example: 'https://login.hub.example' }),
  role_claim: z.string().openapi({ description: 'What of the provider’s claims says the role', example: 'roles' }),
  roles: z.record(z.string(), AdminRoleSchema).openapi({
    description: 'What a value of that claim is here',
    example: { 'hub-owners': 'owner' },
  }),
  session_seconds: z.int().openapi({ description: 'How long a session lasts that it vouched for' }),
})

const SignInWaysSchema = z
  .object({
    provider: ProviderSchema.nullable().openapi({ description: 'Null: all accounts are kept here' }),
    redirect_uri: z.string().openapi({ description: 'Where the provider has to send browsers back to' }),
    session_seconds: z.int().openapi({ description: 'How long any other session lasts' }),
  })
  .openapi('SignInWays')

export const getSignInWays = createRoute({
  method: 'get',
  path: '/session/ways',
  operationId: 'getSignInWays',
  summary: 'How one may sign in: the identity provider as it is set, and how long sessions last',
  tags: ['Session'],
  responses: { 200: jsonAnswer(SignInWaysSchema, 'The ways; no secrets'), ...problems({}) },
})

/** What the operators set of signing in. */
export function addSignInWaysRoute(app: OpenAPIHono<AdminEnv>, { provider, publicUrl }: AdminPorts): void {
  const shown = provider && {
    issuer: provider.issuer,
    role_claim: provider.roleClaim,
    roles: { ...provider.roles },
    session_seconds: PROVIDED_SESSION_SECONDS,
  }
  const redirect_uri = `${publicUrl}/admin/api/session/provider/callback`

  app.openapi(getSignInWays, (c) => c.json({ provider: shown, redirect_uri, session_seconds: SESSION_SECONDS }, 200))
}
