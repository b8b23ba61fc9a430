import { showKey } from '../../ocpi/party.ts'
import { hasPassed } from '../moments.ts'
import type { Now } from '../ports.ts'
import type { Contract, Contracts } from '../translate/edge-ports.ts'
import { factsOfToken } from './learn-owners.ts'
import type { ObjectOwners } from './object-owners.ts'

/** What is known stays so, but for the token; what is not may be learnt in another process any moment. */
const KNOWN_FOR_MS = 300_000
const MOST_KNOWN = 50_000

/** Which eMSP a session or a CDR of OCPI 2.1.1 is for, that names nothing but a contract. */
export function createContracts(ports: {
  readonly owners: Pick<ObjectOwners, 'findMany' | 'learn'>
  readonly now: Now
}): Contracts {
  const { owners, now } = ports
  const found = new Map<string, { readonly contract: Contract; readonly at: number }>()

  function isFresh(key: string): boolean {
    const known = found.get(key)
    return known !== undefined && !hasPassed(KNOWN_FOR_MS, known.at, now())
  }

  async function find(keys: readonly string[]): Promise<void> {
    for (const [key, sightings] of await owners.findMany('contract', keys)) {
      const [first] = sightings
      // Who was first among several that were stored at one moment nobody can tell.
      const isClear = sightings.every((each) => each.party === first?.party || each.since !== first?.since)
      if (!first || !isClear) continue
      const { party } = first
      const detail = sightings.find((each) => each.party === party && each.detail)?.detail ?? null
      const shown = showKey(party)
      const token = detail && { countryCode: shown.slice(0, 2), partyId: shown.slice(3), ...detail }
      found.delete(key)
      found.set(key, { contract: { party, token }, at: now() })
      if (found.size > MOST_KNOWN) found.delete(found.keys().next().value as string)
    }
  }

  return {
    lookUp(authIds) {
      const missing = new Set<string>()
      for (const authId of authIds) if (!isFresh(authId.toLowerCase())) missing.add(authId.toLowerCase())
      return missing.size > 0 ? find([...missing]) : null
    },
    known: (authId) => found.get(authId.toLowerCase())?.contract ?? null,
    learn(token, owner) {
      for (const fact of factsOfToken(token, owner)) owners.learn(fact)
    },
  }
}
