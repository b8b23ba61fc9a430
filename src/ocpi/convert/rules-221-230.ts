import { ALIKE, IMPACT_VALUES, STATUS_VALUES } from './alike.ts'
import { CDR_PERIODS } from './cdr-periods.ts'
import { addDecimals, subtractDecimals } from './decimal.ts'
import { elementsOfText, membersOfText } from './json-text.ts'
import * as known from './known-221.ts'
import {
  type Check,
  drop,
  each,
  type Hand,
  invent,
  make,
  one,
  type Rule,
  type RuleTable,
  rename,
  type Shape,
  values,
  withhold,
} from './rules.ts'
import { NO_SUCH_VALUE, pricesByUnknown, restrictsByUnknown, taxesExcluded } from './tariff-sums.ts'

const NO_FIELD = 'OCPI 2.2.1 has no such field'

/** Values that are the same in both versions: only a partner's own are reported. */
const same = (names: readonly string[]): Rule => values({ known: names })

const PRICES = [
  'total_cost',
  'total_fixed_cost',
  'total_energy_cost',
  'total_time_cost',
  'total_parking_cost',
  'total_reservation_cost',
]
const prices: Record<string, Rule> = Object.fromEntries(PRICES.map((name) => [name, one('price')]))

/** Shapes whose members both versions have alike. */
const SAME: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  'charging-period': { dimensions: each('dimension') },
  element: { price_components: each('price-component'), restrictions: one('restrictions') },
  'price-component': { type: same(known.TARIFF_DIMENSIONS) },
  restrictions: { day_of_week: same(known.DAYS), reservation: same(known.RESERVATIONS) },
  'location-references': {},
  'stop-session': {},
  'unlock-connector': {},
  'cancel-reservation': {},
  'command-response': { result: same(known.COMMAND_RESPONSES) },
  'command-result': { result: same(known.COMMAND_RESULTS) },
  'reserve-now': { token: one('token') },
  'start-session': { token: one('token') },
  authorization: {
    allowed: same(known.ALLOWED),
    token: one('token'),
    location: one('location-references'),
  },
  session: {
    cdr_token: one('cdr-token'),
    auth_method: same(known.AUTH_METHODS),
    charging_periods: each('charging-period'),
    total_cost: one('price'),
    status: same(known.SESSION_STATUSES),
  },
  cdr: {
    ...prices,
    cdr_token: one('cdr-token'),
    auth_method: same(known.AUTH_METHODS),
    cdr_location: one('cdr-location'),
    tariffs: each('tariff'),
    charging_periods: each('charging-period'),
  },
  'cdr-location': {
    // A bill has to come, whatever the plug: values that the version lacks are carried, and reported.
    connector_standard: same(known.CONNECTORS),
    connector_format: same(known.FORMATS),
    connector_power_type: same(known.POWER_TYPES),
  },
  connector: { format: same(known.FORMATS), power_type: same(known.POWER_TYPES) },
  evse: {
    status: same(known.STATUSES),
    status_schedule: each('status-schedule'),
    capabilities: same(known.CAPABILITIES),
    images: each('image'),
  },
  location: {
    parking_type: same(known.PARKING_TYPES),
    facilities: same(known.FACILITIES),
    operator: one('business'),
    suboperator: one('business'),
    owner: one('business'),
    images: each('image'),
    energy_mix: one('energy-mix'),
  },
  'energy-mix': { energy_sources: each('energy-source'), environ_impact: each('environmental-impact') },
  'environmental-impact': { category: IMPACT_VALUES },
  'status-schedule': { status: STATUS_VALUES },
  token: { whitelist: same(known.WHITELISTS), default_profile_type: same(known.PROFILES) },
}

const CONNECTORS_ADDED = ['MCS', 'SAE_J3400']
const PARKING_RESTRICTIONS_ADDED = ['EMPLOYEES', 'TAXIS', 'TENANTS']
const TOKEN_TYPES_ADDED = ['EMAID']
/** Of the edition with bookings. */
const DIMENSIONS_ADDED = ['RESERVATION_EXPIRES', 'RESERVATION_OVERTIME']

export const UP_TO_230: RuleTable = {
  from: '2.2.1',
  to: '2.3.0',
  direction: 'up',
  shapes: shapesOf(
    {
      location: { evses: each('evse'), publish_allowed_to: each('publish-token') },
      'publish-token': { type: same([...known.TOKEN_TYPES, ...TOKEN_TYPES_ADDED]) },
      evse: {
        parking_restrictions: same([...known.PARKING_RESTRICTIONS, ...PARKING_RESTRICTIONS_ADDED]),
        connectors: each('connector'),
      },
      connector: { standard: same([...known.CONNECTORS, ...CONNECTORS_ADDED]) },
      'cdr-location': { connector_standard: same([...known.CONNECTORS, ...CONNECTORS_ADDED]) },
      tariff: {
        type: same(known.TARIFF_TYPES),
        min_price: one('price-limit'),
        max_price: one('price-limit'),
        elements: each('element'),
      },
      'price-limit': { excl_vat: rename('before_taxes'), incl_vat: rename('after_taxes') },
      price: {
        excl_vat: rename('before_taxes'),
        incl_vat: make('the difference becomes a tax called VAT', ['taxes'], taxesOf),
      },
      token: { type: same([...known.TOKEN_TYPES, ...TOKEN_TYPES_ADDED]) },
      'cdr-token': { type: same([...known.TOKEN_TYPES, ...TOKEN_TYPES_ADDED]) },
      dimension: { type: same([...known.DIMENSIONS, ...DIMENSIONS_ADDED]) },
    },
    { tariff: { invents: { tax_included: invent('OCPI 2.2.1 gives prices without VAT', () => '"NO"') } } },
  ),
}

const TAXES = taxesExcluded('2.2.1')

/** A PATCH of prices does not say by itself whether they are with taxes. */
const PRICES_WITHOUT_TAXES: Check = {
  members: ['elements', 'min_price', 'max_price'],
  reason: 'a PATCH of prices alone does not say whether they include taxes',
  isWithheld: ({ isPatch, text, need }) => {
    if (!isPatch || text('tax_included') !== null) return false
    for (const name of PRICES_WITHOUT_TAXES.members) if (text(name) !== null) need(name)
    return false
  },
}

export const DOWN_TO_221: RuleTable = {
  from: '2.3.0',
  to: '2.2.1',
  direction: 'down',
  shapes: shapesOf(
    {
      location: {
        evses: each('evse'),
        publish_allowed_to: each('publish-token'),
        parking_places: drop(NO_FIELD),
        help_phone: drop(NO_FIELD),
      },
      'publish-token': { type: tokenTypeDown() },
      evse: {
        parking: drop(NO_FIELD),
        accepted_service_providers: drop(NO_FIELD),
        parking_restrictions: values({
          known: known.PARKING_RESTRICTIONS,
          dropped: PARKING_RESTRICTIONS_ADDED,
          reason: 'OCPI 2.2.1 has no such restriction',
        }),
        connectors: each('connector', { orWithheld: 'no connector is left' }),
      },
      connector: {
        capabilities: drop(NO_FIELD),
        // Another standard in its place would send a driver to a plug that does not fit.
        standard: values({
          known: known.CONNECTORS,
          withheld: CONNECTORS_ADDED,
          reason: 'OCPI 2.2.1 has no such connector',
        }),
      },
      tariff: {
        type: same(known.TARIFF_TYPES),
        min_price: one('price-limit'),
        max_price: one('price-limit'),
        elements: each('element', { orWithheld: 'none of its elements can be said in OCPI 2.2.1' }),
        tax_included: TAXES.rule,
        preauthorize_amount: drop(NO_FIELD),
      },
      'price-component': { type: values({ known: known.TARIFF_DIMENSIONS, others: NO_SUCH_VALUE, what: 'tariff' }) },
      restrictions: {
        day_of_week: values({ known: known.DAYS, others: NO_SUCH_VALUE, what: 'tariff' }),
        reservation: values({ known: known.RESERVATIONS, others: NO_SUCH_VALUE, what: 'tariff' }),
        // Of the edition with bookings, which nobody makes over 2.2.1: the price of other sessions stays.
        booking: withhold('element', 'OCPI 2.2.1 has no costs of bookings'),
      },
      'price-limit': { before_taxes: rename('excl_vat'), after_taxes: rename('incl_vat') },
      price: {
        before_taxes: rename('excl_vat'),
        taxes: make('all taxes are added to one sum', ['incl_vat'], sumWithTaxes),
      },
      token: { type: tokenTypeDown() },
      'cdr-token': { type: tokenTypeDown() },
      cdr: { booking_id: drop(NO_FIELD), charging_periods: CDR_PERIODS },
      'charging-period': { dimensions: each('dimension', { orWithheld: 'no dimension is left' }) },
      dimension: {
        type: values({
          known: known.DIMENSIONS,
          withheld: DIMENSIONS_ADDED,
          reason: 'OCPI 2.2.1 has no such dimension',
        }),
      },
    },
    downShapes(),
  ),
}

function downShapes(): Record<string, Partial<Shape>> {
  const shapes = Object.fromEntries(Object.entries(known.MEMBERS).map(([name, members]) => [name, { known: members }]))
  return {
    ...shapes,
    tariff: { ...shapes['tariff'], checks: [TAXES.ifAbsent, PRICES_WITHOUT_TAXES] },
    element: { ...shapes['element'], ofUnknown: restrictsByUnknown('2.2.1', 'element') },
    restrictions: { ...shapes['restrictions'], ofUnknown: restrictsByUnknown('2.2.1', 'element') },
    'price-component': { ...shapes['price-component'], ofUnknown: pricesByUnknown('2.2.1') },
  }
}

/** What both versions have alike, and what is a pair's own in one direction. */
function shapesOf(
  own: Readonly<Record<string, Readonly<Record<string, Rule>>>>,
  more: Readonly<Record<string, Partial<Shape>>>,
): Record<string, Shape> {
  const names = [...new Set([...Object.keys(SAME), ...Object.keys(own)])]
  const shapes = names.map((name) => [name, { members: { ...SAME[name], ...own[name] }, ...more[name] }] as const)
  return { ...ALIKE, ...Object.fromEntries(shapes) }
}

function tokenTypeDown(): Rule {
  return values({
    known: known.TOKEN_TYPES,
    map: { EMAID: 'OTHER' },
    reason: 'OCPI 2.2.1 has no such type',
  })
}

/** Of what a price is with VAT, and without: the tax between the two. */
function taxesOf(inclusive: string, hand: Hand): void {
  const exclusive = hand.text('excl_vat')
  const amount = exclusive === null ? null : subtractDecimals(inclusive, exclusive)
  if (amount === null) hand.note('lost', '/incl_vat', 'no tax can be told from it')
  else hand.put('taxes', `[{"name":"VAT","amount":${amount}}]`)
}

function sumWithTaxes(text: string, hand: Hand): void {
  const taxes = elementsOfText(text)?.map(membersOfText)
  if (taxes?.length === 0) return
  let sum = hand.text('before_taxes')
  for (const tax of taxes ?? [null]) {
    const amount = tax?.get('amount')
    sum = sum === null || amount === undefined ? null : addDecimals(sum, amount)
  }
  if (sum === null || !taxes) {
    hand.note('lost', '/taxes', 'no sum can be told from it')
    return
  }
  hand.put('incl_vat', sum)
  if (taxes.length > 1) hand.note('lost', '/taxes/*', 'several taxes became one sum')
  for (const tax of taxes) {
    if (tax?.get('name') !== '"VAT"') hand.note('lost', '/taxes/*/name', 'OCPI 2.2.1 calls every tax VAT')
    for (const name of tax?.keys() ?? []) {
      if (name !== 'name' && name !== 'amount' && tax?.get(name) !== 'null') {
        hand.note('lost', `/taxes/*/${name}`, NO_FIELD)
      }
    }
  }
}
