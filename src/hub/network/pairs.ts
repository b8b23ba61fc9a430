import { keyOf, type PartyKey } from '../../ocpi/party.ts'
import type { Agreement, Agreements } from './policy.ts'
import type { HostedParty } from './routing-table.ts'

/*
 * The rules between the parties of one platform and another party. A platform may have thousands of parties and see thousands of
 * others, and hardly any two of them have a rule: so nothing here looks each pair up.
 */

/** Rules by either party of a pair, then by the other. */
type RulesByParty = ReadonlyMap<PartyKey, ReadonlyMap<PartyKey, readonly Agreement[]>>

const byParty = new WeakMap<Agreements, RulesByParty>()
const keys = new WeakMap<readonly HostedParty[], ReadonlySet<PartyKey>>()

const NO_RULES: readonly Agreement[] = []
const NO_PAIRS: readonly (readonly Agreement[])[] = []
const UNRULED: readonly (readonly Agreement[])[] = [NO_RULES]

/** The keys of a platform's parties, made once for each list of parties. */
export function keysOfParties(parties: readonly HostedParty[]): ReadonlySet<PartyKey> {
  let known = keys.get(parties)
  if (!known) keys.set(parties, (known = new Set(parties.map((party) => party.key))))
  return known
}

/**
 * The rules of each pair of one of these parties and another one. All pairs without a rule stand as one: of 1,000 parties of which two
 * have a rule with the other, three lists come, one of them empty.
 */
export function pairsWith(
  agreements: Agreements,
  own: ReadonlySet<PartyKey>,
  other: PartyKey,
): readonly (readonly Agreement[])[] {
  if (own.size === 0) return NO_PAIRS
  const ruled = agreements.size === 0 ? undefined : rulesByParty(agreements).get(other)
  if (!ruled) return UNRULED
  const pairs: (readonly Agreement[])[] = []
  if (ruled.size < own.size) {
    for (const [key, rules] of ruled) if (own.has(key)) pairs.push(rules)
  } else {
    for (const key of own) {
      const rules = ruled.get(key)
      if (rules) pairs.push(rules)
    }
  }
  if (pairs.length < own.size) pairs.push(NO_RULES)
  return pairs
}

function rulesByParty(agreements: Agreements): RulesByParty {
  const known = byParty.get(agreements)
  if (known) return known
  const found = new Map<PartyKey, Map<PartyKey, readonly Agreement[]>>()
  const add = (party: PartyKey, other: PartyKey, rules: readonly Agreement[]): void => {
    const others = found.get(party)
    if (others) others.set(other, rules)
    else found.set(party, new Map([[other, rules]]))
  }
  for (const rules of agreements.values()) {
    const [rule] = rules
    if (!rule) continue
    const [a, b] = [keyOf(rule.a), keyOf(rule.b)]
    add(a, b, rules)
    add(b, a, rules)
  }
  byParty.set(agreements, found)
  return found
}
