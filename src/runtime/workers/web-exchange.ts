import type { Answer, Message, ReadBody } from '../../hub/message.ts'
import { isSingle } from '../../ocpi/headers.ts'
import { splitTarget } from '../shared/request-target.ts'
import type { StreamLimits } from '../shared/stream-limits.ts'
import { readAhead, restOfStream, webStream } from './web-stream.ts'

/**
 * A partner's request where the runtime gives the web's Request. The target is taken from the URL's text, never from a URL
 * object, which would spell it anew; what stands in front of the Worker may have done that before.
 */
export function readWebMessage(
  request: Request,
  clientAddress: () => string,
  now: number,
  limits: StreamLimits,
): Message {
  const headers: string[] = []
  request.headers.forEach((value, name) => {
    // The runtime joins headers of one name.
    for (const one of isSingle(name) ? value.split(', ') : [value]) headers.push(name, one)
  })
  // The runtime keeps what concerns the connection to itself, and without it nothing says that there is a body.
  if (request.body && !request.headers.has('content-length')) headers.push('transfer-encoding', 'chunked')
  return {
    method: request.method,
    ...splitTarget(request.url),
    headers,
    clientAddress,
    receivedAt: now,
    readBody: (bufferBytes) => readWebBody(request, bufferBytes, limits),
    onGone(callback) {
      request.signal.addEventListener('abort', callback, { once: true })
      return () => request.signal.removeEventListener('abort', callback)
    },
  }
}

async function readWebBody({ body }: Request, bufferBytes: number, limits: StreamLimits): Promise<ReadBody> {
  if (!body) return { kind: 'whole', bytes: new Uint8Array(0) }
  const reader = body.getReader()
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    void reader.cancel().catch(() => undefined)
  }, limits.idleMs)
  try {
    const read = await readAhead(reader, bufferBytes)
    // A cancelled stream ends as if it were complete.
    if (isLate) return { kind: 'broken' }
    if (read.kind === 'whole') return read
    return { kind: 'stream', stream: restOfStream(read.chunks, reader, limits) }
  } catch {
    return { kind: 'broken' }
  } finally {
    clearTimeout(late)
  }
}

/** Statuses whose answers have no body, and must not be given an empty one either [Fetch: null body status]. */
const WITHOUT_BODY = new Set([101, 204, 205, 304])

/** The answer as the web's Response. A stream that fails ends the connection, since its status has gone out already. */
export function writeWebAnswer(answer: Answer, method: string): Response {
  const headers = new Headers()
  for (let i = 0; i + 1 < answer.headers.length; i += 2) {
    headers.append(answer.headers[i] as string, answer.headers[i + 1] as string)
  }
  // Bodies are as their Content-Encoding says already; Workers would compress them once more.
  const init = { status: answer.status, headers, encodeBody: 'manual' as const }
  if (WITHOUT_BODY.has(answer.status) || method === 'HEAD') return new Response(null, init)
  if (answer.body instanceof Uint8Array) return new Response(answer.body as Uint8Array<ArrayBuffer>, init)
  return new Response(webStream(answer.body), init)
}
