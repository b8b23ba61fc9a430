import type { Kind } from '../../ocpi/convert/conversion.ts'
import { areCrumbs, CRUMBS } from '../../ocpi/convert/crumbs.ts'
import { envelopeFor, statusFor } from '../../ocpi/convert/envelope-codes.ts'
import { answerKind } from '../../ocpi/convert/kind.ts'
import { type GivenValue, jsonString, withMembers } from '../../ocpi/json-edit.ts'
import { isName, MEMBER_DEPTH, type Member, membersOf, readElements, readString } from '../../ocpi/json-members.ts'
import { NONE, OPEN_BRACKET, skipValue } from '../../ocpi/json-skip.ts'
import type { ByteStream } from '../message.ts'
import type { Carriage } from './carriage.ts'
import type { OneConverted } from './convert-object.ts'
import type { Hand, TakeInHand } from './hand.ts'
import type { Leg } from './leg.ts'
import { convertedStream } from './list-stream.ts'
import { createTally, LONGEST_MESSAGE, type Tally } from './tally.ts'
import { wholeOf } from './whole.ts'

/** An answer as its receiver gave it, inflated. */
export type ReceivedAnswer = {
  readonly status: number
  /** Null where the body streams, or names none. */
  readonly ocpiStatus: number | null
  readonly body: Uint8Array | ByteStream
}

export type TranslatedAnswer =
  /** It goes on as it came. */
  | { readonly kind: 'same' }
  | {
      readonly kind: 'translated'
      readonly body: Uint8Array | ByteStream
      readonly ocpiStatus: number | null
      /** For the message log; null where no object was converted. Of a list that streams it is not known yet what comes of it. */
      readonly conversion: string | null
    }
  /** The one object that was asked for cannot be said in the caller's version. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** Nobody gets it. */
  | { readonly kind: 'failed'; readonly why: string }

const SAME: TranslatedAnswer = { kind: 'same' }

/** How deep objects of a list stand in an envelope. */
const LISTED_DEPTH = 2

/** Makes of an answer what its caller understands. */
export function createTranslateAnswer(ports: {
  readonly takeInHand: TakeInHand
  /** A list may stream; anything else has to be no larger than this. */
  readonly bufferBytes: number
}) {
  const { takeInHand, bufferBytes } = ports

  /** An answer whose `data` holds what differs between the versions, as an object or as a list of them. */
  function convertData(way: Way, bytes: Uint8Array, kind: Kind): TranslatedAnswer | Promise<TranslatedAnswer> {
    const { carriage, leg } = way
    const envelope = readEnvelope(bytes)
    if (envelope === null) return told(way, bytes)
    const { members, data, objects } = envelope
    const tally = createTally(leg, kind, objects !== null)
    const hand = takeInHand(carriage, leg, kind, tally)
    const converting = objects === null ? hand.convert(data) : convertList(objects, data.length, hand)
    const conclude = (converted: OneConverted | Listed) => concluded(way, bytes, members, tally, converted)
    return converting instanceof Promise ? converting.then(conclude) : conclude(converting)
  }

  /**
   * Of what is no success only the code is carried over. `data` of which nobody knows what it is stays behind: it is in the
   * words of another version.
   */
  return function translateAnswer(
    carriage: Carriage,
    leg: Leg,
    answer: ReceivedAnswer,
    losses: string | null,
  ): TranslatedAnswer | Promise<TranslatedAnswer> {
    const { body, ocpiStatus } = answer
    const way = { carriage, leg, ocpiStatus, losses }
    if (!isSuccess(answer)) return body instanceof Uint8Array ? inCodesOf(way, body) : SAME
    const held = answerKind(carriage.module, carriage.interfaceRole, carriage.method, carriage.rest)
    if (held === null && losses === null) return SAME
    if (held !== null && held !== 'dropped' && held.isList && !(body instanceof Uint8Array)) {
      const hand = takeInHand(carriage, leg, held.kind, createTally(leg, held.kind, true))
      const conversion = `${leg.from} to ${leg.to}, list of ${held.kind}`
      return { kind: 'translated', body: convertedStream(body, leg.to, hand), ocpiStatus, conversion }
    }
    const go = (bytes: Uint8Array) => {
      if (held === null) return told(way, bytes)
      return held === 'dropped' ? withoutData(way, bytes) : convertData(way, bytes, held.kind)
    }
    if (body instanceof Uint8Array) return go(body)
    return wholeOf(body, bufferBytes).then((bytes) =>
      bytes === null ? failed(`The answer is larger than ${bufferBytes} bytes`) : go(bytes),
    )
  }
}

/** An answer on its way back. */
type Way = {
  readonly carriage: Carriage
  readonly leg: Leg
  readonly ocpiStatus: number | null
  /** What of the request was lost, for the caller; null where it is not to be told. */
  readonly losses: string | null
}

/** `null` begins with it, and no other value does. */
const SMALL_N = 0x6e

function isSuccess({ status, ocpiStatus }: ReceivedAnswer): boolean {
  return status >= 200 && status <= 299 && (ocpiStatus === null || (ocpiStatus >= 1000 && ocpiStatus <= 1999))
}

function inCodesOf({ leg, ocpiStatus }: Way, bytes: Uint8Array): TranslatedAnswer {
  const body = envelopeFor(bytes, leg.to)
  if (body === bytes || ocpiStatus === null) return SAME
  return { kind: 'translated', body, ocpiStatus: statusFor(ocpiStatus, leg.to).code, conversion: null }
}

function withoutData(way: Way, bytes: Uint8Array): TranslatedAnswer {
  const hasData = membersOf(bytes)?.some(({ name }) => name === 'data') === true
  return hasData ? edited(way, bytes, { data: null, ...added(bytes, way.losses) }, null) : told(way, bytes)
}

/** An answer in which nothing is to be converted. */
function told(way: Way, bytes: Uint8Array): TranslatedAnswer {
  return way.losses === null ? SAME : edited(way, bytes, added(bytes, way.losses), null)
}

function edited(
  { ocpiStatus }: Way,
  bytes: Uint8Array,
  given: Readonly<Record<string, GivenValue>>,
  conversion: string | null,
  members?: readonly Member[],
): TranslatedAnswer {
  const body = withMembers(bytes, given, members)
  return body ? { kind: 'translated', body, ocpiStatus, conversion } : failed('The answer is no JSON object')
}

/** The `status_message` with something added to it; nothing to be edited where there is nothing to add. */
function added(bytes: Uint8Array, said: string | null): { readonly status_message?: Uint8Array } {
  if (!said) return {}
  const message = [messageIn(bytes), said].filter((each) => each !== '').join('; ')
  return { status_message: jsonString(message.slice(0, LONGEST_MESSAGE)) }
}

function messageIn(bytes: Uint8Array): string {
  const member = membersOf(bytes)?.findLast(({ name }) => name === 'status_message')
  return (member && readString(bytes, member.start)) ?? ''
}

/** An envelope with its `data`, which may be a list of objects. */
type Envelope = {
  readonly members: readonly Member[]
  readonly data: Uint8Array
  readonly objects: readonly Uint8Array[] | null
}

/** Null where there is no `data`, or nothing in it. Looks at each byte once. */
function readEnvelope(bytes: Uint8Array): Envelope | null {
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

/** A list with its objects converted, in pieces. */
type Listed = { readonly kind: 'listed'; readonly pieces: readonly Uint8Array[] }

/** The list that a JSON text is, object by object. Those that cannot be said are not in it any more. */
function convertList(
  objects: readonly Uint8Array[],
  bytes: number,
  hand: Hand,
): OneConverted | Listed | Promise<OneConverted | Listed> {
  if (areCrumbs(objects.length, bytes)) return { kind: 'broken', why: CRUMBS }
  const pieces: Uint8Array[] = []

  function add(converted: OneConverted): void {
    if (converted.kind === 'converted') pieces.push(pieces.length === 0 ? OPEN : COMMA, converted.bytes)
  }

  /** Waits only for an object that something has to be looked up for. */
  function convertFrom(first: number): Listed | Promise<Listed> {
    for (let i = first; i < objects.length; i++) {
      const converting = hand.convert(objects[i] as Uint8Array)
      if (converting instanceof Promise) {
        return converting.then((converted) => {
          add(converted)
          return convertFrom(i + 1)
        })
      }
      add(converting)
    }
    pieces.push(...(pieces.length === 0 ? [OPEN, CLOSE] : [CLOSE]))
    return { kind: 'listed', pieces }
  }

  return convertFrom(0)
}

/** The answer with what came of its `data`. */
function concluded(
  way: Way,
  bytes: Uint8Array,
  members: readonly Member[],
  tally: Tally,
  converted: OneConverted | Listed,
): TranslatedAnswer {
  if (converted.kind === 'withheld') return converted
  if (converted.kind !== 'converted' && converted.kind !== 'listed')
    return failed('why' in converted ? converted.why : 'It is part of an object')
  const own = way.carriage.caller.conversion?.tellsLosses === true ? tally.losses() : null
  const said = [way.losses, own].filter((each) => each !== null).join('; ')
  const data = converted.kind === 'listed' ? converted.pieces : converted.bytes
  return edited(way, bytes, { data, ...added(bytes, said) }, tally.inWords(), members)
}

const encoder = new TextEncoder()
const OPEN = encoder.encode('[')
const COMMA = encoder.encode(',')
const CLOSE = encoder.encode(']')

function failed(why: string): TranslatedAnswer {
  return { kind: 'failed', why }
}
