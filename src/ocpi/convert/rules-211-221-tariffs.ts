import * as known from './known-221.ts'
import { change, drop, each, type Hand, invent, one, type Rule, type Shape, values, withhold } from './rules.ts'
import { DAY_VALUES, drops, NO_FIELD, OWNER_DOWN, OWNER_INVENTED, times } from './rules-211-221-common.ts'
import { words } from './values-211.ts'

const NUMBER = /^-?\d+(\.\d+)?$/
const NO_VAT = 'OCPI 2.2.1 takes a price without vat for one that bears none, 2.1.1 says nothing of it'

const KEPT_IN_TARIFF = words('id currency tariff_alt_text tariff_alt_url elements energy_mix last_updated')

/** OCPI 2.2.1 has no PATCH of Tariffs: whatever changes, the whole is sent. */
const WHOLE_ONLY = [
  ...KEPT_IN_TARIFF,
  'type',
  'min_price',
  'max_price',
  'start_date_time',
  'end_date_time',
  'tax_included',
]

export const TARIFFS_UP: Readonly<Record<string, Shape>> = {
  tariff: {
    members: { elements: each('tariff-element'), energy_mix: one('energy-mix'), ...times('last_updated') },
    invents: OWNER_INVENTED,
    needsRest: WHOLE_ONLY,
  },
  'tariff-element': {
    members: { price_components: each('price-component'), restrictions: one('tariff-restrictions') },
  },
  'price-component': {
    members: { type: values({ known: known.TARIFF_DIMENSIONS }) },
    invents: {
      vat: invent('by setting: OCPI 2.1.1 says nothing of VAT', ({ context, note }) => {
        const { vat } = context.sourceSettings
        if (vat !== null && NUMBER.test(vat)) return vat
        note('changed', '/vat', NO_VAT)
        return null
      }),
    },
  },
  'tariff-restrictions': { members: { day_of_week: DAY_VALUES } },
}

/**
 * Why the tariff at hand is not to be said at a moment; null: it is. 2.1.1 would take it for one that holds always.
 *
 * @param moment an OCPI DateTime: now, or of the tariff in a CDR when its session began
 */
export function whyNotAt(moment: string, start: string | null, end: string | null): string | null {
  const at = Date.parse(moment)
  if (end !== null && Date.parse(end) <= at) return OVER
  if (start !== null && Date.parse(start) > at) return NOT_BEGUN
  return null
}

const OVER = 'it is over, which OCPI 2.1.1 cannot say'
const NOT_BEGUN = 'it has not begun, which OCPI 2.1.1 cannot say'

/** Where readers of 2.1.1 would come to another sum. The platform may ask for the tariff all the same, without what cannot be said. */
function changesSum(name: string, reason: string): Rule {
  return change(
    reason,
    (_, hand) => {
      if (hand.settings.tariffLoss === 'send') hand.note('lost', `/${name}`, reason)
      else hand.withhold(reason)
      return null
    },
    { fate: 'withheld' },
  )
}

/**
 * A restriction that 2.1.1 does not have. Without its element the next one holds, at another price: so the whole tariff goes. An element
 * is never said without its restriction, not even when asked for.
 */
function restrictsBy(name: string): Rule {
  const reason = `OCPI 2.1.1 has no ${name}: without it another price would hold`
  return change(
    reason,
    (_, hand) => {
      hand.withhold(reason, hand.settings.tariffLoss === 'send' ? 'tariff-element' : 'tariff')
      return null
    },
    { fate: 'withheld' },
  )
}

const isOver = ({ context, string }: Hand): boolean => whyNotAt(context.now, null, string('end_date_time')) !== null
const hasNotBegun = ({ context, string }: Hand): boolean =>
  whyNotAt(context.now, string('start_date_time'), null) !== null

export const TARIFFS_DOWN: Readonly<Record<string, Shape>> = {
  tariff: {
    known: KEPT_IN_TARIFF,
    members: {
      ...OWNER_DOWN,
      type: values({
        silent: ['REGULAR'],
        withheld: words('AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN'),
        reason: 'OCPI 2.1.1 has no types of tariffs: it would hold for every session',
        spares: null,
      }),
      min_price: changesSum('min_price', 'OCPI 2.1.1 has no min_price: sums would be lower'),
      max_price: changesSum('max_price', 'OCPI 2.1.1 has no max_price: sums would be higher'),
      ...drops('start_date_time', 'end_date_time'),
      elements: each('tariff-element', { orWithheld: 'none of its elements can be said in OCPI 2.1.1' }),
      energy_mix: one('energy-mix'),
    },
    checks: [
      { members: ['end_date_time'], reason: OVER, isWithheld: isOver },
      { members: ['start_date_time'], reason: NOT_BEGUN, isWithheld: hasNotBegun },
    ],
    needsRest: WHOLE_ONLY,
  },
  'tariff-element': {
    known: words('price_components restrictions'),
    members: { price_components: each('price-component'), restrictions: one('tariff-restrictions') },
  },
  'price-component': {
    known: words('type price step_size'),
    members: { type: values({ known: known.TARIFF_DIMENSIONS }), vat: drop(NO_FIELD) },
  },
  'tariff-restrictions': {
    known: words(
      'start_time end_time start_date end_date min_kwh max_kwh min_power max_power min_duration max_duration day_of_week',
    ),
    members: {
      day_of_week: DAY_VALUES,
      min_current: restrictsBy('min_current'),
      max_current: restrictsBy('max_current'),
      // About the time before a session: the price of the session itself stays.
      reservation: withhold('tariff-element', 'OCPI 2.1.1 has no reservation costs'),
    },
  },
}
