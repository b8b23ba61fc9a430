import type { Refusal } from '../message/refusal.ts'
import type { Answer } from '../message.ts'
import type { Duty } from './classify.ts'
import type { WholeBody } from './read-body.ts'
import type { Onward, Trip } from './trip.ts'

/** A functional request that the hub has to act on itself: broadcast push, open routing, GET All. */
export type DutyRequest = Duty &
  Pick<Trip, 'table' | 'caller' | 'message' | 'ids'> & {
    /** Reads the body, whole and checked; refused beyond the buffer size. It is read once, however often this is called. */
    readonly readWhole: () => Promise<WholeBody>
  }

export type DutyResult =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | (Answer & { readonly kind: 'answer'; readonly ocpiStatus: number | null })
  /** Where the request goes, its receiver found: on as a direct one does. */
  | { readonly kind: 'onward'; readonly onward: Onward }

export type Duties = (request: DutyRequest) => Promise<DutyResult>

/** All duties as one: each request to the duty of its kind. */
export function createDuties(duties: {
  readonly broadcast: Duties
  readonly open: Duties
  readonly getAll: Duties
}): Duties {
  return (request) => {
    switch (request.kind) {
      case 'broadcast':
        return duties.broadcast(request)
      case 'open':
        return duties.open(request)
      case 'get-all':
        return duties.getAll(request)
    }
  }
}
