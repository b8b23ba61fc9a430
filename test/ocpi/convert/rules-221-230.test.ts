import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/ocpi/convert/compiled-table.ts'
import { rewriteObject } from '../../../src/ocpi/convert/rewrite-object.ts'
import { listRules, type RuleTable, type Shape } from '../../../src/ocpi/convert/rules.ts'
import { DOWN_TO_221, UP_TO_230 } from '../../../src/ocpi/convert/rules-221-230.ts'
import { DOWN_LOSING, DOWN_SAME, OWN_VALUES, type Sample, UP, UP_NULLS } from './samples-221-230.ts'
import {
  bytesOf,
  CONTEXT,
  flawsOf,
  inOrder,
  KEEPING,
  read,
  readBytes,
  remarksOf,
  said,
  short,
  written,
} from './text.ts'

const ups = [...UP, ...UP_NULLS, ...OWN_VALUES.map(withTaxIncluded)]
/** A value that no version has is carried, but for those that a price is read by. */
const isCarried = ({ kind }: Sample): boolean => kind !== 'tariff'
const downs = [...DOWN_SAME, ...DOWN_LOSING, ...OWN_VALUES.filter(isCarried).map(saidToExcludeTaxes)]

/** Of tariffs within a CDR, of which 2.2.1 has to know. */
function saidToExcludeTaxes(sample: Sample): Sample {
  if (sample.kind !== 'cdr') return sample
  return { ...sample, source: { ...(sample.source as object), tariffs: [{ type: 'X_OWN', tax_included: 'NO' }] } }
}

/** Tariffs within a CDR are whole, and get what 2.3.0 requires of each. */
function withTaxIncluded(sample: Sample): Sample {
  if (sample.kind !== 'cdr') return sample
  const target = { ...(sample.target as object), tariffs: [{ type: 'X_OWN', tax_included: 'NO' }] }
  return { ...sample, target, remarks: ['invented /tariffs/*/tax_included', ...sample.remarks].sort() }
}

const sources = new Map<Sample, Uint8Array>()
const targets = new Map<Sample, string>()

/** What `make` makes, once for each sample. */
function once<T>(made: Map<Sample, T>, sample: Sample, make: () => T): T {
  const known = made.get(sample) ?? make()
  made.set(sample, known)
  return known
}

function convert(table: RuleTable, sample: Sample, context = CONTEXT) {
  const source = once(sources, sample, () => bytesOf(written(sample.source)))
  return rewriteObject(compile(table), sample.kind, source, sample.isPatch ?? false, context)
}

/** What is otherwise than a sample says; null when nothing is. */
function differenceOf(table: RuleTable, sample: Sample): string | null {
  const converted = convert(table, sample)
  const expected = once(targets, sample, () => inOrder(sample.target === null ? null : read(written(sample.target))))
  const came = inOrder(converted.kind === 'converted' ? readBytes(converted.bytes) : null)
  if (came !== expected) return `${sample.name}: came as ${came}`
  const remarks = short(remarksOf(converted)).join()
  return remarks === sample.remarks.join() ? null : `${sample.name}: reported as ${remarks}`
}

describe('objects with all that their version has', () => {
  it.each(ups)('up to 2.3.0: $kind, $name', (sample) => {
    expect(differenceOf(UP_TO_230, sample)).toBeNull()
  })

  it.each(downs)('down to 2.2.1: $kind, $name', (sample) => {
    expect(differenceOf(DOWN_TO_221, sample)).toBeNull()
  })

  it.each(UP)('come back from 2.3.0 as they were: $kind, $name', (sample) => {
    const there = convert(UP_TO_230, sample)
    const back = convert(DOWN_TO_221, { ...sample, source: said(there) })
    expect(said(back)).toEqual(read(written(sample.source)))
  })

  it.each([...DOWN_SAME, ...DOWN_LOSING])('lose nothing in silence: $kind, $name', (sample) => {
    const there = convert(DOWN_TO_221, sample)
    if (there.kind !== 'converted') return
    const back = convert(UP_TO_230, { ...sample, source: readBytes(there.bytes) })
    const remarks = [...there.remarks, ...remarksOf(back)]
    expect(flawsOf(read(written(sample.source)), said(back), remarks).filter(isNoSum)).toEqual([])
  })

  it.each(UP)('change nothing that is converted already: $kind, $name', (sample) => {
    const once = convert(UP_TO_230, sample)
    const again = convert(UP_TO_230, { ...sample, source: said(once) })
    expect(said(again)).toEqual(said(once))
  })
})

/** Of several taxes comes one: its name and amount are new. */
const isNoSum = (flaw: string) => !flaw.startsWith('silently made /total_cost/taxes')

/** What has other names for prices in each version. */
const PRICED: ReadonlySet<string> = new Set(['session', 'cdr', 'tariff'])

describe('a platform that is to get everything', () => {
  it.each(DOWN_LOSING.filter(({ kind }) => !PRICED.has(kind)))('gets $name', (sample) => {
    const kept = convert(DOWN_TO_221, sample, KEEPING)
    expect(inOrder(said(kept))).toBe(inOrder(read(written(sample.source))))
    expect(remarksOf(kept)).toEqual([])
  })

  it('gets no price that it would read wrongly', () => {
    const sample = DOWN_LOSING.find(({ name }) => name === 'prices with taxes') as Sample
    expect(convert(DOWN_TO_221, sample, KEEPING).kind).toBe('withheld')
  })
})

describe.each([
  { name: 'up to 2.3.0', table: UP_TO_230, samples: ups },
  { name: 'down to 2.2.1', table: DOWN_TO_221, samples: downs },
])('each rule $name', ({ table, samples }) => {
  it.each(listRules(table))('is needed: $shape, $member', ({ shape, member }) => {
    const without = withoutRule(table, shape, member)
    const concerned = samples.filter(({ kind }) => shapesIn(table, kind).has(shape))
    expect(concerned.some((sample) => differenceOf(without, sample) !== null)).toBe(true)
  })

  it('says why', () => {
    for (const { rule } of listRules(table)) {
      const isSilent =
        rule.is === 'values' && Object.keys(rule.map).length + rule.dropped.length + rule.withheld.length === 0
      expect(isSilent || rule.reason !== '').toBe(true)
    }
  })
})

/** The shapes that stand in one. */
function shapesIn(table: RuleTable, name: string, into = new Set<string>()): Set<string> {
  if (into.has(name)) return into
  into.add(name)
  for (const rule of Object.values(table.shapes[name]?.members ?? {})) {
    if (rule.is === 'each' || rule.is === 'one') shapesIn(table, rule.shape, into)
  }
  return into
}

/** The table with a member carried as it is, or not invented. */
function withoutRule(table: RuleTable, name: string, member: string): RuleTable {
  const shape = table.shapes[name] as Shape
  const without = (all: Readonly<Record<string, unknown>> = {}) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key !== member))
  const changed = {
    ...shape,
    members: without(shape.members) as Shape['members'],
    invents: without(shape.invents) as NonNullable<Shape['invents']>,
    ...(shape.known ? { known: [...shape.known, member] } : {}),
  }
  return { ...table, shapes: { ...table.shapes, [name]: changed } }
}
