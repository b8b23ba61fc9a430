import { splitUrl } from './url.ts'

/** Where a `response_url` stands in a query: its value runs from `start` to before `end`. */
export type FoundResponseUrl = { readonly url: string; readonly start: number; readonly end: number }

/**
 * Finds `response_url` in the query of a GET or DELETE of a charging profile [mod_charging_profiles: Receiver Interface].
 * `query` is raw, with or without its `?`; `url` is what the parameter means. Null when there is none.
 *
 * The specification's own examples leave the URL unencoded, with a query of its own. Such a value runs to the end, or to
 * `&duration=` unless the duration came before; it is taken as written. An encoded value ends at the next `&` and is
 * decoded once. A `+` stays: no URL holds the space it could stand for.
 */
export function findResponseUrl(query: string): FoundResponseUrl | null {
  return findFrom(query, query.startsWith('?') ? 1 : 0, false)
}

/**
 * Puts another URL, percent-encoded, in place of `response_url`; the other bytes of the query stay. Repeated parameters are
 * all replaced, so that no reader finds the old one.
 */
export function replaceResponseUrl(query: string, newUrl: string): string {
  const encoded = encodeURIComponent(newUrl)
  let replaced = ''
  let copied = 0
  let found = findResponseUrl(query)
  while (found) {
    replaced += query.slice(copied, found.start) + encoded
    copied = found.end
    found = findFrom(query, copied + 1, hasDuration(query.slice(0, copied)))
  }
  return replaced + query.slice(copied)
}

function findFrom(query: string, from: number, durationSeen: boolean): FoundResponseUrl | null {
  let sawDuration = durationSeen
  for (let at = from; at < query.length; ) {
    const end = endOfParameter(query, at)
    const parameter = query.slice(at, end)
    const equals = parameter.indexOf('=')
    if (equals !== -1) {
      const name = decoded(parameter.slice(0, equals))
      if (name === 'response_url') return valueAt(query, at + equals + 1, end, sawDuration)
      if (name === 'duration') sawDuration = true
    }
    at = end + 1
  }
  return null
}

function valueAt(query: string, start: number, end: number, durationSeen: boolean): FoundResponseUrl {
  const value = query.slice(start, end)
  const { scheme, host } = splitUrl(value)
  const isRaw = scheme !== null && host !== null
  if (!isRaw || isEncodedInPart(value)) return { url: decoded(value), start, end }
  const duration = durationSeen ? -1 : query.indexOf('&duration=', start)
  const rawEnd = duration === -1 ? query.length : duration
  return { url: query.slice(start, rawEnd), start, end: rawEnd }
}

/** Some encoders leave `:`, `/` and `?` as they are, which a query may hold, and encode only what would end the value. */
function isEncodedInPart(value: string): boolean {
  const question = value.indexOf('?')
  return (question === -1 || !value.includes('=', question)) && /%(?:3f|3d|26)/i.test(value)
}

function hasDuration(query: string): boolean {
  return /[?&]duration=/.test(query)
}

function endOfParameter(query: string, from: number): number {
  const ampersand = query.indexOf('&', from)
  return ampersand === -1 ? query.length : ampersand
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
