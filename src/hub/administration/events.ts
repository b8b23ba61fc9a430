/** What administrators can be told of, in the order in which they are likely to ask. */
export const EVENT_KINDS = [
  /** One call of a handshake, the partner's or the hub's. */
  'handshake.call',
  /** A handshake came to an end, good or bad. */
  'handshake.ended',
  /** A call came with a token that nobody has. */
  'handshake.unknown-token',
  /** A platform's status changed. */
  'platform.status',
  /** The hub heard of a platform, told at most once a minute. */
  'platform.seen',
  'queue.paused',
  'queue.resumed',
  /** A queue's oldest push has waited for long. */
  'queue.lags',
  /** Pushes will not reach a platform: it has to ask for the objects. */
  'objects.missed',
  /** A connection check of a platform began, found something, came to its end. */
  'check.started',
  'check.probe',
  'check.ended',
  /** A registration token ends soon. */
  'token.expires-soon',
  /** A partner's TLS certificate ends soon. */
  'certificate.expires-soon',
  /** What stands in the hub's log as an alarm. */
  'alarm',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

/** Something that happened, for live pages, the history of a platform, and whoever wants to be told. */
export type HubEvent = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly kind: EventKind
  /** The platform that it is about; null when it is about none, or none that is known. */
  readonly platformId: string | null
  /** Of the exchange that shows it, where one does. */
  readonly correlationId: string | null
  /** JSON, described for each kind in docs/administrators.md. No tokens, no bodies. */
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Who brings about a change of a platform's status: `still-alive` a check of the hub's, `traffic` a message of
 * the platform's, `check` a connection check that it passed.
 */
export type ChangedBy = 'admin' | `admin:${string}` | 'partner' | 'still-alive' | 'traffic' | 'check'

/** Where a change of a platform's status comes from. */
export type ChangeOrigin = {
  readonly by: ChangedBy
  /** Of the exchange that brings it about, where there is one. */
  readonly correlationId: string | null
}

/** An administrator's doing, in no exchange with a partner. */
export const BY_ADMIN: ChangeOrigin = { by: 'admin', correlationId: null }

/** Numbers follow the order of commits: who has read up to one has missed none before it. */
export type StoredEvent = HubEvent & { readonly number: number }

/** Null leaves a filter out. */
export type EventFilter = {
  readonly platformId: string | null
  readonly kinds: readonly EventKind[] | null
}

/** Takes note of an event. Returns at once and never throws; what cannot be stored is lost and counted. */
export type NoteEvent = (event: HubEvent) => void

export type EventStore = {
  /** All of them or none. */
  readonly append: (events: readonly HubEvent[]) => Promise<void>
  /** Oldest first, at most `limit`, after a number: for who follows them. */
  readonly after: (number: number, filter: EventFilter, limit: number) => Promise<readonly StoredEvent[]>
  /** Newest first, at most `limit`, before a number (null: from the newest): for who looks back. */
  readonly before: (number: number | null, filter: EventFilter, limit: number) => Promise<readonly StoredEvent[]>
  /** Number of the newest event, of whatever kind; 0 when there was none yet. */
  readonly last: () => Promise<number>
}
