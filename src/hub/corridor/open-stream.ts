import { joined } from '../../ocpi/bytes.ts'
import { beginsObject, isBlank } from '../../ocpi/envelope.ts'
import type { Headers } from '../../ocpi/headers.ts'
import type { ByteStream } from '../message.ts'
import type { Inflate } from '../ports.ts'
import { inflatedBeginning } from './inflated.ts'

/**
 * What a look at the beginning of a body that streams found: the stream again from its first byte, or what it began with, once
 * it is ended. `beginning` is inflated where it came compressed; null when it broke off or is not what its headers say.
 */
export type OpenedStream =
  | { readonly kind: 'passes'; readonly stream: ByteStream }
  | { readonly kind: 'stopped'; readonly beginning: Uint8Array | null }

/** A byte order mark and a byte, which every JSON text that is larger than the buffer has. */
const ENOUGH_BYTES = 4
/** White space beyond this begins no JSON that a partner makes. */
const MOST_SPACE_BYTES = 65_536

/**
 * Lets a stream pass by how it begins: up to its first byte that is no white space, since more is not read of what streams.
 * Content-Type has no say, as for a body that is read whole.
 *
 * @param mayPass gets the beginning as in `OpenedStream`
 * @param onEnd called at the end, a failure or when the stream is let go
 */
export async function openStream(
  headers: Headers,
  body: ByteStream,
  inflate: Inflate,
  mayPass: (beginning: Uint8Array | null) => boolean,
  onEnd: () => void = () => {},
): Promise<OpenedStream> {
  const iterator = body[Symbol.asyncIterator]()
  try {
    const first = await readBeginning(iterator)
    const inflating = inflatedBeginning(headers, first, inflate)
    const beginning = inflating instanceof Promise ? await inflating : inflating
    if (mayPass(beginning)) return { kind: 'passes', stream: resume(first, iterator, onEnd) }
    await iterator.return?.()
    return { kind: 'stopped', beginning }
  } catch {
    return { kind: 'stopped', beginning: null }
  }
}

/** Whether an answer may be an envelope. Of what is compressed the beginning may not be enough to tell. */
export function beginsEnvelope(beginning: Uint8Array | null): boolean {
  return beginning !== null && (beginning.length === 0 || beginsObject(beginning))
}

async function readBeginning(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let beginning: Uint8Array = new Uint8Array(0)
  while (beginning.length < ENOUGH_BYTES || (isBlank(beginning) && beginning.length < MOST_SPACE_BYTES)) {
    const next = await iterator.next()
    if (next.done) break
    beginning = beginning.length === 0 ? next.value : joined([beginning, next.value])
  }
  return beginning
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
