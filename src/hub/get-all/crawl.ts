import type { Party } from '../../ocpi/party.ts'
import type { DutyRequest } from '../corridor/duties.ts'

/** What a list is read for: one caller, going through the pages of one module's list. */
export type Crawl = Pick<DutyRequest, 'table' | 'caller' | 'ids'> & {
  /** The calling platform, and a digest of calling party, module and filters: the plans and pages of equal crawls are found under it. */
  readonly key: string
  readonly from: Party
  readonly module: string
  /** Parameters that go on to the sources as they came: `['date_from=2026-01-01T00:00:00Z']`. */
  readonly filters: readonly string[]
  /** When the page in hand must be answered, in milliseconds since the epoch. */
  readonly deadline: number
}

/** The key of a plan that stays when the caller begins another crawl of the same list. */
export function ownKey(crawl: Crawl, planId: string): string {
  return `${crawl.key} ${planId}`
}
