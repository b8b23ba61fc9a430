import type { Headers } from './headers.ts'

/** They concern one connection, not the message [RFC 9110, section 7.6.1; RFC 2068, section 19.7.1 for Keep-Alive]. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings']

/** The hub speaks for itself in these, on each leg anew [transport_and_format: Unique message IDs, Message Routing Headers]. */
const MADE_BY_THE_HUB = [
  'authorization',
  'content-length',
  'date',
  'x-request-id',
  'x-correlation-id',
  'ocpi-to-party-id',
  'ocpi-to-country-code',
  'ocpi-from-party-id',
  'ocpi-from-country-code',
]

/**
 * They tell of networks and proxies on one side of the hub, which the other side need not know and must not believe
 * [RFC 7239; RFC 9110, section 7.6.3 for Via]. Families of names are in `isOfAFamily`.
 */
const ABOUT_THE_NETWORK = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'cdn-loop',
  'x-amzn-trace-id',
]

const fateOnward = createFate(
  [...HOP_BY_HOP, ...MADE_BY_THE_HUB, ...ABOUT_THE_NETWORK, 'host'],
  [
    'link',
    // The hub answers it itself [RFC 9110, section 10.1.1]; senders refuse to send it.
    'expect',
    // They ask for an answer without an envelope, or for a piece of one [RFC 9110, sections 13.1 and 14.2].
    'if-none-match',
    'if-modified-since',
    'if-range',
    'range',
    // State of a browser or of a client library with one [RFC 6265; Fetch standard].
    'cookie',
    'origin',
    'referer',
    'dnt',
    'upgrade-insecure-requests',
    // Some servers take another method or path from these than the one the hub routed.
    'x-http-method',
    'x-http-method-override',
    'x-method-override',
    'x-original-url',
    'x-original-host',
    'x-rewrite-url',
  ],
)

/** What a server or something before it says of itself in every answer [RFC 9110, section 10.2.4; RFC 6797; RFC 7838]. */
const ABOUT_THE_SERVER = [
  'server',
  'server-timing',
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  // Said of the receiver's own host; the caller's client would apply it to the hub's.
  'strict-transport-security',
  'public-key-pins',
  'expect-ct',
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
]

const fateBack = createFate(
  [...HOP_BY_HOP, ...MADE_BY_THE_HUB, ...ABOUT_THE_NETWORK, ...ABOUT_THE_SERVER],
  [
    'link',
    'location',
    // URLs of the receiver's, or commands to a server that stands before the hub.
    'content-location',
    'content-base',
    'uri',
    'refresh',
    'link-template',
    'x-sendfile',
    'x-lighttpd-send-file',
    'x-reproxy-url',
    // Said of the receiver's own host; the caller's client would apply it to the hub's [RFC 6265; RFC 9110, section 11.6.1].
    'set-cookie',
    'clear-site-data',
    'www-authenticate',
    'authentication-info',
  ],
)

/**
 * The headers of a request that go on to the receiver, as they came. What the hub sets itself is left out.
 *
 * @param left gets those that stay behind and may have told the receiver something
 */
export function onwardHeaders(headers: Headers, left: string[] = []): string[] {
  return without(headers, fateOnward, left)
}

/**
 * The headers of an answer that go back to the caller, as they came. What the hub sets itself is left out, and so is every other that
 * holds a URL: no client of the caller's, whatever it makes of such a header, is led round the hub.
 *
 * @param left gets those that stay behind and may have told the caller something
 */
export function backHeaders(headers: Headers, left: string[] = []): string[] {
  const kept = without(headers, fateBack, left)
  for (let i = 1; i < kept.length; i += 2) if ((kept[i] as string).includes('://')) return withoutUrls(kept, left)
  return kept
}

function withoutUrls(headers: Headers, left: string[]): string[] {
  return parted(headers, left, (_, value) => !value.includes('://'))
}

/** The headers that stay, the others added to `left`. */
function parted(headers: Headers, left: string[], stays: (name: string, value: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (stays(name, value)) kept.push(name, value)
    else left.push(name, value)
  }
  return kept
}

/** Names of which their fate is kept. The same few come with every message. */
const MOST_KNOWN = 500

/** Behind CGI and its heirs (PHP, WSGI, Rack) `OCPI_from_party_id` and `OCPI.from.party.id` are taken for `OCPI-from-party-id`. */
const NO_PART_OF_A_NAME = /[^a-z0-9-]/g

/** They say how the body is to be read: what only looks like them stops, beside the ones that go on. */
const SAY_HOW_TO_READ = new Set(['content-type', 'content-encoding'])

/** A header goes on, ends at the hub as in every message, or is left behind, which is told. */
type Fate = 'goes' | 'ends' | 'left'

/** Says of a header, by its name as written, what becomes of it. */
function createFate(ending: readonly string[], left: readonly string[]): (name: string) => Fate {
  const ends = new Set(ending)
  const stays = new Set(left)
  const known = new Map<string, Fate>()

  function fateOf(name: string): Fate {
    const lower = name.toLowerCase().replace(NO_PART_OF_A_NAME, '-')
    if (ends.has(lower) || isOfAFamily(lower)) return 'ends'
    const isImitation = lower !== name.toLowerCase()
    return stays.has(lower) || (isImitation && SAY_HOW_TO_READ.has(lower)) ? 'left' : 'goes'
  }

  return (name) => {
    let fate = known.get(name)
    if (fate === undefined) {
      fate = fateOf(name)
      if (known.size < MOST_KNOWN) known.set(name, fate)
    }
    return fate
  }
}

function without(headers: Headers, fateOf: (name: string) => Fate, left: string[]): string[] {
  const kept: string[] = []
  let named: Set<string> | null = null
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const fate = fateOf(name)
    if (fate === 'goes') kept.push(name, headers[i + 1] as string)
    else if (fate === 'left') left.push(name, headers[i + 1] as string)
    else if (isConnection(name)) named = addNamed(named, headers[i + 1] as string)
  }
  return named === null ? kept : withoutNamed(kept, named, left)
}

/** Proxy-*, X-Forwarded-*, X-Envoy-*, X-Accel-*, CF-*, Sec-*: by their beginning, since there is no end of them. */
function isOfAFamily(lower: string): boolean {
  switch (lower.charCodeAt(0)) {
    case 0x78: // x
      return (
        lower.startsWith('x-forwarded') ||
        lower.startsWith('x-envoy-') ||
        lower.startsWith('x-amz-cf-') ||
        lower.startsWith('x-accel-')
      )
    case 0x63: // c
      return lower.startsWith('cf-')
    case 0x70: // p
      return lower.startsWith('proxy-')
    case 0x73: // s
      return lower.startsWith('sec-')
    default:
      return false
  }
}

function isConnection(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'connection'
}

/** Collects what a Connection header declares to be hop-by-hop; null while that is nothing beyond the usual. */
function addNamed(named: Set<string> | null, connection: string): Set<string> | null {
  const options = connection.toLowerCase()
  if (options === 'keep-alive' || options === 'close') return named
  const names = named ?? new Set<string>()
  for (const option of options.split(',')) names.add(option.trim())
  return names
}

function withoutNamed(headers: Headers, named: ReadonlySet<string>, left: string[]): string[] {
  return parted(headers, left, (name) => {
    const lower = name.toLowerCase()
    // The body's own headers describe the message, whatever Connection says; without them it could not be read.
    const isOfTheBody = lower === 'content-type' || lower === 'content-encoding'
    return isOfTheBody || !named.has(lower)
  })
}
