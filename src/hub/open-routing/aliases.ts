import { prefixId, splitId } from '../../ocpi/convert/ids.ts'
import { keyOf, type PartyKey, showKey } from '../../ocpi/party.ts'
import type { Aliases } from '../translate/edge-ports.ts'
import { isKept, type ObjectOwners } from './object-owners.ts'

/** Where an id with its party before it is too long: `NLCPO!` and 26 characters of a digest, which is kept for as long as it is in use. */
const KEPT = /^[A-Z0-9]{0,5}![A-Za-z0-9_-]{26}$/
const DIGEST_CHARACTERS = 26
const MOST_KNOWN = 20_000

export function isKeptAlias(id: string): boolean {
  return KEPT.test(id)
}

/** The key of the fact that tells what an alias stands for. */
export function aliasKey(alias: string): string {
  return alias.toLowerCase()
}

/** @param digest gives the same in all processes, in letters, digits, `-` and `_` */
export function createAliases(ports: {
  readonly owners: Pick<ObjectOwners, 'findMany' | 'learn'>
  readonly digest: (text: string) => string
}): Aliases {
  const { owners, digest } = ports
  const known = new Map<string, { readonly party: PartyKey; readonly id: string }>()

  function keep(alias: string, party: PartyKey, id: string): void {
    known.set(aliasKey(alias), { party, id })
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as string)
  }

  async function find(aliases: readonly string[]): Promise<void> {
    for (const [alias, [sighting]] of await owners.findMany('alias', aliases.map(aliasKey)))
      if (sighting?.detail) keep(alias, sighting.party, sighting.detail.uid)
  }

  return {
    aliasOf(owner, id, of) {
      const prefixed = prefixId(owner, id, of)
      if (prefixed !== null) return prefixed
      const party = keyOf(owner)
      const name = showKey(party).replace('-', '')
      const alias = `${/^[A-Z0-9]+$/.test(name) ? name : ''}!${digest(`${party} ${of} ${id}`).slice(0, DIGEST_CHARACTERS)}`
      // One that no version of OCPI allows by far is the same for all, but for none the way back.
      if (!isKept(id)) return alias
      keep(alias, party, id)
      owners.learn({ kind: 'alias', key: aliasKey(alias), party, detail: { uid: id, type: of } })
      return alias
    },
    lookUp(ids) {
      const missing = [...ids].filter((id) => isKeptAlias(id) && !known.has(aliasKey(id)))
      return missing.length > 0 ? find(missing) : null
    },
    ownerOf(id) {
      const kept = isKeptAlias(id) ? known.get(aliasKey(id)) : undefined
      if (!kept) return splitId(id)
      const shown = showKey(kept.party)
      return { owner: { countryCode: shown.slice(0, 2), partyId: shown.slice(3) }, id: kept.id }
    },
  }
}
