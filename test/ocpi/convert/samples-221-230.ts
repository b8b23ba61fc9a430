import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { number } from './text.ts'

/** Objects of a kind with every member of their version, and what they are in the other. */
export type Sample = {
  readonly name: string
  readonly kind: Kind
  readonly isPatch?: boolean
  readonly source: unknown
  /** Null: withheld. */
  readonly target: unknown
  /** `lost /evses/*`, in the order of the alphabet. */
  readonly remarks: readonly string[]
}

const words = (text: string) => text.split(' ')

const STANDARDS = words(
  'CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S',
)
const POWER_TYPES = words('AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC')
const STATUSES = words('AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN')
const CAPABILITIES = words(
  'CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT CONTACTLESS_CARD_SUPPORT CREDIT_CARD_PAYABLE DEBIT_CARD_PAYABLE PED_TERMINAL REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER START_SESSION_CONNECTOR_REQUIRED TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE',
)
const FACILITIES = words(
  'HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING BUS_STOP TAXI_STAND TRAM_STOP METRO_STATION TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING FUEL_STATION WIFI',
)
const PARKING_TYPES = words('ALONG_MOTORWAY PARKING_GARAGE PARKING_LOT ON_DRIVEWAY ON_STREET UNDERGROUND_GARAGE')
const RESTRICTIONS = words('EV_ONLY PLUGGED DISABLED CUSTOMERS MOTORCYCLES')
const DIMENSIONS = words(
  'CURRENT ENERGY ENERGY_EXPORT ENERGY_IMPORT MAX_CURRENT MIN_CURRENT MAX_POWER MIN_POWER PARKING_TIME POWER RESERVATION_TIME STATE_OF_CHARGE TIME',
)
const DAYS = words('MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY')
const TARIFF_TYPES = words('AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN REGULAR')

const at = '2026-11-30T12:00:00Z'
const owner = { country_code: 'NL', party_id: 'CPO' }
const text = [{ language: 'en', text: 'a "text" \\ é' }]
const coordinates = { latitude: '52.370216', longitude: '4.895168' }
const mix = { is_green_energy: true, environ_impact: [{ category: 'CARBON_DIOXIDE', amount: number('1.50') }] }

const connector = {
  id: '1',
  standard: 'IEC_62196_T2',
  format: 'CABLE',
  power_type: 'DC',
  max_voltage: number('400'),
  max_amperage: number('32'),
  max_electric_power: number('150000'),
  tariff_ids: ['11', '12'],
  terms_and_conditions: 'https://example.com',
  last_updated: at,
}
const evse = {
  uid: 'E1',
  evse_id: 'NL*CPO*E1',
  status: 'AVAILABLE',
  status_schedule: [{ period_begin: at, status: 'CHARGING' }],
  capabilities: CAPABILITIES,
  connectors: [connector, { ...connector, id: '2', format: 'SOCKET' }],
  floor_level: '-1',
  coordinates,
  physical_reference: '1',
  directions: text,
  parking_restrictions: RESTRICTIONS,
  images: [],
  last_updated: at,
}
const evses = [
  evse,
  ...STATUSES.map((status, i) => ({ ...evse, uid: `S${i}`, status, connectors: [connector] })),
  { ...evse, uid: 'C', connectors: STANDARDS.map((standard, i) => ({ ...connector, id: `${i}`, standard })) },
  { ...evse, uid: 'P', connectors: POWER_TYPES.map((power_type, i) => ({ ...connector, id: `${i}`, power_type })) },
]
const location = {
  ...owner,
  id: 'L1',
  publish: false,
  publish_allowed_to: [{ uid: '1', type: 'RFID' }],
  name: 'Home',
  address: 'Street 1',
  city: 'Town',
  postal_code: '1000 AA',
  state: 'ST',
  country: 'NLD',
  coordinates,
  related_locations: [{ ...coordinates, name: { language: 'en', text: 'shop' } }],
  parking_type: 'ON_STREET',
  evses,
  directions: text,
  operator: { name: 'O' },
  suboperator: { name: 'S' },
  owner: { name: 'W' },
  facilities: FACILITIES,
  time_zone: 'Europe/Amsterdam',
  opening_times: { twentyfourseven: true },
  charging_when_closed: false,
  images: [{ url: 'https://example.com/1.png', category: 'CHARGER', type: 'png' }],
  energy_mix: mix,
  last_updated: at,
}
const parked = { parking: [{ parking_id: 'P1', evse_position: 'LEFT' }], accepted_service_providers: ['MSP'] }
const places = {
  parking_places: [{ id: 'P1', vehicle_types: ['VAN'], restricted_to_type: false, reservation_required: false }],
  help_phone: '+31 20 1234567',
}

const element = {
  price_components: ['ENERGY', 'FLAT', 'PARKING_TIME', 'TIME'].map((type) => ({
    type,
    price: number('1.10'),
    vat: number('21.0'),
    step_size: number('1'),
  })),
  restrictions: {
    start_time: '13:00',
    end_time: '14:00',
    start_date: '2026-01-01',
    end_date: '2027-01-01',
    min_kwh: number('1'),
    max_kwh: number('2.50'),
    min_current: number('1'),
    max_current: number('2'),
    min_power: number('1'),
    max_power: number('2'),
    min_duration: number('1'),
    max_duration: number('2'),
    day_of_week: DAYS,
    reservation: 'RESERVATION',
  },
}
const limit = [
  { excl_vat: number('1.10'), incl_vat: number('1.30') },
  { before_taxes: number('1.10'), after_taxes: number('1.30') },
] as const
const highest = [{ excl_vat: number('1e2') }, { before_taxes: number('1e2') }] as const
const tariff = {
  ...owner,
  id: '11',
  currency: 'EUR',
  type: 'REGULAR',
  tariff_alt_text: text,
  tariff_alt_url: 'https://example.com',
  min_price: limit[0],
  max_price: highest[0],
  elements: [element, { ...element, restrictions: { reservation: 'RESERVATION_EXPIRES' } }],
  start_date_time: at,
  end_date_time: at,
  energy_mix: mix,
  last_updated: at,
}
const tariff230 = { ...tariff, min_price: limit[1], max_price: highest[1], tax_included: 'NO' }

const token = {
  ...owner,
  uid: 'T1',
  type: 'RFID',
  contract_id: 'NL-MSP-C1',
  visual_number: '1',
  issuer: 'MSP',
  group_id: 'G',
  valid: true,
  whitelist: 'ALWAYS',
  language: 'en',
  default_profile_type: 'GREEN',
  energy_contract: { supplier_name: 'S', contract_id: '1' },
  last_updated: at,
}
const cdrToken = { ...owner, uid: 'T1', type: 'RFID', contract_id: 'NL-MSP-C1' }

const price = [
  { excl_vat: number('1.10'), incl_vat: number('1.33') },
  { before_taxes: number('1.10'), taxes: [{ name: 'VAT', amount: number('0.23') }] },
] as const
const bare = [{ excl_vat: number('-0.50') }, { before_taxes: number('-0.50') }] as const

const periods = [
  {
    start_date_time: at,
    dimensions: DIMENSIONS.map((type) => ({ type, volume: number('1.0') })),
    tariff_id: '11',
  },
]
const session = {
  ...owner,
  id: 'S1',
  start_date_time: at,
  end_date_time: at,
  kwh: number('10.50'),
  cdr_token: cdrToken,
  auth_method: 'COMMAND',
  authorization_reference: 'R1',
  location_id: 'L1',
  evse_uid: 'E1',
  connector_id: '1',
  meter_id: 'M',
  currency: 'EUR',
  charging_periods: periods,
  total_cost: price[0],
  status: 'ACTIVE',
  last_updated: at,
}
const session230 = { ...session, total_cost: price[1] }
const cdrLocation = {
  id: 'L1',
  name: 'Home',
  address: 'Street 1',
  city: 'Town',
  postal_code: '1000 AA',
  state: 'ST',
  country: 'NLD',
  coordinates,
  evse_uid: 'E1',
  evse_id: 'NL*CPO*E1',
  connector_id: '1',
  connector_standard: 'IEC_62196_T2',
  connector_format: 'CABLE',
  connector_power_type: 'DC',
}
const cdr = {
  ...owner,
  id: 'C1',
  start_date_time: at,
  end_date_time: at,
  session_id: 'S1',
  cdr_token: cdrToken,
  auth_method: 'WHITELIST',
  authorization_reference: 'R1',
  cdr_location: cdrLocation,
  meter_id: 'M',
  currency: 'EUR',
  tariffs: [tariff],
  charging_periods: periods,
  signed_data: { encoding_method: 'OCMF', signed_values: [{ nature: 'Start', plain_data: 'a', signed_data: 'b' }] },
  total_cost: price[0],
  total_fixed_cost: bare[0],
  total_energy: number('10.50'),
  total_energy_cost: price[0],
  total_time: number('1.0'),
  total_time_cost: bare[0],
  total_parking_time: number('0'),
  total_parking_cost: bare[0],
  total_reservation_cost: price[0],
  remark: 'none',
  invoice_reference_id: 'I1',
  credit: false,
  credit_reference_id: 'C0',
  home_charging_compensation: false,
  last_updated: at,
}
const cdr230 = {
  ...cdr,
  tariffs: [tariff230],
  total_cost: price[1],
  total_fixed_cost: bare[1],
  total_energy_cost: price[1],
  total_time_cost: bare[1],
  total_parking_cost: bare[1],
  total_reservation_cost: price[1],
}

const references = { location_id: 'L1', evse_uids: ['E1'] }
const authorization = { allowed: 'ALLOWED', token, location: references, authorization_reference: 'R1', info: text[0] }
const url = { response_url: 'https://example.com/1' }
const commands: readonly (readonly [Kind, Record<string, unknown>])[] = [
  [
    'reserve-now',
    {
      ...url,
      token,
      expiry_date: at,
      reservation_id: 'R',
      location_id: 'L1',
      evse_uid: 'E1',
      authorization_reference: 'A',
    },
  ],
  [
    'start-session',
    { ...url, token, location_id: 'L1', evse_uid: 'E1', connector_id: '1', authorization_reference: 'A' },
  ],
  ['stop-session', { ...url, session_id: 'S1' }],
  ['unlock-connector', { ...url, location_id: 'L1', evse_uid: 'E1', connector_id: '1' }],
  ['cancel-reservation', { ...url, reservation_id: 'R' }],
]
const results: readonly (readonly [Kind, Record<string, unknown>])[] = [
  ...words('NOT_SUPPORTED REJECTED ACCEPTED UNKNOWN_SESSION').map(
    (result) => ['command-response', { result, timeout: number('30'), message: text }] as const,
  ),
  ...words(
    'ACCEPTED CANCELED_RESERVATION EVSE_OCCUPIED EVSE_INOPERATIVE FAILED NOT_SUPPORTED REJECTED TIMEOUT UNKNOWN_RESERVATION',
  ).map((result) => ['command-result', { result, message: text }] as const),
]

/** Of which both versions say the same. */
const SAME: readonly (readonly [Kind, unknown])[] = [
  ['location', location],
  ...PARKING_TYPES.map((parking_type) => ['location', { ...location, evses: [], parking_type }] as const),
  ['evse', evse],
  ['connector', connector],
  ['token', token],
  ...words('AD_HOC_USER APP_USER OTHER RFID').map((type) => ['token', { ...token, type }] as const),
  ...words('ALWAYS ALLOWED ALLOWED_OFFLINE NEVER').map((whitelist) => ['token', { ...token, whitelist }] as const),
  ...words('CHEAP FAST GREEN REGULAR').map(
    (profile) => ['token', { ...token, default_profile_type: profile }] as const,
  ),
  ['location-references', references],
  ['authorization', authorization],
  ...words('ALLOWED BLOCKED EXPIRED NO_CREDIT NOT_ALLOWED').map(
    (allowed) => ['authorization', { ...authorization, allowed }] as const,
  ),
  ...commands,
  ...results,
]

const same: readonly Sample[] = SAME.map(([kind, source]) => ({
  name: kind,
  kind,
  source,
  target: source,
  remarks: [],
}))

/** Objects of 2.2.1 that 2.3.0 says otherwise: all of them come back as they were. */
const other: readonly Sample[] = [
  ...TARIFF_TYPES.map((type) => ({
    name: `${type} tariff`,
    kind: 'tariff' as const,
    source: { ...tariff, type },
    target: { ...tariff230, type },
    remarks: ['invented /tax_included'],
  })),
  ...words('ACTIVE COMPLETED INVALID PENDING RESERVATION').map((status) => ({
    name: `${status} session`,
    kind: 'session' as const,
    source: { ...session, status },
    target: { ...session230, status },
    remarks: [],
  })),
  ...words('AUTH_REQUEST COMMAND WHITELIST').map((auth_method) => ({
    name: `cdr of ${auth_method}`,
    kind: 'cdr' as const,
    source: { ...cdr, auth_method },
    target: { ...cdr230, auth_method },
    remarks: ['invented /tariffs/*/tax_included'],
  })),
  {
    name: 'price of a session',
    kind: 'session',
    isPatch: true,
    source: { total_cost: price[0] },
    target: { total_cost: price[1] },
    remarks: [],
  },
]

export const UP: readonly Sample[] = [...same, ...other]

/** What says nothing is left out going up, wherever it stands. */
export const UP_NULLS: readonly Sample[] = [
  {
    name: 'nulls in a Location',
    kind: 'location',
    source: {
      ...location,
      related_locations: null,
      name: null,
      evses: [{ ...evse, images: null, connectors: [{ ...connector, tariff_ids: null }] }],
    },
    target: without(
      { ...location, evses: [without({ ...evse, connectors: [without(connector, 'tariff_ids')] }, 'images')] },
      'related_locations',
      'name',
    ),
    remarks: [],
  },
  {
    name: 'nulls in an authorization',
    kind: 'authorization',
    source: { ...authorization, location: { ...references, evse_uids: null }, info: null },
    target: without({ ...authorization, location: without(references, 'evse_uids') }, 'info'),
    remarks: [],
  },
]

function without(object: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

/** What of 2.3.0 comes back as it was. */
export const DOWN_SAME: readonly Sample[] = [
  ...same,
  ...other.map((sample) => ({ ...sample, source: sample.target, target: sample.source, remarks: [] })),
]

const plugged = (...standards: readonly string[]) => ({
  ...evse,
  connectors: standards.map((standard) => ({ ...connector, standard })),
})
const taxed = (...taxes: readonly unknown[]) => ({ ...session, total_cost: { before_taxes: number('1.10'), taxes } })

/** What 2.2.1 cannot say. */
export const DOWN_LOSING: readonly Sample[] = [
  {
    name: 'what is new at a Location',
    kind: 'location',
    source: {
      ...location,
      ...places,
      evses: [{ ...evse, ...parked, connectors: [{ ...connector, capabilities: ['ISO_15118_2_PLUG_AND_CHARGE'] }] }],
    },
    target: { ...location, evses: [{ ...evse, connectors: [connector] }] },
    remarks: [
      'lost /evses/*/accepted_service_providers',
      'lost /evses/*/connectors/*/capabilities',
      'lost /evses/*/parking',
      'lost /help_phone',
      'lost /parking_places',
    ],
  },
  {
    name: 'restrictions of parking',
    kind: 'evse',
    source: { ...evse, parking_restrictions: ['EMPLOYEES', 'DISABLED', 'TAXIS', 'TENANTS'] },
    target: { ...evse, parking_restrictions: ['DISABLED'] },
    remarks: Array.from({ length: 3 }, () => 'lost /parking_restrictions/*'),
  },
  {
    name: 'a plug among others',
    kind: 'evse',
    source: plugged('MCS', 'CHADEMO', 'SAE_J3400'),
    target: plugged('CHADEMO'),
    remarks: ['withheld /connectors/*', 'withheld /connectors/*'],
  },
  {
    name: 'a plug alone',
    kind: 'evse',
    source: plugged('MCS'),
    target: null,
    remarks: ['withheld /', 'withheld /connectors/*'],
  },
  {
    name: 'a plug',
    kind: 'connector',
    source: { ...connector, standard: 'SAE_J3400' },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'an EVSE among others',
    kind: 'location',
    source: { ...location, evses: [plugged('MCS'), evse] },
    target: { ...location, evses: [evse] },
    remarks: ['withheld /evses/*', 'withheld /evses/*/connectors/*'],
  },
  {
    name: 'prices with taxes',
    kind: 'tariff',
    source: { ...tariff230, tax_included: 'YES' },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'prices of which nobody knows',
    kind: 'tariff',
    source: { ...tariff230, tax_included: 'X' },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'prices that do not say whether they are with taxes',
    kind: 'tariff',
    source: { ...tariff, min_price: limit[1], max_price: highest[1] },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'prices of a kind that no version has',
    kind: 'tariff',
    source: { ...tariff230, elements: [{ price_components: [{ type: 'flat', price: number('1') }] }] },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'days that nobody can read',
    kind: 'tariff',
    source: { ...tariff230, elements: [{ ...element, restrictions: { day_of_week: ['monday'] } }] },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'reservations of a kind that no version has',
    kind: 'tariff',
    source: { ...tariff230, elements: [{ ...element, restrictions: { reservation: 'X' } }] },
    target: null,
    remarks: ['withheld /'],
  },
  {
    name: 'a price of bookings',
    kind: 'tariff',
    source: { ...tariff230, elements: [{ ...element, restrictions: { booking: 'BOOKING' } }, ...tariff.elements] },
    target: tariff,
    remarks: ['withheld /elements/*'],
  },
  {
    name: 'prices without any tax',
    kind: 'tariff',
    source: { ...tariff230, tax_included: 'N/A' },
    target: tariff,
    remarks: ['lost /tax_included'],
  },
  {
    name: 'what payments need',
    kind: 'tariff',
    source: { ...tariff230, preauthorize_amount: number('50') },
    target: tariff,
    remarks: ['lost /preauthorize_amount'],
  },
  {
    name: 'a tariff of a CDR',
    kind: 'cdr',
    source: { ...cdr230, tariffs: [{ ...tariff230, tax_included: 'YES' }, tariff230], booking_id: 'B' },
    target: cdr,
    remarks: ['lost /booking_id', 'withheld /tariffs/*'],
  },
  {
    name: 'dimensions of bookings',
    kind: 'session',
    source: {
      ...session230,
      charging_periods: [
        { start_date_time: at, dimensions: [{ type: 'RESERVATION_EXPIRES', volume: number('1') }] },
        {
          start_date_time: at,
          dimensions: [
            { type: 'TIME', volume: number('1') },
            { type: 'RESERVATION_OVERTIME', volume: number('1') },
          ],
        },
      ],
    },
    target: {
      ...session,
      charging_periods: [{ start_date_time: at, dimensions: [{ type: 'TIME', volume: number('1') }] }],
    },
    remarks: [
      'withheld /charging_periods/*',
      'withheld /charging_periods/*/dimensions/*',
      'withheld /charging_periods/*/dimensions/*',
    ],
  },
  {
    name: 'a CDR with none but dimensions of bookings',
    kind: 'cdr',
    source: {
      ...cdr230,
      charging_periods: [{ start_date_time: at, dimensions: [{ type: 'RESERVATION_EXPIRES', volume: number('1') }] }],
    },
    target: {
      ...cdr,
      charging_periods: [{ start_date_time: at, dimensions: [{ type: 'TIME', volume: number('1.0') }] }],
    },
    remarks: [
      'invented /charging_periods/*',
      'withheld /charging_periods/*',
      'withheld /charging_periods/*/dimensions/*',
    ],
  },
  {
    name: 'a vehicle that may see a Location',
    kind: 'location',
    source: { ...location, publish_allowed_to: [{ uid: '1', type: 'EMAID' }] },
    target: { ...location, publish_allowed_to: [{ uid: '1', type: 'OTHER' }] },
    remarks: ['changed /publish_allowed_to/*/type'],
  },
  {
    name: 'a vehicle as a token',
    kind: 'token',
    source: { ...token, type: 'EMAID' },
    target: { ...token, type: 'OTHER' },
    remarks: ['changed /type'],
  },
  ...(['session', 'cdr'] as const).map((kind) => ({
    name: `a vehicle in a ${kind}`,
    kind,
    source: { ...(kind === 'cdr' ? cdr230 : session230), cdr_token: { ...cdrToken, type: 'EMAID' } },
    target: { ...(kind === 'cdr' ? cdr : session), cdr_token: { ...cdrToken, type: 'OTHER' } },
    remarks: ['changed /cdr_token/type'],
  })),
  ...(['authorization', 'start-session', 'reserve-now'] as const).map((kind) => {
    const whole = kind === 'authorization' ? authorization : commands.find(([command]) => command === kind)?.[1]
    return {
      name: `a vehicle in ${kind}`,
      kind,
      source: { ...whole, token: { ...token, type: 'EMAID' } },
      target: { ...whole, token: { ...token, type: 'OTHER' } },
      remarks: ['changed /token/type'],
    }
  }),
  {
    name: 'several taxes',
    kind: 'session',
    source: taxed(
      { name: 'GST', amount: number('0.05') },
      { name: 'QST', account_number: '1', percentage: number('9.975'), amount: number('0.1') },
    ),
    target: { ...session, total_cost: { excl_vat: number('1.10'), incl_vat: number('1.25') } },
    remarks: [
      'lost /total_cost/taxes/*',
      'lost /total_cost/taxes/*/account_number',
      'lost /total_cost/taxes/*/name',
      'lost /total_cost/taxes/*/percentage',
    ],
  },
  {
    name: 'a tax without an amount',
    kind: 'session',
    source: taxed({ name: 'VAT' }),
    target: { ...session, total_cost: { excl_vat: number('1.10') } },
    remarks: ['lost /total_cost/taxes'],
  },
  {
    name: 'members of a partner, deeper',
    kind: 'authorization',
    source: { ...authorization, location: { ...references, x_own: 1 } },
    target: authorization,
    remarks: ['lost /location/x_own'],
  },
  {
    name: 'members of a partner',
    kind: 'session',
    source: { ...session230, x_own: { a: 1 }, cdr_token: { ...cdrToken, x_own: true } },
    target: session,
    remarks: ['lost /cdr_token/x_own', 'lost /x_own'],
  },
]

/** See `OWN_VALUES`. */
const OWN = 'X_OWN'

/** Values that no version has: carried as they are, and reported. The same in both versions. */
export const OWN_VALUES: readonly Sample[] = (
  [
    [
      'location',
      {
        facilities: [OWN],
        parking_type: OWN,
        publish_allowed_to: [{ type: OWN }],
        operator: { logo: { category: OWN } },
        suboperator: { logo: { category: OWN } },
        owner: { logo: { category: OWN } },
        images: [{ category: OWN }],
        energy_mix: { energy_sources: [{ source: OWN }], environ_impact: [{ category: OWN }] },
        evses: [
          {
            status: OWN,
            status_schedule: [{ status: OWN }],
            images: [{ category: OWN }],
            capabilities: [OWN],
            parking_restrictions: [OWN],
            connectors: [{ standard: OWN, format: OWN, power_type: OWN }],
          },
        ],
      },
    ],
    ['token', { type: OWN, whitelist: OWN, default_profile_type: OWN }],
    [
      'tariff',
      {
        type: OWN,
        elements: [{ price_components: [{ type: OWN }], restrictions: { day_of_week: [OWN], reservation: OWN } }],
      },
    ],
    [
      'session',
      { cdr_token: { type: OWN }, auth_method: OWN, status: OWN, charging_periods: [{ dimensions: [{ type: OWN }] }] },
    ],
    [
      'cdr',
      {
        cdr_token: { type: OWN },
        auth_method: OWN,
        cdr_location: { connector_standard: OWN, connector_format: OWN, connector_power_type: OWN },
        charging_periods: [{ dimensions: [{ type: OWN }] }],
        tariffs: [{ type: OWN }],
      },
    ],
    ['authorization', { allowed: OWN, token: { whitelist: OWN } }],
    ['reserve-now', { token: { whitelist: OWN } }],
    ['start-session', { token: { whitelist: OWN } }],
    ['command-response', { result: OWN }],
    ['command-result', { result: OWN }],
  ] as const
).map(([kind, source]) => ({ name: kind, kind, isPatch: true, source, target: source, remarks: unknownsIn(source) }))

function unknownsIn(value: unknown, at = ''): string[] {
  if (value === OWN) return [`unknown ${at}`]
  if (Array.isArray(value)) return value.flatMap((element) => unknownsIn(element, `${at}/*`))
  return Object.entries(value as object)
    .flatMap(([name, member]) => unknownsIn(member, `${at}/${name}`))
    .sort()
}
