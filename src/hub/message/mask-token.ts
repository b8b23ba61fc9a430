import { authorizationValue, tokenCandidates } from '../../ocpi/token-header.ts'

/** Masks a token in a text, as it is and as the Authorization header spells it. */
export type MaskToken = (text: string) => string

export function createMaskToken(token: string): MaskToken {
  const encoded = authorizationValue(token, 'base64').slice('Token '.length).replace(/=+$/, '')
  return (text) => asterisks(asterisks(text, token), encoded)
}

/** Masks the token that an Authorization header holds. */
export function createMaskOf(authorization: string | undefined): MaskToken {
  return createMaskToken(tokenCandidates(authorization, false)[0] ?? '')
}

function asterisks(text: string, part: string): string {
  return part === '' ? text : text.replaceAll(part, '*'.repeat(part.length))
}

/** The same of a body, whose other bytes stay what they are. */
export function maskBody(body: Uint8Array, mask: MaskToken): Uint8Array {
  const text = new TextDecoder().decode(body)
  const masked = mask(text)
  return masked === text ? body : new TextEncoder().encode(masked)
}
