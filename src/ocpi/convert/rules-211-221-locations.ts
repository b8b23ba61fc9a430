import { ALIKE, IMPACT_VALUES, STATUS_VALUES } from './alike.ts'
import { threeLettersOf, zoneOf } from './countries.ts'
import { readText, writeList } from './json-parts.ts'
import { elementsOfText } from './json-text.ts'
import * as known from './known-221.ts'
import { change, drop, each, invent, make, one, rename, type Shape, values } from './rules.ts'
import {
  asText,
  atMost,
  drops,
  idUp,
  isEmptyList,
  LAST_UPDATED_IN_PATCH,
  NO_FIELD,
  NO_VALUE,
  OWNER_DOWN,
  OWNER_INVENTED,
  times,
} from './rules-211-221-common.ts'
import {
  ADDED_CAPABILITIES,
  ADDED_CONNECTOR_TYPES,
  ADDED_FACILITIES,
  ADDED_PARKING_TYPES,
  ADDED_POWER_TYPES,
  all,
  CAPABILITIES,
  CONNECTOR_TYPES,
  FACILITIES,
  PARKING_TYPES,
  POWER_TYPES,
  UNSAID_PARKING_TYPES,
  words,
} from './values-211.ts'

const COUNTRY_REASON = 'three letters, as the specification asks for'

/** Of both directions: partners send codes of two letters, too. */
const COUNTRY = change(COUNTRY_REASON, (text, hand) => {
  const code = threeLettersOf(readText(text) ?? '')
  if (code === null) return text
  hand.note('changed', '/country', COUNTRY_REASON)
  return JSON.stringify(code)
})

export const LOCATIONS_UP: Readonly<Record<string, Shape>> = {
  location: {
    members: {
      id: idUp('location', 'id', 36),
      type: rename(
        'parking_type',
        values({
          known: PARKING_TYPES,
          dropped: ['OTHER'],
          silent: ['UNKNOWN'],
          reason: 'OCPI 2.2.1 has no such type of parking',
          spares: null,
        }),
      ),
      country: COUNTRY,
      facilities: values({ known: known.FACILITIES }),
      opening_times: one('hours'),
      energy_mix: one('energy-mix'),
      evses: each('evse'),
      operator: one('business'),
      suboperator: one('business'),
      owner: one('business'),
      images: each('image'),
      ...times('last_updated'),
    },
    invents: {
      ...OWNER_INVENTED,
      ...LAST_UPDATED_IN_PATCH,
      publish: invent('OCPI 2.1.1 shares only what may be shown', () => 'true'),
      time_zone: invent(
        'OCPI 2.1.1 leaves it open: by country, else UTC',
        ({ context, string }) => asText(context.sourceSettings.timeZone ?? zoneOf(string('country') ?? '') ?? 'UTC'),
        { bySetting: [['time_zone', 'what it says']] },
      ),
    },
    // A type that becomes none would not clear the one that is there.
    needsRest: ['evses', 'type'],
  },
  evse: {
    members: {
      uid: atMost('uid', 36, '2.2.1'),
      status: STATUS_VALUES,
      status_schedule: each('status-schedule'),
      capabilities: values({ known: known.CAPABILITIES }),
      parking_restrictions: values({ known: known.PARKING_RESTRICTIONS }),
      connectors: each('connector'),
      images: each('image'),
      ...times('last_updated'),
    },
    invents: LAST_UPDATED_IN_PATCH,
    needsRest: ['connectors'],
  },
  connector: {
    members: {
      standard: values({ known: known.CONNECTORS }),
      format: values({ known: known.FORMATS }),
      power_type: values({ known: known.POWER_TYPES }),
      voltage: rename('max_voltage'),
      amperage: rename('max_amperage'),
      tariff_id: rename(
        'tariff_ids',
        change('a list of one', (text) => writeList([text])),
      ),
      ...times('last_updated'),
    },
    invents: LAST_UPDATED_IN_PATCH,
  },
  hours: {
    members: { exceptional_openings: each('exceptional-period'), exceptional_closings: each('exceptional-period') },
    invents: {
      twentyfourseven: invent('regular hours are given', ({ text }) =>
        text('regular_hours') === null ? null : 'false',
      ),
    },
  },
  'exceptional-period': { members: times('period_begin', 'period_end') },
  'status-schedule': { members: { status: STATUS_VALUES, ...times('period_begin', 'period_end') } },
  'energy-mix': { members: { energy_sources: each('energy-source'), environ_impact: each('environmental-impact') } },
  'environmental-impact': { members: { source: rename('category', IMPACT_VALUES), category: IMPACT_VALUES } },
  ...ALIKE,
}

const KEPT_IN_LOCATION = words(
  'id type name address city postal_code country coordinates related_locations evses directions operator suboperator owner facilities time_zone opening_times charging_when_closed images energy_mix last_updated',
)
const KEPT_IN_EVSE = words(
  'uid evse_id status status_schedule capabilities connectors floor_level coordinates physical_reference directions parking_restrictions images last_updated',
)
const KEPT_IN_CONNECTOR = words(
  'id standard format power_type voltage amperage tariff_id terms_and_conditions last_updated',
)

export const POWER_TYPE_DOWN = values({
  known: POWER_TYPES,
  map: all(ADDED_POWER_TYPES, 'AC_1_PHASE'),
  reason: NO_VALUE,
})

const COORDINATES_REASON = 'rounded to six decimals'

/** OCPI 2.1.1 asks for exactly six decimals. Padding says nothing new; rounding is told. */
function coordinate(name: string) {
  return change(COORDINATES_REASON, (text, hand) => {
    const said = readText(text)
    const parts = said === null ? null : /^(-?)(\d{1,3})(?:\.(\d*))?$/.exec(said)
    if (parts === null) return text
    const [, sign = '', whole = '', decimals = ''] = parts
    if (decimals.length <= 6) return JSON.stringify(`${sign}${whole}.${decimals.padEnd(6, '0')}`)
    hand.note('changed', `/${name}`, COORDINATES_REASON)
    const rounded = BigInt(whole + decimals.slice(0, 6)) + (decimals.charAt(6) >= '5' ? 1n : 0n)
    const digits = String(rounded).padStart(7, '0')
    return JSON.stringify(`${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`)
  })
}

const COORDINATES = { latitude: coordinate('latitude'), longitude: coordinate('longitude') }

const ONE_TARIFF = 'a Connector of OCPI 2.1.1 has one tariff'

/** One that the receiver has is better than one that was never seen; a withheld one is worse than none. */
const TARIFF_ID = make(ONE_TARIFF, ['tariff_id'], (text, hand) => {
  const ids = elementsOfText(text) ?? []
  const state = (id: string): boolean | null => hand.context.isWithheldTariff?.(readText(id) ?? '') ?? null
  const chosen = ids.find((id) => state(id) === false) ?? ids.find((id) => state(id) === null)
  if (chosen !== undefined) hand.put('tariff_id', chosen)
  else if (hand.isPatch) hand.put('tariff_id', 'null')
  if (ids.some((id) => id !== chosen)) hand.note('lost', '/tariff_ids/*', ONE_TARIFF)
})

const NOT_SHOWN = 'OCPI 2.1.1 cannot say that a Location is not to be shown'

/** Only what says that it may be shown may be. */
const PUBLISH = change(
  `unless it is true: ${NOT_SHOWN}`,
  (text, hand) => {
    if (text === 'true') return null
    hand.note('withheld', '/publish', NOT_SHOWN)
    hand.withhold(NOT_SHOWN)
    return null
  },
  { fate: 'withheld' },
)

const NEVER_CLOSES = 'it never closes'

export const LOCATIONS_DOWN: Readonly<Record<string, Shape>> = {
  location: {
    known: KEPT_IN_LOCATION,
    members: {
      ...OWNER_DOWN,
      publish: PUBLISH,
      ...drops('publish_allowed_to', 'state'),
      parking_type: rename(
        'type',
        values({
          known: [...PARKING_TYPES, ...UNSAID_PARKING_TYPES],
          map: all(ADDED_PARKING_TYPES, 'OTHER'),
          reason: NO_VALUE,
        }),
      ),
      address: atMost('address', 45, '2.1.1'),
      country: COUNTRY,
      coordinates: one('coordinates'),
      related_locations: each('related-location'),
      facilities: values({ known: FACILITIES, dropped: ADDED_FACILITIES, reason: NO_VALUE }),
      opening_times: one('hours'),
      energy_mix: one('energy-mix'),
      evses: each('evse'),
      operator: one('business'),
      suboperator: one('business'),
      owner: one('business'),
      images: each('image'),
    },
    invents: {
      type: invent('UNKNOWN is what OCPI 2.1.1 says without one', () => '"UNKNOWN"'),
      postal_code: invent('OCPI 2.1.1 requires one', () => '"-"'),
    },
    checks: [
      {
        members: ['publish'],
        isOfAbsent: true,
        reason: NOT_SHOWN,
        isWithheld: ({ note }) => {
          note('withheld', '/publish', NOT_SHOWN)
          return true
        },
      },
    ],
    needsRest: ['evses', 'publish', 'opening_times'],
  },
  evse: {
    known: KEPT_IN_EVSE,
    members: {
      status: STATUS_VALUES,
      status_schedule: each('status-schedule'),
      capabilities: values({ known: CAPABILITIES, dropped: ADDED_CAPABILITIES, reason: NO_VALUE }),
      parking_restrictions: values({ known: known.PARKING_RESTRICTIONS }),
      coordinates: one('coordinates'),
      connectors: each('connector', { orWithheld: 'no connector is left' }),
      images: each('image'),
    },
    needsRest: ['connectors'],
  },
  connector: {
    known: KEPT_IN_CONNECTOR,
    members: {
      standard: values({ known: CONNECTOR_TYPES, withheld: ADDED_CONNECTOR_TYPES, reason: NO_VALUE }),
      format: values({ known: known.FORMATS }),
      power_type: POWER_TYPE_DOWN,
      max_voltage: rename('voltage'),
      max_amperage: rename('amperage'),
      max_electric_power: drop(`${NO_FIELD}: readers take voltage times amperage`),
      tariff_ids: TARIFF_ID,
    },
  },
  coordinates: { known: words('latitude longitude'), members: COORDINATES },
  'related-location': { known: words('latitude longitude name'), members: COORDINATES },
  hours: {
    known: words('regular_hours twentyfourseven exceptional_openings exceptional_closings'),
    members: {
      // A choice in 2.1.1: either the hours, or that it never closes.
      regular_hours: change(
        NEVER_CLOSES,
        (text, hand) => {
          if (isEmptyList(text)) return null
          if (hand.text('twentyfourseven') !== 'true') return text
          hand.note('lost', '/regular_hours', NEVER_CLOSES)
          return null
        },
        { fate: 'lost' },
      ),
      twentyfourseven: change(
        'regular hours are given',
        (text, hand) => {
          const hours = hand.text('regular_hours')
          return text === 'false' && hours !== null && !isEmptyList(hours) ? null : text
        },
        { fate: null },
      ),
    },
  },
  'status-schedule': { known: words('period_begin period_end status'), members: { status: STATUS_VALUES } },
  'energy-mix': {
    known: words('is_green_energy energy_sources environ_impact supplier_name energy_product_name'),
    members: { energy_sources: each('energy-source'), environ_impact: each('environmental-impact') },
  },
  'environmental-impact': {
    known: words('source amount'),
    members: { category: rename('source', IMPACT_VALUES), source: IMPACT_VALUES },
  },
  ...ALIKE,
}
