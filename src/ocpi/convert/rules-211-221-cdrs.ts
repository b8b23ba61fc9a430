import { VERSION_211 } from '../dialect-211.ts'
import { CDR_PERIODS } from './cdr-periods.ts'
import { threeLettersOf } from './countries.ts'
import { readText, writeList, writeObject } from './json-parts.ts'
import { elementsOfText, membersOfText } from './json-text.ts'
import * as known221 from './known-221.ts'
import { change, each, type Hand, invent, make, rename, type Shape, values } from './rules.ts'
import {
  asText,
  atMost,
  drops,
  idUp,
  KEPT,
  keepsExtras,
  NO_FIELD,
  NO_VALUE,
  OWNER_DOWN,
  OWNER_INVENTED,
  PRICE_UP,
  REFERENCE_DOWN,
  REFERENCE_INVENTED,
  time,
  times,
} from './rules-211-221-common.ts'
import { AUTH_ID, AUTH_METHOD_DOWN, CDR_TOKEN, COST_DOWN } from './rules-211-221-sessions.ts'
import { findPlug, firstPlugOf, readSeen } from './session-location.ts'
import { whyNotAt } from './tariff-sums.ts'
import { ADDED_POWER_TYPES, CONNECTOR_TYPES, POWER_TYPES, words } from './values-211.ts'

const NO_ROOM = 'OCPI 2.2.1 has less of the Location in a CDR'
const NOT_SAID = 'the Location in the CDR does not say it'

const CDR_LOCATION = make(NO_ROOM, ['cdr_location'], (text, hand) => {
  const location = membersOfText(text)
  const { evse, connector } = firstPlugOf(text)
  const country = readText(location?.get('country'))
  const told = tellsPlug(hand, '/cdr_location', '2.2.1')

  function known(name: string, value: string | undefined): string {
    if (value !== undefined && value !== 'null') return value
    hand.note('invented', `/cdr_location/${name}`, NOT_SAID)
    return '"#NA"'
  }

  const kept = words('name address city postal_code').map((name) => [name, location?.get(name)] as const)
  hand.put(
    'cdr_location',
    writeObject([
      ['id', known('id', location?.get('id'))],
      ...kept,
      ['country', asText(threeLettersOf(country ?? '')) ?? location?.get('country')],
      ['coordinates', location?.get('coordinates')],
      ['evse_uid', known('evse_uid', evse?.get('uid'))],
      ['evse_id', known('evse_id', evse?.get('evse_id'))],
      ['connector_id', known('connector_id', connector?.get('id'))],
      ['connector_standard', told('connector_standard', connector?.get('standard'), known221.CONNECTORS)],
      ['connector_format', told('connector_format', connector?.get('format'), known221.FORMATS)],
      ['connector_power_type', told('connector_power_type', connector?.get('power_type'), known221.POWER_TYPES)],
    ]),
  )
  if (country !== null && threeLettersOf(country) !== null) {
    hand.note('changed', '/cdr_location/country', 'three letters, as the specification asks for')
  }
  hand.note('lost', '/location', NO_ROOM)
})

export const CDRS_UP: Readonly<Record<string, Shape>> = {
  cdr: {
    members: {
      id: idUp('cdr', 'id'),
      stop_date_time: rename('end_date_time', time('end_date_time')),
      auth_id: CDR_TOKEN,
      auth_method: values({ known: known221.AUTH_METHODS }),
      location: CDR_LOCATION,
      tariffs: each('tariff'),
      charging_periods: CDR_PERIODS,
      total_cost: PRICE_UP,
      ...times('start_date_time', 'last_updated'),
    },
    invents: { ...OWNER_INVENTED, authorization_reference: REFERENCE_INVENTED },
  },
}

const FROM_SEEN = 'OCPI 2.1.1 has the whole Location in a CDR: out of the one that was seen of this id'
const NEVER_SEEN = 'the Location of this id was never seen'

/** A bill has to arrive, though what is invented for it may be no more than that nothing is known. */
const LOCATION = make(FROM_SEEN, ['location'], (text, hand) => {
  const said = membersOfText(text)
  if (said === null) return
  const seen = readSeen(hand, readText(said.get('id')) ?? '')
  const { evse, connector } =
    seen === null
      ? { evse: null, connector: null }
      : findPlug(seen, readText(said.get('evse_uid')), readText(said.get('connector_id')))

  function known(pointer: string, value: string | null | undefined, invented: string): string {
    if (value !== null && value !== undefined && value !== 'null') return value
    hand.note('invented', `/location${pointer}`, NEVER_SEEN)
    return invented
  }

  const updated = hand.text('last_updated')
  const at = '/evses/*/connectors/*'
  const told = tellsPlug(hand, `/location${at}`, VERSION_211)
  const plug = writeObject([
    ['id', said.get('connector_id')],
    ['standard', told('standard', said.get('connector_standard'), CONNECTOR_TYPES)],
    ['format', told('format', said.get('connector_format'), known221.FORMATS)],
    ['power_type', told('power_type', toldPower(said.get('connector_power_type'), hand), POWER_TYPES)],
    ['voltage', known(`${at}/voltage`, connector?.get('max_voltage'), '0')],
    ['amperage', known(`${at}/amperage`, connector?.get('max_amperage'), '0')],
    ['last_updated', connector?.get('last_updated') ?? updated],
  ])
  const evseId = said.get('evse_id')
  const place = writeObject([
    ['uid', said.get('evse_uid')],
    ['evse_id', readText(evseId) === '#NA' ? null : evseId],
    ['status', known('/evses/*/status', evse?.get('status'), '"UNKNOWN"')],
    ['connectors', writeList([plug])],
    ['last_updated', evse?.get('last_updated') ?? updated],
  ])
  const around = writeObject([
    ...words('id name address city postal_code country coordinates').map((name) => [name, said.get(name)] as const),
    ['publish', 'true'],
    ['parking_type', seen?.get('parking_type')],
    ['last_updated', seen?.get('last_updated') ?? updated],
  ])
  const whole = membersOfText(hand.convert('location', around, '/location') ?? around)
  if (said.has('state')) hand.note('lost', '/cdr_location/state', NO_FIELD)
  hand.put('location', writeObject(new Map([...(whole ?? []), ['evses', writeList([place])]])))
})

function toldPower(type: string | undefined, hand: Hand): string | undefined {
  if (type === undefined || keepsExtras(hand) || !ADDED_POWER_TYPES.includes(readText(type) ?? '')) return type
  hand.note('changed', '/location/evses/*/connectors/*/power_type', `${readText(type)} became AC_1_PHASE: ${NO_VALUE}`)
  return '"AC_1_PHASE"'
}

/** In a bill a plug is told as it is, even with a value that the version does not have. */
function tellsPlug(hand: Hand, at: string, version: string) {
  return (name: string, value: string | undefined, values: readonly string[]): string | undefined => {
    const said = readText(value)
    if (said !== null && !values.includes(said)) hand.note('unknown', `${at}/${name}`, `no value of OCPI ${version}`)
    return value
  }
}

const WITHHELD_TARIFF = 'Tariffs of a CDR that cannot be said in OCPI 2.1.1 are left out'

/** What held when the session began counts, not what holds now. */
const TARIFFS = make(WITHHELD_TARIFF, ['tariffs'], (text, hand) => {
  const tariffs = elementsOfText(text)
  if (tariffs === null) return hand.put('tariffs', text)
  const moment = hand.string('start_date_time') ?? hand.context.now()
  const kept = tariffs.flatMap((tariff) => tariffAt(moment, tariff, hand) ?? [])
  hand.put('tariffs', writeList(kept))
})

function tariffAt(moment: string, text: string, hand: Hand): string | null {
  const tariff = membersOfText(text)
  if (tariff === null) return text
  const said = (name: string): string | null => {
    const text = tariff.get(name)
    return text === undefined || text === 'null' ? null : text
  }
  const why = whyNotAt(moment, said('start_date_time'), said('end_date_time'))
  if (why !== null) {
    hand.note('withheld', '/tariffs/*', why)
    return null
  }
  const held = new Map(tariff)
  for (const name of ['start_date_time', 'end_date_time']) {
    if (said(name) !== null) hand.note('lost', `/tariffs/*/${name}`, NO_FIELD)
    held.delete(name)
  }
  return hand.convert('tariff', writeObject(held), '/tariffs/*')
}

/** Before the remark, while it fits: who reads a bill has to see that it takes another one back. */
const LONGEST_REMARK = 255
const CREDIT_REASON = 'OCPI 2.1.1 has no credit CDRs: said in the remark'

function creditMark({ text, string }: Hand): string {
  const id = string('credit_reference_id')
  return text('credit') === 'true' ? `[credit${id === null ? '' : ` of ${id}`}] ` : ''
}

const REMARK = change(CREDIT_REASON, (text, hand) => {
  const marked = creditMark(hand) + (readText(text) ?? '')
  if (marked === readText(text) || marked.length > LONGEST_REMARK) return text
  hand.note('changed', '/remark', CREDIT_REASON)
  return JSON.stringify(marked)
})

const NO_CREDIT = 'OCPI 2.1.1 has no credit CDRs'

const CREDIT = change(
  NO_CREDIT,
  (text, hand) => {
    if (text === 'true' && hand.settings.credit === 'withhold') hand.withhold(NO_CREDIT)
    if (keepsExtras(hand)) return text
    hand.note('lost', '/credit', NO_CREDIT)
    return null
  },
  { fate: 'lost', bySetting: [['credit: withhold', 'withheld where it is true'], KEPT] },
)

const SIGNED_DATA = change(
  NO_FIELD,
  (text, hand) => {
    if (hand.settings.signedData || keepsExtras(hand)) return text
    hand.note('lost', '/signed_data', NO_FIELD)
    return null
  },
  { fate: 'lost', bySetting: [['signed_data: true', 'carried'], KEPT] },
)

export const CDRS_DOWN: Readonly<Record<string, Shape>> = {
  cdr: {
    known: words(
      'id start_date_time stop_date_time auth_id auth_method location meter_id currency tariffs charging_periods total_cost total_energy total_time total_parking_time remark last_updated',
    ),
    members: {
      ...OWNER_DOWN,
      id: atMost('id', 36, '2.1.1'),
      end_date_time: rename('stop_date_time'),
      cdr_token: AUTH_ID,
      auth_method: AUTH_METHOD_DOWN,
      authorization_reference: REFERENCE_DOWN,
      cdr_location: LOCATION,
      tariffs: TARIFFS,
      charging_periods: CDR_PERIODS,
      total_cost: COST_DOWN,
      ...drops(
        ...words('session_id invoice_reference_id home_charging_compensation credit_reference_id'),
        ...words('total_fixed_cost total_energy_cost total_time_cost total_parking_cost total_reservation_cost'),
      ),
      signed_data: SIGNED_DATA,
      credit: CREDIT,
      remark: REMARK,
    },
    invents: {
      remark: invent(CREDIT_REASON, (hand) => asText(creditMark(hand).trim() || null)),
    },
  },
}
