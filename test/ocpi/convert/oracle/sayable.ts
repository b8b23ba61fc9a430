import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'
import { type Context, DEFAULT_CONVERSION } from '../../../../src/ocpi/convert/conversion.ts'
import { UP_211_TO_221 } from '../../../../src/ocpi/convert/rules-211-221.ts'
import { toBytes, without } from './fixtures.ts'
import { travel } from './journey.ts'
import { modelOf } from './judge.ts'
import { full, variants } from './model.ts'

type Json = Record<string, unknown>

/** Every kind of object of a version with all its members and values, without those that only say that the whole is withheld. */
export function sayable(version: string, kind: Kind): unknown[] {
  const objects = variants(modelOf(version, kind)).map((object) => toSayable(kind, object as Json))
  return version === '2.1.1' ? [...objects.slice(0, 1), inBareTimes(objects[0]), ...objects.slice(1)] : objects
}

/** With times that name no zone, as partners of 2.1.1 send them. */
function inBareTimes(object: unknown): unknown {
  return JSON.parse(JSON.stringify(object).replaceAll(/(?<="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z"/g, '"'))
}

function toSayable(kind: Kind, object: Json): Json {
  if (kind === 'cdr') {
    const tariffs = object['tariffs'] as Json[] | undefined
    return tariffs === undefined ? object : { ...object, tariffs: tariffs.map((tariff) => toSayable('tariff', tariff)) }
  }
  if (kind !== 'tariff') return object
  const elements = object['elements'] as Json[] | undefined
  const kept = elements?.map((element) => {
    const restrictions = element['restrictions'] as Json | undefined
    if (restrictions === undefined) return element
    return { ...element, restrictions: without(restrictions, 'min_current', 'max_current', 'reservation', 'booking') }
  })
  return {
    ...without(object, 'min_price', 'max_price', 'end_date_time'),
    ...(object['tax_included'] === undefined ? {} : { tax_included: 'NO' }),
    ...(kept === undefined ? {} : { elements: kept }),
  }
}

/** No token is known, but the Location that a Session or CDR is about. */
export function contextOf(version: string, object: unknown): Context {
  return {
    settings: { ...DEFAULT_CONVERSION, ownerMembers: false },
    sourceSettings: DEFAULT_CONVERSION,
    // Others than any object names: what is invented is not what was lost.
    owner: { countryCode: 'LU', partyId: 'OWN' },
    counterpart: { countryCode: 'LU', partyId: 'MSP' },
    now: () => '2026-06-30T00:00:00Z',
    asked: { uid: 'uid', type: 'RFID' },
    locationOf: () => toBytes(locationFor(version, object as Json)),
  }
}

/** In 2.2.1, with the EVSE and the Connector that a Session or CDR names. */
function locationFor(version: string, object: Json): unknown {
  if (version === '2.1.1' && object['location'] !== undefined) {
    const nothing: Context = { ...contextOf('', {}), locationOf: () => null }
    const journey = travel('location', object['location'], [UP_211_TO_221], 1, nothing)
    return journey.kind === 'back' ? journey.back : null
  }
  const [location, evse, connector] = (['location', 'evse', 'connector'] as const).map((kind) =>
    full(modelOf('2.2.1', kind)),
  ) as [Json, Json, Json]
  const plug = { ...connector, id: 'connector_id' }
  return { ...location, id: 'location_id', evses: [{ ...evse, uid: 'evse_uid', connectors: [plug] }] }
}
