import type { PartyKey, Role } from '../../ocpi/party.ts'

/** Which parties a platform was told last that it reaches, and when it was told or that was last tried. */
export type Told = { readonly digest: string; readonly at: number }

/** What platforms were told in the hub's credentials, kept across restarts. Every function rejects when the database is away. */
export type ToldCredentials = {
  /** What their platforms gave as business details of these roles, by `reachableKey`. */
  readonly businessOf: (
    roles: readonly { readonly key: PartyKey; readonly role: Role }[],
  ) => Promise<ReadonlyMap<string, unknown>>
  readonly note: (platformId: string, told: Told) => Promise<void>
  /** A handshake is about to tell it: until that is over, and for as long as after any telling, it gets no PUT of the hub's. */
  readonly begin: (platformId: string, at: number) => Promise<void>
  /** Of these platforms; one that was told nothing is left out. */
  readonly find: (platformIds: readonly string[]) => Promise<ReadonlyMap<string, Told>>
  /** Moves the moment of the last telling from `from` (null: there was none) to `to`, for one process alone; false where another was faster. */
  readonly claim: (platformId: string, from: number | null, to: number) => Promise<boolean>
}
