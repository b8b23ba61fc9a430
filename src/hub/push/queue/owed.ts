import type { PartyKey } from '../../../ocpi/party.ts'
import type { Owed } from '../cursor.ts'
import type { Entry } from './entry.ts'

/**
 * To whom the unfinished pushes of a lane are still to go, where they are addressed to parties; undefined where none is. A push that
 * waits for DE*EMS and was delivered to the other parties is owed to DE*EMS alone.
 *
 * @param saved what the cursor that the lane went on from said of `unread`, the pushes that it has not read yet
 */
export function owedBy(
  entries: readonly Entry[],
  unread: readonly number[],
  saved: Owed | undefined,
): Owed | undefined {
  const owed: Record<number, PartyKey[]> = {}
  for (const { push } of entries) {
    if (push.to === undefined) continue
    owed[push.number] ??= []
    owed[push.number]?.push(push.to)
  }
  for (const number of saved ? unread : []) {
    const parties = saved?.[number]
    if (parties) owed[number] = [...parties]
  }
  return Object.keys(owed).length > 0 ? owed : undefined
}
