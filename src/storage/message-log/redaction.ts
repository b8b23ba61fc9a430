import type { Headers } from '../../ocpi/headers.ts'

export const REDACTED = '[redacted]'

/** Header names whose values are secrets, by their length, so that most names are told apart without lower-casing them. */
const SECRET_NAMES = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api-key']
const SECRET_LENGTHS = new Set(SECRET_NAMES.map((name) => name.length))

/** The value of the header at `index` as it may be kept. */
export function keptValue(headers: Headers, index: number): string {
  const name = headers[index] as string
  const isSecret = SECRET_LENGTHS.has(name.length) && SECRET_NAMES.includes(name.toLowerCase())
  return isSecret ? REDACTED : (headers[index + 1] ?? '')
}

/**
 * A body of the credentials module with its tokens starred out and every other byte as it was; null when that cannot be
 * done for sure, because the body is cut, compressed or no JSON [credentials: Credentials object].
 */
export function withoutTokens(body: Uint8Array): Uint8Array | null {
  let text = new TextDecoder().decode(body)
  const tokens = new Set<string>()
  if (!readTokens(text, tokens)) return null
  for (const token of tokens) {
    const quoted = JSON.stringify(token)
    text = text.replaceAll(quoted, `"${'*'.repeat(quoted.length - 2)}"`)
  }
  const left = new Set<string>()
  // Of fields of one name JSON has the last: another one's token would be overlooked, so it is looked for in the text.
  const isClean =
    readTokens(text, left) && [...left].every((token) => /^\**$/.test(token)) && !/"token"\s*:\s*"[^"*]/i.test(text)
  return isClean ? new TextEncoder().encode(text) : null
}

/** Adds the strings of every field named `token`, at any depth. False when the text is no JSON or a token no string. */
function readTokens(text: string, tokens: Set<string>): boolean {
  let areStrings = true
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (name.toLowerCase() !== 'token') return value
      if (typeof value === 'string') tokens.add(value)
      else if (value !== null) areStrings = false
      return value
    })
  } catch {
    return false
  }
  return areStrings
}
