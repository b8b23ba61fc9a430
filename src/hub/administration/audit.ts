import type { Author } from './author.ts'

/** What administrators change. Stable: scripts search for these words. */
export const AUDIT_ACTIONS = [
  'platform.create',
  'platform.change',
  'platform.delete',
  'platform.suspend',
  'platform.resume',
  /** It is kept from going live, or let go live. */
  'platform.hold',
  'platform.release',
  /** A handshake, a rotation or the end of a connection was asked for; what it came to is the next row of the same verb. */
  'platform.connect',
  'platform.connect.ended',
  'platform.rotate',
  'platform.rotate.ended',
  'platform.disconnect',
  'platform.disconnect.ended',
  'registration.make',
  'tokens.end-older',
  'roles.confirm',
  'roles.refuse',
  'party.move',
  'party.free',
  /** Sandbox partners: one comes, behaves otherwise or goes; a platform is to try the hub with these. */
  'sandbox.attach',
  'sandbox.change',
  'sandbox.remove',
  'sandbox.assign',
  'agreement.add',
  'agreement.import',
  'agreement.end',
  /** A connection check was asked for. */
  'check.ask',
  /** A fault that it finds is let pass, or not any more. */
  'check.waive',
  'check.unwaive',
  'queue.pause',
  'queue.resume',
  'queue.skip',
  /** A push or an object was put into the queue once more. */
  'queue.send-again',
  'admin.add',
  'admin.change',
  'admin.remove',
  'key.add',
  'key.change',
  'key.remove',
  'lock-out.lift',
  'webhook.add',
  'webhook.change',
  'webhook.remove',
  'webhook.rotate-secret',
  'partner-link.add',
  'partner-link.revoke',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** Kinds of things that are changed. */
export const AUDITED_KINDS = [
  'platform',
  'party',
  'agreement',
  'queue',
  'admin',
  'key',
  'lock-out',
  'webhook',
  'partner-link',
] as const

/** Reasons are no longer. */
export const MOST_REASON_LENGTH = 500

/** Who changes something, and why, in their words. */
export type By = { readonly author: Author; readonly reason: string | null }

/** Whoever may start programs on the hub's machine. */
export const BY_COMMAND: By = {
  author: { name: 'command line', way: 'command', id: null, address: '' },
  reason: null,
}

/** Fields by name, as the API has them. */
export type AuditFields = Readonly<Record<string, unknown>>

/** One thing that an administrator changed. */
export type AuditEntry = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly by: By
  readonly action: AuditAction
  readonly on: {
    readonly kind: (typeof AUDITED_KINDS)[number]
    readonly id: string
    /** What it was called then. */
    readonly name: string | null
  }
  /** The platform that it concerns; null when it concerns none, or not just one. */
  readonly platformId: string | null
  /** What changed, and nothing else. Null: there was nothing before. No tokens, no digests of them. */
  readonly before: AuditFields | null
  /** The same fields afterwards. Null: nothing is left. */
  readonly after: AuditFields | null
}

export type StoredAuditEntry = AuditEntry & { readonly number: number }

/** Stands where who reads may not see what stands there. */
const HIDDEN = '***'

/** The row without what it has of people: the address that they came from, and their e-mails. Who it was stays. */
export function withoutContacts(entry: StoredAuditEntry): StoredAuditEntry {
  const { by, on, before, after } = entry
  const author = { ...by.author, address: '' }
  const hidden = on.kind === 'admin' ? 'email' : on.kind === 'lock-out' ? 'address' : null
  const hide = (fields: AuditFields | null) =>
    hidden !== null && fields?.[hidden] ? { ...fields, [hidden]: HIDDEN } : fields
  return { ...entry, by: { ...by, author }, before: hide(before), after: hide(after) }
}

/** Null leaves a filter out. */
export type AuditFilter = {
  /** Name or id of an author, in any letter case. */
  readonly who: string | null
  /** An action, or what it begins with up to a dot: `platform`. */
  readonly what: string | null
  readonly platformId: string | null
  /** Stands anywhere in a row: in names, ids, address, reason, before or after, in any letter case. */
  readonly text: string | null
  /** Whether `text` is looked for in what `withoutContacts` hides, too: it could be guessed by searching else. */
  readonly inContacts: boolean
  /** Inclusive. */
  readonly since: number | null
  /** Exclusive. */
  readonly until: number | null
}

export type AuditTrail = {
  /** The latest first, at most `limit`, before a number (null: from the latest). */
  readonly list: (
    filter: AuditFilter,
    beforeNumber: number | null,
    limit: number,
  ) => Promise<readonly StoredAuditEntry[]>
}
