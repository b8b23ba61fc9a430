import { header } from '../../ocpi/headers.ts'
import { type Advice, advise } from '../administration/advice.ts'
import type { Places, RateLimit } from '../limits.ts'
import type { Observe } from '../message/exchange.ts'
import { IN_A_CIRCLE, isMarked } from '../message/loop-mark.ts'
import { type MessageIds, messageIds, replyHeaders } from '../message/message-ids.ts'
import { type Refusal, refuse, tooMany } from '../message/refusal.ts'
import type { Answer, Message } from '../message.ts'
import { isAtEdge } from '../network/edge.ts'
import type { NewerToken } from '../network/newer-token.ts'
import { asSeenBy } from '../network/seen-by.ts'
import type { Inflate, InflateStream, NoteBound, Random, Send } from '../ports.ts'
import type { Translate } from '../translate/translate.ts'
import {
  type AuthenticatePorts,
  authenticate,
  type Caller,
  type Found,
  findCaller,
  refuseLogin,
} from './authenticate.ts'
import { createBetweenVersions } from './between-versions.ts'
import { createClassify, leadsNowhere } from './classify.ts'
import type { Duties } from './duties.ts'
import { createForward } from './forward.ts'
import type { LedUrls } from './hub-urls.ts'
import { type BodyLimits, type CheckedBody, createReadBody, type WholeBody } from './read-body.ts'
import { createRespond } from './respond.ts'
import { createRewrite, mayHoldResponseUrl } from './rewrite.ts'
import { createRoute } from './route.ts'
import { beginTrip, NOT_RELEASED, type Onward, type Trip } from './trip.ts'

export type RelayPorts = AuthenticatePorts & {
  readonly random: Random
  /** See `LOOP_MARK`. */
  readonly loopMark: string
  readonly send: Send
  readonly newerToken: NewerToken
  readonly inflate: Inflate
  readonly inflateStream: InflateStream
  readonly led: LedUrls
  readonly duties: Duties
  readonly translate: Translate
  readonly observe: Observe
  /** The platform sent a message: it lives. */
  readonly onSeen: (platformId: string) => void
  readonly onUnreachable: (platformId: string) => void
  /** A token that replaced another was used: the older one's last minute begins. */
  readonly onNewTokenUsed: (caller: Caller) => void
  readonly inbound: RateLimit
  readonly places: Places
  readonly noteBound: NoteBound
  readonly limits: BodyLimits & { readonly forwardTimeoutMs: number }
  /** OCPI versions served. */
  readonly versions: readonly string[]
}

/**
 * The corridor of every functional request. Resolves for every input; whatever goes wrong is an answer.
 *
 * Most messages pass most steps without waiting for anything. So a step returns a promise only when it does wait, and only
 * that is awaited: one more promise on every message's way costs as much as finding its receiver.
 */
export function createRelay(ports: RelayPorts): (message: Message) => Promise<Answer> {
  const readBody = createReadBody(ports)
  const classify = createClassify({ ...ports, readWhole })
  const route = createRoute({ ...ports, readWhole })
  const rewrite = createRewrite(ports)
  const forward = createForward({ ...ports, leastSpeed: ports.limits.leastSpeed })
  const respond = createRespond(ports)
  const betweenVersions = createBetweenVersions({ ...ports, read: readToConvert, rewrite, forward })

  return async function relay(message) {
    const ids = messageIds(message.headers, ports.random.id)
    if (isMarked(message.headers, ports.loopMark))
      return refuse(IN_A_CIRCLE, replyHeaders(ids, null, null), message.receivedAt)

    const authenticating = authenticate(ports, message)
    const caller = authenticating instanceof Promise ? await authenticating : authenticating
    if (caller === null || caller === 'not-looked-up') return refuseStranger(message, ids, caller)
    const trip = begin(message, ids, caller)
    try {
      const classifying = classify(trip)
      const classified = classifying instanceof Promise ? await classifying : classifying
      if (classified.kind === 'refused') return respond(trip, classified)

      const routing = route(trip, classified)
      const routed = routing instanceof Promise ? await routing : routing
      if (routed.kind !== 'onward') return respond(trip, routed)

      const receiver = routed.onward.destination.platform
      if (receiver.version !== caller.platform.version || isAtEdge(caller.platform, receiver)) {
        return await respond(trip, await betweenVersions(trip, routed.onward))
      }

      const reading = read(trip, routed.onward)
      const body = reading instanceof Promise ? await reading : reading
      trip.body = body
      if (body.kind === 'refused') return respond(trip, body)

      const rewriting = rewrite(trip, routed.onward, body)
      const rewritten = rewriting instanceof Promise ? await rewriting : rewriting
      if (rewritten.kind === 'refused') return respond(trip, rewritten)

      return respond(trip, await forward(receiver.id, caller.platform.id, rewritten.request))
    } finally {
      if (trip.body?.kind === 'whole') trip.body.letGo?.()
    }
  }

  /** Who is not registered. One that is about to be, which its registration token shows, is told of a wrong path as others are. */
  function refuseStranger(message: Message, ids: MessageIds, found: Exclude<Found, Caller>): Answer {
    const nowhere = leadsNowhere(message.path, ports.versions)
    const isKnown =
      nowhere && findCaller(ports.table(), header(message.headers, 'authorization'), ports.digest, message)
    if (nowhere && isKnown) {
      const answer = refuse(nowhere, replyHeaders(ids, null, null), message.receivedAt)
      ports.noteRefused(message, answer, { platformId: isKnown.platform.id, why: adviceOfPath(nowhere, message.path) })
      return answer
    }
    return refuseLogin(ports, message, ids, found)
  }

  /** Begins the trip. On the way the platform is noted as alive, and tokens older than the one it used get their last minute. */
  function begin(message: Message, ids: MessageIds, caller: Caller): Trip {
    const { platform, credential } = caller
    if (!platform.sandbox) ports.onSeen(platform.id)
    if (credential.replacesOlder) ports.onNewTokenUsed(caller)
    return beginTrip(asSeenBy(ports.table(), platform), message, ids, caller, whyBarred(platform))
  }

  /** Why a platform may send nothing now; null when it may. Spends from its rate limit. */
  function whyBarred({ id, status }: Caller['platform']): Refusal | null {
    const taken = ports.inbound.take(id)
    if (taken.kind === 'empty') return tooMany(taken)
    if (status === 'SUSPENDED') return { kind: 'not-connected', detail: 'Your connection is suspended' }
    return status === 'PLANNED' ? NOT_RELEASED : null
  }

  /** The body where the hub must know it to find out who sends to whom. It is read once. */
  async function readWhole(trip: Trip): Promise<WholeBody> {
    const body = trip.body ?? (await readBody(trip.message, trip.caller.platform.id, true))
    if (body.kind === 'stream') throw new Error('Expected the body to be read whole, got a stream')
    trip.body = body
    return body
  }

  /** The body, which open routing may have read to find the receiver. Where it may hold a URL to be led it is read whole. */
  function read({ message, body, caller }: Trip, onward: Onward): CheckedBody | Promise<CheckedBody> {
    return body ?? readBody(message, caller.platform.id, mayHoldResponseUrl(onward))
  }

  /** The body of a request to a platform of another version. It is made anew of the whole. */
  function readToConvert({ body, message, caller }: Trip): CheckedBody | Promise<CheckedBody> {
    const reading = body ?? readBody(message, caller.platform.id, true)
    return reading instanceof Promise ? reading.then(inOtherWords) : inOtherWords(reading)
  }
}

/** That a body is too large to be converted, where it is too large to be read whole. */
function inOtherWords(read: CheckedBody): CheckedBody {
  if (read.kind !== 'refused' || read.refusal.kind !== 'too-large') return read
  const detail = `To another OCPI version bodies go only up to ${read.refusal.limitBytes} bytes`
  return { kind: 'refused', refusal: { kind: 'invalid', detail } }
}

function adviceOfPath({ kind }: Refusal, path: string): Advice {
  const version = /^\/ocpi\/([\d.]{1,20})/.exec(path)?.[1]
  return kind === 'unsupported-version' ? advise('path-version', { version }) : advise('path-unknown', { path })
}
