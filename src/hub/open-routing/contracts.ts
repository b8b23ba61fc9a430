import { keyOf, type PartyKey, showKey } from '../../ocpi/party.ts'
import { hasPassed } from '../moments.ts'
import type { RoutingTable } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import type { Contract, Contracts } from '../translate/edge-ports.ts'
import { keyWithin } from './clues.ts'
import { issuersHere } from './issuer.ts'
import { factsOfToken } from './learn-owners.ts'
import type { ObjectOwners, Sighting } from './object-owners.ts'

/** What is known stays so, but for the token; what is not may be learnt in another process any moment. */
const KNOWN_FOR_MS = 300_000
const MOST_KNOWN = 50_000

/**
 * Which eMSP a session or a CDR of OCPI 2.1.1 is for, that names nothing but a contract: who showed it first. A contract whose id begins with
 * an eMSP of this hub, as `NL-MSP-C12345678` does, is of that eMSP's platform alone, whoever else shows it, and when.
 */
export function createContracts(ports: {
  readonly owners: Pick<ObjectOwners, 'findMany' | 'learn'>
  readonly now: Now
  /** Null before there is one. */
  readonly table: () => RoutingTable | null
}): Contracts {
  const { owners, now, table } = ports
  const found = new Map<string, { readonly sightings: readonly Sighting[]; readonly at: number }>()

  function isFresh(key: string): boolean {
    const known = found.get(key)
    return known !== undefined && !hasPassed(KNOWN_FOR_MS, known.at, now())
  }

  async function find(keys: readonly string[]): Promise<void> {
    for (const [key, sightings] of await owners.findMany('contract', keys)) {
      if (sightings.length === 0) continue
      found.delete(key)
      found.set(key, { sightings, at: now() })
      if (found.size > MOST_KNOWN) found.delete(found.keys().next().value as string)
    }
  }

  function known(authId: string): Contract | null {
    const seen = found.get(authId.toLowerCase())?.sightings ?? []
    const issuers = issuersOf(authId)
    const rightful =
      issuers.length === 0
        ? seen
        : seen.filter(({ party }) => issuers.some(({ platformId }) => isOn(party, platformId)))
    const [first] = rightful
    // Who was first among several that were stored at one moment nobody can tell.
    if (!first || rightful.some((each) => each.party !== first.party && each.since === first.since)) return null
    const { party } = first
    const detail = rightful.find((each) => each.party === party && each.detail)?.detail ?? null
    const shown = showKey(party)
    return { party, token: detail && { countryCode: shown.slice(0, 2), partyId: shown.slice(3), ...detail } }
  }

  function issuersOf(authId: string) {
    const current = table()
    return current === null ? [] : issuersHere(current, authId)
  }

  function isOn(party: PartyKey, platformId: string): boolean {
    return hostsOf(party).some((host) => host.platformId === platformId)
  }

  function hostsOf(party: PartyKey) {
    return table()?.parties.get(party) ?? []
  }

  return {
    lookUp(authIds) {
      const missing = new Set<string>()
      for (const authId of authIds) if (!isFresh(authId.toLowerCase())) missing.add(authId.toLowerCase())
      return missing.size > 0 ? find([...missing]) : null
    },
    known,
    isOfOther(authId, platformId) {
      const issuers = issuersOf(authId)
      if (issuers.length > 0) return issuers.every((issuer) => issuer.platformId !== platformId)
      const contract = known(authId)
      const hosts = contract === null ? [] : hostsOf(contract.party)
      return hosts.length > 0 && hosts.every((host) => host.platformId !== platformId)
    },
    async typeOf(owner, uid) {
      const key = keyWithin(keyOf(owner), uid.toLowerCase())
      const seen = (await owners.findMany('token-type', [key])).get(key) ?? []
      return seen.toSorted((a, b) => b.at - a.at).find(({ detail }) => detail)?.detail?.type ?? null
    },
    learn(token, owner) {
      for (const fact of factsOfToken(token, owner)) owners.learn(fact)
    },
  }
}
