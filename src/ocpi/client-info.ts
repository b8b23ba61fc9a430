import type { Party, Role } from './party.ts'
import { formatDateTime } from './timestamp.ts'

/** How the connection to a party stands [mod_hub_client_info: ConnectionStatus enum]. */
export type ClientStatus = 'CONNECTED' | 'OFFLINE' | 'PLANNED' | 'SUSPENDED'

/** What a hub tells of one party in one role, as it goes over the wire [mod_hub_client_info: ClientInfo Object]. */
export type ClientInfo = {
  readonly party_id: string
  readonly country_code: string
  readonly role: Role
  readonly status: ClientStatus
  readonly last_updated: string
}

/** Makes a ClientInfo with the party's own spelling of its name. `lastUpdatedMs` is when this ClientInfo last changed. */
export function clientInfo(party: Party, role: Role, status: ClientStatus, lastUpdatedMs: number): ClientInfo {
  return {
    party_id: party.partyId,
    country_code: party.countryCode,
    role,
    status,
    last_updated: formatDateTime(lastUpdatedMs),
  }
}

/** Where in a receiver's hubclientinfo module a ClientInfo is put: `/NL/ABC` [mod_hub_client_info: Receiver Interface]. */
export function clientInfoPath(party: Party): string {
  return `/${encodeURIComponent(party.countryCode)}/${encodeURIComponent(party.partyId)}`
}
