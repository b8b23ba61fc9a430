import type { Remark } from '../../ocpi/convert/conversion.ts'
import { envelopeBytes } from '../../ocpi/envelope.ts'
import { STATUS } from '../../ocpi/status.ts'
import { replyHeaders } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import { type LegBody, legBodyOf } from '../message/second-leg.ts'
import { letGo } from '../message.ts'
import { pathAt } from '../network/routing-table.ts'
import type { Now, OutboundRequest } from '../ports.ts'
import type { Carriage, TranslatedRequest } from '../translate/carriage.ts'
import { isSuccess } from '../translate/edge-answers.ts'
import type { Translate } from '../translate/translate.ts'
import type { Forward, Forwarded } from './forward.ts'
import type { CheckedBody } from './read-body.ts'
import type { Outcome } from './respond.ts'
import type { Rewrite } from './rewrite.ts'
import { createTranslateBack, type TranslateBackPorts } from './translate-back.ts'
import type { Onward, Trip } from './trip.ts'

/**
 * The way of a request to a platform of another OCPI version, from where its receiver is known. It is one of its own, so that messages
 * between equal versions pay for a comparison and nothing else.
 */
export function createBetweenVersions(
  ports: TranslateBackPorts & {
    readonly translate: Translate
    /** The whole body, inflated. */
    readonly read: (trip: Trip) => CheckedBody | Promise<CheckedBody>
    readonly rewrite: Rewrite
    readonly forward: Forward
    readonly now: Now
  },
): (trip: Trip, onward: Onward) => Promise<Outcome> {
  const { translate, read, rewrite, forward, now } = ports
  const translateBack = createTranslateBack(ports)

  return async function betweenVersions(trip, onward) {
    const { platform } = trip.caller
    const receiver = onward.destination.platform
    const gap = translate.gap({ version: platform.version, receiver, to: onward.to })
    if (gap !== null) return refused({ kind: 'unknown-receiver', detail: gap })
    const reading = read(trip)
    const body = reading instanceof Promise ? await reading : reading
    trip.body = body
    if (body.kind === 'refused') return body
    const rewriting = rewrite(trip, onward, body, true)
    const rewritten = rewriting instanceof Promise ? await rewriting : rewriting
    if (rewritten.kind === 'refused') return rewritten
    const { request } = rewritten
    const carriage = carriageOf(trip, onward, request.path.slice(onward.path.length))
    const translating = translate.request(carriage, request.body instanceof Uint8Array ? request.body : NOTHING)
    const translated = translating instanceof Promise ? await translating : translating
    if (translated.kind === 'settled') return settled(trip, translated)
    if (translated.kind !== 'translated') {
      trip.exchange.conversion = `${platform.version} to ${receiver.version}: ${translated.kind}`
      return refused(refusalOf(translated))
    }
    trip.exchange.conversion = translated.conversion || null
    const sent = { ...request, ...requestOf(onward, request, translated) }
    trip.exchange.secondLeg = { request: sentLeg(request.body, sent.body, translated.remarks), response: null }
    trip.request = sent
    const forwarded = await forward(receiver.id, platform.id, sent)
    const unkept = translated.whenTaken && isTaken(forwarded) ? await keep(translated.whenTaken, forwarded) : null
    return unkept ?? translateBack(trip, carriage, forwarded, translated.losses ?? null)
  }

  /** What was taken and cannot be kept is to be said again: what is said later would be without it. */
  async function keep(whenTaken: () => Promise<void>, { body, receiverMs }: Answered): Promise<Outcome | null> {
    try {
      await whenTaken()
      return null
    } catch {
      if (!(body instanceof Uint8Array)) await letGo(body)
      const detail = 'The receiver took it, and the hub cannot keep it now: send it again'
      return { kind: 'refused', refusal: { kind: 'hub-failure', detail }, receiverMs }
    }
  }

  /** Answered in the receiver's place. */
  function settled({ ids, from, to }: Trip, { why, data }: Extract<TranslatedRequest, { kind: 'settled' }>): Outcome {
    return {
      kind: 'answer',
      status: 200,
      headers: ['Content-Type', 'application/json', ...replyHeaders(ids, from, to)],
      body: envelopeBytes(STATUS.success, why, data, new Date(now()).toISOString()),
      ocpiStatus: STATUS.success,
    }
  }
}

const NOTHING = new Uint8Array(0)

type Answered = Extract<Forwarded, { kind: 'answered' }>

function isTaken(forwarded: Forwarded): forwarded is Answered {
  return forwarded.kind === 'answered' && isSuccess(forwarded)
}

function carriageOf({ caller, message }: Trip, onward: Onward, query: string): Carriage {
  const { module, interfaceRole, rest, destination, from, to, kind } = onward
  const { platform } = caller
  return {
    module,
    interfaceRole,
    method: message.method,
    rest,
    query,
    version: platform.version,
    caller: platform,
    receiver: destination.platform,
    from,
    to,
    isLed: kind === 'via',
    receivedAt: message.receivedAt,
  }
}

/** Where and how the converted request goes. A URL of the receiver's own stays as it is. */
function requestOf(
  { kind, announced, path }: Onward,
  request: OutboundRequest,
  { method, rest, query, body }: Extract<TranslatedRequest, { kind: 'translated' }>,
): Pick<OutboundRequest, 'method' | 'path' | 'body'> {
  const isOwn = kind === 'via' || announced === null
  return {
    method,
    path: (isOwn ? path : pathAt(announced, rest)) + query,
    body: request.body === null ? null : body,
  }
}

/** Beside the body with the hub's own `response_url`, which the log knows of already. */
function sentLeg(
  rewritten: OutboundRequest['body'],
  sent: OutboundRequest['body'],
  remarks: readonly Remark[],
): LegBody | null {
  return rewritten instanceof Uint8Array && sent instanceof Uint8Array ? legBodyOf(sent, rewritten, remarks) : null
}

function refusalOf(of: Extract<TranslatedRequest, { kind: 'withheld' | 'failed' | 'no-bridge' | 'same' }>): Refusal {
  switch (of.kind) {
    case 'withheld':
      return { kind: 'withheld', status: 200, detail: of.why }
    case 'failed':
      return { kind: 'hub-failure', detail: of.why }
    case 'no-bridge':
      return { kind: 'unknown-receiver', detail: of.why }
    case 'same':
      throw new Error('Expected a request between unlike versions, got one between equal ones')
  }
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal }
}
