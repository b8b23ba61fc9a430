import type {
  AuthorizationInfo,
  Cdr,
  ChargingPeriod,
  CommandRequest,
  Connector,
  Evse,
  Location,
  Session,
  StartSession,
  Tariff,
  Token,
} from '../objects.ts'
import type { Shapes } from './shapes.ts'

/** Members of commands that 2.1.1 does not have. */
const SINCE_22 = new Set(['connector_id', 'authorization_reference'])

/** 2.1.1 has no owners in objects, whole locations in sessions and CDRs, and amounts without VAT. */
export const SHAPES_211: Shapes = {
  location,
  tariff,
  token,
  session: (session, locations) => ({
    id: session.id,
    start_datetime: session.start_date_time,
    ...(session.end_date_time !== undefined && { end_datetime: session.end_date_time }),
    kwh: session.kwh,
    auth_id: session.cdr_token.contract_id,
    auth_method: authMethod(session),
    location: placeOf(session.location_id, session.evse_uid, locations),
    currency: session.currency,
    charging_periods: session.charging_periods.map(period),
    ...(session.total_cost && { total_cost: session.total_cost.excl_vat }),
    status: session.status,
    last_updated: session.last_updated,
  }),
  cdr: (cdr, locations) => ({
    id: cdr.id,
    start_date_time: cdr.start_date_time,
    stop_date_time: cdr.end_date_time,
    auth_id: cdr.cdr_token.contract_id,
    auth_method: authMethod(cdr),
    location: placeOf(cdr.cdr_location.id, cdr.cdr_location.evse_uid, locations),
    currency: cdr.currency,
    tariffs: cdr.tariffs.map(tariff),
    charging_periods: cdr.charging_periods.map(period),
    total_cost: cdr.total_cost.excl_vat,
    total_energy: cdr.total_energy,
    total_time: cdr.total_time,
    last_updated: cdr.last_updated,
  }),
  authorization: ({ allowed, location: at }: AuthorizationInfo) => ({ allowed, ...(at && { location: at }) }),
  command: ({ token: asked, ...request }: CommandRequest) => ({
    ...Object.fromEntries(Object.entries(request).filter(([name]) => !SINCE_22.has(name))),
    ...(asked && { token: token(asked) }),
  }),
  commandResponse: ({ result }) => ({ result }),
  tokenType,
  readStart(body) {
    const { auth_id: contract_id, ...asked } = (body['token'] ?? {}) as { auth_id?: string }
    return { ...body, token: { ...asked, contract_id, country_code: '', party_id: '' } } as unknown as StartSession
  },
  isPatchDated: false,
  growsBy: 'PUT',
  unknownToken: 2001,
}

/** The time zone is left out, as 2.1.1 allows: most of its CPOs do. */
function location(of: Location) {
  const { id, name, address, city, postal_code, country, coordinates, operator, opening_times, last_updated } = of
  return {
    id,
    type: of.parking_type,
    name,
    address,
    city,
    postal_code,
    country,
    coordinates,
    evses: of.evses.map(evse),
    operator,
    opening_times,
    last_updated,
  }
}

function evse({ connectors, ...rest }: Evse) {
  return { ...rest, connectors: connectors.map(connector) }
}

function connector(of: Connector) {
  const { id, standard, format, power_type, max_voltage, max_amperage, tariff_ids, last_updated } = of
  return {
    id,
    standard,
    format,
    power_type,
    voltage: max_voltage,
    amperage: max_amperage,
    tariff_id: tariff_ids[0],
    last_updated,
  }
}

/** The location with the one EVSE that is used. */
function placeOf(id: string, uid: string, locations: readonly Location[]) {
  const found = locations.find((each) => each.id === id)
  if (!found) throw new Error(`There is no location ${id}`)
  return location({ ...found, evses: found.evses.filter((each) => each.uid === uid) })
}

function tariff({ id, currency, tariff_alt_text, elements, last_updated }: Tariff) {
  return {
    id,
    currency,
    tariff_alt_text,
    elements: elements.map(({ price_components }) => ({
      price_components: price_components.map(({ type, price, step_size }) => ({ type, price, step_size })),
    })),
    last_updated,
  }
}

function token({ uid, type, contract_id, visual_number, issuer, valid, whitelist, language, last_updated }: Token) {
  return {
    uid,
    type: tokenType(type),
    auth_id: contract_id,
    visual_number,
    issuer,
    valid,
    whitelist,
    language,
    last_updated,
  }
}

function tokenType(type: string): string {
  return type === 'RFID' ? 'RFID' : 'OTHER'
}

function authMethod({ auth_method }: Pick<Session, 'auth_method'> | Pick<Cdr, 'auth_method'>): string {
  return auth_method === 'WHITELIST' ? 'WHITELIST' : 'AUTH_REQUEST'
}

function period({ start_date_time, dimensions }: ChargingPeriod) {
  return { start_date_time, dimensions }
}
