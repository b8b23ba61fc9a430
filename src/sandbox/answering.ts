import { createRateLimit } from '../hub/limits.ts'
import { type ByteStream, letGo } from '../hub/message.ts'
import type { CurrentTable, Platform } from '../hub/network/routing-table.ts'
import { SANDBOX_ORIGIN } from '../hub/network/sandbox.ts'
import type { After, Now, OutboundRequest, Send, SendFailure, SendResult } from '../hub/ports.ts'
import { type Headers as HeaderList, header } from '../ocpi/headers.ts'
import { misbehaving } from './misbehaving.ts'
import { join } from './to-hub.ts'

/** Requests of one partner in a process: each may write to the database, and nobody tries a hub any faster. Beyond them it answers 429. */
const PER_SECOND = 50
/** A longer body is refused with 413. */
const MOST_BODY_BYTES = 262_144

/** What the runtime's own `Request` sets, or has no use for. */
const LEFT_OUT = new Set(['content-length', 'transfer-encoding', 'host', 'connection'])

/**
 * Sends to sandbox partners within the process, and all else as before. A partner answers whoever has its token, which is the hub alone:
 * a URL that leads to its host, but was given by another platform, is called with that platform's token.
 */
export function withSandbox(
  send: Send,
  ports: {
    readonly table: CurrentTable
    readonly after: After
    readonly now: Now
    readonly answer: (platform: Platform, request: Request) => Promise<Response>
  },
): Send {
  const { table, after } = ports
  const perPartner = createRateLimit(PER_SECOND, ports.now)

  async function sendInside(request: OutboundRequest): Promise<SendResult> {
    const [, id = ''] = request.path.split(/[/?]/, 2)
    const platform = table().sandbox?.get(id)
    if (!platform) return failed('unreachable', 'There is no such sandbox partner')
    if (request.mayLeave?.() === false) return failed('aborted', 'it may not leave any more')
    const ended = Promise.withResolvers<SendResult>()
    const withinMs = request.withinMs ?? request.timeoutMs
    const cancel = after(withinMs, () => ended.resolve(failed('timeout', `nothing within ${withinMs} ms`)))
    request.onAbortable?.(() => ended.resolve(failed('aborted', 'the caller went away')))
    answerOf(platform, request).then(ended.resolve, (error: unknown) =>
      ended.resolve(failed('broken-answer', error instanceof Error ? error.message : String(error))),
    )
    return ended.promise.finally(cancel)
  }

  async function answerOf(platform: Platform, request: OutboundRequest): Promise<SendResult> {
    if (header(request.headers, 'authorization') !== platform.authorization()) return refused(401)
    if (perPartner.take(platform.id).kind === 'empty') return refused(429)
    const body = await bodyOf(request.body)
    if (body === 'too-large') return refused(413)
    const asked = new Request(SANDBOX_ORIGIN + request.path, {
      method: request.method,
      headers: headersOf(request.headers),
      ...(body.length > 0 && request.method !== 'GET' && { body }),
    })
    const response = await misbehaving(platform.sandbox ?? 'none', after, () => ports.answer(platform, asked))
    if (response === null) return failed('broken-answer', 'the answer was lost')
    const headers: string[] = []
    response.headers.forEach((value, name) => headers.push(name, value))
    return { kind: 'answer', status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) }
  }

  return (request) => (request.origin === SANDBOX_ORIGIN ? sendInside(request) : send(request))
}

async function bodyOf(body: OutboundRequest['body']): Promise<Uint8Array<ArrayBuffer> | 'too-large'> {
  if (body === null) return new Uint8Array(0)
  if (body instanceof Uint8Array) return body.length > MOST_BODY_BYTES ? 'too-large' : new Uint8Array(body)
  return streamed(body)
}

async function streamed(body: ByteStream): Promise<Uint8Array<ArrayBuffer> | 'too-large'> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MOST_BODY_BYTES) {
      await letGo(body)
      return 'too-large'
    }
    chunks.push(chunk)
  }
  return join(chunks, size)
}

function headersOf(list: HeaderList): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] as string
    if (!LEFT_OUT.has(name.toLowerCase())) headers.append(name, list[i + 1] as string)
  }
  return headers
}

const ENCODER = new TextEncoder()

const WHY_REFUSED = {
  401: [2000, 'Unknown token'],
  413: [2001, `A sandbox partner takes bodies of at most ${MOST_BODY_BYTES} bytes`],
  429: [2000, `A sandbox partner takes ${PER_SECOND} requests a second`],
} as const

function refused(status: keyof typeof WHY_REFUSED): SendResult {
  const [status_code, status_message] = WHY_REFUSED[status]
  const body = ENCODER.encode(JSON.stringify({ status_code, status_message, timestamp: new Date().toISOString() }))
  const headers = ['content-type', 'application/json', ...(status === 429 ? ['retry-after', '1'] : [])]
  return { kind: 'answer', status, headers, body }
}

function failed(why: SendFailure, detail: string): SendResult {
  return { kind: 'failed', why, detail }
}
