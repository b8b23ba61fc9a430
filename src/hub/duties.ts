import type { Caller } from './authenticate.ts'
import type { Classified, Target } from './classify.ts'
import type { Answer, Message } from './message.ts'
import type { MessageIds } from './message-ids.ts'
import type { Refusal } from './refusal.ts'
import type { RoutingTable } from './routing-table.ts'

/** A functional request that the hub has to act on itself: broadcast push, open routing, GET All. */
export type DutyRequest = {
  readonly table: RoutingTable
  readonly caller: Caller
  readonly message: Message
  readonly ids: MessageIds
  readonly target: Target
  readonly classified: Exclude<Classified, { kind: 'direct' | 'refused' }>
}

export type DutyResult =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | (Answer & { readonly kind: 'answer'; readonly ocpiStatus: number | null })

export type Duties = (request: DutyRequest) => Promise<DutyResult>
