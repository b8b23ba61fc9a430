import { type Advice, advise } from './advice.ts'
import type { AdviceKey } from './handshake-advice.ts'

/** How a call of the hub's to a partner, or what it had to learn there, failed: the parts of it that tell why. */
export type PartnerFailure =
  | { readonly kind: 'forbidden-url'; readonly detail: string; readonly isEndpoint?: boolean }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string; readonly httpStatus?: number; readonly ocpiStatus?: number }
  | { readonly kind: 'unsupported-version'; readonly offered: readonly string[] }
  | { readonly kind: 'no-matching-endpoints'; readonly leftOut?: readonly string[] }

/** Keys of what is wrong with a URL or on the way to it: nothing of the partner answered. */
const UNREACHABLE: ReadonlySet<AdviceKey> = new Set<AdviceKey>([
  ...(['url-http', 'url-private', 'url-hub', 'url-unusable', 'dns', 'refused', 'timeout'] as const),
  ...(['tls-expired', 'tls-name', 'tls-chain', 'tls-version', 'no-answer'] as const),
])

export function isUnreachable(key: AdviceKey): boolean {
  return UNREACHABLE.has(key)
}

/** Words in which the runtimes tell why nothing could be called, the first that is found; Workers say less than Node. */
const ON_THE_WAY: readonly (readonly [RegExp, AdviceKey])[] = [
  [/leads to no address|ENOTFOUND|EAI_AGAIN|ENODATA/, 'dns'],
  [/ECONNREFUSED/, 'refused'],
  [/nothing within|TIMEDOUT|TIMEOUT|EHOSTUNREACH|ENETUNREACH/, 'timeout'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'tls-expired'],
  [/ALTNAME_INVALID/, 'tls-name'],
  [/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|INVALID_CA|CERT_/, 'tls-chain'],
  [/ERR_SSL|EPROTO|UNSUPPORTED_PROTOCOL|WRONG_VERSION/, 'tls-version'],
]

/** Words in which a URL is refused before it is called. */
const BEFORE_THE_CALL: readonly (readonly [RegExp, AdviceKey])[] = [
  [/must be https|not called by https/, 'url-http'],
  [/public address|leads to no address/, 'url-private'],
  [/leads back to the hub/, 'url-hub'],
]

/** Why the hub could not learn of a partner what it must know, or not give it its credentials. */
export function adviceOfFailure(failure: PartnerFailure, served: readonly string[]): Advice {
  switch (failure.kind) {
    case 'forbidden-url': {
      const { detail } = failure
      if (failure.isEndpoint) return advise('endpoint-url', { detail })
      return advise(keyIn(BEFORE_THE_CALL, detail) ?? 'url-unusable', about(detail))
    }
    case 'unreachable':
      return advise(keyIn(ON_THE_WAY, failure.detail) ?? 'no-answer', about(failure.detail))
    case 'refused':
      return adviceOfAnswer(failure)
    case 'unsupported-version':
      return advise('no-version', { offered: failure.offered.join(', ') || 'none', served: served.join(', ') })
    case 'no-matching-endpoints': {
      const detail = failure.leftOut?.[0]
      return detail === undefined ? advise('no-endpoint') : advise(keyOfField(detail) ?? 'no-endpoint', { detail })
    }
  }
}

function adviceOfAnswer({ detail, httpStatus, ocpiStatus }: Extract<PartnerFailure, { kind: 'refused' }>): Advice {
  const told = about(detail)
  if (detail.includes('which is not followed')) return advise('redirect', told)
  if (httpStatus === 401) return advise('their-401', told)
  if (httpStatus === 404) return advise('their-404', told)
  if (ocpiStatus !== undefined) return advise('their-status', { ...told, code: String(ocpiStatus) })
  if (httpStatus !== undefined) return advise('their-no-envelope', told)
  return advise(keyOfField(detail) ?? 'their-data', told)
}

/** Of a fault in version details, as it is told: `endpoints[0].role: expected SENDER or RECEIVER, got nothing`. */
function keyOfField(detail: string): AdviceKey | null {
  const field = /endpoints\[\d+\]\.(role|url)/.exec(detail)?.[1]
  return field === undefined ? null : field === 'role' ? 'endpoint-role' : 'endpoint-url'
}

/** Of a fault in the credentials that a partner sent, or gave in its answer. */
export function adviceOfField(detail: string): Advice {
  return advise(detail.startsWith('roles: expected at least one of') ? 'role-unknown' : 'field', { detail })
}

function keyIn(words: readonly (readonly [RegExp, AdviceKey])[], detail: string): AdviceKey | null {
  return words.find(([pattern]) => pattern.test(detail))?.[1] ?? null
}

/** The URL of a detail such as `GET https://host/versions: ECONNREFUSED`, and how to look at its certificate. */
function about(detail: string): { detail: string; url?: string; openssl?: string } {
  const url = /https?:\/\/[^\s]+/.exec(detail)?.[0].replace(/:$/, '')
  const parsed = url === undefined ? null : URL.parse(url)
  if (!url || !parsed) return { detail }
  const { hostname, port } = parsed
  // Of a URL's host nothing is left that a shell would read as a command.
  const name = hostname.replace(/[^A-Za-z0-9.:[\]-]/g, '')
  return { detail, url, openssl: `openssl s_client -connect ${name}:${port || '443'} -servername ${name} </dev/null` }
}
