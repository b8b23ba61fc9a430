import { pipeline, Readable } from 'node:stream'
import type { Room } from '../../hub/limits.ts'
import type { ByteStream } from '../../hub/message.ts'
import type { InflateStream, NoteBound } from '../../hub/ports.ts'
import { inflaterOf, isKnownCoding, PIECE_BYTES } from './inflate.ts'

const KB = 1024

/** What inflating holds while a stream lasts: a window and a few pieces. The window of br is as large as its sender wants, up to 16 MB. */
const HELD_BYTES = { br: 16 * KB * KB + 4 * PIECE_BYTES, other: 32 * KB + 4 * PIECE_BYTES } as const

/** @param room for inflated bytes in hand, by platform */
export function createStreamInflater(ports: { readonly room: Room; readonly noteBound: NoteBound }): InflateStream {
  const { room, noteBound } = ports

  return function inflateStream({ encoding, stream, platformId }) {
    const name = encoding.trim().toLowerCase()
    if (!isKnownCoding(name)) return 'unreadable'
    const held = name === 'br' ? HELD_BYTES.br : HELD_BYTES.other
    if (!room.take(platformId, held)) {
      noteBound('inflated-bytes')
      return 'no-room'
    }
    return inflated(name, stream, () => room.give(platformId, held))
  }
}

/** An iterator, not a generator: one that nobody begins to read would not clean up. */
function inflated(name: string, stream: ByteStream, giveBack: () => void): ByteStream {
  const source = stream[Symbol.asyncIterator]()
  let plain: AsyncIterator<Uint8Array> | null = null
  let isHeld = true

  function end(): void {
    if (isHeld) giveBack()
    isHeld = false
  }

  async function open(): Promise<AsyncIterator<Uint8Array>> {
    const first = await source.next()
    const beginning = first.done ? new Uint8Array(0) : first.value
    const transform = inflaterOf(name, beginning).open({ chunkSize: PIECE_BYTES })
    // Ends the one with the other, whichever fails or is let go; who reads is told of it.
    pipeline(Readable.from(resumed(beginning, source)), transform, () => undefined)
    return transform[Symbol.asyncIterator]()
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        plain ??= await open()
        const next = await plain.next()
        if (next.done) end()
        return next
      } catch (error) {
        end()
        void source.return?.()
        throw error
      }
    },
    async return() {
      end()
      // Both at once: what is inflated ends no sooner than what it waits for has come, and a source that is still is never done.
      await Promise.all([source.return?.(), plain?.return?.()])
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function* resumed(beginning: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield beginning
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
