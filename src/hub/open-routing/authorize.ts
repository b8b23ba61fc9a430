import { statusFor } from '../../ocpi/convert/envelope-codes.ts'
import { envelopeBytes, parseJson } from '../../ocpi/envelope.ts'
import { backHeaders } from '../../ocpi/forwarded-headers.ts'
import { isObject, quote, soleOf } from '../../ocpi/parsed.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import { STATUS } from '../../ocpi/status.ts'
import { createCancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import { destinationAt } from '../corridor/destination.ts'
import type { DutyRequest, DutyResult } from '../corridor/duties.ts'
import type { Forwarded } from '../corridor/forward.ts'
import { inflatedInPassing } from '../corridor/inflated.ts'
import { findSources } from '../get-all/plan.ts'
import { inParallel } from '../in-parallel.ts'
import type { FanOuts } from '../limits.ts'
import { replyHeaders } from '../message/message-ids.ts'
import { tooMany } from '../message/refusal.ts'
import { letGo } from '../message.ts'
import { endpointOf, type HostedParty } from '../network/routing-table.ts'
import type { Inflate, Now } from '../ports.ts'
import { isUntouched, versionOf } from '../translate/like.ts'
import type { Translate } from '../translate/translate.ts'
import { createQuestions } from './question.ts'

export type AuthorizePorts = {
  readonly ask: AskParty
  readonly fanOuts: FanOuts
  readonly inflate: Inflate
  /** For eMSPs of another version than the caller's. */
  readonly translate: Pick<Translate, 'request' | 'answer'>
  readonly now: Now
  readonly forwardTimeoutMs: number
  readonly bufferBytes: number
  /** Most eMSPs that are asked about a token under the policy `open`, where every eMSP has to do with every CPO; 0 asks none. */
  readonly mostAskedWhenOpen: number
}

/** Most eMSPs that are asked under the policy `agreements`. */
const MOST_ASKED = 200

/** How much an answer says. The answer with the highest rank wins, of equal ones the first in the order of parties. */
const RANK = { allowed: 3, known: 2, unclear: 1, unknown: 0 } as const

/** NOT_ALLOWED should tell that the token is known too, but some eMSPs answer it to any token [mod_tokens: AllowedType enum]. */
const RANK_OF: Readonly<Record<string, number>> = {
  ALLOWED: RANK.allowed,
  BLOCKED: RANK.known,
  EXPIRED: RANK.known,
  NO_CREDIT: RANK.known,
  NOT_ALLOWED: RANK.unclear,
}

/**
 * The AuthorizationInfo in an answer, which some servers put into a list of its own; null when there is none.
 *
 * @param answer parsed
 */
function authorizationIn(answer: unknown): Record<string, unknown> | null {
  const info = isObject(answer) ? soleOf(answer['data']) : null
  return isObject(info) ? info : null
}

/** Whether the token in an AuthorizationInfo is another party's than that of who answers, as far as it names any [mod_tokens: Token]. */
function isOfOther({ token }: Record<string, unknown>, party: PartyKey): boolean {
  if (!isObject(token)) return false
  const named = [token['country_code'], token['party_id']]
  return party.split('*').some((own, i) => typeof named[i] === 'string' && named[i].toUpperCase() !== own)
}

type Answered = Extract<Forwarded, { kind: 'answered' }>

type Asked = { readonly party: HostedParty; readonly answer: Forwarded | null; readonly rank: number }

/**
 * Real-time authorisation of a token of which nobody knows the owner [mod_tokens: POST]: every eMSP that may talk to the CPO
 * is asked at once. The first that allows it wins and the others are dropped; without one, an eMSP that knows the token has
 * the word. Nothing is learnt from it: who allows every token would be taken for the owner of all.
 */
export function createAuthorizeEverywhere(
  ports: AuthorizePorts,
): (request: DutyRequest, uid: string) => Promise<DutyResult> {
  const { ask, fanOuts, inflate, now, forwardTimeoutMs, bufferBytes } = ports
  const { questionFor, answerFor } = createQuestions(ports)

  return async function authorizeEverywhere(request, uid) {
    const { table, caller, message, ids, from } = request
    const all = findSources(table, caller.platform, from, 'tokens', now())
    const candidates = all.filter((party) => table.platforms.get(party.platformId)?.status === 'CONNECTED')
    const most = table.policy.kind === 'open' ? ports.mostAskedWhenOpen : MOST_ASKED
    if (candidates.length === 0 || candidates.length > most) {
      const why =
        candidates.length === 0 ? 'no eMSP could be asked' : `${candidates.length} eMSPs would have to be asked`
      return refusedAs(
        candidates.length === 0 ? 'unknown-receiver' : 'invalid',
        `Nobody is known to own token ${quote(uid)}, and ${why}; add OCPI-to-*`,
      )
    }
    const taken = fanOuts.take(caller.platform.id)
    if (taken.kind === 'empty') return { kind: 'refused', refusal: tooMany(taken) }
    const body = await request.readWhole()
    if (body.kind === 'refused') return body

    const cancel = createCancel()
    const stopListening = message.onGone(cancel.cancel)
    const askOne = async (party: HostedParty): Promise<Asked> => {
      const found = destinationAt(table, from, party, party, 'tokens', now())
      const endpoint = found.kind === 'found' && endpointOf(found.destination.platform, 'tokens', 'SENDER')
      if (found.kind === 'refused' || !endpoint) return { party, answer: null, rank: RANK.unknown }
      const question = await questionFor(request, party, found.destination.platform, body)
      if (question === null) return { party, answer: null, rank: RANK.unknown }
      const answer = await ask({
        ...question,
        destination: found.destination,
        endpoint,
        module: 'tokens',
        interfaceRole: 'SENDER',
        from,
        callerId: caller.platform.id,
        ids,
        method: 'POST',
        received: message.headers,
        timeoutMs: Math.min(forwardTimeoutMs, Math.max(1, message.receivedAt + forwardTimeoutMs - now())),
        bufferBytes,
        onAbortable: cancel.onCancel,
      })
      const rank = await rankOf(answer, party)
      // An answer that streams is none, and nobody else would end it.
      if (answer.kind === 'answered') await letGo(answer.body)
      return { party, answer, rank }
    }
    const asked = await inParallel(candidates, candidates.length, askOne, ({ rank }) => rank === RANK.allowed)
    stopListening()
    cancel.cancel()

    let best: Asked | null = null
    for (const each of asked) if (each && each.rank > (best?.rank ?? RANK.unknown)) best = each
    if (best?.answer?.kind === 'answered') {
      const { party, answer } = best
      const platform = table.platforms.get(party.platformId)
      if (platform && !isUntouched(platform, caller.platform)) {
        const plain = await plainOf(answer, party)
        return answerFor(request, party, platform, answer, plain ?? new Uint8Array(0))
      }
      const headers = [...replyHeaders(ids, from, party), ...backHeaders(answer.headers)]
      return { kind: 'answer', status: answer.status, headers, body: answer.body, ocpiStatus: answer.ocpiStatus }
    }
    const silent = asked.filter(
      (each) => each?.answer?.kind === 'refused' && each.answer.refusal.kind !== 'receiver-said',
    )
    if (silent.length > 0)
      return refusedAs('timeout', `No eMSP knows token ${quote(uid)}, but ${silent.length} did not answer`)
    const unknownToken = statusFor(STATUS.unknownToken, versionOf(caller.platform)).code
    return {
      kind: 'answer',
      status: 404,
      headers: ['Content-Type', 'application/json', ...replyHeaders(ids, from, table.hub)],
      body: envelopeBytes(unknownToken, 'Unknown token', undefined, new Date(now()).toISOString()),
      ocpiStatus: unknownToken,
    }
  }

  /** Null where it cannot be read, or streams. */
  async function plainOf({ headers, body }: Answered, { platformId }: HostedParty): Promise<Uint8Array | null> {
    return body instanceof Uint8Array ? inflatedInPassing(headers, body, inflate, platformId, bufferBytes) : null
  }

  async function rankOf(answer: Forwarded, party: HostedParty): Promise<number> {
    if (answer.kind === 'refused') return RANK.unknown
    // It asks for the location, which only an eMSP that knows the token should need.
    if (answer.ocpiStatus === STATUS.notEnoughInformation) return RANK.unclear
    if (answer.status > 299 || (answer.ocpiStatus !== null && answer.ocpiStatus >= 2000)) return RANK.unknown
    const plain = await plainOf(answer, party)
    const info = plain && authorizationIn(parseJson(plain))
    if (!info || isOfOther(info, party.key)) return RANK.unknown
    return RANK_OF[String(info['allowed'])] ?? RANK.unknown
  }
}

function refusedAs(kind: 'unknown-receiver' | 'invalid' | 'timeout', detail: string): DutyResult {
  return { kind: 'refused', refusal: { kind, detail } }
}
