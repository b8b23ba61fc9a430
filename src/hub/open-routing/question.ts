import type { DutyRequest, DutyResult } from '../corridor/duties.ts'
import type { Forwarded } from '../corridor/forward.ts'
import { replyHeaders } from '../message/message-ids.ts'
import type { HostedParty, Platform } from '../network/routing-table.ts'
import type { Carriage } from '../translate/carriage.ts'
import { isUntouched } from '../translate/like.ts'
import type { Translate } from '../translate/translate.ts'

/** What one eMSP is asked about a token, in its own version. */
export type Question = {
  /** What follows the module in the path, with the query. */
  readonly target: string
  readonly body: Uint8Array | null
  /** The body is plain JSON, whatever the caller's came as. @default false */
  readonly isBodyReplaced?: boolean
  /** For the message log. @default null */
  readonly conversion?: string
}

type Asking = Pick<DutyRequest, 'caller' | 'message' | 'target' | 'from' | 'ids'>
type Answered = Extract<Forwarded, { kind: 'answered' }>

/** Questions about one token for eMSPs of several versions, and the answer of the one that has the word in the version of the caller. */
export function createQuestions({ translate }: { readonly translate: Pick<Translate, 'request' | 'answer'> }) {
  /** @param body as it came, and inflated. Null where the question cannot be put in the version of the eMSP */
  async function questionFor(
    asking: Asking,
    party: HostedParty,
    receiver: Platform,
    body: { readonly bytes: Uint8Array; readonly plain: Uint8Array },
  ): Promise<Question | null> {
    const { caller, message, target } = asking
    if (isUntouched(receiver, caller.platform)) {
      return { target: target.rest + message.query, body: body.bytes.length > 0 ? body.bytes : null }
    }
    const translated = await translate.request(carriageOf(asking, party, receiver), body.plain)
    if (translated.kind !== 'translated') return null
    const { rest, query, body: bytes, conversion } = translated
    return bytes.length > 0
      ? { target: rest + query, body: bytes, isBodyReplaced: true, conversion }
      : { target: rest + query, body: null, conversion }
  }

  /** @param plain the body of the answer, inflated */
  async function answerFor(
    asking: Asking,
    party: HostedParty,
    receiver: Platform,
    { status, ocpiStatus }: Answered,
    plain: Uint8Array,
  ): Promise<DutyResult> {
    const translated = await translate.answer(carriageOf(asking, party, receiver), { status, ocpiStatus, body: plain })
    if (translated.kind === 'withheld' || translated.kind === 'failed') {
      return { kind: 'refused', refusal: { kind: 'hub-failure', detail: translated.why } }
    }
    const said = translated.kind === 'same' ? { body: plain, ocpiStatus } : translated
    const headers = ['Content-Type', 'application/json', ...replyHeaders(asking.ids, asking.from, party)]
    return { kind: 'answer', status, headers, body: said.body, ocpiStatus: said.ocpiStatus }
  }

  return { questionFor, answerFor }
}

function carriageOf({ caller, message, target, from }: Asking, to: HostedParty, receiver: Platform): Carriage {
  const { method, query, receivedAt } = message
  const { module, rest } = target
  const way = { module, interfaceRole: 'SENDER', method, rest, query, isLed: false } as const
  return { ...way, version: caller.platform.version, caller: caller.platform, receiver, from, to, receivedAt }
}
