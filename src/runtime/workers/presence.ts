import type { Presence } from '../../hub/presence/presence.ts'

/**
 * Presence without a process that goes on between requests: that somebody was heard is told with what the request observed,
 * instead of by timer. The round of still-alive checks is not made here.
 */
export function presenceOfRequests(
  presence: Presence,
  onSeen: (platformId: string) => void,
): Pick<Presence, 'onSeen' | 'onUnreachable' | 'check'> {
  return {
    onSeen(platformId) {
      presence.onSeen(platformId)
      onSeen(platformId)
    },
    onUnreachable: presence.onUnreachable,
    check: presence.check,
  }
}
