import { type Advice, advise, cutText } from '../hub/administration/advice.ts'
import type { HandshakeCallKind, NoteHandshake, Side, Verdict } from '../hub/administration/handshake-attempts.ts'
import { isUnreachable } from '../hub/administration/handshake-causes.ts'
import type { NoteRefused } from '../hub/administration/refused-calls.ts'
import type { Caller } from '../hub/corridor/authenticate.ts'
import type { MessageIds } from '../hub/message/message-ids.ts'
import { type Refusal, wireOf } from '../hub/message/refusal.ts'
import type { Message } from '../hub/message.ts'
import type { Now } from '../hub/ports.ts'
import { STATUS } from '../ocpi/status.ts'
import type { ConfigurationResult } from './configuration-result.ts'

type Step = {
  readonly module: string
  readonly message: Message
  readonly ids: MessageIds
  readonly caller: Caller
  /** HTTP status of the answer. */
  readonly status: number
}

/**
 * Takes note of a partner's call of versions or credentials where it is part of a handshake, with the calls that the hub made for it.
 * To be waited for before the answer, so that the next call is noted after it; undefined where there is nothing to wait for.
 */
export function noteHandshakeStep(
  ports: { readonly noteHandshake: NoteHandshake; readonly noteRefused: NoteRefused; readonly now: Now },
  step: Step,
  result: ConfigurationResult,
): Promise<void> | undefined {
  const { module, message, ids, caller, status } = step
  const kind = kindOf(module, message.path)
  if (kind === null) return undefined
  const platformId = caller.platform.id
  const refusal = result.kind === 'refused' ? result.refusal : null
  if (refusal?.kind === 'method-not-allowed') {
    const why = advise('method-405', { method: message.method })
    ports.noteRefused(message, { status, code: wireOf(refusal).code }, { platformId, why })
    return undefined
  }
  const ledBy = ledByOf(step, kind)
  if (ledBy === null) return undefined
  const ocpiStatus = refusal ? wireOf(refusal).code : result.kind === 'data' ? (result.code ?? STATUS.success) : null
  const isGood = ocpiStatus === STATUS.success
  const advice = result.handshake?.advice ?? (refusal && adviceOfRefusal(refusal))
  return ports.noteHandshake({
    ...{ platformId, address: null, ledBy, startedBy: ledBy, at: message.receivedAt, isFirst: false },
    calls: [
      {
        ...{ at: message.receivedAt, kind, direction: 'in', method: message.method, url: cutText(message.path) },
        address: message.clientAddress(),
        httpStatus: status,
        ocpiStatus,
        ms: Math.max(0, ports.now() - message.receivedAt),
        failure: refusal?.kind ?? (isGood ? null : 'refused'),
        detail: refusal && 'detail' in refusal ? cutText(refusal.detail) : null,
        correlationId: ids.correlationId,
      },
      ...(result.handshake?.calls ?? []),
    ],
    // In a handshake of the hub's the hub's own call decides.
    verdict: ledBy === 'hub' ? null : verdictOf(step, isGood, advice),
  })
}

function verdictOf({ message }: Step, isGood: boolean, advice: Advice | null): Verdict | null {
  if (isGood) return message.method === 'GET' ? null : { outcome: 'registered', advice }
  return { outcome: advice && isUnreachable(advice.key) ? 'unreachable' : 'refused', advice }
}

/** Null: it is part of none. A connected partner reads versions and credentials as often as it likes. */
function ledByOf({ message, caller }: Step, kind: HandshakeCallKind): Side | null {
  const { credential } = caller
  if (credential.kind === 'registration') return 'partner'
  if (credential.kind === 'provisional') return 'hub'
  if (kind === 'credentials' && (message.method === 'PUT' || message.method === 'POST')) return 'partner'
  // A token that the hub offers in a rotation has an end until the partner uses it.
  return kind !== 'credentials' && credential.replacesOlder && credential.expiresAt !== null ? 'hub' : null
}

function kindOf(module: string, path: string): HandshakeCallKind | null {
  if (module === 'credentials') return 'credentials'
  if (module !== 'versions') return null
  return /\/versions\/?$/.test(path) ? 'versions' : 'details'
}

function adviceOfRefusal(refusal: Refusal): Advice | null {
  switch (refusal.kind) {
    case 'not-json':
      return advise('not-json', { detail: refusal.detail })
    case 'invalid':
      return advise('field', { detail: refusal.detail })
    case 'too-many-requests':
      return advise('too-many')
    default:
      return null
  }
}
