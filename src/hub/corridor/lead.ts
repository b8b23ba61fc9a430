import type { InterfaceRole } from '../../ocpi/modules.ts'
import type { Party, PartyKey } from '../../ocpi/party.ts'
import { DAY_MS } from '../moments.ts'
import type { StoredUrl } from '../network/registry.ts'

/** Who a led URL is for and whom it leads to. */
export type Lead = {
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly forParty: Party
  readonly toParty: Party
}

/** As `Lead`, with the platform that gave the URL to be stored. */
export type StoredLead = Lead & { readonly toPlatformId: string }

/** A hub URL taken back to what it stands for. */
export type Led = {
  readonly kind: StoredUrl['kind']
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly forParty: PartyKey
  readonly toParty: PartyKey
  /** Of a next page of a list of the hub's own: which reading of it the page belongs to. */
  readonly crawlId: string | null
  /** The partner's own address, or what follows the announced endpoint's path: `''` or `'/'`. */
  readonly goes: { readonly url: string; readonly ofPlatformId: string } | { readonly trailing: '' | '/' }
}

/** How long a hub-made URL leads anywhere. A posted CDR's Location lasts as long as the parties. */
export const LIFETIME_MS = { next: DAY_MS, response: 30 * DAY_MS, location: null } as const
