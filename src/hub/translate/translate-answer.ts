import type { Kind, Remark } from '../../ocpi/convert/conversion.ts'
import { envelopeFor, statusFor } from '../../ocpi/convert/envelope-codes.ts'
import { answerKind } from '../../ocpi/convert/kind.ts'
import { type GivenValue, jsonString, withMembers } from '../../ocpi/json-edit.ts'
import { type Member, membersOf, readString } from '../../ocpi/json-members.ts'
import type { ByteStream } from '../message.ts'
import type { Carriage } from './carriage.ts'
import type { OneConverted } from './convert-object.ts'
import { convertedStream } from './converted-list.ts'
import { type Hand, NOT_LOOKED_UP, NotLookedUp, type TakeInHand } from './hand.ts'
import type { Leg } from './leg.ts'
import { convertList, type Envelope, type Listed, readEnvelope } from './listed.ts'
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
      /** For the message log, too. */
      readonly remarks: readonly Remark[]
    }
  /** The one object that was asked for cannot be said in the caller's version. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** Nobody gets it. */
  | { readonly kind: 'failed'; readonly why: string }

const SAME: TranslatedAnswer = { kind: 'same' }

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
    const { data, objects } = envelope
    const tally = createTally(leg, kind, objects !== null)
    const hand = takeInHand(carriage, leg, kind, tally)
    const conclude = (converted: OneConverted | Listed) => concluded(way, bytes, envelope, tally, converted)
    const converting = objects === null ? convertAlone(data, hand) : convertList(objects, data.length, hand)
    return converting instanceof Promise ? converting.then(conclude, notLookedUp) : conclude(converting)
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
      return { kind: 'translated', body: convertedStream(body, leg.to, hand), ocpiStatus, conversion, remarks: [] }
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

function isSuccess({ status, ocpiStatus }: ReceivedAnswer): boolean {
  return status >= 200 && status <= 299 && (ocpiStatus === null || (ocpiStatus >= 1000 && ocpiStatus <= 1999))
}

function inCodesOf({ leg, ocpiStatus }: Way, bytes: Uint8Array): TranslatedAnswer {
  const body = envelopeFor(bytes, leg.to)
  if (body === bytes || ocpiStatus === null) return SAME
  return { kind: 'translated', body, ocpiStatus: statusFor(ocpiStatus, leg.to).code, conversion: null, remarks: [] }
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
  tally: Tally | null,
  members?: readonly Member[],
): TranslatedAnswer {
  const body = withMembers(bytes, given, members)
  if (!body) return failed('The answer is no JSON object')
  return { kind: 'translated', body, ocpiStatus, conversion: tally?.inWords() ?? null, remarks: tally?.remarks() ?? [] }
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

function convertAlone(object: Uint8Array, hand: Hand): OneConverted | Promise<OneConverted> {
  const looking = hand.ahead([object])
  return looking instanceof Promise ? looking.then(() => hand.convert(object)) : hand.convert(object)
}

/** The answer with what came of its `data`. */
function concluded(
  way: Way,
  bytes: Uint8Array,
  { members, data }: Envelope,
  tally: Tally,
  converted: OneConverted | Listed,
): TranslatedAnswer {
  if (converted.kind === 'withheld') return converted
  const made = madeOf(converted, data)
  if (made === null) return failed('why' in converted ? converted.why : 'It is part of an object')
  const own = way.carriage.caller.conversion?.tellsLosses === true ? tally.losses() : null
  const said = [way.losses, own].filter((each) => each !== null).join('; ')
  return edited(way, bytes, { data: made, ...added(bytes, said) }, tally, members)
}

function madeOf(converted: OneConverted | Listed, data: Uint8Array): GivenValue {
  switch (converted.kind) {
    case 'converted':
      return converted.bytes
    case 'listed':
      return converted.pieces
    case 'as-it-came':
      return data
    default:
      return null
  }
}

function failed(why: string): TranslatedAnswer {
  return { kind: 'failed', why }
}

function notLookedUp(error: unknown): TranslatedAnswer {
  if (error instanceof NotLookedUp) return NOT_LOOKED_UP
  throw error
}
