import type { NoteEvent } from '../../hub/administration/events.ts'
import { hasPassed } from '../../hub/moments.ts'
import type { Alarm, AlarmKind } from '../../hub/ports.ts'
import type { Log } from './log-rules.ts'

/** Between two log lines, and two events, about alarms of one kind and one platform; metrics count every alarm. */
const QUIET_MS = 60_000

/** Tells administrators by log line, by event and by counter. */
export function createAlarm(log: Pick<Log, 'warn'>, count: (kind: AlarmKind) => void, noteEvent: NoteEvent): Alarm {
  const lastAt = new Map<string, number>()
  return ({ kind, platformId, detail }) => {
    count(kind)
    const key = `${kind} ${platformId ?? ''}`
    const now = Date.now()
    if (!hasPassed(QUIET_MS, lastAt.get(key) ?? 0, now)) return
    lastAt.set(key, now)
    log.warn({ alarm: kind, platformId, detail }, 'alarm')
    const about = { platformId: platformId ?? null, correlationId: null }
    noteEvent({ at: now, kind: 'alarm', ...about, data: { alarm: kind, detail } })
  }
}
