import type { MayCall } from '../../corridor/hub-urls.ts'
import type { Now } from '../../ports.ts'
import type { Caller } from '../caller.ts'
import type { ProbeName } from '../check.ts'
import type { FirstPage, List } from '../lists.ts'
import type { Judged } from '../probe.ts'

/** A list whose first page is known. */
export type ReadList = List & {
  readonly page: FirstPage
  /** Where its second object is said to be, once it was asked for one. */
  next: string | null
}

export type StepPorts = {
  readonly caller: Caller
  readonly now: Now
  readonly mayCall: MayCall
  readonly takesPlainHttp: boolean
}

/** What is asked of a list beyond its first page, and the probes that it answers. */
export type Step = {
  readonly probes: readonly ProbeName[]
  /** Calls that it makes at most. */
  readonly calls: number
  /** Why it is not for this list; null where it is. */
  readonly whyNot: (list: ReadList) => string | null
  readonly run: (list: ReadList, ports: StepPorts) => Promise<readonly Judged[]>
}

export const NEEDS_AN_OBJECT = ({ page }: ReadList) => (page.count === 0 ? 'There is no object in the list' : null)
export const NEEDS_TWO = ({ page }: ReadList) => (page.total < 2 ? 'There are no two objects in the list' : null)
export const NEEDS_TOTAL = ({ page }: ReadList) =>
  page.isTotalSaid ? null : 'There is no X-Total-Count to reckon with'
