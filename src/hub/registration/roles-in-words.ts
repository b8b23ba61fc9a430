import { type Party, type Role, showParty } from '../../ocpi/party.ts'
import type { PartyTaken, TooManyRoles } from '../network/handshake.ts'

/** What became of the roles in a handshake, as partners and administrators are told it. */

export function whyTaken({ party, role, why }: PartyTaken): string {
  return why === 'held'
    ? `${showParty(party)} as ${role} belongs to another platform`
    : `${showParty(party)} has another role at another platform, and the hub's administrator reserved ${role} for nobody`
}

export function tooMany({ most, brought, left }: TooManyRoles): string {
  const beside = left > 0 ? ` and ${left} that were given up and are not free yet` : ''
  return `roles: expected at most ${most}, got ${brought}${beside}`
}

/** The roles that wait, in a few words; null where none does. */
export function whatWaits(pending: readonly (Party & { readonly role: Role })[]): string | null {
  if (pending.length === 0) return null
  const named = pending.slice(0, 3).map((role) => `${showParty(role)} as ${role.role}`)
  const more = pending.length > 3 ? ` and ${pending.length - 3} more` : ''
  return `Taking part in nothing until the hub's administrator confirms it: ${named.join(', ')}${more}`
}
