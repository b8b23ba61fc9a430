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

/**
 * Writes a date in Retry-After as seconds, in place: the Date by which it is reckoned stays behind at the hub.
 *
 * @param passed headers that go on
 * @param received those they come from
 */
export function writeRetryAfterInSeconds(passed: string[], received: Headers, now: number): void {
  for (let i = 0; i < passed.length; i += 2) {
    if ((passed[i] as string).toLowerCase() !== 'retry-after') continue
    const ms = retryAfterMs(received, now)
    if (ms !== null) passed[i + 1] = String(Math.ceil(ms / 1000))
  }
}

/** Null for what is no date in words: `Date.parse` takes plain numbers for years. */
function dateOf(value: string | undefined): number | null {
  const date = value && /[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? null : date
}
