/** Longer Authorization headers hold no credentials token: those have at most 64 characters, seldom up to 255. */
const MAX_HEADER_CHARACTERS = 1024

const PADDED_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const ANY_BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/
const SCHEME = /^token(?:[ \t]+|$)/i
const PRINTABLE = /^[!-~]+$/

/** How a token stands in the header: base64 from OCPI 2.2 on, raw in 2.1.1. */
type TokenEncoding = 'base64' | 'raw'

const NONE: readonly string[] = []

/**
 * The credentials tokens an Authorization header may mean, the likeliest first, each once, none empty
 * [transport_and_format: Authorization header].
 *
 * Strict: only what the specification writes, `Token <base64 with padding>`, or the token as it is in OCPI 2.1.1; one token at most. Otherwise
 * also what partners send: the scheme in any letter case or left out, more spaces, base64 without padding or in its URL alphabet, and the token
 * itself without encoding. A line feed at the end of the decoded token, as the specification's samples have it, is cut in
 * either case.
 */
export function tokenCandidates(
  authorization: string | undefined,
  strict: boolean,
  encoding: TokenEncoding = 'base64',
): readonly string[] {
  if (authorization === undefined || authorization.length > MAX_HEADER_CHARACTERS) return NONE
  if (strict) {
    if (!authorization.startsWith('Token ')) return NONE
    const written = authorization.slice(6)
    if (encoding === 'raw') return PRINTABLE.test(written) ? [written] : NONE
    const token = PADDED_BASE64.test(written) ? decode(written) : null
    return token === null ? NONE : [token]
  }
  const value = authorization.startsWith('Token ') ? authorization.slice(6).trim() : withoutScheme(authorization)
  if (!PRINTABLE.test(value)) return NONE
  const token = ANY_BASE64.test(value) ? decode(value) : null
  return token === null || token === value ? [value] : [token, value]
}

/** Whether an Authorization header holds nothing that could be taken for a token: it is missing, or empty but for the scheme. */
export function holdsNothing(authorization: string | undefined): boolean {
  return authorization === undefined || withoutScheme(authorization) === ''
}

/** The whole value of an Authorization header, in the encoding its receiver expects. */
export function authorizationValue(token: string, encoding: TokenEncoding): string {
  return encoding === 'raw'
    ? `Token ${token}`
    : `Token ${btoa(String.fromCharCode(...new TextEncoder().encode(token)))}`
}

function withoutScheme(authorization: string): string {
  return authorization.trim().replace(SCHEME, '')
}

/** Decodes either base64 alphabet, padded or not; null when the result is no token. */
function decode(encoded: string): string | null {
  const padding = encoded.indexOf('=')
  const digits = padding === -1 ? encoded : encoded.slice(0, padding)
  if (digits.length % 4 === 1) return null
  const decoded = atob(digits.includes('-') || digits.includes('_') ? standardAlphabet(digits) : digits)
  const token = decoded.endsWith('\n') ? decoded.slice(0, decoded.endsWith('\r\n') ? -2 : -1) : decoded
  // Each character of `decoded` stands for one byte, so that UTF-8 beyond ASCII falls out here too.
  return PRINTABLE.test(token) ? token : null
}

function standardAlphabet(digits: string): string {
  return digits.replaceAll('-', '+').replaceAll('_', '/')
}
