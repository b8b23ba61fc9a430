import { freeMemory } from '../free-memory.ts'
import type { After } from '../ports.ts'
import type { Translate } from '../translate/translate.ts'
import { turnsBy } from '../turn.ts'
import type { Crawl } from './crawl.ts'
import { isOthers, type Piece, type SourceQuery } from './source.ts'

/** What was read of a source, in the version of the caller. */
export type ConvertedPieces = {
  readonly pieces: readonly Piece[]
  /** Objects that cannot be said in it, which are in no piece any more. */
  readonly unsaid: number
  readonly isTooLarge: boolean
}

export type ConvertPieces = ReturnType<typeof createConvertPieces>

/** Bytes that are converted at one go: some milliseconds. Then everybody else has a turn. */
const STEP_BYTES = 128 * 1024
/** However short they are. */
const STEP_OBJECTS = 500

/**
 * Converts the objects of a source of another version, some at a time. What is counted of its list, and where it is asked, goes by the
 * objects as they came: of a page of 100 that holds two which cannot be said 98 are given, and the next one begins behind the 100.
 *
 * @param mostBytes with more of them converted it gives up
 */
export function createConvertPieces(ports: { readonly translate: Pick<Translate, 'list'>; readonly after: After }) {
  const { translate, after } = ports
  const turn = turnsBy(after)

  return async function convertPieces(
    { caller, from, module }: Pick<Crawl, 'caller' | 'from' | 'module'>,
    { destination, owners }: Pick<SourceQuery, 'destination' | 'owners'>,
    read: readonly Piece[],
    mostBytes: number,
  ): Promise<ConvertedPieces> {
    const { platform: receiver, party: to } = destination
    const { platform: asks } = caller
    const request = { module, interfaceRole: 'SENDER', method: 'GET', rest: '', query: '', isLed: false } as const
    const carriage = { ...request, version: asks.version, caller: asks, receiver, from, to }
    const pieces: Piece[] = []
    let unsaid = 0
    let bytes = 0
    for (const piece of read) {
      const objects = piece.objects.filter((object) => !isOthers(object, owners))
      for (const step of stepsOf(objects)) {
        const converted = await translate.list(carriage, { bytes: piece.bytes, objects: step }, mostBytes - bytes)
        unsaid += step.length - converted.objects.length - (converted.ofOthers ?? 0)
        bytes += converted.bytes.length
        if (bytes > mostBytes) return { pieces, unsaid, isTooLarge: true }
        if (converted.objects.length > 0) pieces.push(converted)
        await turn()
      }
      freeMemory(piece.bytes)
    }
    return { pieces, unsaid, isTooLarge: false }
  }
}

/** Objects one after the other, of some bytes together. */
function stepsOf(objects: Piece['objects']): Piece['objects'][] {
  const steps: Piece['objects'][] = []
  let begin = 0
  let bytes = 0
  for (const [index, { start, end }] of objects.entries()) {
    bytes += end - start
    const isFull = bytes >= STEP_BYTES || index + 1 - begin >= STEP_OBJECTS
    if (!isFull && index < objects.length - 1) continue
    steps.push(objects.slice(begin, index + 1))
    begin = index + 1
    bytes = 0
  }
  return steps
}
