const DAY_MS = 86_400_000

/** How long a link lasts of which nobody says it, and at most. */
export const LINK_MS = 30 * DAY_MS
export const MOST_LINK_MS = 90 * DAY_MS

/** Links of one platform that open its page at the same time. */
export const MOST_LINKS = 10

/** Links that are over are listed for so long. */
export const LISTED_AFTER_MS = 30 * DAY_MS

/** A working day, after which one follows the link anew; and browsers that one link opens at the same time, of more the newest. */
export const PARTNER_SESSION_MS = 12 * 3_600_000
export const MOST_PARTNER_SESSIONS = 20

/** A link to the page of one platform, as administrators see it: without its secret. Moments in milliseconds since the epoch. */
export type PartnerLink = {
  readonly id: string
  readonly platformId: string
  /** Name of who made it. */
  readonly madeBy: string
  readonly madeAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
  /** When it first opened the page, and when somebody last looked at one, to the minute. */
  readonly firstUsedAt: number | null
  readonly lastUsedAt: number | null
  /** Browsers that it opens now. */
  readonly sessions: number
}

export type NewPartnerLink = Pick<PartnerLink, 'id' | 'platformId' | 'madeBy' | 'madeAt' | 'expiresAt'> & {
  readonly secretDigest: string
}

export type PartnerLinkViews = {
  /** The newest first; null for a platform that is not there. */
  readonly list: (platformId: string, now: number) => Promise<readonly PartnerLink[] | null>
}

export type PartnerLinkChanges = {
  readonly add: (link: NewPartnerLink) => Promise<'added' | 'too-many' | 'unknown-platform'>
  /** Ends a link with the sessions that it opened. False: the platform has none of this id, or it is over. */
  readonly revoke: (platformId: string, id: string, now: number) => Promise<boolean>
}

/** Whose page a browser may look at, and by which link. */
export type PartnerSession = { readonly platformId: string; readonly linkId: string; readonly expiresAt: number }

/** By which the browsers of partners are known: what is changed holds for the next request in every process. */
export type PartnerSessions = {
  /** Whether a secret opens a page, without using it. */
  readonly isGood: (secretDigest: string, now: number) => Promise<boolean>
  /** Opens a session for a secret. Null: the secret opens nothing, or does so no more. */
  readonly open: (secretDigest: string, digest: string, now: number) => Promise<PartnerSession | null>
  readonly find: (digest: string, now: number) => Promise<PartnerSession | null>
  readonly end: (digest: string) => Promise<void>
}
