import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Contracts } from './edge-ports.ts'
import { askedToken, type Facts, type FactsFor } from './leg.ts'

/** What conversions from and to 2.1.1 ask for that is known of contracts, once that was looked up, and of the type of a token. */
export function factsOf211(contracts: Pick<Contracts, 'known' | 'typeOf'>): FactsFor {
  return (carriage, objects) => {
    const { caller, receiver, from, to } = carriage
    if (caller.version !== VERSION_211 && receiver.version !== VERSION_211) return null
    const facts: Facts = {
      tokenOf: (authId) => contracts.known(authId)?.token ?? null,
      numberFor: (reservationId) => numberOf(`${keyOf(from)}/${reservationId}`),
    }
    const asked = caller.version === VERSION_211 ? askedToken(carriage) : null
    if (asked?.type?.toUpperCase() !== 'OTHER') return objects.map(() => facts)
    return contracts.typeOf(to, asked.uid).then((type) => [type === null ? facts : { ...facts, typeOfOther: type }])
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
