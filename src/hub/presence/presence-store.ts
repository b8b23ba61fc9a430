/** Why a platform is CONNECTED that was OFFLINE and sent a message: the cause its status is stored with. */
export const REVIVED_BY_MESSAGE = 'sent a message'

/** How the cause begins with which a platform is OFFLINE that answers, but does not take the hub's token. */
export const REFUSES_TOKEN = "refuses the hub's token"

/** What processes that share a database know together of who was heard and who was asked. Rejects when the database is away. */
export type PresenceStore = {
  /**
   * Picks platforms that are due for a check, the longest silent first, and notes that they are asked now, so that no other
   * process picks them too. All processes together pick no more than `limit` from `sharedSince` until now.
   */
  readonly claimSilent: (claim: SilenceClaim) => Promise<readonly string[]>
  readonly lastHeard: (platformId: string) => Promise<LastHeard>
}

/**
 * Who is due: a CONNECTED platform that nobody heard or asked after `connectedSilentSince`; an OFFLINE one that nobody heard or
 * asked after `offlineSilentSince`, nor for as long as it was OFFLINE at the last check, or for `longestPauseMs` where that is
 * less. So the pause doubles while an outage lasts, for all processes alike, and is short again in the next one. Moments in
 * milliseconds since the epoch.
 *
 * Example: OFFLINE since 12:00, asked a minute after it at first, every five minutes at last: at 12:01, 12:02, 12:04, 12:08, 12:13
 * and so on.
 */
export type SilenceClaim = {
  readonly now: number
  readonly connectedSilentSince: number
  readonly offlineSilentSince: number
  readonly longestPauseMs: number
  readonly limit: number
  readonly sharedSince: number
  /** Moments that lie ahead of this one are of a clock that was put back since, and count as long ago. */
  readonly believedUntil: number
}

/** What all processes know of a platform together. Moments in milliseconds since the epoch. */
export type LastHeard = {
  /** When the platform sent its last message, as far as the process that heard it has told. */
  readonly seenAt: number | null
  /** When a message made the platform CONNECTED; null unless that is why it is CONNECTED now. */
  readonly revivedAt: number | null
}
