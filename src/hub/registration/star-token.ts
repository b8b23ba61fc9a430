import { authorizationValue } from '../../ocpi/token-header.ts'

/** Stars a token out of a text, as it is and as the Authorization header spells it. */
export type StarToken = (text: string) => string

export function createStarToken(token: string): StarToken {
  const encoded = authorizationValue(token, 'base64').slice('Token '.length).replace(/=+$/, '')
  return (text) => stars(stars(text, token), encoded)
}

function stars(text: string, part: string): string {
  return part === '' ? text : text.replaceAll(part, '*'.repeat(part.length))
}

/** The same of a body, whose other bytes stay what they are. */
export function starBody(body: Uint8Array, star: StarToken): Uint8Array {
  const text = new TextDecoder().decode(body)
  const starred = star(text)
  return starred === text ? body : new TextEncoder().encode(starred)
}
