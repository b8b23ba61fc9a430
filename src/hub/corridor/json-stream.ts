import { firstByteLooksLikeJson } from '../../ocpi/envelope.ts'
import { type Headers, header } from '../../ocpi/headers.ts'
import type { ByteStream } from '../message.ts'
import { encodingOf } from './inflated.ts'

/** Whether Content-Type says JSON, plain or of a `+json` kind, or is not there, which says nothing against it. */
export function isJsonType(headers: Headers): boolean {
  const type = header(headers, 'content-type') ?? ''
  return type === '' || /^\s*(?:application\/(?:[a-z0-9.+-]*\+)?|text\/)json\b/i.test(type)
}

/**
 * Lets a stream pass when its Content-Type and first byte are those of a JSON object or list: more is not read of what
 * streams. Of a compressed stream the first byte says nothing. Any other stream is ended, and null comes back; also for one that
 * breaks off before its first chunk.
 *
 * @param onEnd called once, at the end, a failure or when the stream is let go
 */
export async function openJsonStream(
  headers: Headers,
  body: ByteStream,
  onEnd: () => void = () => {},
): Promise<ByteStream | null> {
  const iterator = body[Symbol.asyncIterator]()
  const isPlain = encodingOf(headers) === null
  try {
    const first = isJsonType(headers) ? await iterator.next() : undefined
    if (first && !first.done && (!isPlain || firstByteLooksLikeJson(first.value))) {
      return resume(first.value, iterator, onEnd)
    }
  } catch {
    return null
  }
  await iterator.return?.()
  return null
}

/** The stream again from its first chunk. An iterator, not a generator: one that nobody begins to read would not clean up. */
function resume(first: Uint8Array, rest: AsyncIterator<Uint8Array>, onEnd: () => void): ByteStream {
  let pending: Uint8Array | null = first
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      if (pending) {
        const value = pending
        pending = null
        return { done: false, value }
      }
      try {
        const next = await rest.next()
        if (next.done) onEnd()
        return next
      } catch (error) {
        onEnd()
        throw error
      }
    },
    async return() {
      onEnd()
      await rest.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
