import { type BusinessDetails, businessDetails } from '../../ocpi/credentials.ts'
import { flatCredentials, type RoleOf } from '../../ocpi/dialect-211.ts'
import { keyOf, type Party, type Role, showParty } from '../../ocpi/party.ts'
import { otherSide, type Side, sideOf } from '../../ocpi/sides.ts'
import { counterpartyIn } from '../network/dedicated.ts'
import type { Registry } from '../network/registry.ts'
import type { CurrentTable } from '../network/routing-table.ts'

/** The hub's credentials for a partner of 2.1.1. */
export type FlatCredentials = (of: {
  readonly platformId: string
  /** On which the partner stands. */
  readonly side: Side
  readonly token: string
}) => Promise<object>

/**
 * The hub's credentials of 2.1.1, which name one party: the hub's own, or that of the counterparty to which an administrator dedicated the
 * connection.
 */
export function createFlatCredentials(ports: {
  readonly publicUrl: string
  readonly hub: Party
  readonly business: BusinessDetails
  readonly table: CurrentTable
  readonly registry: Pick<Registry, 'findPlatform'>
}): FlatCredentials {
  const { publicUrl, hub, business, table, registry } = ports

  /** As the platform of the party gave them. */
  async function detailsOf(party: Party, side: Side): Promise<unknown> {
    const [host] = table().parties.get(keyOf(party)) ?? []
    const record = host && (await registry.findPlatform(host.platformId))
    const own = record?.parties.find((each) => keyOf(each) === keyOf(party) && sideOf(each.role) === side)
    return own?.businessDetails ?? { name: showParty(party) }
  }

  return async ({ platformId, side, token }) => {
    const counterparty = counterpartyIn(table().platforms.get(platformId)?.conversion)
    return flatCredentials({
      token,
      versionsUrl: `${publicUrl}/ocpi/${otherSide(side)}/versions`,
      party: counterparty ?? hub,
      businessDetails: counterparty ? await detailsOf(counterparty, otherSide(side)) : businessDetails(business),
    })
  }
}

/** Which role a party has that registers on a side: of those that the platform has or is to have the fitting one. */
export function roleOn(side: Side, known: readonly (Party & { readonly role: Role })[]): RoleOf {
  const fitting = known.filter(({ role }) => sideOf(role) === side)
  return (party) => {
    const own = fitting.find((each) => keyOf(each) === keyOf(party)) ?? fitting[0]
    return own?.role ?? (side === 'cpo' ? 'CPO' : 'EMSP')
  }
}

/** Why a platform cannot register on a side; null: it can. One that nothing is known of can on either. */
export function whyNotOn(side: Side, roles: readonly { readonly role: Role }[], publicUrl: string): string | null {
  if (roles.length === 0) return null
  const sides = new Set(roles.map(({ role }) => sideOf(role)))
  if (sides.size > 1)
    return 'Your platform has roles of both sides, and OCPI 2.1.1 connects one: each side needs a platform of its own at the hub'
  if (sides.has(side)) return null
  return `Your platform is expected as ${side === 'cpo' ? 'eMSP' : 'CPO'}: register at ${publicUrl}/ocpi/${side}/versions`
}
