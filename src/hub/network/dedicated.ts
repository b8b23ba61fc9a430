import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import type { Platform } from './routing-table.ts'

/** As far as it tells what a connection of 2.1.1 is. */
type Spoken = Pick<Platform, 'version' | 'conversion'>

/** Whether a platform's version knows no routing headers: it is sent none, and what it means is told by its requests alone. */
export function isWithoutRouting({ version }: Pick<Platform, 'version'>): boolean {
  return version === VERSION_211
}

/**
 * The one party that a platform of 2.1.1 has to do with by its connection, `counterparty` of its settings; null where it has to do with all,
 * which the hub stands for. In newer versions each request says itself whom it is for.
 */
export function dedicatedTo({ version, conversion }: Spoken): Party | null {
  return version === VERSION_211 ? counterpartyIn(conversion) : null
}

/** The party that `counterparty` names, `NL-ABC`. */
export function counterpartyIn(conversion: Platform['conversion']): Party | null {
  const shown = conversion?.counterparty
  return shown ? { countryCode: shown.slice(0, 2), partyId: shown.slice(3) } : null
}

/** Whether a connection is with this party too: a dedicated one is with its counterparty alone. */
export function isOpenTo(platform: Spoken, party: PartyKey): boolean {
  const only = dedicatedTo(platform)
  return only === null || keyOf(only) === party
}
