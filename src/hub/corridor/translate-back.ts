import type { Headers } from '../../ocpi/headers.ts'
import type { Refusal } from '../message/refusal.ts'
import { ALIKE, legBodyOf } from '../message/second-leg.ts'
import { type ByteStream, letGo, streamOf } from '../message.ts'
import type { Inflate, Inflated, InflateStream } from '../ports.ts'
import type { Carriage } from '../translate/carriage.ts'
import type { Translate } from '../translate/translate.ts'
import type { TranslatedAnswer } from '../translate/translate-answer.ts'
import type { Forwarded } from './forward.ts'
import { encodingOf, inflated } from './inflated.ts'
import type { Trip } from './trip.ts'

export type TranslateBackPorts = {
  readonly translate: Translate
  readonly inflate: Inflate
  readonly inflateStream: InflateStream
  readonly limits: { readonly bufferBytes: number }
}

type Answered = Extract<Forwarded, { kind: 'answered' }>

/** A body as it was before it was compressed, or why it cannot be had. `letGo` as in `Inflated`. */
type Plain =
  | { readonly kind: 'plain'; readonly body: Uint8Array | ByteStream; readonly letGo?: () => void }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Makes of a receiver's answer what its caller understands, or refuses it: never does it go on as it came where it should not. */
export function createTranslateBack(ports: TranslateBackPorts) {
  const { translate, inflate, inflateStream, limits } = ports

  return async function translateBack(
    trip: Trip,
    carriage: Carriage,
    forwarded: Forwarded,
    losses: string | null,
  ): Promise<Forwarded> {
    if (forwarded.kind === 'refused') return forwarded
    const { status, ocpiStatus } = forwarded
    const reading = plainOf(carriage, forwarded)
    const plain = reading instanceof Promise ? await reading : reading
    if (plain.kind === 'refused') return instead(forwarded, plain.refusal)
    try {
      const translating = translate.answer(carriage, { status, ocpiStatus, body: plain.body }, losses)
      const answer = translating instanceof Promise ? await translating : translating
      switch (answer.kind) {
        case 'same':
          // A stream that was inflated cannot be had as it came any more.
          return plain.body instanceof Uint8Array || plain.body === forwarded.body
            ? forwarded
            : remade(forwarded, plain.body)
        case 'translated':
          if (answer.conversion !== null) trip.exchange.conversion = answer.conversion
          noteLeg(trip, plain.body, answer)
          return { ...remade(forwarded, answer.body), ocpiStatus: answer.ocpiStatus }
        case 'withheld':
          noteOutcome(trip, carriage, 'withheld')
          return instead(forwarded, { kind: 'withheld', status: 404, detail: answer.why })
        case 'failed':
          await letGo(plain.body)
          noteOutcome(trip, carriage, 'failed')
          return instead(forwarded, { kind: 'hub-failure', detail: answer.why })
      }
    } catch {
      // It broke off while it was read, or something was in it that nobody foresaw: what came of it so far nobody gets.
      void letGo(plain.body).catch(() => undefined)
      noteOutcome(trip, carriage, 'failed')
      return instead(forwarded, UNREADABLE.refusal)
    } finally {
      plain.letGo?.()
    }
  }

  function plainOf({ receiver }: Carriage, { headers, body }: Answered): Plain | Promise<Plain> {
    const platformId = receiver.id
    if (!(body instanceof Uint8Array)) return streamed(headers, body, platformId)
    const inflating = inflated(headers, body, inflate, platformId, limits.bufferBytes)
    if (!(inflating instanceof Promise)) return { kind: 'plain', body: inflating }
    return inflating.then((found) => wholeOr(found, headers, body, platformId))
  }

  function wholeOr(found: Inflated, headers: Headers, body: Uint8Array, platformId: string): Plain {
    switch (found.kind) {
      case 'whole':
        return { kind: 'plain', body: found.bytes, letGo: found.letGo }
      case 'more':
        return streamed(headers, streamOf(body), platformId)
      case 'no-room':
        return NO_ROOM
      case 'late':
      case 'unreadable':
        return UNREADABLE
    }
  }

  function streamed(headers: Headers, stream: ByteStream, platformId: string): Plain {
    const encoding = encodingOf(headers)
    if (encoding === null) return { kind: 'plain', body: stream }
    const body = inflateStream({ encoding, stream, platformId })
    if (body === 'no-room' || body === 'unreadable') {
      void letGo(stream)
      return body === 'no-room' ? NO_ROOM : UNREADABLE
    }
    return { kind: 'plain', body }
  }
}

type Unread = Extract<Plain, { kind: 'refused' }>

const NO_ROOM: Unread = {
  kind: 'refused',
  refusal: {
    kind: 'hub-failure',
    detail: 'The hub has no room to inflate the answer of the receiver now',
    retryAfterSeconds: 1,
  },
}
const UNREADABLE: Unread = {
  kind: 'refused',
  refusal: { kind: 'hub-failure', detail: 'The answer of the receiver cannot be read' },
}

/** For the message log: what became of the answer, `2.3.0 to 2.2.1: withheld`. */
function noteOutcome({ exchange }: Trip, { receiver, caller }: Carriage, outcome: 'withheld' | 'failed'): void {
  exchange.conversion = `${receiver.version} to ${caller.version}: ${outcome}`
}

/** For the message log: what the receiver said itself, where its caller is told another thing. Lists that stream are kept on neither side. */
function noteLeg(
  { exchange }: Trip,
  said: Uint8Array | ByteStream,
  { body, remarks }: Extract<TranslatedAnswer, { kind: 'translated' }>,
): void {
  if (!(body instanceof Uint8Array)) return
  const response = legBodyOf(said instanceof Uint8Array ? said : null, body, remarks)
  exchange.secondLeg = { ...(exchange.secondLeg ?? ALIKE), response }
}

/** A refusal in place of what the receiver said, which the log keeps. */
function instead({ status, headers, body, receiverMs, said }: Answered, refusal: Refusal): Forwarded {
  const whole = body instanceof Uint8Array ? body : NOTHING
  return { kind: 'refused', refusal, receiverMs, said: said ?? { status, headers, body: whole } }
}

const NOTHING = new Uint8Array(0)

/** What is said of a body that is another now. */
const OF_THE_BYTES = /^(?:content-(?:encoding|length|md5|digest|range)|etag|(?:repr-)?digest|accept-ranges)$/i

/** The answer with another body. */
function remade(forwarded: Answered, body: Uint8Array | ByteStream): Answered {
  const headers: string[] = []
  for (let i = 0; i < forwarded.headers.length; i += 2) {
    const name = forwarded.headers[i] as string
    if (!OF_THE_BYTES.test(name)) headers.push(name, forwarded.headers[i + 1] as string)
  }
  return { ...forwarded, headers, body }
}
