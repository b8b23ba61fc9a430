import type { Party } from '../party.ts'

/** What became of a member beside being carried: see the table of each pair of versions. */
export type Fate = 'lost' | 'invented' | 'changed' | 'withheld' | 'unknown'

/** One thing that a conversion did not carry as it was. */
export type Remark = {
  readonly fate: Fate
  // A pointer holds what would end a block comment.
  // Of lost members in the source, else in the target; indices as `*`, as in `/evses/*/connectors/*/standard`.
  readonly pointer: string
  /** A few words, the same for each object that it happens to. */
  readonly reason: string
}

/** Why a member is lost whose name is in no rule. Whoever sends objects makes up such names, as many as it likes. */
export const NO_KNOWN_FIELD = 'OCPI has no such field'

/** How a platform wants converted what its version cannot say; of a platform as it is in force. */
export type ConversionSettings = {
  /** Members and values that the version does not have: left out, or sent all the same. @default 'drop' */
  readonly extras: 'drop' | 'keep'
  /** Tariffs whose sum would change: withheld, or sent without what cannot be said. @default 'withhold' */
  readonly tariffLoss: 'withhold' | 'send'
  /** `country_code` and `party_id` are added to objects of 2.1.1, which has no owner in them. @default true */
  readonly ownerMembers: boolean
  /** Whose party stands in URLs of pushes to a platform of 2.1.1: the owner's, or the hub's. @default 'owner' */
  readonly ownerInUrl: 'owner' | 'hub'
  /** Ids toward a platform of 2.1.1: as the owner sent them, or with its party before them. @default null: prefixed toward eMSPs of aggregated connections */
  readonly ids: 'as-sent' | 'prefixed' | null
  /** The one party that a platform of 2.1.1 has to do with, `NL-ABC`; null: all, by one connection. */
  readonly counterparty: string | null
  /** Of Locations of a 2.1.1 platform that name none, as `Europe/Amsterdam`; null: by country, else UTC. */
  readonly timeZone: string | null
  /** VAT in percent of prices of a 2.1.1 platform, as `21`; null: not said. */
  readonly vat: string | null
  /** Seconds in which a 2.1.1 CPO's commands come to a result. @default 30 */
  readonly commandTimeout: number
  /** Credit CDRs toward 2.1.1: said in `remark`, or withheld. @default 'remark' */
  readonly credit: 'remark' | 'withhold'
  /** Under which name `authorization_reference` is carried in 2.1.1, as `authorization_id`; null: not at all. */
  readonly referenceMember: string | null
  /** `signed_data` is sent in CDRs of 2.1.1. @default false */
  readonly signedData: boolean
  /** What was lost is said in `status_message` of answers. @default false */
  readonly tellsLosses: boolean
}

export const DEFAULT_CONVERSION: ConversionSettings = {
  extras: 'drop',
  tariffLoss: 'withhold',
  ownerMembers: true,
  ownerInUrl: 'owner',
  ids: null,
  counterparty: null,
  timeZone: null,
  vat: null,
  commandTimeout: 30,
  credit: 'remark',
  referenceMember: null,
  signedData: false,
  tellsLosses: false,
}

/** A token as a CDR or Session of 2.2.1 names it. */
export type KnownToken = Party & { readonly uid: string; readonly type: string }

/** What rules ask for that is not in the object itself. Everything is there at once: nothing waits inside a conversion. */
export type Context = {
  /** Of the platform that gets the object. */
  readonly settings: ConversionSettings
  /** Of the platform that sent it: `timeZone`, `vat` and `commandTimeout` are of the source. */
  readonly sourceSettings: ConversionSettings
  /** Whose object it is, where it does not say so itself (2.1.1); null: not known. */
  readonly owner: Party | null
  /** The eMSP that an object of 2.1.1 is for, or that answers; null: not known. */
  readonly counterpart: Party | null
  /** An OCPI DateTime: now. Few rules ask for it. */
  readonly now: () => string
  /** Of an id of 2.1.1: the like of the same kind of object went by in another letter case. @default none did */
  readonly differsInCase?: (of: string, id: string) => boolean
  /** What is known of the token of an `auth_id`. @default nothing */
  readonly tokenOf?: (authId: string) => KnownToken | null
  /** The bytes of a Location in 2.2.1 that was seen. @default none */
  readonly locationOf?: (id: string) => Uint8Array | null
  /** Whether a tariff would be withheld from this platform; null: it was never seen. @default null */
  readonly isWithheldTariff?: (id: string) => boolean | null
  /** The number in place of a reservation id that is none, which 2.1.1 asks for. */
  readonly numberFor?: (reservationId: string) => number
  /** Of an authorisation: the bytes of its token in 2.2.1, where it was seen. @default none */
  readonly seenToken?: () => Uint8Array | null
  /** Of an authorisation: the token in the path, as `{ uid, type }`. */
  readonly asked?: { readonly uid: string; readonly type: string | null }
}

/** What is in a body: one object of a kind or a list of them, whole or, of a PATCH, members of it. */
export type Carried = { readonly kind: Kind; readonly isPatch: boolean }

/** Objects that differ between versions. What stands in none is not converted. */
export type Kind =
  | 'location'
  | 'evse'
  | 'connector'
  | 'tariff'
  | 'token'
  | 'session'
  | 'cdr'
  | 'location-references'
  | 'authorization'
  | 'reserve-now'
  | 'start-session'
  | 'stop-session'
  | 'unlock-connector'
  | 'cancel-reservation'
  | 'command-response'
  | 'command-result'

/** One object, converted. */
export type Converted =
  | { readonly kind: 'converted'; readonly bytes: Uint8Array; readonly remarks: readonly Remark[] }
  /** To say it in the target's version would be false. `why` is for people: `OCPI 2.2.1 reads prices as excluding VAT`. */
  | { readonly kind: 'withheld'; readonly why: string; readonly remarks: readonly Remark[] }
  /** A PATCH of members that can only be converted with the whole object. */
  | { readonly kind: 'needs-rest'; readonly members: readonly string[] }
  /** No JSON, no object, nested too deep. */
  | { readonly kind: 'broken'; readonly why: string }
