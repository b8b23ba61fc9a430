import { isObject } from '../../ocpi/parsed.ts'
import { keyOf, type PartyKey, type Role } from '../../ocpi/party.ts'
import { hasPassed } from '../moments.ts'
import { reachableKey } from '../network/reachable.ts'
import type { Now } from '../ports.ts'
import type { Operators } from '../translate/edge-ports.ts'

/** A platform may send its credentials anew any moment. */
const KNOWN_FOR_MS = 300_000
const MOST_KNOWN = 5_000
/** Of a name, a website and a logo; of what is longer the name alone would be worth telling, and nobody has such. */
const LONGEST = 2_000

/** Business details of CPOs, kept for minutes. */
export function createOperators(ports: {
  /** What their platforms gave as business details of these roles, by `reachableKey`. */
  readonly businessOf: (
    roles: readonly { readonly key: PartyKey; readonly role: Role }[],
  ) => Promise<ReadonlyMap<string, unknown>>
  readonly now: Now
  readonly onError: (error: unknown) => void
}): Operators {
  const { businessOf, now, onError } = ports
  const found = new Map<PartyKey, { readonly details: Uint8Array | null; readonly at: number }>()

  async function find(keys: readonly PartyKey[]): Promise<void> {
    const roles = keys.map((key) => ({ key, role: 'CPO' as const }))
    try {
      const details = await businessOf(roles)
      for (const role of roles) keep(role.key, written(details.get(reachableKey(role))))
    } catch (error) {
      onError(error)
    }
  }

  function keep(key: PartyKey, details: Uint8Array | null): void {
    found.delete(key)
    found.set(key, { details, at: now() })
    if (found.size > MOST_KNOWN) found.delete(found.keys().next().value as PartyKey)
  }

  return {
    lookUp(owners) {
      const missing = owners.map(keyOf).filter((key) => {
        const known = found.get(key)
        return known === undefined || hasPassed(KNOWN_FOR_MS, known.at, now())
      })
      return missing.length > 0 ? find([...new Set(missing)]) : null
    },
    known: (owner) => found.get(keyOf(owner))?.details ?? null,
  }
}

/** What OCPI has of it, without what a platform added of its own. */
function written(given: unknown): Uint8Array | null {
  if (!isObject(given) || typeof given['name'] !== 'string') return null
  const { name, website, logo } = given
  const details = { name, ...(typeof website === 'string' && { website }), ...(isObject(logo) && { logo }) }
  const text = JSON.stringify(details)
  return text.length > LONGEST ? null : new TextEncoder().encode(text)
}
