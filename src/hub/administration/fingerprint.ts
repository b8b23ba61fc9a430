import type { Secrets } from '../ports.ts'

/** What is kept beside a token's digest, so that a call with one that nobody has can be told from a call with nothing of the hub's. */
type TokenMarks = {
  /** Of its beginning, by which a token is known that lost its end. 36 bits of a digest: nobody guesses 120 bits by it. */
  readonly prefix: string | null
  /** By which two people compare the token that one made and the other sent, by telephone. */
  readonly fingerprint: string
}

const BEGINNING = 20
const KEPT_OF_DIGEST = 6

/** Of a token's first characters; null where there are not as many. */
export function prefixOf(token: string, digest: Secrets['digest']): string | null {
  return token.length < BEGINNING ? null : digest(token.slice(0, BEGINNING)).slice(0, KEPT_OF_DIGEST)
}

/** Eight hexadecimal digits of an HMAC under the hub's key: `3fa09c1e`. */
export function fingerprintOf(token: string, mac: Secrets['mac']): string {
  const bytes = atob(mac(`fingerprint ${token}`).slice(0, 8).replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(bytes.slice(0, 4), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

/** Of a token that the hub makes. */
export function marksOf(token: string, { digest, mac }: Pick<Secrets, 'digest' | 'mac'>): TokenMarks {
  return { prefix: prefixOf(token, digest), fingerprint: fingerprintOf(token, mac) }
}

/** What tells a token that a partner gave the hub. It may be a weak one, of which a bare digest would be guessed. */
export function theirMarkOf(token: string, mac: Secrets['mac']): string {
  return mac(`their token ${token}`)
}
