import type { Role } from '../../ocpi/party.ts'
import { type Side, sideOf } from '../../ocpi/sides.ts'

type WithParties = {
  readonly parties: readonly { readonly roles: readonly { readonly role: Role; readonly status: string }[] }[]
}

/** The side on which all parties of a platform stand, announced ones among them; null where they stand on both, or it has none. */
export function soleSide({ parties }: WithParties): Side | null {
  return soleSideOf(parties.flatMap(({ roles }) => roles.filter(({ status }) => status !== 'GIVEN_UP')))
}

/** The same of roles. */
export function soleSideOf(roles: readonly { readonly role: Role }[]): Side | null {
  const [side, other] = new Set(roles.map(({ role }) => sideOf(role)))
  return side === undefined || other !== undefined ? null : side
}
