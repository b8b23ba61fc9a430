import { joined } from '../../ocpi/bytes.ts'
import { beginsObject, isBlank } from '../../ocpi/envelope.ts'
import type { Headers } from '../../ocpi/headers.ts'
import type { ByteStream } from '../message.ts'
import type { Inflate, Now } from '../ports.ts'
import { inflatedBeginning } from './inflated.ts'
import { createSpeedometer, type LeastSpeed } from './least-speed.ts'

/**
 * What a look at the beginning of a body that streams found: the stream again from its first byte, or what it began with, once
 * it is ended. `beginning` is inflated where it came compressed; null when it broke off or is not what its headers say.
 */
export type OpenedStream =
  | { readonly kind: 'passes'; readonly stream: ByteStream }
  | { readonly kind: 'stopped'; readonly beginning: Uint8Array | null }

/** Who made a stream too slow: who sends it, or who takes it. */
export type SlowSide = 'sender' | 'taker'

/** How a stream that passes is watched. */
export type StreamWatch = {
  readonly least: LeastSpeed
  readonly now: Now
  /** Called before the stream fails for it. */
  readonly onSlow: (side: SlowSide) => void
  /** Called at the end, a failure or when the stream is let go. */
  readonly onEnd: () => void
}

/** A byte order mark and a byte, which every JSON text that is larger than the buffer has. */
const ENOUGH_BYTES = 4
/** White space beyond this begins no JSON that a partner makes. */
const MOST_SPACE_BYTES = 65_536

/**
 * Lets a stream pass by how it begins: up to its first byte that is no white space, since more is not read of what streams.
 * Content-Type has no say, as for a body that is read whole.
 *
 * @param platformId whose body it is
 * @param mayPass gets the beginning as in `OpenedStream`
 */
export async function openStream(
  headers: Headers,
  body: ByteStream,
  inflate: Inflate,
  platformId: string,
  mayPass: (beginning: Uint8Array | null) => boolean,
  watch: StreamWatch,
): Promise<OpenedStream> {
  const iterator = body[Symbol.asyncIterator]()
  try {
    const first = await readBeginning(iterator)
    const inflating = inflatedBeginning(headers, first, inflate, platformId)
    const beginning = inflating instanceof Promise ? await inflating : inflating
    if (mayPass(beginning)) return { kind: 'passes', stream: resume(first, iterator, watch) }
    await iterator.return?.()
    return { kind: 'stopped', beginning }
  } catch {
    return { kind: 'stopped', beginning: null }
  }
}

/** How a stream begins, of which nobody wants more: it is ended. As `beginning` in `OpenedStream`. */
export async function endStream(
  headers: Headers,
  body: ByteStream,
  inflate: Inflate,
  platformId: string,
): Promise<Uint8Array | null> {
  const iterator = body[Symbol.asyncIterator]()
  try {
    return await inflatedBeginning(headers, await readBeginning(iterator), inflate, platformId)
  } catch {
    return null
  } finally {
    void iterator.return?.()?.catch(() => {})
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

/**
 * The stream again from its first chunk, for as long as both sides keep to the least speed. An iterator, not a generator: one that nobody
 * begins to read would not clean up.
 */
function resume(first: Uint8Array, rest: AsyncIterator<Uint8Array>, watch: StreamWatch): ByteStream {
  const { now, onEnd, onSlow } = watch
  const sender = createSpeedometer(watch.least)
  const taker = createSpeedometer(watch.least)
  let pending: Uint8Array | null = first
  let given = { at: now(), bytes: 0 }

  function give(value: Uint8Array): IteratorResult<Uint8Array> {
    given = { at: now(), bytes: value.length }
    return { done: false, value }
  }

  function stop(side: SlowSide): never {
    onSlow(side)
    void rest.return?.()
    throw new Error(`the ${side} of the body is too slow`)
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      if (pending) {
        const value = pending
        pending = null
        return give(value)
      }
      const askedAt = now()
      try {
        if (taker.isTooSlow(askedAt - given.at, given.bytes)) stop('taker')
        const next = await rest.next()
        if (!next.done && sender.isTooSlow(now() - askedAt, next.value.length)) stop('sender')
        if (!next.done) return give(next.value)
        onEnd()
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
