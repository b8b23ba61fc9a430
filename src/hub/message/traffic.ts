import type { Outcome } from './outcome.ts'

// Counts of exchanges, of which the charts of traffic are drawn, and by which the search of the message log knows where to look.

/** Exchanges of one minute, module and outcome. */
export type MinuteCount = {
  /** Its beginning, milliseconds since the epoch. */
  readonly minute: number
  readonly module: string
  readonly outcome: Outcome
  readonly n: number
  /** What they took together. */
  readonly ms: number
  /** Of their requests and answers. */
  readonly bytes: number
  /** How many took how long, by `TOOK_UP_TO_MS`. */
  readonly took: readonly number[]
}

/** Exchanges that one platform called, or was called, with in one hour. */
export type HourCount = {
  readonly platform: string
  /** Its beginning, milliseconds since the epoch. */
  readonly hour: number
  readonly isCaller: boolean
  readonly module: string
  readonly outcome: Outcome
  readonly n: number
  readonly ms: number
}

export type TrafficCounted = { readonly minutes: readonly MinuteCount[]; readonly hours: readonly HourCount[] }

export const NOTHING_COUNTED: TrafficCounted = { minutes: [], hours: [] }

/** Upper bounds of what exchanges took, in milliseconds; the last one has none. */
export const TOOK_UP_TO_MS = [5, 15, 50, 150, 500, 2_000, 10_000, Number.POSITIVE_INFINITY] as const

/** The module of exchanges whose module no platform is known to have, or that came when there were too many. */
export const UNKNOWN_MODULE = 'unknown'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** `step` in milliseconds; steps begin at whole minutes, hours and days of UTC. */
export type TrafficQuery = {
  readonly since: number
  readonly until: number
  readonly step: number
  /** Null: of the whole hub. */
  readonly platform: string | null
  readonly module: string | null
  readonly by: TrafficBy
}

/** What is told apart within a step: modules and outcomes, outcomes alone, or nothing. */
export const TRAFFIC_BY = ['module', 'outcome', 'step'] as const

export type TrafficBy = (typeof TRAFFIC_BY)[number]

/** Exchanges of one step, of one module and outcome where these are told apart. Of one platform there is no telling how their times were spread. */
export type TrafficPoint = {
  readonly at: number
  readonly module: string | null
  readonly outcome: Outcome | null
  readonly n: number
  readonly ms: number
  readonly bytes: number | null
  readonly took: readonly number[] | null
}

/** By `at`, module and outcome, at most `limit`. */
export type ReadTraffic = (query: TrafficQuery, limit: number) => Promise<TrafficPoint[]>

/** After the points of each step, one of all of them together: what is counted once is read once. */
export function withSums(points: readonly TrafficPoint[]): TrafficPoint[] {
  const steps = [...Map.groupBy(points, ({ at }) => at).values()]
  return steps.flatMap((ofStep) => [...ofStep, { ...ofStep.reduce(added), module: null, outcome: null }])
}

function added(a: TrafficPoint, b: TrafficPoint): TrafficPoint {
  return {
    ...a,
    n: a.n + b.n,
    ms: a.ms + b.ms,
    bytes: a.bytes === null || b.bytes === null ? null : a.bytes + b.bytes,
    took: a.took?.map((count, i) => count + (b.took?.[i] ?? 0)) ?? null,
  }
}

/** The longest time that a request waits for its receiver, roughly: the last bound of what is estimated. */
const LONGEST_MS = 30_000

/**
 * The time that so great a share of the exchanges did not exceed, estimated within its bounds as if they were spread evenly: 0.5 of
 * [0, 10, 0, 0, 0, 0, 0, 0] is 10 ms. Null when there are none.
 */
export function quantileOf(took: readonly number[], share: number): number | null {
  const total = took.reduce((sum, count) => sum + count, 0)
  let left = total * share
  for (const [index, count] of took.entries()) {
    if (count > 0 && left <= count) {
      const from = TOOK_UP_TO_MS[index - 1] ?? 0
      const to = Math.min(TOOK_UP_TO_MS[index] ?? LONGEST_MS, LONGEST_MS)
      return from + ((to - from) * left) / count
    }
    left -= count
  }
  return null
}
