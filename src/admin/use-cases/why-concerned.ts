import { adviceInWords, advise } from '../../hub/administration/advice.ts'
import type { Concern } from '../../hub/administration/concerns.ts'
import { DAY_MS } from '../../hub/moments.ts'

const MINUTE_MS = 60_000
/** More than are counted. */
const MANY_OBJECTS = 100

const PAUSED_BY: Readonly<Record<string, string>> = {
  administrator: 'by an administrator',
  'token-refused': 'since the partner refuses the token of the hub',
  failing: 'since its deliveries fail',
}

const FAILED_AS = {
  registered: 'Its handshake came to its end',
  refused: 'Its handshake was refused',
  unreachable: 'Its handshake failed: the partner could not be reached',
  'answer-lost': 'Nobody knows whether its handshake came to its end',
} as const

/** Why a concern is one, in words for a list. */
export function whyConcerned(concern: Concern, now: number): string {
  switch (concern.kind) {
    case 'platform-offline':
      return `OFFLINE: ${concern.cause}`
    case 'queue-paused': {
      const by = PAUSED_BY[concern.cause] ?? `since ${concern.cause}`
      return `Its queue is paused ${by}; ${pushes(concern.waiting)}`
    }
    case 'queue-lags':
      return `Its queue lags: ${pushes(concern.waiting)}, the oldest for ${minutes(now - concern.since)}`
    case 'handshake-failed': {
      const { outcome } = concern
      const advice = outcome === null ? advise('abandoned') : concern.advice
      return advice ? `Its handshake failed: ${adviceInWords(advice).title}` : FAILED_AS[outcome ?? 'refused']
    }
    case 'objects-missed':
      return `${objects(concern.objects)} missed, the last one: ${concern.cause}`
    case 'check-failed':
      return `Its connection check found ${concern.faults === 1 ? '1 fault' : `${concern.faults} faults`}`
    case 'token-ends':
      return `Its registration token ends ${inDays(concern.endsAt - now)}`
    case 'certificate-ends':
      return `Its certificate at ${concern.host} ends ${inDays(concern.endsAt - now)}`
  }
}

function pushes(waiting: number): string {
  return waiting === 1 ? '1 push waits' : `${waiting} pushes wait`
}

function objects(count: number): string {
  if (count > MANY_OBJECTS) return `More than ${MANY_OBJECTS} objects`
  return count === 1 ? '1 object' : `${count} objects`
}

function minutes(ms: number): string {
  const whole = Math.floor(ms / MINUTE_MS)
  return whole === 1 ? '1 minute' : `${whole} minutes`
}

function inDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  if (days < 1) return 'within a day'
  return days === 1 ? 'in 1 day' : `in ${days} days`
}
