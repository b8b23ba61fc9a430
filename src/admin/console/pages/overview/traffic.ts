import type { readTraffic } from '../../../api/traffic/traffic.ts'
import type { AnswerOf, Api } from '../../api.ts'

export const WINDOWS = ['1h', '24h', '7d'] as const

/** A stretch of time up to now. */
export type Window = (typeof WINDOWS)[number]

const MINUTE_MS = 60_000

/** Steps of about the width of a bar: 60, 96 and 168 of them. */
const STEPS = {
  '1h': { step: 'minute', stepMs: MINUTE_MS, n: 60, words: 'hour' },
  '24h': { step: 'quarter', stepMs: 15 * MINUTE_MS, n: 96, words: '24 hours' },
  '7d': { step: 'hour', stepMs: 60 * MINUTE_MS, n: 168, words: '7 days' },
} as const

/** Exchanges of one step. */
export type Bucket = {
  /** Its beginning, milliseconds since the epoch. */
  readonly at: number
  readonly ok: number
  readonly refused: number
  readonly failed: number
  /** What they took, in milliseconds; null when there were none. */
  readonly p50: number | null
  readonly p95: number | null
}

export type Traffic = {
  /** `24 hours`, as in "the last 24 hours". */
  readonly words: string
  readonly stepMs: number
  /** Its end, milliseconds since the epoch. */
  readonly until: number
  /** Every step of the window, the last one under way. */
  readonly buckets: readonly Bucket[]
}

type Rows = AnswerOf<typeof readTraffic>

export function windowOf(text: string | undefined): Window {
  return WINDOWS.find((window) => window === text) ?? '24h'
}

/** Reads the traffic of the whole hub: counts by outcome, and times of all exchanges together. */
export async function trafficOf(api: Api, window: Window, now: number): Promise<Traffic> {
  const { step, stepMs, n, words } = STEPS[window]
  const since = now - (now % stepMs) - (n - 1) * stepMs
  const period = { since: new Date(since).toISOString(), until: new Date(now).toISOString() }
  const rows = await api.get<typeof readTraffic>('/traffic', { query: { ...period, step, by: 'outcome-and-step' } })
  return { words, stepMs, until: now, buckets: bucketsOf(rows, since, stepMs, n) }
}

/** A step without exchanges has no row, and stands in a chart all the same. */
function bucketsOf(rows: Rows, since: number, stepMs: number, n: number): Bucket[] {
  const known = new Map(rows.map((row) => [`${Date.parse(row.at)} ${row.outcome}`, row]))
  return Array.from({ length: n }, (_, i) => {
    const at = since + i * stepMs
    const of = (outcome: Rows[number]['outcome']) => known.get(`${at} ${outcome}`)
    const { p50 = null, p95 = null } = of(null) ?? {}
    return { at, ok: of('ok')?.n ?? 0, refused: of('refused')?.n ?? 0, failed: of('failed')?.n ?? 0, p50, p95 }
  })
}
