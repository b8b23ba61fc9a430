import { joined } from '../../ocpi/bytes.ts'
import type { ListedObject } from '../../ocpi/json-array.ts'
import { COMMA_PIECE } from '../../ocpi/json-skip.ts'
import type { Platform } from '../network/routing-table.ts'
import type { AtEdge } from './edge-objects.ts'
import type { ListPiece } from './translate-list.ts'

/** No more than the objects of a piece: of one text there may be many pieces. */
export function textOf({ bytes, objects }: ListPiece): Uint8Array {
  return bytes.subarray(objects[0]?.start ?? 0, objects.at(-1)?.end ?? 0)
}

/** The objects of a piece that pass, as they do; of this owner where there is a `source`. */
export function pieceOf(
  piece: ListPiece,
  through: (object: Uint8Array) => AtEdge,
  source: Platform['parties'][number]['key'] | null,
): ListPiece {
  const pieces: Uint8Array[] = []
  const kept: ListedObject[] = []
  let at = 0
  for (const { start, end, owner } of piece.objects) {
    const passed = through(piece.bytes.subarray(start, end))
    if (passed.kind === 'left-out') continue
    kept.push({ start: at, end: at + passed.bytes.length, owner: source ?? owner })
    pieces.push(passed.bytes, COMMA_PIECE)
    at += passed.bytes.length + COMMA_PIECE.length
  }
  return { bytes: joined(pieces), objects: kept }
}
