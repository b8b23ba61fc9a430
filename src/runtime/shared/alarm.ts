import type { Alarm } from '../../hub/ports.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Log } from '../node/log.ts'

/** Alarms of one kind about one platform are logged at most so often; metrics count each. */
const QUIET_MS = 60_000

/** Tells administrators by log line and by counter. */
export function createAlarm(log: Pick<Log, 'warn'>, metrics: Pick<Metrics, 'alarm'>): Alarm {
  const lastAt = new Map<string, number>()
  return ({ kind, platformId, detail }) => {
    metrics.alarm(kind)
    const key = `${kind} ${platformId ?? ''}`
    const now = Date.now()
    if (now - (lastAt.get(key) ?? 0) < QUIET_MS) return
    lastAt.set(key, now)
    log.warn({ alarm: kind, platformId, detail }, 'alarm')
  }
}
