import type { listMessages } from '../../../api/messages/messages.ts'
import type { InputOf } from '../../api.ts'
import { momentOf } from '../../parts/moment.ts'

export type MessageQuery = NonNullable<InputOf<typeof listMessages>['query']>

/** How far back one looks, by what the address of the page says. Without a word the API's own: a day, or of an ID all of the log. */
export const PERIODS = {
  '1h': ['The last hour', 3_600_000],
  '': ['The last 24 hours', null],
  '7d': ['The last 7 days', 7 * 86_400_000],
  all: ['All of the log', Number.POSITIVE_INFINITY],
} as const satisfies Readonly<Record<string, readonly [string, number | null]>>

/** What the form has fields for, beside the period. Names are those of the API. */
const PLAIN = [
  'party',
  'module',
  'object',
  'outcome',
  'kind',
  'status',
  'correlation_id',
  'request_id',
  'client',
  'platform_id',
] as const

export type Filters = Readonly<Record<(typeof PLAIN)[number] | 'period' | 'since' | 'until', string>>

/** What somebody looks for, as it was typed; empty where nothing was. */
export function filtersOf(query: (name: string) => string | undefined): Filters {
  const typed = [...PLAIN, 'period', 'since', 'until'].map((name) => [name, (query(name) ?? '').trim()])
  return Object.fromEntries(typed) as Filters
}

/** Filters under which few look, shown at once where one of them is in use. */
export const RARE = ['kind', 'status', 'correlation_id', 'request_id', 'client', 'since', 'until'] as const

/** The same as the API is asked; what it does not take it says itself. */
export function queryOf(filters: Filters, now: number): MessageQuery {
  const plain = PLAIN.flatMap((name) => (filters[name] === '' ? [] : [[name, filters[name]]]))
  const given = { since: momentOf(filters.since), until: momentOf(filters.until) }
  const { period } = filters
  const [, back] = Object.hasOwn(PERIODS, period) ? PERIODS[period as keyof typeof PERIODS] : PERIODS['']
  const since = back === null ? undefined : new Date(Math.max(0, now - back)).toISOString()
  const query = { ...Object.fromEntries(plain), ...(given.since === undefined ? { since } : {}) }
  return { ...query, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}
