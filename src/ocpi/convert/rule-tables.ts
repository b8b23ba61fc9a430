import { listRules, type Rule } from './rules.ts'
import { TABLES } from './tables.ts'

/** What a conversion does with a member, as documentation tells it. */
export type DescribedRule = {
  readonly from: string
  readonly to: string
  /** The object that the member stands in: a kind of objects, or a part of several, such as `energy-mix`. */
  readonly object: string
  readonly member: string
  /**
   * Renamed: `names` is what it is called in the target. Made into: members of the target, `names`, are made of it. Withheld: the object, or one
   * around it, is not said. Told: it is carried as it is, and reported.
   */
  readonly becomes: 'renamed' | 'made into' | 'lost' | 'invented' | 'changed' | 'withheld' | 'told'
  readonly names: readonly string[]
  /** Of an enumeration: the values that it happens to; empty where it happens to the member. */
  readonly values: readonly string[]
  readonly reason: string
}

/** Everything that happens to members in all tables, out of the tables themselves; members that are carried as they are stand nowhere. */
export function describeRules(): readonly DescribedRule[] {
  return TABLES.flatMap((table) =>
    listRules(table).flatMap(({ shape, member, rule }) => {
      const what = rule.is === 'invent' ? [described('invented', rule.reason)] : describe(rule)
      return what.map((each) => ({ from: table.from, to: table.to, object: shape, member, ...each }))
    }),
  )
}

type What = Pick<DescribedRule, 'becomes' | 'names' | 'values' | 'reason'>

function described(
  becomes: DescribedRule['becomes'],
  reason: string,
  { names = [], values = [] }: Partial<Pick<What, 'names' | 'values'>> = {},
): What {
  return { becomes, names, values, reason }
}

function describe(rule: Rule): What[] {
  switch (rule.is) {
    case 'drop':
      return [described('lost', rule.reason)]
    case 'rename':
      return [
        described('renamed', '', { names: [rule.to] }),
        ...(rule.inner === null || rule.inner.is === 'change' ? [] : describe(rule.inner)),
      ]
    case 'values':
      return describeValues(rule)
    case 'each':
      return rule.orWithheld === null ? [] : [described('withheld', rule.orWithheld)]
    case 'one':
      return []
    case 'withhold':
      return [described('withheld', rule.reason)]
    case 'change':
      return rule.fate === null ? [] : [described(rule.fate === 'unknown' ? 'told' : rule.fate, rule.reason)]
    case 'make':
      return [described('made into', rule.reason, { names: rule.gives })]
  }
}

function describeValues({ reason, map, dropped, withheld, others }: Extract<Rule, { is: 'values' }>): What[] {
  const targets = [...new Set(Object.values(map))]
  return [
    ...targets.map((to) => {
      const mapped = Object.keys(map).filter((value) => map[value] === to)
      return described('changed', reason, { names: [to], values: mapped })
    }),
    ...(dropped.length === 0 ? [] : [described('lost', reason, { values: dropped })]),
    ...(withheld.length === 0 ? [] : [described('withheld', reason, { values: withheld })]),
    ...(others === null ? [] : [described('withheld', others, { values: ['any other'] })]),
  ]
}
