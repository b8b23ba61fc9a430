import { type BySetting, listRules, type Rule, type Spares } from './rules.ts'
import { TABLES } from './tables.ts'

/** What a conversion does with a member, as documentation tells it. */
export type DescribedRule = {
  readonly from: string
  readonly to: string
  /** The object that the member stands in: a kind of objects, or a part of several, such as `energy-mix`. */
  readonly object: string
  readonly member: string
  /**
   * By default. Renamed: `names` is what it is called in the target. Made into: members of the target, `names`, are made of it. Withheld: the
   * object, or one around it, is not said. Told: it is carried as it is, and reported. Carried: it is carried as it is, though the version does
   * not have it. Absent: nothing is added.
   */
  readonly becomes:
    | 'renamed'
    | 'made into'
    | 'lost'
    | 'invented'
    | 'changed'
    | 'withheld'
    | 'told'
    | 'carried'
    | 'absent'
  readonly names: readonly string[]
  /** Of an enumeration: the values that it happens to; empty where it happens to the member. */
  readonly values: readonly string[]
  readonly reason: string
  /** What becomes of it instead by settings. */
  readonly bySetting: readonly BySetting[]
}

/** Everything that happens to members in all tables, out of the tables themselves; members that are carried as they are stand nowhere. */
export function describeRules(): readonly DescribedRule[] {
  return TABLES.flatMap((table) =>
    listRules(table).flatMap(({ shape, member, rule }) => {
      const what = rule.is === 'invent' ? [describeInvention(rule)] : describe(rule)
      return what.map((each) => ({ from: table.from, to: table.to, object: shape, member, ...each }))
    }),
  )
}

type What = Pick<DescribedRule, 'becomes' | 'names' | 'values' | 'reason' | 'bySetting'>

function described(
  becomes: DescribedRule['becomes'],
  reason: string,
  { names = [], values = [], bySetting = [] }: Partial<Pick<What, 'names' | 'values' | 'bySetting'>> = {},
): What {
  return { becomes, names, values, reason, bySetting }
}

function describeInvention({
  reason,
  isOnlyBySetting = false,
  bySetting = [],
}: Pick<
  Extract<ReturnType<typeof listRules>[number]['rule'], { is: 'invent' }>,
  'reason' | 'isOnlyBySetting' | 'bySetting'
>): What {
  return described(isOnlyBySetting ? 'absent' : 'invented', reason, { bySetting })
}

function describe(rule: Rule): What[] {
  switch (rule.is) {
    case 'drop':
      return [described('lost', rule.reason, { bySetting: sparedBy(rule.spares) })]
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
      return [described('withheld', rule.reason, { bySetting: sparedBy(rule.spares) })]
    case 'change':
      return describeChange(rule)
    case 'make': {
      const { reason, gives, isLost, bySetting } = rule
      return [
        isLost ? described('lost', reason, { bySetting }) : described('made into', reason, { names: gives, bySetting }),
      ]
    }
  }
}

function describeChange({ fate, reason, bySetting }: Extract<Rule, { is: 'change' }>): What[] {
  if (fate !== null) return [described(fate === 'unknown' ? 'told' : fate, reason, { bySetting })]
  return bySetting.length === 0 ? [] : [described('carried', reason, { bySetting })]
}

function describeValues({ reason, map, dropped, withheld, others, spares }: Extract<Rule, { is: 'values' }>): What[] {
  const targets = [...new Set(Object.values(map))]
  const bySetting = sparedBy(spares)
  return [
    ...targets.map((to) => {
      const mapped = Object.keys(map).filter((value) => map[value] === to)
      return described('changed', reason, { names: [to], values: mapped, bySetting })
    }),
    ...(dropped.length === 0 ? [] : [described('lost', reason, { values: dropped, bySetting })]),
    ...(withheld.length === 0 ? [] : [described('withheld', reason, { values: withheld, bySetting })]),
    ...(others === null ? [] : [described('withheld', others, { values: ['any other'] })]),
  ]
}

function sparedBy(spares: Spares): readonly BySetting[] {
  if (spares === null) return []
  return [[spares === 'extras' ? 'extras: keep' : 'tariff_loss: send', 'carried']]
}
