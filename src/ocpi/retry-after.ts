import { type Headers, header } from './headers.ts'

/**
 * Milliseconds asked for in Retry-After, as seconds or as a date; null when absent or unreadable [RFC 9110, 10.2.3]. A date is
 * reckoned from the answer's own Date where it has one: the clock of who answers may be wrong, the time between the two is not.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = header(headers, 'retry-after')?.trim()
  if (!value) return null
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = dateOf(value)
  return date === null ? null : Math.max(0, date - (dateOf(header(headers, 'date')) ?? now))
}

/** Null for what is no date in words: `Date.parse` takes plain numbers for years. */
function dateOf(value: string | undefined): number | null {
  const date = value && /[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : date
}
