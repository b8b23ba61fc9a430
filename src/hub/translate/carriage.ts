import type { Remark } from '../../ocpi/convert/conversion.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import type { Party, PartyKey } from '../../ocpi/party.ts'
import type { Platform } from '../network/routing-table.ts'

/** A request between two platforms, as far as its conversion hangs on it. Its answer is carried the other way. */
export type Carriage = {
  readonly module: string
  /** Of the receiver. */
  readonly interfaceRole: InterfaceRole
  readonly method: string
  /** What follows the module, without the query: `/NL/CPO/LOC1`; as the caller wrote it. */
  readonly rest: string
  /** With its `?`; empty when there is none. */
  readonly query: string
  /** Whose version the request's body is in: of a push that waited, the version it came in counts, not that of now. */
  readonly version: string | null
  readonly caller: Platform
  readonly receiver: Platform
  readonly from: Party
  readonly to: Party
  /** To a URL of a partner's own that the hub led: path and query are its own and not looked at. */
  readonly isLed: boolean
  /** When the request came, in milliseconds since the epoch: a PATCH that does not say when gets it. @default now */
  readonly receivedAt?: number
  /** A push: what it says of its object was stored with it. @default false */
  readonly isNoted?: boolean
}

/** What each platform is told once: it is asked before, and told when the platform took it. Both reject when the store is away. */
export type Once = {
  readonly isTold: (platformId: string, party: PartyKey) => Promise<boolean>
  readonly tell: (platformId: string, party: PartyKey) => Promise<void>
}

/** What becomes of a request on its way to a platform that speaks another version. */
export type TranslatedRequest =
  /** Versions are equal: everything goes as it came. */
  | { readonly kind: 'same' }
  | {
      readonly kind: 'translated'
      readonly body: Uint8Array
      readonly method: string
      readonly rest: string
      readonly query: string
      /** For the message log. */
      readonly conversion: string
      /** For the caller, where it wants to be told what was lost. @default null */
      readonly losses?: string | null
      /** To be called once the receiver took it: what it says counts from then on. Rejects when the store is away. @default nothing */
      readonly whenTaken?: () => Promise<void>
      /** For the message log, too. */
      readonly remarks: readonly Remark[]
      /** Of a push, whose conversion is the same for many: what each platform is told once only. @default as often as it is said */
      readonly once?: Once
    }
  /** The hub answers itself, 1000 with this `status_message`, and `data` if any: not having the object is what it asks for. */
  | { readonly kind: 'settled'; readonly why: string; readonly data?: unknown }
  /** Not to be said in the receiver's version, now and ever: 2001 for a caller, nothing for the partner of a push. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** Should not be: 4000 for a caller, a push is parked. Never is the original sent in its place. */
  | { readonly kind: 'failed'; readonly why: string }
  /** Nothing is carried between the two: 4001. */
  | { readonly kind: 'no-bridge'; readonly why: string }

/** What a conversion did, to be counted: per pair of versions, kind, pointer, reason and pair of platforms. */
export type ConversionNote = {
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly outcome: 'converted' | 'withheld' | 'failed'
  readonly remarks: readonly Remark[]
  /** The platform that it comes from. */
  readonly sourceId: string
  /** The platform that gets it. */
  readonly platformId: string
  /** The object's id, as a sample; null where it has none. */
  readonly sample: string | null
}

/** Takes note of a conversion. Cheap; never fails. */
export type NoteConversion = (note: ConversionNote) => void
