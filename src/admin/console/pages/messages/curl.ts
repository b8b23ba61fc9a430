import type { MessageDetail } from '../../views.ts'

/** What curl makes by itself, or would only be true of the one connection. */
const LEFT_OUT =
  /^(?:authorization|host|connection|content-length|transfer-encoding|accept-encoding|expect|te|upgrade|keep-alive)$/i
const REDACTED = '[redacted]'
/** What a shell shows without being told to do something. */
const PRINTABLE = /^[^\p{Cc}]*$/u

/**
 * The request as a command for a shell, without its token, which nobody kept.
 *
 * @param publicUrl of the hub, which a request that came to it goes to again
 */
export function asCurl(message: MessageDetail, publicUrl: string): string {
  const { kind, method, path, forwarded_url, request, correlation_id, request_id, forwarded_request_id } = message
  const isOwnCall = kind === 'delivery' || kind === 'hub-call' || kind === 'check'
  const url = isOwnCall ? (forwarded_url ?? path) : new URL(publicUrl).origin + path
  const ids = [
    ['X-Request-ID', isOwnCall ? (forwarded_request_id ?? request_id) : request_id],
    ['X-Correlation-ID', correlation_id],
  ] as const
  const given = (request.headers ?? []).filter(
    ({ name, value }) => !LEFT_OUT.test(name) && value !== REDACTED && PRINTABLE.test(name + value),
  )
  const names = new Set(given.map(({ name }) => name.toLowerCase()))
  const headers = [
    ...given,
    ...ids.filter(([name]) => !names.has(name.toLowerCase())).map(([name, value]) => ({ name, value })),
  ]
  return [
    `curl --globoff --request ${quoted(method)} ${quoted(url)}`,
    `--header "Authorization: Token $TOKEN"`,
    ...headers.map(({ name, value }) => `--header ${quoted(`${name}: ${value}`)}`),
    ...bodyOf((isOwnCall && message.converted?.request) || request),
  ].join(' \\\n  ')
}

function bodyOf({ body, body_encoding, body_is_cut }: Omit<MessageDetail['request'], 'headers'>): string[] {
  if (body === null) return []
  // Of `--data-binary` and `@` at the beginning curl would send a file of whoever pastes this.
  const isText = body_encoding === 'utf-8' && !body_is_cut && PRINTABLE.test(body.replace(/[\n\t]/g, ''))
  return [isText ? `--data-raw ${quoted(body)}` : '--data-binary @body']
}

/** As one word of a shell, whatever stands in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
