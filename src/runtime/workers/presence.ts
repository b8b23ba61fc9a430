import { hasPassed } from '../../hub/moments.ts'
import type { Registry } from '../../hub/network/registry.ts'
import type { Now } from '../../hub/ports.ts'
import type { Presence } from '../../hub/presence/presence.ts'

/** What one isolate tells the database of one platform. */
const SEEN_EVERY_MS = 30_000

/**
 * Presence without a process that goes on between requests: who was heard is stored with the request, now and then, instead
 * of by timer. The round of still-alive checks is not made here.
 */
export function presenceOfRequests(
  presence: Presence,
  registry: Pick<Registry, 'noteSeen'>,
  now: Now,
): Pick<Presence, 'onSeen' | 'onUnreachable' | 'check'> {
  const storedAt = new Map<string, number>()
  return {
    onSeen(platformId) {
      presence.onSeen(platformId)
      const at = now()
      if (!hasPassed(SEEN_EVERY_MS, storedAt.get(platformId) ?? 0, at)) return
      storedAt.set(platformId, at)
      registry.noteSeen(new Map([[platformId, at]])).catch(() => storedAt.delete(platformId))
    },
    onUnreachable: presence.onUnreachable,
    check: presence.check,
  }
}
