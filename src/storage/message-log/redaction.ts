import type { Headers } from '../../ocpi/headers.ts'

export const REDACTED = '[redacted]'

/**
 * Names of headers and of parameters whose values are secrets: `Authorization`, `Set-Cookie`, and whatever partners invent, such as
 * `X-Auth-Token`, `Ocp-Apim-Subscription-Key`, `access_token` and, in queries that Azure signs, `sig` and `code`.
 */
const SECRET_NAME =
  /token|secret|passw|cookie|credential|signature|auth(?!enticate)|(?<!idempotency-)key$|^(?:sig|code)$/i

/** Names of which it is kept whether they are secret. The same few come with every message. */
const MOST_KNOWN = 500
const known = new Map<string, boolean>()

function isSecretName(name: string): boolean {
  let isSecret = known.get(name)
  if (isSecret === undefined) {
    isSecret = SECRET_NAME.test(name)
    if (known.size < MOST_KNOWN) known.set(name, isSecret)
  }
  return isSecret
}

/** The value of the header at `index` as it may be kept. */
export function keptValue(headers: Headers, index: number): string {
  return keptOf(headers[index] as string, headers[index + 1] ?? '')
}

/** The value of a header of this name as it may be kept. */
export function keptOf(name: string, value: string): string {
  if (isSecretName(name)) return REDACTED
  return value.includes('?') ? withoutSecrets(value) : value
}

/** What parts parameters of a query, one given unencoded within another included; `>` ends a URL in a Link header. */
const PARTS = /([?&;>])/
/** Within the value of another parameter, as the query of a `response_url`. */
const ENCODED_PARAMETER = /(?<=%3f|%26)([\w.~-]+)(%3d)((?:(?!%26)[^?&;>])+)/gi

/** Text with a URL in it, or a path with its query, whose secret parameters are starred out and every other character is as it was. */
export function withoutSecrets(text: string): string {
  const start = text.indexOf('?')
  if (start === -1) return text
  const query = text.slice(start)
  const kept = query.split(PARTS).map(withoutSecret).join('')
  return kept === query ? text : text.slice(0, start) + kept
}

function withoutSecret(parameter: string): string {
  const equals = parameter.indexOf('=')
  if (equals === -1) return parameter
  const value = parameter.slice(equals + 1)
  const isSecret = isSecretName(decoded(parameter.slice(0, equals)))
  return parameter.slice(0, equals + 1) + (isSecret ? stars(value) : value.replace(ENCODED_PARAMETER, withoutEncoded))
}

function withoutEncoded(all: string, name: string, equals: string, value: string): string {
  return isSecretName(name) ? name + equals + stars(value) : all
}

function stars(value: string): string {
  return '*'.repeat(value.length)
}

function decoded(name: string): string {
  if (!name.includes('%')) return name
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
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
