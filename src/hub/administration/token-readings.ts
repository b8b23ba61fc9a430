import { tokenCandidates } from '../../ocpi/token-header.ts'

/** A token that an Authorization header may have been meant to bring, and what is wrong with how it brings it. */
export type Reading = {
  readonly token: string
  readonly fault: 'none' | 'base64-twice' | 'scheme' | 'decorated'
}

const MAX_HEADER_CHARACTERS = 1024
const MOST_READINGS = 24
const OTHER_SCHEME = /^(bearer|basic)(?:[ \t]+|$)/i
const DECORATION = /^(?:[\s"'`<>]|\\[nr])+|(?:[\s"'`<>]|\\[nr])+$/g

/** The scheme that stands in the place of `Token`: `Bearer`, `Basic`; null where none does. */
export function otherScheme(authorization: string): string | null {
  return OTHER_SCHEME.exec(authorization.trim())?.[1] ?? null
}

/**
 * Everything that a header may mean, the likeliest first, each token once: as it is understood, then encoded more than once, then
 * carrying what is no part of it. At most 24.
 */
export function readingsOf(authorization: string): readonly Reading[] {
  if (authorization.length > MAX_HEADER_CHARACTERS) return []
  const scheme = otherScheme(authorization)
  const value = scheme === null ? authorization.trim() : authorization.trim().slice(scheme.length).trim()
  const found = new Map<string, Reading>()
  const add = (token: string, fault: Reading['fault']) => {
    if (token !== '' && !found.has(token) && found.size < MOST_READINGS) found.set(token, { token, fault })
  }
  const plain = tokenCandidates(value, false)
  for (const token of plain) add(token, scheme === null ? 'none' : 'scheme')
  // `Basic` brings a user and a password, one of which may be the token.
  if (scheme !== null) for (const token of plain) for (const part of token.split(':')) add(part, 'scheme')
  const once = plain.flatMap(decodedOf)
  for (const token of once) add(token, 'base64-twice')
  for (const token of once.flatMap(decodedOf)) add(token, 'base64-twice')
  const bare = value.replace(/^token\s+/i, '')
  const texts = [bare, decodedLoosely(bare), decodedLoosely(bare.replace(DECORATION, ''))]
  for (const text of texts) add(text.replace(DECORATION, ''), 'decorated')
  return [...found.values()]
}

function decodedOf(token: string): readonly string[] {
  return tokenCandidates(`Token ${token}`, false).filter((candidate) => candidate !== token)
}

/** As bytes, whatever they are; a digit that is left over by a cut goes. Empty where it is no Base64. */
function decodedLoosely(text: string): string {
  const digits = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]+$/.test(digits)) return ''
  return atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits)
}
