import { joined } from '../../ocpi/bytes.ts'
import { answerKind } from '../../ocpi/convert/kind.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import type { ListedObject } from '../../ocpi/json-array.ts'
import { COMMA_PIECE } from '../../ocpi/json-skip.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Carriage } from './carriage.ts'
import { MOST_AHEAD, type TakeInHand } from './hand.ts'
import type { Leg } from './leg.ts'
import { createTally } from './tally.ts'

/** Objects of a source's list: `objects` say where they stand in `bytes`. */
export type ListPiece = {
  readonly bytes: Uint8Array
  readonly objects: readonly ListedObject[]
  /** Objects that are not in it any more since they are not for who asks. @default 0 */
  readonly ofOthers?: number
}

/**
 * Makes of the objects of one source what who asks for all understands. Those that cannot be said are left out, and an object that says
 * not itself whose it is, as none of 2.1.1 does, is its source's. Rejects where what they need cannot be looked up.
 */
export function createTranslateList({ takeInHand }: { readonly takeInHand: TakeInHand }) {
  return async function translateList(
    carriage: Carriage,
    leg: Leg,
    piece: ListPiece,
    mostBytes: number,
  ): Promise<ListPiece> {
    const held = answerKind(carriage.module, 'SENDER', 'GET', '')
    if (held === null || held === 'dropped') return piece
    const hand = takeInHand(carriage, leg, held.kind, createTally(leg, held.kind, true))
    const source = keyOf(carriage.to)
    const pieces: Uint8Array[] = []
    const objects: ListedObject[] = []
    let at = 0
    const listed = piece.objects.map(({ start, end }) => piece.bytes.subarray(start, end))
    for (let next = 0, ready = 0; next < listed.length && at <= mostBytes; next++) {
      if (next === ready) ready += await hand.ahead(listed.slice(next, next + MOST_AHEAD))
      const converted = hand.convert(listed[next] as Uint8Array)
      if (converted.kind !== 'converted') continue
      const { bytes } = converted
      const owner = piece.objects[next]?.owner ?? (leg.from === VERSION_211 ? source : null)
      objects.push({ start: at, end: at + bytes.length, owner })
      pieces.push(bytes, COMMA_PIECE)
      at += bytes.length + COMMA_PIECE.length
    }
    return { bytes: joined(pieces), objects }
  }
}
