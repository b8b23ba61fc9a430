import type { Party } from '../../ocpi/party.ts'
import type { Agreement } from './policy.ts'

/** A rule as an administrator gives it. */
export type NewAgreement = Pick<Agreement, 'id' | 'a' | 'b' | 'effect' | 'modules' | 'validFrom' | 'validUntil'>

/** What of the rules administrators change. */
export type AgreementChanges = Pick<AgreementStore, 'add' | 'end'> & {
  /** As `add`, for the rules of a file. */
  readonly import: AgreementStore['add']
}

/** Keeps the rules. Each change is one transaction that raises the routing table's revision and wakes the other processes. */
export type AgreementStore = {
  /** All or none, in this order: of two that contradict each other the later wins. One whose id is known changes nothing. */
  readonly add: (rules: readonly NewAgreement[]) => Promise<void>
  /** Ends a rule now; `over` when it was ended before or ran out by itself. */
  readonly end: (id: string) => Promise<'ended' | 'over' | 'unknown'>
  readonly find: (id: string) => Promise<Agreement | null>
  /** The latest first, at most `limit`, before a number. `liveAt` leaves out those that are over by then. */
  readonly list: (page: {
    readonly limit: number
    readonly beforeNumber: number | null
    readonly party: Party | null
    readonly liveAt: number | null
  }) => Promise<readonly Agreement[]>
}
