import type { Exchange } from './exchange.ts'

/**
 * How an exchange ended, in three words. `refused`: somebody would not, the hub or the receiver (HTTP 4xx, OCPI 2xxx and 3xxx, a push
 * that was withheld); `failed`: somebody could not (no answer, HTTP 5xx, OCPI 4xxx, and whatever else the hub failed with); `ok`: all others.
 */
export type Outcome = (typeof OUTCOMES)[number]

export const OUTCOMES = ['ok', 'refused', 'failed'] as const

/** The search of the message log says the same in SQL. */
export function outcomeOf({
  httpStatus,
  ocpiStatus,
  failure,
}: Pick<Exchange, 'httpStatus' | 'ocpiStatus' | 'failure'>): Outcome {
  if (failure === 'withheld') return 'refused'
  if (httpStatus < 100 || httpStatus >= 500 || (ocpiStatus !== null && ocpiStatus >= 4000)) return 'failed'
  if (httpStatus >= 400 || (ocpiStatus !== null && ocpiStatus >= 2000)) return 'refused'
  return failure === null ? 'ok' : 'failed'
}
