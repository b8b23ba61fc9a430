import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Context, DEFAULT_CONVERSION } from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { examples, read, toBytes } from './oracle/fixtures.ts'

/**
 * What a library of others makes of five stays by a tariff as its owner sent it and by the tariff that the hub made of it: the sums
 * excluding VAT, in the order of the stays. `priced` is the tariff that was priced: who changes a rule so that another comes out has to
 * have it priced anew.
 */
type Verdict = {
  readonly from: string
  readonly to: string
  readonly tariff: string
} & (
  | { readonly before: readonly string[]; readonly after: readonly string[]; readonly priced: unknown }
  | { readonly withheld: string }
)

const { verdicts, stays } = JSON.parse(readFileSync(new URL('oracle/verdicts.json', import.meta.url), 'utf8')) as {
  verdicts: readonly Verdict[]
  stays: readonly unknown[]
}

const CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: { countryCode: 'BE', partyId: 'BEC' },
  counterpart: { countryCode: 'DE', partyId: 'TNM' },
  now: () => '2026-03-03T10:00:00Z',
}

describe('a driver pays the same by a converted tariff', () => {
  for (const [from, to] of [
    ['2.2.1', '2.1.1'],
    ['2.1.1', '2.2.1'],
  ] as const) {
    for (const { name, kind, bytes } of examples(from)) {
      if (kind !== 'tariff') continue
      it(`${name} from ${from} to ${to}`, () => {
        const verdict = verdicts.find((each) => each.from === from && each.to === to && each.tariff === name)
        const converted = convertObject(bytes, { kind, isPatch: false }, from, to, CONTEXT)
        if (verdict === undefined) throw new Error('it was never priced')
        if ('withheld' in verdict) {
          expect(converted).toMatchObject({ kind: 'withheld', why: verdict.withheld })
          return
        }
        expect(converted.kind === 'converted' && read(converted.bytes)).toEqual(verdict.priced)
        expect(verdict.after).toEqual(verdict.before)
        expect(verdict.after).toHaveLength(stays.length)
      })
    }
  }

  it('or it is not said at all, since readers of 2.1.1 would price it otherwise', () => {
    const withheld = verdicts.filter((verdict) => 'withheld' in verdict).map(({ tariff }) => Number(/\d+/.exec(tariff)))
    expect(withheld.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 6, 11, 12])
  })
})

/** By a tariff of 2.2.1 with something more in it. */
function withholds(more: Record<string, unknown>, settings: Partial<typeof DEFAULT_CONVERSION> = {}): string | null {
  const tariff = { id: '1', currency: 'EUR', elements: [ELEMENT], last_updated: '2026-01-01T00:00:00Z', ...more }
  const context = { ...CONTEXT, settings: { ...DEFAULT_CONVERSION, ...settings } }
  const converted = convertObject(toBytes(tariff), { kind: 'tariff', isPatch: false }, '2.2.1', '2.1.1', context)
  return converted.kind === 'withheld' ? converted.why : null
}

const ELEMENT = { price_components: [{ type: 'TIME', price: 2, step_size: 60 }] }
const priced = (more: object) => ({
  elements: [{ price_components: [{ type: 'TIME', price: 2, step_size: 60, ...more }] }],
})
const restricted = (restrictions: unknown) => ({ elements: [{ ...ELEMENT, restrictions }, ELEMENT] })

describe('a tariff of 2.2.1 is withheld from a partner of 2.1.1', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['that is for some sessions only', { type: 'AD_HOC_PAYMENT' }, /no types of tariffs/],
    ['that has a lowest price', { min_price: { excl_vat: 1 } }, /no min_price/],
    ['that has a highest price', { max_price: { excl_vat: 1 } }, /no max_price/],
    ['that is over', { end_date_time: '2026-03-03T09:59:59Z' }, /it is over/],
    ['that has not begun', { start_date_time: '2026-03-03T10:00:01Z' }, /not begun/],
    ['with an element by current', restricted({ min_current: 10 }), /no min_current/],
    ['with an element by what no version has', restricted({ min_soc: 50 }), /no such field/],
    ['with days that are spelt otherwise', restricted({ day_of_week: ['monday'] }), /no version has this value/],
    ['with a price by a type that no version has', priced({ type: 'time' }), /no version has this value/],
    ['with a price that hangs on something else', priced({ x_discount: 1 }), /no such field/],
    ['of a type that no version has', { type: 'regular' }, /no version has this value/],
    ['that begins nobody can read when', { start_date_time: '03.03.2026' }, /cannot be read/],
    ['that ends nobody can read when', { end_date_time: 1772532000 }, /cannot be read/],
    ['whose prices are with taxes, which newer versions can say', { tax_included: 'YES' }, /include taxes/],
    [
      'that is about reservations only',
      { elements: [{ ...ELEMENT, restrictions: { reservation: 'RESERVATION' } }] },
      /none of its elements/,
    ],
  ])('%s', (_, more, why) => {
    expect(withholds(more)).toMatch(why)
  })

  it('unless it holds now, and for all', () => {
    const holds = { start_date_time: '2026-03-03T10:00:00Z', end_date_time: '2026-03-03T10:00:01Z', type: 'REGULAR' }
    expect(withholds(holds)).toBeNull()
    expect(withholds(restricted({ reservation: 'RESERVATION' }))).toBeNull()
    expect(withholds({ ...restricted({ min_current: null, min_soc: null }), x_own: 1, tax_included: 'NO' })).toBeNull()
    expect(withholds({ start_date_time: '2026-03-03T09:59:59', end_date_time: null })).toBeNull()
  })

  it('unless its platform asks for it, of sums; of what it holds for never', () => {
    const asked = { tariffLoss: 'send' } as const
    expect(withholds({ min_price: { excl_vat: 1 }, ...restricted({ max_current: 10 }) }, asked)).toBeNull()
    expect(withholds({ ...restricted({ min_soc: 50 }), ...{ x_own: 1 } }, asked)).toBeNull()
    expect(withholds(priced({ x_discount: 1 }), asked)).toBeNull()
    expect(withholds({ type: 'PROFILE_FAST' }, asked)).toMatch(/no types of tariffs/)
    expect(withholds({ end_date_time: '2026-01-01T00:00:00Z' }, { ...asked, extras: 'keep' })).toMatch(/over/)
  })

  it.each([{ max_current: 10 }, { min_soc: 50 }])(
    'asked for all the same, says no price by %j for all',
    (restrictions) => {
      const tariff = {
        id: '1',
        currency: 'EUR',
        ...restricted(restrictions),
        last_updated: '2026-01-01T00:00:00Z',
      }
      const extras = 'min_soc' in restrictions ? 'drop' : 'keep'
      const settings = { ...DEFAULT_CONVERSION, tariffLoss: 'send', extras } as const
      const converted = convertObject(toBytes(tariff), { kind: 'tariff', isPatch: false }, '2.2.1', '2.1.1', {
        ...CONTEXT,
        settings,
      })
      expect(converted.kind === 'converted' && read(converted.bytes)['elements']).toEqual([ELEMENT])
    },
  )
})
