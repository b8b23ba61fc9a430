import type { KnownToken } from '../../ocpi/convert/conversion.ts'
import type { IdOf } from '../../ocpi/convert/ids.ts'
import type { Party, PartyKey } from '../../ocpi/party.ts'

/** Whose a contract is: the eMSP, and its token where that was seen. */
export type Contract = { readonly party: PartyKey; readonly token: KnownToken | null }

/** By contract_id, the auth_id of OCPI 2.1.1, whatever its letter case. */
export type Contracts = {
  /** Looks up those that are not known yet, all at once; null where all are. Rejects when the store is away. */
  readonly lookUp: (authIds: Iterable<string>) => Promise<void> | null
  /** What is known once it was looked up. Of a contract that several parties showed the first has it that may. */
  readonly known: (authId: string) => Contract | null
  /** Whether a contract, once it was looked up, is another platform's than this one that shows it. */
  readonly isOfOther: (authId: string, platformId: string) => boolean
  /** The type of a token that this party showed last with this uid, letter case aside; null where it was none but RFID. Rejects when the store is away. */
  readonly typeOf: (owner: Party, uid: string) => Promise<string | null>
  /** Learns of a token that this party showed as its own. */
  readonly learn: (token: unknown, owner: PartyKey) => void
}

/** Which eMSP has a session of a CPO, whatever the letter case of its id. */
export type Drivers = {
  /** The eMSP that it was sent or shown to last; null where that is not known. Rejects when the store is away. */
  readonly of: (cpo: Party, session: string) => Promise<PartyKey | null>
  readonly learn: (cpo: Party, session: string, emsp: Party) => void
}

/** Who runs Locations that do not say it: their owners, by the business details that they gave the hub with their credentials. */
export type Operators = {
  /** Looks up those that are not known yet, all at once; null where all are. Never rejects: of whom it cannot be read now nothing is known. */
  readonly lookUp: (owners: readonly Party[]) => Promise<void> | null
  /** BusinessDetails as JSON text, once they were looked up; null where the owner gave none. */
  readonly known: (owner: Party) => Uint8Array | null
}

/** Ids toward a platform of 2.1.1, which has no owner in its objects: the owner's party stands in them. */
export type Aliases = {
  /** What an owner's id is called there: `NLCPO.LOC1`. */
  readonly aliasOf: (owner: Party, id: string, of: IdOf) => string
  /** Looks up ids that do not say themselves what they stand for; null where there are none. Rejects when the store is away. */
  readonly lookUp: (ids: Iterable<string>) => Promise<void> | null
  /** Whose such an id is, and what its owner calls it, once it was looked up; null for one that was given no owner. */
  readonly ownerOf: (id: string) => { readonly owner: Party; readonly id: string } | null
}
