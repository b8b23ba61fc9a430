/** What an administrator may do, the most first. A `read-only` one sees no bodies unless that is granted. */
export const ADMIN_ROLES = ['owner', 'operator', 'read-only'] as const

export type AdminRole = (typeof ADMIN_ROLES)[number]

/** How somebody was let in; `command` is one on the hub's machine. */
export const AUTHOR_WAYS = ['admin-token', 'session', 'key', 'command'] as const

/** Who changes something: for the audit trail, and for those who are told of it. */
export type Author = {
  /** As the administrators know it: of the account or of the key; `owner` for the hub's own token. */
  readonly name: string
  readonly way: (typeof AUTHOR_WAYS)[number]
  /** Of the account or of the key; null for the hub's own token. */
  readonly id: string | null
  /** The client's address; empty for a command. */
  readonly address: string
}

/** An administrator, or a script of one, that was let in. */
export type Caller = Author & { readonly role: AdminRole; readonly maySeeBodies: boolean }
