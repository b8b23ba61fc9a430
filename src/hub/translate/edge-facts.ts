import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Contracts } from './edge-ports.ts'
import type { Facts, FactsFor } from './leg.ts'

/** What conversions from and to 2.1.1 ask for that is known of contracts, once that was looked up. */
export function factsOf211(contracts: Pick<Contracts, 'known'>): FactsFor {
  return ({ caller, receiver, from }, objects) => {
    if (caller.version !== VERSION_211 && receiver.version !== VERSION_211) return null
    const facts: Facts = {
      tokenOf: (authId) => contracts.known(authId)?.token ?? null,
      numberFor: (reservationId) => numberOf(`${keyOf(from)}/${reservationId}`),
    }
    return objects.map(() => facts)
  }
}

/** Above it some readers' integers end: a number of nine digits fits all. */
const MOST = 1_000_000_000

/** The same number for the same name, always: of a billion, so that two reservations at one CPO hardly have one [FNV-1a]. */
export function numberOf(name: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash % MOST
}
