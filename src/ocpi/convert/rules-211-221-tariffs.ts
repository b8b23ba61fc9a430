import * as known from './known-221.ts'
import { drop, each, type Hand, invent, one, type Shape, values, withhold } from './rules.ts'
import { DAY_VALUES, drops, idUp, NO_FIELD, OWNER_DOWN, OWNER_INVENTED, times } from './rules-211-221-common.ts'
import {
  changesSum,
  NO_SUCH_VALUE,
  pricesByUnknown,
  restrictsBy,
  restrictsByUnknown,
  taxesExcluded,
  whyNotAt,
} from './tariff-sums.ts'
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
    members: {
      id: idUp('tariff', 'id'),
      elements: each('tariff-element'),
      energy_mix: one('energy-mix'),
      ...times('last_updated'),
    },
    invents: OWNER_INVENTED,
    needsRest: WHOLE_ONLY,
  },
  'tariff-element': {
    members: { price_components: each('price-component'), restrictions: one('tariff-restrictions') },
  },
  'price-component': {
    members: { type: values({ known: known.TARIFF_DIMENSIONS }) },
    invents: {
      vat: invent(
        'OCPI 2.1.1 says nothing of VAT',
        ({ context, note }) => {
          const { vat } = context.sourceSettings
          if (vat !== null && NUMBER.test(vat)) return vat
          note('changed', '/vat', NO_VAT)
          return null
        },
        { isOnlyBySetting: true, bySetting: [['vat', 'what it says']] },
      ),
    },
  },
  'tariff-restrictions': { members: { day_of_week: DAY_VALUES } },
}

/** Every restriction of 2.2.1 that 2.1.1 has as well. */
const RESTRICTIONS = words(
  'start_time end_time start_date end_date min_kwh max_kwh min_power max_power min_duration max_duration day_of_week',
)

const NOT_ALWAYS = 'OCPI 2.1.1 takes it for one that holds always: it has not begun, is over, or nobody can read when'

const isNotNow = ({ context, text, withhold }: Hand): boolean => {
  const why = whyNotAt(context.now(), text('start_date_time'), text('end_date_time'))
  if (why !== null) withhold(why)
  return why !== null
}

const TAXES = taxesExcluded('2.1.1')

export const TARIFFS_DOWN: Readonly<Record<string, Shape>> = {
  tariff: {
    known: KEPT_IN_TARIFF,
    members: {
      ...OWNER_DOWN,
      type: values({
        silent: ['REGULAR'],
        withheld: words('AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN'),
        reason: 'OCPI 2.1.1 has no types of tariffs: it would hold for every session',
        others: NO_SUCH_VALUE,
        spares: null,
      }),
      min_price: changesSum('min_price', 'OCPI 2.1.1 has no min_price: sums would be lower'),
      max_price: changesSum('max_price', 'OCPI 2.1.1 has no max_price: sums would be higher'),
      ...drops('start_date_time', 'end_date_time'),
      // Of a 2.2.1 CPO that says what newer versions ask for. Nothing is asked of those that do not.
      tax_included: TAXES.rule,
      elements: each('tariff-element', { orWithheld: 'none of its elements can be said in OCPI 2.1.1' }),
      energy_mix: one('energy-mix'),
    },
    checks: [{ members: ['start_date_time', 'end_date_time'], reason: NOT_ALWAYS, isWithheld: isNotNow }],
    needsRest: WHOLE_ONLY,
  },
  'tariff-element': {
    known: words('price_components restrictions'),
    members: { price_components: each('price-component'), restrictions: one('tariff-restrictions') },
    ofUnknown: restrictsByUnknown('2.1.1', 'tariff-element'),
  },
  'price-component': {
    known: words('type price step_size'),
    members: {
      type: values({ known: known.TARIFF_DIMENSIONS, others: NO_SUCH_VALUE, what: 'tariff' }),
      vat: drop(NO_FIELD),
    },
    ofUnknown: pricesByUnknown('2.1.1'),
  },
  'tariff-restrictions': {
    known: RESTRICTIONS,
    members: {
      day_of_week: values({ known: known.DAYS, others: NO_SUCH_VALUE, what: 'tariff' }),
      min_current: restrictsBy('min_current', '2.1.1', 'tariff-element'),
      max_current: restrictsBy('max_current', '2.1.1', 'tariff-element'),
      // About the time before a session: the price of the session itself stays.
      reservation: withhold('tariff-element', 'OCPI 2.1.1 has no reservation costs'),
    },
    ofUnknown: restrictsByUnknown('2.1.1', 'tariff-element'),
  },
}
