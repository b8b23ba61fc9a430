import { retryAfterMs } from '../../ocpi/retry-after.ts'
import type { MayCall } from '../corridor/hub-urls.ts'
import { LOOP_MARK } from '../message/loop-mark.ts'
import { type ByteStream, letGo } from '../message.ts'
import { OWN_HEADERS } from '../own-headers.ts'
import type { Now, Secrets, Send } from '../ports.ts'
import type { Attempt } from './webhook.ts'

/** What a receiver has for its answer; with a wait until it can be asked it is twice that. */
const TIMEOUT_MS = 10_000
/** Of an answer, what is read at all, and what is kept of it. */
const READ_BYTES = 2_048
const KEPT_CHARACTERS = 300

/** What is sent, and where. */
export type Letter = {
  readonly id: string
  readonly url: string
  readonly body: string
  /** The webhook's secrets that sign: the newest, and for a time the one before. */
  readonly sealedSecrets: readonly string[]
}

export type Tried = Attempt & {
  /** What the receiver asked for. */
  readonly retryAfterMs: number | null
}

/** Signs as Standard Webhooks does: `v1,` and base64. */
export type SignLetter = (
  secret: string,
  letter: { readonly id: string; readonly at: Date; readonly body: string },
) => string

/** Tells one webhook, once. Never rejects. */
export type TryLetter = (letter: Letter) => Promise<Tried>

/** Sends by POST, signed by Standard Webhooks, to whatever address may be called at that moment. */
export function createTryLetter(ports: {
  readonly send: Send
  readonly sign: SignLetter
  readonly open: Secrets['open']
  readonly mayCall: MayCall
  readonly loopMark: string
  readonly now: Now
  /** @default 10_000 */
  readonly timeoutMs?: number
}): TryLetter {
  const { send, sign, open, mayCall, loopMark, now, timeoutMs = TIMEOUT_MS } = ports

  return async function tryLetter({ id, url, body, sealedSecrets }) {
    const at = now()
    const failed = (failure: string): Tried => ({
      ...{ at, ms: Math.max(0, now() - at), status: null, failure, answer: '', retryAfterMs: null },
    })
    const verdict = mayCall(url)
    if (!verdict.ok) return failed(`its URL ${verdict.why}`)
    let signature: string
    try {
      const moment = new Date(at)
      signature = sealedSecrets.map((sealed) => sign(open(sealed), { id, at: moment, body })).join(' ')
    } catch {
      return failed('its secret cannot be opened: make a new one')
    }
    const { origin, pathname, search } = new URL(url)
    const headers = [...OWN_HEADERS, LOOP_MARK, loopMark, 'Content-Type', 'application/json']
    headers.push('webhook-id', id, 'webhook-timestamp', String(Math.floor(at / 1000)), 'webhook-signature', signature)
    const sent = await send({
      origin,
      path: pathname + search,
      method: 'POST',
      headers,
      body: new TextEncoder().encode(body),
      timeoutMs,
      withinMs: 2 * timeoutMs,
      bufferBytes: READ_BYTES,
    })
    if (sent.kind === 'failed') return failed(sent.why === 'timeout' ? `no answer within ${timeoutMs} ms` : sent.detail)
    const isTaken = sent.status >= 200 && sent.status < 300
    return {
      at,
      ms: Math.max(0, now() - at),
      status: sent.status,
      failure: isTaken ? null : `HTTP ${sent.status}`,
      answer: shown(await beginningOf(sent.body)),
      retryAfterMs: isTaken ? null : retryAfterMs(sent.headers, now()),
    }
  }
}

/** The first bytes; the rest is let go. */
async function beginningOf(body: Uint8Array | ByteStream): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body.subarray(0, READ_BYTES)
  try {
    for await (const chunk of body) return chunk.subarray(0, READ_BYTES)
  } catch {
    // It broke off: its status is known all the same.
  } finally {
    await letGo(body).catch(() => undefined)
  }
  return new Uint8Array(0)
}

/** Text for a screen: whatever a terminal or a page would obey, and what looks like a secret, is taken out. */
function shown(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029\ufffd]/gu, '')
    .replaceAll(/whsec_[\w+/=-]*/g, 'whsec_…')
    .trim()
    .slice(0, KEPT_CHARACTERS)
}
