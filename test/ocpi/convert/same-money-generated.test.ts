// Tariffs that are made up of all that a sum may hang on, alone and two by two: whoever gets one comes to its owner's sum, or does not get it.
import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/ocpi/convert/compiled-table.ts'
import { type Context, DEFAULT_CONVERSION } from '../../../src/ocpi/convert/conversion.ts'
import { apply } from '../../../src/ocpi/convert/patch.ts'
import { rewriteObject } from '../../../src/ocpi/convert/rewrite-object.ts'
import { change, type RuleTable, type Shape } from '../../../src/ocpi/convert/rules.ts'
import { DOWN_221_TO_211 } from '../../../src/ocpi/convert/rules-211-221.ts'
import { DOWN_TO_221, UP_TO_230 } from '../../../src/ocpi/convert/rules-221-230.ts'
import { read, toBytes } from './oracle/fixtures.ts'
import { OWNERS, priceOf, READERS, type Reader, type Stay } from './oracle/price.ts'

type Json = Record<string, unknown>
type Element = { price_components: Json[]; restrictions?: Json }

const NOW = '2026-03-03T10:00:00Z'

const CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: { countryCode: 'BE', partyId: 'BEC' },
  counterpart: null,
  now: () => NOW,
}

const SHORT = { day: 'TUESDAY', time: '08:30', kwh: 1.5, hours: 0.25, parking: 0, current: 8, power: 5, charge: 10 }
const LONG = { day: 'SATURDAY', time: '21:00', kwh: 60, hours: 5, parking: 3, current: 40, power: 90, charge: 80 }
const STAYS: readonly Stay[] = [
  SHORT,
  LONG,
  { ...LONG, charge: 10 },
  { ...LONG, current: 8 },
  { ...LONG, kwh: 2 },
  { ...LONG, day: 'TUESDAY' },
]

const price = (type: string, amount: number, more: Json = {}): Json => ({ type, price: amount, step_size: 1, ...more })
const RESTRICTED: Element = { price_components: [price('TIME', 4), price('FLAT', 1)], restrictions: { min_kwh: 2 } }
const ALWAYS: Element = { price_components: [price('ENERGY', 0.5), price('TIME', 2), price('PARKING_TIME', 3)] }

/** Something that a tariff has more. */
type Part = (tariff: Json) => Json

const member =
  (name: string, value: unknown): Part =>
  (tariff) => ({ ...tariff, [name]: value })

const firstElement =
  (alter: (element: Element) => Json): Part =>
  (tariff) => {
    const [first, ...others] = tariff['elements'] as [Element, ...Element[]]
    return { ...tariff, elements: [alter(first), ...others] }
  }

const restriction = (name: string, value: unknown): Part =>
  firstElement((element) => ({ ...element, restrictions: { ...element.restrictions, [name]: value } }))

const firstPrice = (more: Json): Part =>
  firstElement(({ price_components: [first, ...others], ...rest }) => ({
    ...rest,
    price_components: [{ ...first, ...more }, ...others],
  }))

const ALL_VERSIONS: readonly Part[] = [
  restriction('start_time', '20:00'),
  restriction('max_kwh', 10),
  restriction('min_power', 50),
  restriction('day_of_week', ['SATURDAY']),
  restriction('day_of_week', ['saturday']),
  restriction('min_soc', 50),
  restriction('min_soc', null),
  firstElement((element) => ({ ...element, not_for: 'SATURDAY' })),
  firstPrice({ type: 'time' }),
  firstPrice({ type: 'ENERGY' }),
  firstPrice({ discount: 1 }),
  (tariff) => ({ ...tariff, x_color: 'green' }),
]

const SINCE_221: readonly Part[] = [
  member('type', 'REGULAR'),
  member('type', 'AD_HOC_PAYMENT'),
  member('type', 'profile_cheap'),
  ...['2026-03-03T09:59:59Z', '2026-03-03T10:00:01Z', '2026-03-03T10:00:01', '03.03.2026', 'soon', ''].flatMap((at) => [
    member('start_date_time', at),
    member('end_date_time', at),
  ]),
  restriction('min_current', 10),
  restriction('max_current', 10),
  restriction('min_current', null),
  restriction('reservation', 'RESERVATION'),
  restriction('reservation', 'reservation_expires'),
]

/** By the version of the owner, whose tariffs are told to everybody older. */
const PARTS: Readonly<Record<string, readonly Part[]>> = {
  '2.2.1': [
    ...ALL_VERSIONS,
    ...SINCE_221,
    member('min_price', { excl_vat: 5 }),
    member('max_price', { excl_vat: 5 }),
    member('tax_included', 'YES'),
  ],
  '2.3.0': [
    ...ALL_VERSIONS,
    ...SINCE_221,
    member('min_price', { before_taxes: 5 }),
    member('max_price', { before_taxes: 5 }),
    restriction('booking', 'BOOKING'),
    ...['YES', 'N/A', 'yes', null, undefined].map((taxes) => member('tax_included', taxes)),
  ],
}

function tariffsOf(version: string): readonly Json[] {
  const plain: Json = { id: '1', currency: 'EUR', elements: [RESTRICTED, ALWAYS], last_updated: NOW }
  const base = version === '2.3.0' ? { ...plain, tax_included: 'NO' } : plain
  const parts = PARTS[version] ?? []
  return [base, ...parts.flatMap((a) => [a(base), ...parts.map((b) => b(a(base)))])]
}

/** Null: it is not said. */
function convert(tables: readonly RuleTable[], tariff: Json, isPatch = false): Json | null {
  let bytes = toBytes(tariff)
  for (const table of tables) {
    const converted = rewriteObject(compile(table), 'tariff', bytes, isPatch, CONTEXT)
    if (converted.kind !== 'converted') return null
    bytes = converted.bytes
  }
  return read(bytes)
}

const sums = (tariff: Json, reader: Reader) =>
  STAYS.map((stay) => priceOf(tariff, stay, NOW, reader)?.toFixed(4) ?? null)

/** A tariff whose readers come to other sums than its owner, as JSON. */
function findFault(from: string, tables: readonly RuleTable[]): string | null {
  const [owner, reader] = [OWNERS[from], READERS[tables.at(-1)?.to ?? '']] as [Reader, Reader]
  for (const tariff of tariffsOf(from)) {
    const converted = convert(tables, tariff)
    if (converted !== null && String(sums(converted, reader)) !== String(sums(tariff, owner)))
      return JSON.stringify(tariff)
  }
  return findPatchFault(tables, reader, owner)
}

/** A receiver has what was said last in a tariff that did not include taxes; it may have some in it since. */
function findPatchFault(tables: readonly RuleTable[], reader: Reader, owner: Reader): string | null {
  if (tables[0]?.from !== '2.3.0') return null
  const [before] = tariffsOf('2.3.0') as [Json]
  for (const taxes of ['NO', 'YES']) {
    for (const patch of [{ elements: [ALWAYS] }, { max_price: { before_taxes: 9 } }]) {
      const now = { ...before, tax_included: taxes }
      const [told, held] = [convert(tables, patch, true), convert(tables, before)]
      if (told === null || held === null) continue
      const change = { method: 'PATCH', names: [], version: '2.2.1', at: 0 }
      const [theirs, owners] = [
        [told, held],
        [patch, now],
      ].map(([body, object]) =>
        read(apply({ ...change, body: toBytes(body as Json) }, toBytes(object as Json)) as Uint8Array),
      )
      if (String(sums(theirs as Json, reader)) !== String(sums(owners as Json, owner))) return JSON.stringify(patch)
    }
  }
  return null
}

const ROUTES: readonly { readonly from: string; readonly tables: readonly RuleTable[] }[] = [
  { from: '2.2.1', tables: [DOWN_221_TO_211] },
  { from: '2.3.0', tables: [DOWN_TO_221] },
  { from: '2.3.0', tables: [DOWN_TO_221, DOWN_221_TO_211] },
]

describe('a driver pays the same by a converted tariff, or it is not said', () => {
  it.each(ROUTES)('from $from to $tables.length versions before', ({ from, tables }) => {
    expect(findFault(from, tables)).toBeNull()
  })

  it('though most of what holds now can be said', () => {
    for (const { from, tables } of ROUTES) {
      const said = tariffsOf(from).filter((tariff) => convert(tables, tariff) !== null)
      expect(said.length).toBeGreaterThan(50)
    }
  })

  it('by one of 2.2.1 in 2.3.0 and back', () => {
    const owner = OWNERS['2.2.1'] as Reader
    for (const tariff of tariffsOf('2.2.1')) {
      const there = convert([UP_TO_230], tariff)
      const back = there && convert([DOWN_TO_221], there)
      if (back !== null) expect(sums(back, owner)).toEqual(sums(tariff, owner))
    }
  })
})

/** Rules of tariffs on which no sum hangs. */
const NO_SUM = new Set(
  'country_code party_id energy_mix price_components elements restrictions min_price max_price'.split(' '),
)

/** Tables in which one rule is not there any more: its member is left out, or carried, or nothing is asked. */
function mutantsOf(
  table: RuleTable,
  shapes: readonly string[],
): { readonly name: string; readonly table: RuleTable }[] {
  return shapes.flatMap((name) => {
    const shape = table.shapes[name] as Shape
    const mutant = (what: string, mutated: Shape) => ({
      name: `${name} without ${what}`,
      table: { ...table, shapes: { ...table.shapes, [name]: mutated } },
    })
    const { ofUnknown, checks = [] } = shape
    return [
      ...Object.entries(shape.members).flatMap(([of, rule]) => {
        // Left out by the rule itself: another asks before.
        if (rule.is === 'drop') return []
        if (NO_SUM.has(of) && !(table === DOWN_221_TO_211 && of.endsWith('_price'))) return []
        const silent = change('', () => null)
        return [
          mutant(of, { ...shape, members: { ...shape.members, [of]: silent } }),
          ...(rule.is === 'values' && rule.others !== null
            ? [mutant(`others of ${of}`, { ...shape, members: { ...shape.members, [of]: { ...rule, others: null } } })]
            : []),
        ]
      }),
      ...(ofUnknown === undefined ? [] : [mutant('names that are unknown', { ...shape, ofUnknown: () => {} })]),
      ...checks.map((check) =>
        mutant(`the check of ${check.members.join()}`, { ...shape, checks: checks.filter((other) => other !== check) }),
      ),
    ]
  })
}

describe('what a sum hangs on and would be left out is noticed', () => {
  it.each([
    ['2.2.1', DOWN_221_TO_211, ['tariff', 'tariff-element', 'price-component', 'tariff-restrictions']],
    ['2.3.0', DOWN_TO_221, ['tariff', 'element', 'price-component', 'restrictions']],
  ] as const)('from %s', (from, table, shapes) => {
    const mutants = mutantsOf(table, shapes)
    expect(mutants.length).toBeGreaterThan(6)
    const unnoticed = mutants.filter((mutant) => findFault(from, [mutant.table]) === null)
    expect(unnoticed.map(({ name }) => name)).toEqual([])
  })
})
