import { keyOf, type Party, type PartyKey, sameParty, showParty } from '../../ocpi/party.ts'

/** What holds where no rule says otherwise: `open` lets all talk, `agreements` only those who agreed. */
export type PolicyKind = 'open' | 'agreements'

/** The policy in force, and when it turned from one kind to the other, first to last. */
export type Policy = { readonly kind: PolicyKind; readonly turns: readonly PolicyTurn[] }

type PolicyTurn = { readonly at: number; readonly revision: number }

/** A rule between two parties. Moments in milliseconds since the epoch. */
export type Agreement = {
  readonly id: string
  /** Order of creation. */
  readonly number: number
  readonly a: Party
  readonly b: Party
  readonly effect: 'allow' | 'deny'
  /** Null: all modules. */
  readonly modules: readonly string[] | null
  /** Inclusive; null: since ever. */
  readonly validFrom: number | null
  /** Exclusive; null: until it is ended. */
  readonly validUntil: number | null
  readonly createdAt: number
  readonly createdRevision: number
  /** When an administrator ended it. */
  readonly endedAt: number | null
  /** Of the last change. */
  readonly revision: number
}

/** Names two parties in either order. */
export type PairKey = string & { readonly brand: 'PairKey' }

/** Rules by pair, in order of creation, ended ones included. */
export type Agreements = ReadonlyMap<PairKey, readonly Agreement[]>

/** What decides who may talk: a part of the routing table. */
type RulesInForce = { readonly policy: Policy; readonly agreements: Agreements }

/** Whether two parties may talk; `rule` is the one that decides, null when the policy does. */
export type Decision = { readonly isAllowed: boolean; readonly rule: Agreement | null; readonly reason: string }

export function pairKey(a: PartyKey, b: PartyKey): PairKey {
  return (a < b ? `${a} ${b}` : `${b} ${a}`) as PairKey
}

/** What an administrator ended is over, also while the clock, put back since, has not come to that moment again. */
export function isInForce(rule: Agreement, at: number): boolean {
  if (rule.endedAt !== null) return false
  return at >= (rule.validFrom ?? Number.NEGATIVE_INFINITY) && at < (rule.validUntil ?? Number.POSITIVE_INFINITY)
}

function endOf(rule: Agreement): number {
  return Math.min(rule.validUntil ?? Number.POSITIVE_INFINITY, rule.endedAt ?? Number.POSITIVE_INFINITY)
}

/** The latest rule of the pair that is in force and speaks of the module. */
function ruleFor(rules: readonly Agreement[], module: string | null, at: number): Agreement | null {
  for (let i = rules.length - 1; i >= 0; i--) {
    const rule = rules[i] as Agreement
    if (!isInForce(rule, at)) continue
    if (rule.modules === null || (module !== null && rule.modules.includes(module))) return rule
  }
  return null
}

function allows(rules: readonly Agreement[], kind: PolicyKind, module: string | null, at: number): boolean {
  const rule = ruleFor(rules, module, at)
  return rule ? rule.effect === 'allow' : kind === 'open'
}

const NO_RULES: readonly Agreement[] = []

/**
 * Whether two parties may exchange messages of a module at a moment. Symmetric in the parties; of the rules in force that
 * speak of the module the latest wins, and without one the policy decides. A party may talk to itself, on another platform.
 */
export function mayTalk(table: RulesInForce, a: PartyKey, b: PartyKey, module: string, at: number): boolean {
  if (a === b) return true
  const { agreements, policy } = table
  if (agreements.size === 0) return policy.kind === 'open'
  return allows(agreements.get(pairKey(a, b)) ?? NO_RULES, policy.kind, module, at)
}

/**
 * As `mayTalk`, for people: with the rule that decides and the reason in words.
 *
 * @param at a moment of the past too, when rules were in force that have been ended since
 */
export function decide(table: RulesInForce, a: Party, b: Party, module: string, at: number, now: number): Decision {
  if (sameParty(a, b)) return { isAllowed: true, rule: null, reason: `${showParty(a)} may talk to itself` }
  const rule = ruleFor(rulesOfPair(table, keyOf(a), keyOf(b), at, now), module, at)
  const who = `${showParty(a)} and ${showParty(b)}`
  if (rule) {
    const verb = rule.effect === 'allow' ? 'allows' : 'denies'
    return { isAllowed: rule.effect === 'allow', rule, reason: `Rule ${rule.id} ${verb} ${module} between ${who}` }
  }
  return table.policy.kind === 'open'
    ? {
        isAllowed: true,
        rule,
        reason: `No rule in force between ${who} speaks of ${module}, and all may talk unless denied`,
      }
    : {
        isAllowed: false,
        rule,
        reason: `No rule in force between ${who} speaks of ${module}, and only those who agreed may talk`,
      }
}

/** Rules of a pair in order of creation, as they were at a moment: without those made since it, and with those ended since it. */
export function rulesOfPair(
  table: RulesInForce,
  a: PartyKey,
  b: PartyKey,
  at: number,
  now: number,
): readonly Agreement[] {
  const rules = table.agreements.get(pairKey(a, b)) ?? NO_RULES
  if (at >= now) return rules
  return rulesAt(
    rules.filter(({ createdAt }) => createdAt <= at),
    at,
  )
}

/** As `decide`, of rules that `rulesOfPair` gave, without words: for many pairs at once. */
export function allowsBy(rules: readonly Agreement[], policy: Policy, module: string, at: number): boolean {
  return allows(rules, policy.kind, module, at)
}

/** Whether two parties may exchange messages of any module at all: what others are told hangs on it. */
export function mayTalkAtAll(rules: readonly Agreement[], kind: PolicyKind, at: number): boolean {
  if (rules.length === 0) return kind === 'open'
  const modules = new Set(rules.flatMap((rule) => (isInForce(rule, at) ? (rule.modules ?? []) : [])))
  return [null, ...modules].some((module) => allows(rules, kind, module, at))
}

/** Rules as they were known at a revision. */
export function rulesAsOf(rules: readonly Agreement[], revision: number): readonly Agreement[] {
  if (rules.every((rule) => rule.revision <= revision)) return rules
  return rules.flatMap((rule) => {
    if (rule.createdRevision > revision) return []
    return rule.revision > revision ? [{ ...rule, endedAt: null }] : [rule]
  })
}

/** Rules as they were at a moment of the past, when some that have been ended since were not. */
function rulesAt(rules: readonly Agreement[], at: number): readonly Agreement[] {
  return rules.map((rule) => (rule.endedAt !== null && rule.endedAt > at ? { ...rule, endedAt: null } : rule))
}

export function policyAsOf(policy: Policy, revision: number): PolicyKind {
  return turnedBack(policy, (turn) => turn.revision > revision)
}

function policyAt(policy: Policy, at: number): PolicyKind {
  return turnedBack(policy, (turn) => turn.at > at)
}

function turnedBack({ kind, turns }: Policy, isUndone: (turn: PolicyTurn) => boolean): PolicyKind {
  if (turns.filter(isUndone).length % 2 === 0) return kind
  return kind === 'open' ? 'agreements' : 'open'
}

/** Moments at which rules begin to count or cease to. */
export function momentsOf(rule: Agreement): readonly number[] {
  const begins = Math.max(rule.createdAt, rule.validFrom ?? 0)
  const ends = endOf(rule)
  if (ends <= begins) return []
  return Number.isFinite(ends) ? [begins, ends] : [begins]
}

/**
 * When the answer of `mayTalkAtAll` over several pairs (is any of them allowed?) last changed up to `now`; null when it
 * never did.
 */
export function lastFlip(pairs: readonly (readonly Agreement[])[], policy: Policy, now: number): number | null {
  const moments = new Set(pairs.flatMap((rules) => rules.flatMap(momentsOf)))
  for (const { at } of policy.turns) moments.add(at)
  const past = [...moments].filter((moment) => moment <= now).sort((x, y) => y - x)
  if (past.length === 0) return null
  const answer = (at: number): boolean => {
    const kind = policyAt(policy, at)
    return pairs.some((rules) => {
      const known = rules.filter((rule) => rule.createdAt <= at)
      return mayTalkAtAll(rulesAt(known, at), kind, at)
    })
  }
  return past.find((moment) => answer(moment) !== answer(moment - 1)) ?? null
}
