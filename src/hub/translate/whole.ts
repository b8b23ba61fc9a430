import { joined } from '../../ocpi/bytes.ts'
import type { ByteStream } from '../message.ts'

/** A stream read to its end; null when it is more than `limitBytes`, then it is ended. */
export async function wholeOf(stream: ByteStream, limitBytes: number): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of stream) {
    size += piece.length
    if (size > limitBytes) return null
    pieces.push(piece)
  }
  return joined(pieces)
}
