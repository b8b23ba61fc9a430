import type { Context, ConversionSettings, Fate } from './conversion.ts'

/**
 * How objects of one version become those of the next: a table for each pair of neighbours and each direction, read by the rewriter.
 * A member without a rule is carried as its bytes are. A table for going down from 9.1 to 9.0:
 *
 * ```ts
 * export const DOWN: RuleTable = {
 *   from: '9.1',
 *   to: '9.0',
 *   direction: 'down',
 *   shapes: {
 *     location: {
 *       known: ['id', 'evses', 'type', 'postal_code', 'publish'],
 *       members: {
 *         help_phone: drop('OCPI 9.0 has no such field'),
 *         parking_type: rename('type', values({ map: { ON_DRIVEWAY: 'OTHER' }, reason: 'OCPI 9.0 has no such type', known: ['ON_STREET', 'OTHER'] })),
 *         publish: values({ withheld: ['false'], reason: 'OCPI 9.0 cannot say that it is not to be shown', spares: null }),
 *         evses: each('evse'),
 *       },
 *       invents: { postal_code: invent('OCPI 9.0 requires one', () => '"-"') },
 *     },
 *     evse: {
 *       members: {
 *         connectors: each('connector', { orWithheld: 'no connector is left' }),
 *         position: make('OCPI 9.0 has two numbers', ['lat', 'lon'], (text, hand) => {
 *           hand.put('lat', readMember(text, 'latitude'))
 *           hand.note('lost', '/position/accuracy', 'OCPI 9.0 has no such field')
 *         }),
 *       },
 *     },
 *     connector: { members: { max_voltage: rename('voltage') } },
 *   },
 * }
 * ```
 *
 * Shapes are found by name: that of each `Kind` of objects, and those that `each` and `one` name. A kind without a shape is carried as
 * it is. Everything has a `reason` in words for people, the same for each object that it happens to: documentation is made of them.
 */
export type RuleTable = {
  readonly from: string
  readonly to: string
  /**
   * Up, members that are null are left out of whole objects, and names without a rule are carried. Down, nulls stay, and a name
   * that is neither `known` nor has a rule is left out, unless the receiver's `extras` are kept.
   */
  readonly direction: 'up' | 'down'
  readonly shapes: Readonly<Record<string, Shape>>
}

export type Shape = {
  /** The names that the target's version has here, of a table that goes down. @default any */
  readonly known?: readonly string[]
  readonly members: Readonly<Record<string, Rule>>
  /**
   * Decides on a name that a table going down would leave out, being neither `known` nor of a rule: it notes the loss itself, or withholds what
   * would say something else without it. @default the loss is noted
   */
  readonly ofUnknown?: (hand: Hand, pointer: string) => void
  /** By the name in the target: what is added to a whole object that has come to nothing of this name. Nothing is added to a PATCH. */
  readonly invents?: Readonly<Record<string, Invention>>
  readonly checks?: readonly Check[]
  /** Members that cannot be converted in a PATCH: it needs the object it is for. */
  readonly needsRest?: readonly string[]
  /** What stands where an object should, as JSON text, made an object: a bare `"ACCEPTED"`. Null: nothing to be made of it. */
  readonly ofBare?: (text: string, hand: Hand) => string | null
}

/** Which of the receiver's settings lets a rule off: `extras: 'keep'`, `tariffLoss: 'send'`, or none. */
export type Spares = 'extras' | 'tariffLoss' | null

/** What becomes of a member where a setting is not as it is by default, for documentation: `['owner_members: false', 'left out']`. */
export type BySetting = readonly [setting: string, becomes: string]

export type Rule =
  /** Left out. Not reported where it is null, an empty list, or one of `silent`. */
  | { readonly is: 'drop'; readonly reason: string; readonly spares: Spares; readonly silent: readonly string[] }
  /** Carried by another name, as is or by another rule. Not reported: nothing is lost. */
  | { readonly is: 'rename'; readonly to: string; readonly inner: Rule | null; readonly reason: string }
  | ({ readonly is: 'values' } & Values)
  /** A list whose objects have a shape. What is no list is carried. */
  | { readonly is: 'each'; readonly shape: string; readonly orWithheld: string | null; readonly reason: string }
  /** An object with a shape. What is none is carried. */
  | { readonly is: 'one'; readonly shape: string; readonly reason: string }
  /** An object with this member is not said: the nearest one of this shape in which it stands. Not where it is null. */
  | { readonly is: 'withhold'; readonly what: string; readonly reason: string; readonly spares: Spares }
  /** One JSON text in place of another; null leaves the member out. What it changes it notes itself. */
  | {
      readonly is: 'change'
      readonly reason: string
      /** For documentation, what mostly comes of it; null where nothing worth a word does. */
      readonly fate: Fate | null
      readonly bySetting: readonly BySetting[]
      readonly change: (text: string, hand: Hand) => string | null
    }
  /** Members of the target out of one of the source, by `hand.put`; none but `gives`. What it changes it notes itself. */
  | {
      readonly is: 'make'
      readonly reason: string
      readonly gives: readonly string[]
      /** For documentation: it is left out by default, and gives what it gives by setting only. */
      readonly isLost: boolean
      readonly bySetting: readonly BySetting[]
      readonly make: (text: string, hand: Hand) => void
    }

/**
 * An enumeration, alone or each of a list: what becomes of its values. Strings by what they say, anything else as it is written:
 * `false`. A value that stands nowhere here is a partner's own: carried, and reported as unknown.
 */
export type Values = {
  readonly reason: string
  readonly spares: Spares
  /** Values that the target's version has. @default [] when only some values matter: then no value is reported as unknown */
  readonly known: readonly string[]
  readonly map: Readonly<Record<string, string>>
  /** Left out of a list; alone, its member is left out. */
  readonly dropped: readonly string[]
  /** Left out, without loss: nothing is said without it, too. */
  readonly silent: readonly string[]
  /** The object that it stands in is not said, or the nearest one of the shape `what`. */
  readonly withheld: readonly string[]
  readonly what: string | null
  /** Why the same happens for any other value than those named here; null: it does not. */
  readonly others: string | null
}

export type Invention = {
  readonly reason: string
  /** JSON text; null: not in this object. */
  readonly invent: (hand: Hand) => string | null
  /** Added to a PATCH, too: what the target's version asks of each. @default false */
  readonly isInPatch?: boolean
  /** For documentation: by default nothing is added. @default false */
  readonly isOnlyBySetting?: boolean
  /** @default none */
  readonly bySetting?: readonly BySetting[]
}

/** What is asked of an object that has one of the members; without any, of each. */
export type Check = {
  readonly members: readonly string[]
  /** It is asked of a whole object that has none of them, or null. @default false */
  readonly isOfAbsent?: boolean
  readonly reason: string
  /** @default none */
  readonly bySetting?: readonly BySetting[]
  readonly isWithheld: (hand: Hand) => boolean
}

/** What functions of rules have to do with. Values are JSON text throughout, never numbers, so that `1.10` stays `1.10`. */
export type Hand = {
  readonly context: Context
  /** Of the receiver: `hand.settings.extras`. */
  readonly settings: ConversionSettings
  /** Whether the object at hand is the part of one that a PATCH brings. */
  readonly isPatch: boolean
  /** JSON text of another member of the same object as it came, the last of several; null when it is not there or null. */
  readonly text: (name: string) => string | null
  /** What a member that is a string says, as `text` finds it; null when it is none. */
  readonly string: (name: string) => string | null
  /** Adds a member to the target's object. */
  readonly put: (name: string, text: string) => void
  /**
   * Reports what was not carried.
   *
   * @param pointer from the object at hand, indices as `*`: `/total_cost/taxes/*`. Of lost members in the source, else in the target
   */
  readonly note: (fate: Fate, pointer: string, reason: string) => void
  /** The object at hand cannot be converted without something that it does not hold: `needs-rest` comes of it, with this among `members`. */
  readonly need: (member: string) => void
  /** The object at hand, or the nearest one of this shape around it, is not said. */
  readonly withhold: (reason: string, what?: string) => void
  /**
   * An object's JSON text by another shape of the same table; null when it is withheld or broken.
   *
   * @param pointer what is reported of it stands below, its being withheld too; null: nothing is
   */
  readonly convert: (shape: string, text: string, pointer: string | null) => string | null
}

export function drop(
  reason: string,
  { spares = 'extras', silent = [] }: { spares?: Spares; silent?: string[] } = {},
): Rule {
  return { is: 'drop', reason, spares, silent }
}

export function rename(to: string, inner: Rule | null = null): Rule {
  return { is: 'rename', to, inner, reason: `called ${to}` }
}

export function values({
  reason = '',
  spares = 'extras',
  known = [],
  map = {},
  dropped = [],
  silent = [],
  withheld = [],
  what = null,
  others = null,
}: Partial<Values>): Rule {
  return { is: 'values', reason, spares, known, map, dropped, silent, withheld, what, others }
}

/** @param orWithheld why the object is withheld in which a list of some comes to one of none */
export function each(shape: string, { orWithheld = null }: { orWithheld?: string | null } = {}): Rule {
  return { is: 'each', shape, orWithheld, reason: orWithheld ?? `each a ${shape}` }
}

export function one(shape: string): Rule {
  return { is: 'one', shape, reason: `a ${shape}` }
}

export function withhold(what: string, reason: string, { spares = null }: { spares?: Spares } = {}): Rule {
  return { is: 'withhold', what, reason, spares }
}

export function change(
  reason: string,
  how: (text: string, hand: Hand) => string | null,
  { fate = 'changed', bySetting = [] }: { fate?: Fate | null; bySetting?: readonly BySetting[] } = {},
): Rule {
  return { is: 'change', reason, fate, bySetting, change: how }
}

export function make(
  reason: string,
  gives: readonly string[],
  how: (text: string, hand: Hand) => void,
  { isLost = false, bySetting = [] }: { isLost?: boolean; bySetting?: readonly BySetting[] } = {},
): Rule {
  return { is: 'make', reason, gives, isLost, bySetting, make: how }
}

export function invent(
  reason: string,
  how: (hand: Hand) => string | null,
  options: Pick<Invention, 'isInPatch' | 'isOnlyBySetting' | 'bySetting'> = {},
): Invention {
  return { reason, invent: how, ...options }
}

/** Whether the receiver's settings let a rule off. */
export function isSpared(spares: Spares, settings: ConversionSettings): boolean {
  return (
    (spares === 'extras' && settings.extras === 'keep') || (spares === 'tariffLoss' && settings.tariffLoss === 'send')
  )
}

/** A rule and where it stands, for documentation and tests. */
export type ListedRule = {
  readonly shape: string
  readonly member: string
  readonly rule: Rule | ({ readonly is: 'invent' } & Invention)
}

/** Every rule of a table, shape by shape. */
export function listRules(table: RuleTable): readonly ListedRule[] {
  return Object.entries(table.shapes).flatMap(([shape, { members, invents = {} }]) => [
    ...Object.entries(members).map(([member, rule]) => ({ shape, member, rule })),
    ...Object.entries(invents).map(([member, invention]) => ({
      shape,
      member,
      rule: { is: 'invent' as const, ...invention },
    })),
  ])
}
