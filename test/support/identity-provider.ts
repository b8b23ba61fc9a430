import { createServer, type RequestListener, type Server } from 'node:http'
// @ts-expect-error -- the package brings no types
import Provider from 'oidc-provider'

/** The hub as the provider knows it. */
export const CLIENT = { id: 'ocpi-hub', secret: 'a-secret-of-the-client' } as const

/** A provider on loopback whose users sign in by their name alone; `people` is what it says of each of them, by that name. */
export async function startIdentityProvider(
  port: number,
  hubUrl: string,
  people: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<Server> {
  const redirect_uris = [`${hubUrl}/admin/api/session/provider/callback`]
  const served: { callback: () => RequestListener } = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris }],
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    pkce: { required: () => true },
    cookies: { keys: ['a-key-of-the-provider'] },
  })
  const server = createServer(served.callback())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return server
}
