import { findSpelling } from './names.ts'
import { splitUrl } from './url.ts'

/** Where a `response_url` stands in a query: its value runs from `start` to before `end`. `url` is what it means. */
export type FoundResponseUrl = { readonly url: string; readonly start: number; readonly end: number }

/**
 * Finds every parameter of a raw query, with or without its `?`, that some reader takes for `response_url`
 * [mod_charging_profiles: Receiver Interface]: named in any spelling, percent-encoded as often as one likes, behind `&` or, as some
 * readers have it, `;`.
 *
 * A URL may come unencoded, with a query of its own, as in the specification's examples. Such a value runs to the end, or to
 * `&duration=` unless the duration came before; it is taken as written. Any other ends at the next `&` and is decoded once. A `+` stays:
 * no URL holds the space it could stand for.
 */
export function findResponseUrls(query: string): FoundResponseUrl[] {
  const found: FoundResponseUrl[] = []
  for (let at = query.startsWith('?') ? 1 : 0; at < query.length; at++) {
    const equals = query.indexOf('=', at)
    // To who parts at `&` only a semicolon is of the name: PHP takes `response_url[];` for a list.
    if (equals !== -1 && equals < endOfParameter(query, at, '&') && isResponseUrl(query.slice(at, equals))) {
      const one = valueAt(query, equals + 1)
      found.push(one)
      at = one.end
    } else at = endOfParameter(query, at, '&;')
  }
  return found
}

/**
 * Whether a path and its query, decoded whole before they are taken apart, as some servers and proxies do, hold a `response_url` beside
 * those that were found in the query: `?x=1%26response_url=…`, `/S1%3Fresponse_url=…`.
 */
export function hidesResponseUrl(path: string, query: string, found: readonly FoundResponseUrl[]): boolean {
  let rest = path
  let at = 0
  for (const { start, end } of found) {
    rest += query.slice(at, start)
    at = end
  }
  const text = decodedFully(rest + query.slice(at)).replace(/[?#/]/g, '&')
  return findResponseUrls(text).length > found.length
}

/** Puts another URL, percent-encoded, in place of one that was found; the other bytes of the query stay. */
export function replaceResponseUrl(query: string, { start, end }: FoundResponseUrl, newUrl: string): string {
  return query.slice(0, start) + encodeURIComponent(newUrl) + query.slice(end)
}

/** As `findSpelling` takes it. */
const RESPONSE_URL = ['responseurl']

function isResponseUrl(name: string): boolean {
  return findSpelling(decodedFully(name), RESPONSE_URL) === 0
}

function valueAt(query: string, start: number): FoundResponseUrl {
  const ampersand = query.indexOf('&', start)
  const end = ampersand === -1 ? query.length : ampersand
  const value = query.slice(start, end)
  const { scheme, host } = splitUrl(value)
  const hasOwnQuery = scheme !== null && host !== null && value.includes('?') && !isEncodedInPart(value)
  if (!hasOwnQuery) return { url: decoded(value), start, end }
  const duration = /[?&]duration=/i.test(query.slice(0, start)) ? -1 : query.slice(start).search(/&duration=/i)
  const rawEnd = duration === -1 ? query.length : start + duration
  return { url: query.slice(start, rawEnd), start, end: rawEnd }
}

/** Some encoders leave `:`, `/` and `?` as they are, which a query may hold, and encode only what would end the value. */
function isEncodedInPart(value: string): boolean {
  return !value.includes('=', value.indexOf('?')) && /%(?:3f|3d|26)/i.test(value)
}

function endOfParameter(query: string, from: number, separators: '&' | '&;'): number {
  for (let at = from; at < query.length; at++) if (separators.includes(query[at] as string)) return at
  return query.length
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** No reader decodes more often. */
const MOST_DECODINGS = 8

/** A name without escapes, those of .NET (`%u0072`) among them. */
function decodedFully(name: string): string {
  let text = utf8(name)
  for (let i = 0; i < MOST_DECODINGS && text.includes('%'); i++) {
    text = utf8(text.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, unit, byte) => fromHex(unit ?? byte)))
  }
  return text
}

function fromHex(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}

/** Text whose characters from 80 to FF, each a byte, are what UTF-8 makes of them. */
function utf8(text: string): string {
  return text.replace(/[\x80-\xff]+/g, (bytes) => decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))))
}

const decoder = new TextDecoder()
