import { areCrumbs, CRUMBS } from '../../ocpi/convert/crumbs.ts'
import { isName, MEMBER_DEPTH, type Member, membersOf, readElements } from '../../ocpi/json-members.ts'
import { COMMA_PIECE, NONE, OPEN_BRACKET, SMALL_N, skipValue } from '../../ocpi/json-skip.ts'
import type { OneConverted } from './convert-object.ts'
import { type Hand, MOST_AHEAD } from './hand.ts'

/** A list with its objects converted, in pieces. */
export type Listed =
  | { readonly kind: 'listed'; readonly pieces: readonly Uint8Array[] }
  /** None of them had to change. */
  | { readonly kind: 'as-it-came' }

type Broken = Extract<OneConverted, { kind: 'broken' }>

/** How deep objects of a list stand in an envelope. */
const LISTED_DEPTH = 2
/** To read and make as much took some milliseconds. */
const TURN_BYTES = 256 * 1024
/** How many times as long as it came a list may become: a Session of 2.1.1 has its Location in it. */
const MOST_TIMES = 8
/** Short ones become longer by more. */
const LEAST_BOUND_BYTES = 1024 * 1024

/** An envelope with its `data`, which may be a list of objects. */
export type Envelope = {
  readonly members: readonly Member[]
  readonly data: Uint8Array
  readonly objects: readonly Uint8Array[] | null
}

/** Null where there is no `data`, or nothing in it. Looks at each byte once. */
export function readEnvelope(bytes: Uint8Array): Envelope | null {
  let objects = null as Uint8Array[] | null
  const members = membersOf(bytes, (nameStart, nameEnd, value) => {
    if (!isName(bytes, nameStart, nameEnd, 'data')) return skipValue(bytes, value, MEMBER_DEPTH)
    objects = null
    if (bytes[value] !== OPEN_BRACKET) return skipValue(bytes, value, MEMBER_DEPTH)
    const found: Uint8Array[] = (objects = [])
    return readElements(bytes, value, (start) => {
      const end = skipValue(bytes, start, LISTED_DEPTH)
      if (end !== NONE) found.push(bytes.subarray(start, end))
      return end
    })
  })
  const data = members?.findLast(({ name }) => name === 'data')
  if (!members || data === undefined || bytes[data.start] === SMALL_N) return null
  return { members, data: bytes.subarray(data.start, data.end), objects }
}

/**
 * The objects of a list one after the other. Those that cannot be said are not in it any more. Waits only for what has to be looked up, and for a
 * turn of everybody else where it takes long.
 *
 * @param length of the list, in bytes
 */
export function convertList(
  objects: readonly Uint8Array[],
  length: number,
  hand: Hand,
): Listed | Broken | Promise<Listed | Broken> {
  if (areCrumbs(objects.length, length)) return { kind: 'broken', why: CRUMBS }
  const mostBytes = Math.max(LEAST_BOUND_BYTES, MOST_TIMES * length)
  const pieces: Uint8Array[] = []
  let bytes = 0
  let sinceTurn = 0
  let isAsItCame = true
  /** Behind the last object that was looked ahead at. */
  let ready = 0

  function convertFrom(first: number): Listed | Broken | Promise<Listed | Broken> {
    for (let i = first; i < objects.length; i++) {
      if (i === ready) {
        const looking = hand.ahead(objects.slice(i, i + MOST_AHEAD))
        if (looking instanceof Promise) return looking.then((count) => goOn(i, i + count))
        ready = i + looking
      }
      const object = objects[i] as Uint8Array
      const converted = hand.convert(object)
      if (converted.kind !== 'converted' || converted.bytes !== object) isAsItCame = false
      if (converted.kind === 'converted') {
        pieces.push(pieces.length === 0 ? OPEN : COMMA_PIECE, converted.bytes)
        bytes += converted.bytes.length
        sinceTurn += converted.bytes.length
      }
      if (bytes > mostBytes) return { kind: 'broken', why: 'The list becomes too long' }
      sinceTurn += object.length
      if (sinceTurn < TURN_BYTES) continue
      sinceTurn = 0
      return hand.turn().then(() => goOn(i + 1, ready))
    }
    if (isAsItCame) return { kind: 'as-it-came' }
    pieces.push(...(pieces.length === 0 ? [OPEN, CLOSE] : [CLOSE]))
    return { kind: 'listed', pieces }
  }

  function goOn(from: number, readyTo: number): ReturnType<typeof convertFrom> {
    ready = readyTo
    return convertFrom(from)
  }

  return convertFrom(0)
}

const encoder = new TextEncoder()
const OPEN = encoder.encode('[')
const CLOSE = encoder.encode(']')
