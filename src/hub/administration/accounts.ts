import type { AdminRole } from './author.ts'

/** Most people and most keys that a hub has: each list comes in one answer. */
export const MOST_ACCOUNTS = 500

/** A person who administers the hub. */
export type Admin = {
  readonly id: string
  /** What they sign in with and what others see; no two have the same, whatever its letters' case. */
  readonly name: string
  readonly email: string | null
  readonly role: AdminRole
  /** Whether a `read-only` one sees headers and bodies of messages; the other roles do anyway. */
  readonly maySeeBodies: boolean
  readonly hasPassword: boolean
  /** Whether they come from the identity provider, which then says their role at each sign-in. */
  readonly isFromProvider: boolean
  /** Milliseconds since the epoch, as all moments here. */
  readonly createdAt: number
  /** When a session of theirs was used last, to the minute; null before the first. */
  readonly lastUsedAt: number | null
  /** Null while they may sign in. */
  readonly disabledAt: number | null
}

export type NewAdmin = Pick<Admin, 'id' | 'name' | 'email' | 'role' | 'maySeeBodies' | 'createdAt'> & {
  /** Null: they cannot sign in with a password. */
  readonly passwordDigest: string | null
}

/** What is left out stays as it is. */
export type AdminChange = Partial<Pick<NewAdmin, 'email' | 'role' | 'maySeeBodies' | 'passwordDigest'>> & {
  readonly disabledAt?: number | null
}

/** A secret with which a program calls the administrators' API. */
export type ApiKey = {
  readonly id: string
  readonly name: string
  readonly role: AdminRole
  readonly maySeeBodies: boolean
  /** How the key begins, to tell which one it is. */
  readonly prefix: string
  readonly createdAt: number
  /** Name of who made it. */
  readonly createdBy: string
  /** Null: never. */
  readonly expiresAt: number | null
  /** To the minute; null before its first use. */
  readonly lastUsedAt: number | null
  readonly disabledAt: number | null
}

export type NewApiKey = Omit<ApiKey, 'lastUsedAt' | 'disabledAt'> & { readonly digest: string }

/** What is left out stays as it is. */
export type ApiKeyChange = Partial<Pick<ApiKey, 'role' | 'maySeeBodies' | 'expiresAt' | 'disabledAt'>>

/** What came of adding to the accounts. */
export type AddResult = 'added' | 'name-taken' | 'too-many'

/** The administrators and their keys. Each function rejects when the store is away. */
export type AccountStore = {
  readonly addAdmin: (admin: NewAdmin) => Promise<AddResult>
  /** Ends the sessions of the administrator where role, password, or being allowed in changes. Null: unknown. */
  readonly changeAdmin: (id: string, change: AdminChange) => Promise<Admin | null>
  /** False: unknown. */
  readonly removeAdmin: (id: string) => Promise<boolean>
  readonly findAdmin: (id: string) => Promise<Admin | null>
  /** In order of their names. */
  readonly listAdmins: () => Promise<readonly Admin[]>
  readonly addKey: (key: NewApiKey) => Promise<AddResult>
  /** Ends the sessions that were opened with the key where its role, its end, or being allowed in changes. Null: unknown. */
  readonly changeKey: (id: string, change: ApiKeyChange) => Promise<ApiKey | null>
  readonly removeKey: (id: string) => Promise<boolean>
  readonly findKey: (id: string) => Promise<ApiKey | null>
  readonly listKeys: () => Promise<readonly ApiKey[]>
}

/** What of the accounts is read. */
export type AccountViews = Pick<AccountStore, 'findAdmin' | 'listAdmins' | 'findKey' | 'listKeys'>

/** What of the accounts is changed, by somebody. */
export type AccountChanges = Omit<AccountStore, keyof AccountViews>

/** What an account or a key may do, as it stands at the moment of asking. */
export type Rights = {
  readonly id: string
  readonly name: string
  readonly role: AdminRole
  readonly maySeeBodies: boolean
}

/** Whose a session is: of an administrator, of who brought a key, or of who brought the hub's own token. */
export type SessionOf =
  | { readonly kind: 'admin' | 'key'; readonly id: string }
  /** `mark` tells one administrator token from the next, and is no digest of it. */
  | { readonly kind: 'admin-token'; readonly mark: string }

export type NewSession = {
  readonly digest: string
  readonly of: SessionOf
  readonly createdAt: number
  readonly expiresAt: number
  readonly address: string
}

/** A session that is good, unless it is of an administrator token that counts no more. */
export type Session = {
  readonly expiresAt: number
  readonly of:
    | { readonly kind: 'account'; readonly rights: Rights }
    | { readonly kind: 'admin-token'; readonly mark: string }
}

/** Someone whom the identity provider vouches for. */
export type ProvidedAdmin = {
  /** Issuer and subject, which together never change. */
  readonly subject: string
  readonly name: string
  readonly email: string | null
  readonly role: AdminRole
}

/** How something is looked up by its key, by a function that can look up many at once and returns those it found. */
export type LookUp = <V>(
  findMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
) => (key: string) => Promise<V | null>

/** By which the hub knows who calls. Each function rejects when the store is away. */
export type CredentialStore = {
  /** The rights of a key that is neither disabled nor over. Notes its use, once a minute. */
  readonly findKeyRights: (digest: string) => Promise<Rights | null>
  /** Null for who is unknown, disabled, or without a password. */
  readonly findPassword: (name: string) => Promise<{ readonly id: string; readonly passwordDigest: string } | null>
  /** Adds an administrator of the identity provider, or takes over what it says of one who is known. Null: disabled, or no room. */
  readonly admitProvided: (admin: ProvidedAdmin, newId: string, at: number, address: string) => Promise<string | null>
  readonly openSession: (session: NewSession) => Promise<void>
  readonly findSession: (digest: string) => Promise<Session | null>
  /** False: there was none, or another ended it in the same moment. */
  readonly endSession: (digest: string) => Promise<boolean>
}
