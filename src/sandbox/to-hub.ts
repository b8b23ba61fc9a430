import { type Answer, letGo, type Message } from '../hub/message.ts'
import type { Now } from '../hub/ports.ts'
import { header } from '../ocpi/headers.ts'
import { type WireAnswer, type WireRequest, wireAnswer, wireHeaders } from './party/wire.ts'

/** Of a longer answer a sandbox partner reads nothing. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()
const NOTHING = new Uint8Array(0)

/** Sends a request to the hub's partners' face, and gives what the hub answers. Rejects when that ends halfway. */
export type ToHub = (request: WireRequest, correlationId: string) => Promise<WireAnswer>

/** A call of the hub within its process: the same corridor as for one that came over the network. */
export function createToHub(ports: {
  readonly publicUrl: string
  readonly now: Now
  readonly relay: (message: Message) => Promise<Answer>
}): ToHub {
  const { publicUrl, now, relay } = ports

  return async function toHub(request, correlationId) {
    const { url, method, body } = request
    if (!url.startsWith(`${publicUrl}/`)) throw new Error('A sandbox partner calls the hub alone')
    const target = url.slice(publicUrl.length)
    const mark = target.indexOf('?')
    const bytes = body === undefined ? NOTHING : ENCODER.encode(JSON.stringify(body))
    const headers = Object.entries(wireHeaders(request, correlationId)).flat()
    if (body !== undefined) headers.push('content-length', String(bytes.length))
    const answer = await relay({
      method,
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark),
      headers,
      clientAddress: () => '',
      receivedAt: now(),
      readBody: () => ({ kind: 'whole', bytes }),
      onGone: () => () => undefined,
    })
    const text = DECODER.decode(await wholeOf(answer.body))
    return wireAnswer(answer.status, text, (name) => header(answer.headers, name) ?? null)
  }
}

async function wholeOf(body: Answer['body']): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MOST_ANSWER_BYTES) {
      await letGo(body)
      throw new Error(`The answer has more than ${MOST_ANSWER_BYTES} bytes`)
    }
  }
  return join(chunks, size)
}

/** Pieces of bytes as one. */
export function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
