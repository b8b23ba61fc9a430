import type { Party } from '../../../ocpi/party.ts'
import { formatDateTime } from '../../../ocpi/timestamp.ts'

/** A token of the check's own, which no driver has [mod_tokens: Token object]. */
export function ownToken(hub: Party, id: string, at: number) {
  return {
    country_code: hub.countryCode,
    party_id: hub.partyId,
    uid: id,
    type: 'RFID',
    contract_id: id,
    issuer: 'Connection check',
    valid: true,
    whitelist: 'NEVER',
    last_updated: formatDateTime(at),
  }
}
