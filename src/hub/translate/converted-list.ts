import type { DataConversion } from '../../ocpi/convert/list.ts'
import { convertData, convertWholeData } from '../../ocpi/convert/list.ts'
import type { ByteStream } from '../message.ts'
import type { Hand } from './hand.ts'

/**
 * A list converted object by object as it is taken: who takes it slowly holds its sender back. Objects that cannot be said are not in it any
 * more. Fails where it is no JSON, or what its objects need cannot be looked up; what went out of it by then is no whole envelope.
 *
 * @param to the version that it is converted to
 * @param isBare as in `DataConversion`
 */
export function convertedStream(stream: ByteStream, to: string, hand: Hand, isBare = false): ByteStream {
  const source = stream[Symbol.asyncIterator]()
  const made = convertData({ [Symbol.asyncIterator]: () => source }, conversionBy(to, hand, isBare))
  // An iterator, not the generator: one that nobody begins to read would not end its source.
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => made.next(),
    async return() {
      // Both at once: the generator ends no sooner than what it waits for has come, and a source that is still is never done.
      await Promise.all([source.return?.(), made.return()])
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** As `convertedStream`, of a whole body; null where it is no JSON. */
export function convertedWhole(body: Uint8Array, to: string, hand: Hand, isBare = false): Promise<Uint8Array | null> {
  return convertWholeData(body, conversionBy(to, hand, isBare))
}

function conversionBy(to: string, hand: Hand, isBare: boolean): DataConversion {
  return {
    ...{ to, isBare, ahead: hand.ahead, broken: hand.unread, turn: hand.turn },
    convert(object) {
      const converted = hand.convert(object)
      return converted.kind === 'converted' ? converted.bytes : null
    },
  }
}
