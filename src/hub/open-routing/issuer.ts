import { isPartyName, keyOf, type Party } from '../../ocpi/party.ts'
import { sideOf } from '../../ocpi/sides.ts'
import type { HostedParty, RoutingTable } from '../network/routing-table.ts'

const NOBODY: readonly HostedParty[] = []
const UUID = /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i

/** The party by which an eMA id begins, in its first five letters and digits: of `NL-MSP-C12345678` and `NLMSPC12345678` NL-MSP. */
export function issuerOf(authId: string): Party | null {
  if (UUID.test(authId)) return null
  const plain = authId.replace(/[^A-Za-z0-9]/g, '')
  const [countryCode, partyId] = [plain.slice(0, 2), plain.slice(2, 5)]
  return plain.length > 5 && isPartyName(countryCode, partyId) ? { countryCode, partyId } : null
}

/** The party by which an eMA id begins, wherever it is an eMSP of this hub. Empty: it names nobody here. */
export function issuersHere(table: RoutingTable, authId: string): readonly HostedParty[] {
  const issuer = issuerOf(authId)
  const hosts = issuer && table.parties.get(keyOf(issuer))
  return hosts?.filter(isOfEmspSide) ?? NOBODY
}

function isOfEmspSide({ roles }: HostedParty): boolean {
  return roles.some(({ role, status }) => status === 'ACTIVE' && sideOf(role) === 'emsp')
}
