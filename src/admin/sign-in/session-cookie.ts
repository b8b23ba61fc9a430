import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AdminPorts } from '../ports.ts'

const SIGN_IN_SECONDS = 600

/** The cookie of a browser that is at the identity provider. */
export function createSignInCookie(ports: Pick<AdminPorts, 'publicUrl'>) {
  const { read, set, clear } = createCookie(ports, 'ocpi-hub-sign-in')
  return { read, clear, set: (c: Context, kept: string) => set(c, kept, SIGN_IN_SECONDS) }
}

/**
 * The cookie that holds a session's token. Over https it is `__Host-ocpi-hub-session`, which browsers take from this host alone and
 * never from a page of plain http; over plain http, as on localhost, they would refuse that name.
 */
export function createSessionCookie(ports: Pick<AdminPorts, 'publicUrl'>) {
  return createCookie(ports, 'ocpi-hub-session')
}

function createCookie({ publicUrl }: Pick<AdminPorts, 'publicUrl'>, base: string) {
  const secure = publicUrl.startsWith('https:')
  const name = secure ? `__Host-${base}` : base
  const options = { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const
  return {
    read: (c: Context): string | undefined => getCookie(c, name) || undefined,
    set: (c: Context, token: string, maxAge: number) => setCookie(c, name, token, { ...options, maxAge }),
    clear: (c: Context) => void deleteCookie(c, name, options),
  }
}
