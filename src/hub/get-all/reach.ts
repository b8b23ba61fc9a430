import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import { destinationAt } from '../corridor/destination.ts'
import { findParty, partyOn } from '../network/find-party.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import { isBridged } from '../translate/like.ts'
import type { Crawl } from './crawl.ts'
import type { PlanSource } from './plan.ts'
import type { SourceFailure, SourceQuery } from './source.ts'

/** How to ask a source; `gone` where none of its parties may be asked any more, `left-out` where an administrator says so. */
export type Reached =
  | { readonly kind: 'query'; readonly query: SourceQuery }
  | { readonly kind: 'gone' }
  | { readonly kind: 'left-out'; readonly party: Party }
  | SourceFailure

/** Whom to ask: the party, or others of its platform. */
export type Asked = Pick<PlanSource, 'party' | 'platformId' | 'others'>

/** How to ask one of a source's parties: the first of them that may be asked now. */
export type Reach = (crawl: Crawl, source: Asked, deadline: number, cancel: Cancel) => Reached

/**
 * Requests at once: to one platform far fewer than the hub may send it, to platforms so many that those that hang keep nobody
 * from asking the others.
 */
export const ASKED_AT_ONCE = { groups: 200, inEach: 16 } as const

export function createReach(ports: { readonly now: Now }): Reach {
  const { now } = ports

  return function reach(crawl, source, deadline, cancel) {
    const { table, caller, from, module, ids, filters } = crawl
    const callerId = caller.platform.id
    const parties = [source.party, ...source.others]
    for (const key of parties) {
      // A party that was moved meanwhile is asked where it is now.
      const party = partyOn(table, key, source.platformId) ?? findParty(table, key, module, 'SENDER')
      if (!party || party === 'several') continue
      const platform = table.platforms.get(party.platformId)
      if (!platform || !isBridged(platform, caller.platform)) continue
      if (platform.isLeftOutOfGetAll) return { kind: 'left-out', party }
      const found = destinationAt(table, from, party, party, module, now())
      if (found.kind === 'refused') {
        if (platform.status !== 'OFFLINE' || found.refusal.kind !== 'not-connected') continue
        return named(party, { kind: 'failed', refusal: { kind: 'not-connected', detail: 'is OFFLINE' } })
      }
      const endpoint = endpointOf(platform, module, 'SENDER')
      if (!endpoint) continue
      const { destination } = found
      const owners = new Set(parties.filter((each) => mayTalk(table, keyOf(from), each, module, now())))
      return {
        kind: 'query',
        query: { destination, endpoint, module, from, callerId, ids, filters, owners, deadline, cancel },
      }
    }
    return { kind: 'gone' }
  }
}

/** The failure with the name of the party that caused it. */
export function named(party: Party, failure: SourceFailure): SourceFailure {
  const { refusal } = failure
  return 'detail' in refusal
    ? { kind: 'failed', refusal: { ...refusal, detail: `${showParty(party)}: ${refusal.detail}` } }
    : failure
}

/** What failed, in words for a `status_message`. */
export function detailOf({ refusal }: SourceFailure): string {
  return 'detail' in refusal ? refusal.detail : refusal.kind
}

/** Words of the plan and of a page for a party whose platform an administrator left out. */
export function leftOut(party: Party): string {
  return `${showParty(party)}: left out by the hub's administrator`
}
