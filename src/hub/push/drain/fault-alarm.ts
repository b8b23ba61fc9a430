import type { Alarm, AlarmKind } from '../../ports.ts'
import { StoreUnavailable } from '../../store-unavailable.ts'

/** Between two alarms of one kind. */
const REPEAT_MS = 30_000

/**
 * Tells an administrator what failed and is tried again: most often that the database is away, otherwise a fault of the hub's
 * own. While it fails many times a second, one alarm of each kind goes out every 30 s.
 */
export function createFaultAlarm(alarm: Alarm, clock: () => number): (error: unknown) => void {
  const toldAt = new Map<AlarmKind, number>()

  return (error) => {
    const kind = error instanceof StoreUnavailable ? 'database-away' : 'push-fault'
    if (clock() - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return
    toldAt.set(kind, clock())
    alarm({ kind, detail: messageOf(error) })
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
