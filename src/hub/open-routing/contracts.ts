import type { KnownToken } from '../../ocpi/convert/conversion.ts'
import { type PartyKey, showKey } from '../../ocpi/party.ts'
import { hasPassed } from '../moments.ts'
import type { Now } from '../ports.ts'
import type { ObjectOwners } from './object-owners.ts'

/** Whose a contract is: the eMSP, and its token where that was seen. */
export type Contract = { readonly party: PartyKey; readonly token: KnownToken | null }

/** By contract_id, the auth_id of OCPI 2.1.1, whatever its letter case. */
export type Contracts = {
  /** Those that are known; rejects when they cannot be looked up. Of a contract that several parties showed the first has it. */
  readonly find: (authIds: readonly string[]) => Promise<(authId: string) => Contract | null>
}

/** What is known stays so; what is not may be learnt in another process any moment. */
const KNOWN_FOR_MS = 300_000
const MOST_KNOWN = 50_000

/** Which eMSP a session or a CDR of OCPI 2.1.1 is for, that names nothing but a contract. */
export function createContracts({
  owners,
  now,
}: {
  readonly owners: Pick<ObjectOwners, 'findMany'>
  readonly now: Now
}): Contracts {
  const known = new Map<string, { readonly contract: Contract; readonly at: number }>()

  function recall(key: string): Contract | null {
    const found = known.get(key)
    return found && !hasPassed(KNOWN_FOR_MS, found.at, now()) ? found.contract : null
  }

  async function lookUp(keys: readonly string[]): Promise<void> {
    for (const [key, [first, ...others]] of await owners.findMany('contract', keys)) {
      if (!first) continue
      const { party } = first
      const detail = first.detail ?? others.find((each) => each.party === party && each.detail)?.detail ?? null
      const [countryCode = '', partyId = ''] = [showKey(party).slice(0, 2), showKey(party).slice(3)]
      known.set(key, { contract: { party, token: detail && { countryCode, partyId, ...detail } }, at: now() })
      if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as string)
    }
  }

  return {
    async find(authIds) {
      const keys = [...new Set(authIds.map((each) => each.toLowerCase()))]
      const missing = keys.filter((key) => recall(key) === null)
      if (missing.length > 0) await lookUp(missing)
      const found = new Map(keys.map((key) => [key, recall(key)]))
      return (authId) => found.get(authId.toLowerCase()) ?? null
    },
  }
}
