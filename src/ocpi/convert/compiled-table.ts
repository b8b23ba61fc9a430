import { type ByteNames, byteNames } from './byte-names.ts'
import type { Check, Invention, Rule, RuleTable, Shape, Values } from './rules.ts'

/** A table made ready for looking members up by their bytes. */
export type CompiledTable = {
  readonly table: RuleTable
  readonly shapes: ReadonlyMap<string, CompiledShape>
}

export type CompiledShape = {
  readonly name: string
  readonly shape: Shape
  readonly entries: ByteNames<Entry>
  /** How many entries there are. */
  readonly size: number
  /** Any name is carried that has no entry. */
  readonly isOpen: boolean
  readonly inventions: readonly (readonly [name: string, invention: Invention])[]
  readonly checks: readonly (Check & { readonly bits: number })[]
}

/** What there is to know of a name in a shape. */
export type Entry = {
  readonly name: string
  readonly index: number
  readonly rule: CompiledRule | null
  /** Bit of the invention that this member makes needless when it is carried; 0 without one. */
  readonly filled: number
  /** Bits of the checks that ask of it. */
  readonly checked: number
  /**
   * Entries whose rules give this name in the target: when one of them is there, this member would stand in the target beside what is made
   * of it, and readers would differ in which they take. Null when there is none.
   */
  readonly standsBehind: readonly number[] | null
  readonly needsRest: boolean
  /** The target's version has no such name. */
  readonly isForeign: boolean
}

/** A rule with what it names looked up. */
export type CompiledRule =
  | Exclude<Rule, { is: 'rename' | 'values' | 'each' | 'one' }>
  | { readonly is: 'rename'; readonly to: string; readonly toBytes: Uint8Array; readonly inner: CompiledRule | null }
  | { readonly is: 'values'; readonly values: Values; readonly byValue: ByteNames<Outcome> }
  | { readonly is: 'each'; readonly shape: CompiledShape; readonly orWithheld: string | null }
  | { readonly is: 'one'; readonly shape: CompiledShape }

/** What becomes of a value of an enumeration. */
export type Outcome =
  | { readonly is: 'known' }
  | { readonly is: 'mapped'; readonly to: Uint8Array; readonly reason: string }
  | { readonly is: 'dropped'; readonly reason: string | null }
  | { readonly is: 'withheld'; readonly reason: string }

const compiled = new WeakMap<RuleTable, CompiledTable>()

export function compile(table: RuleTable): CompiledTable {
  let made = compiled.get(table)
  if (made === undefined) compiled.set(table, (made = compileTable(table)))
  return made
}

/** Bits in a number. */
const MOST_BITS = 31

const encoder = new TextEncoder()

function compileTable(table: RuleTable): CompiledTable {
  const shapes = new Map<string, CompiledShape>()

  /** A shape is there before its members are: it may stand inside itself. */
  function shapeOf(name: string): CompiledShape {
    const known = shapes.get(name)
    if (known !== undefined) return known
    const shape = table.shapes[name]
    if (shape === undefined) throw new Error(`${table.from} to ${table.to}: no shape ${name}`)
    const inventions = Object.entries(shape.invents ?? {})
    const checks = (shape.checks ?? []).map((check, i) => ({ ...check, bits: 1 << i }))
    if (inventions.length > MOST_BITS || checks.length > MOST_BITS) throw new Error(`${name}: too many of them`)
    const made = {
      name,
      shape,
      entries: byteNames<Entry>([]),
      size: 0,
      isOpen: table.direction === 'up' || shape.known === undefined,
      inventions,
      checks,
    }
    shapes.set(name, made)
    const entries = entriesOf(shape, made)
    made.entries = byteNames(entries.map((entry) => [entry.name, entry]))
    made.size = entries.length
    return made
  }

  function entriesOf(shape: Shape, { inventions, checks }: Pick<CompiledShape, 'inventions' | 'checks'>): Entry[] {
    const ruled = Object.keys(shape.members)
    const given = new Map<string, number[]>()
    for (const [index, member] of ruled.entries()) {
      for (const name of namesGiven(member, shape.members[member] as Rule)) {
        if (name !== member) given.set(name, [...(given.get(name) ?? []), index])
      }
    }
    const names = new Set([
      ...ruled,
      ...(shape.known ?? []),
      ...given.keys(),
      ...inventions.map(([name]) => name),
      ...checks.flatMap(({ members }) => members),
      ...(shape.needsRest ?? []),
    ])
    return [...names].map((name, index) => {
      const rule = shape.members[name]
      const target = rule?.is === 'rename' ? rule.to : name
      const invention = inventions.findIndex(([invented]) => invented === target)
      return {
        name,
        index,
        rule: rule === undefined ? null : compileRule(rule),
        filled: invention === -1 ? 0 : 1 << invention,
        checked: checks.reduce((bits, { members, bits: own }) => (members.includes(name) ? bits | own : bits), 0),
        standsBehind: rule === undefined ? (given.get(name) ?? null) : null,
        needsRest: shape.needsRest?.includes(name) ?? false,
        isForeign: shape.known !== undefined && rule?.is !== 'make' && !shape.known.includes(target),
      }
    })
  }

  function compileRule(rule: Rule): CompiledRule {
    switch (rule.is) {
      case 'rename': {
        const toBytes = encoder.encode(JSON.stringify(rule.to))
        return { is: 'rename', to: rule.to, toBytes, inner: rule.inner && compileRule(rule.inner) }
      }
      case 'values':
        return { is: 'values', values: rule, byValue: byteNames(outcomesOf(rule)) }
      case 'each':
        return { is: 'each', shape: shapeOf(rule.shape), orWithheld: rule.orWithheld }
      case 'one':
        return { is: 'one', shape: shapeOf(rule.shape) }
      default:
        return rule
    }
  }

  for (const name of Object.keys(table.shapes)) shapeOf(name)
  return { table, shapes }
}

/** What a member's rule may give in the target. */
function namesGiven(member: string, rule: Rule): readonly string[] {
  return rule.is === 'rename' ? [rule.to] : rule.is === 'make' ? rule.gives : [member]
}

function outcomesOf({ reason, known, map, dropped, silent, withheld }: Values): (readonly [string, Outcome])[] {
  return [
    ...known.map((value) => [value, { is: 'known' }] as const),
    ...Object.entries(map).map(
      ([value, to]) =>
        [
          value,
          { is: 'mapped', to: encoder.encode(JSON.stringify(to)), reason: `${value} became ${to}: ${reason}` },
        ] as const,
    ),
    ...dropped.map((value) => [value, { is: 'dropped', reason: `${value}: ${reason}` }] as const),
    ...silent.map((value) => [value, { is: 'dropped', reason: null }] as const),
    ...withheld.map((value) => [value, { is: 'withheld', reason: `${value}: ${reason}` }] as const),
  ]
}
