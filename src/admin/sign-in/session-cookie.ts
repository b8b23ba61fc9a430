import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { AdminPorts } from '../ports.ts'
import { nextAddress } from './next-address.ts'

const SIGN_IN_SECONDS = 600

/** Browsers keep no cookie over 4 KB: a longer address is not gone on to. */
const MOST_NEXT_LENGTH = 1_000

/** A sign-in that was begun at the identity provider: what it is finished with, and the page that it leads to. */
type BegunSignIn = { readonly kept: string; readonly next: string }

/** The cookie of a browser that is at the identity provider. Whoever has the browser may write another address into it. */
export function createSignInCookie(ports: Pick<AdminPorts, 'publicUrl'>) {
  const { read, set, clear } = createCookie(ports, 'ocpi-hub-sign-in')
  return {
    clear,
    read(c: Context): BegunSignIn | undefined {
      const [kept, next = ''] = read(c)?.split(' ') ?? []
      return kept === undefined ? undefined : { kept, next: nextAddress(next) }
    },
    set(c: Context, { kept, next }: BegunSignIn) {
      set(c, next.length > MOST_NEXT_LENGTH ? kept : `${kept} ${next}`, SIGN_IN_SECONDS)
    },
  }
}

/**
 * The cookie that holds a session's token. Over https it is `__Host-ocpi-hub-session`, which browsers take from this host alone and
 * never from a page of plain http; over plain http, as on localhost, they would refuse that name.
 */
export function createSessionCookie(ports: Pick<AdminPorts, 'publicUrl'>) {
  return createCookie(ports, 'ocpi-hub-session')
}

/** The cookie of a browser that a partner's link let in: another one, so that neither opens what the other does. */
export function createPartnerCookie(ports: Pick<AdminPorts, 'publicUrl'>) {
  return createCookie(ports, 'ocpi-hub-partner')
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
