import { joined } from '../../ocpi/bytes.ts'
import { answerKind } from '../../ocpi/convert/kind.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import type { ListedObject } from '../../ocpi/json-array.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Carriage } from './carriage.ts'
import type { TakeInHand } from './hand.ts'
import type { Leg } from './leg.ts'
import { createTally } from './tally.ts'

/** Objects of a source's list: `objects` say where they stand in `bytes`. */
export type ListPiece = {
  readonly bytes: Uint8Array
  readonly objects: readonly ListedObject[]
  /** Objects that are not in it any more since they are not for who asks. @default 0 */
  readonly ofOthers?: number
}

const COMMA = Uint8Array.of(0x2c)

/**
 * Makes of the objects of one source what who asks for all understands. Those that cannot be said are left out, and an object that says
 * not itself whose it is, as none of 2.1.1 does, is its source's.
 */
export function createTranslateList({ takeInHand }: { readonly takeInHand: TakeInHand }) {
  return async function translateList(carriage: Carriage, leg: Leg, piece: ListPiece): Promise<ListPiece> {
    const held = answerKind(carriage.module, 'SENDER', 'GET', '')
    if (held === null || held === 'dropped') return piece
    const hand = takeInHand(carriage, leg, held.kind, createTally(leg, held.kind, true))
    const source = keyOf(carriage.to)
    const pieces: Uint8Array[] = []
    const objects: ListedObject[] = []
    let at = 0
    for (const { start, end, owner } of piece.objects) {
      const converting = hand.convert(piece.bytes.subarray(start, end))
      const converted = converting instanceof Promise ? await converting : converting
      if (converted.kind !== 'converted') continue
      const { bytes } = converted
      objects.push({ start: at, end: at + bytes.length, owner: owner ?? (leg.from === VERSION_211 ? source : null) })
      pieces.push(bytes, COMMA)
      at += bytes.length + COMMA.length
    }
    return { bytes: joined(pieces), objects }
  }
}
