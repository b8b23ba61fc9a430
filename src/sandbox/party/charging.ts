import type { Cdr, ChargingProfile, Evse, Location, Price, Session, StartSession, Tariff } from './objects.ts'

const VAT_PERCENT = 21
const PRICES: Readonly<Record<string, number>> = { STANDARD: 0.39, FAST: 0.62 }

/** A session that begins now, as START_SESSION asked for it. Times are milliseconds since the epoch. */
export function openSession(options: {
  id: string
  location: Location
  evse: Evse
  request: StartSession
  now: number
}): Session {
  const { id, location, evse, request, now } = options
  const { country_code, party_id, uid, type, contract_id } = request.token
  return {
    country_code: location.country_code,
    party_id: location.party_id,
    id,
    start_date_time: iso(now),
    kwh: 0,
    cdr_token: { country_code, party_id, uid, type, contract_id },
    auth_method: 'COMMAND',
    ...(request.authorization_reference !== undefined && { authorization_reference: request.authorization_reference }),
    location_id: location.id,
    evse_uid: evse.uid,
    connector_id: request.connector_id ?? evse.connectors[0]?.id ?? '1',
    currency: 'EUR',
    charging_periods: [],
    status: 'PENDING',
    last_updated: iso(now),
  }
}

/** The session after `kwh` more in a period of `minutes` (simulated: stations of the demo charge faster than time passes). */
export function addEnergy(session: Session, kwh: number, minutes: number, now: number): Session {
  const total = round(session.kwh + kwh)
  const tariff_id = session.evse_uid.endsWith('2') ? 'FAST' : 'STANDARD'
  const dimensions = [
    { type: 'ENERGY', volume: kwh },
    { type: 'TIME', volume: round(minutes / 60) },
  ]
  return {
    ...session,
    kwh: total,
    charging_periods: [...session.charging_periods, { start_date_time: iso(now), dimensions, tariff_id }],
    total_cost: withVat(total * (PRICES[tariff_id] ?? 0)),
    status: 'ACTIVE',
    last_updated: iso(now),
  }
}

export function completeSession(session: Session, now: number): Session {
  return { ...session, status: 'COMPLETED', end_date_time: iso(now), last_updated: iso(now) }
}

/** The bill of a completed session [mod_cdrs]. */
export function makeCdr(
  session: Session,
  from: { locations: readonly Location[]; tariffs: readonly Tariff[]; now: number },
): Cdr {
  const location = from.locations.find(({ id }) => id === session.location_id)
  const evse = location?.evses.find(({ uid }) => uid === session.evse_uid)
  const connector = evse?.connectors.find(({ id }) => id === session.connector_id)
  if (!location || !evse || !connector) throw new Error(`Session ${session.id} is at no known connector`)
  const { id, name, address, city, postal_code, country, coordinates } = location
  const cost = session.total_cost ?? withVat(0)
  const hours = session.charging_periods.flatMap(({ dimensions }) => dimensions).filter(({ type }) => type === 'TIME')
  return {
    country_code: session.country_code,
    party_id: session.party_id,
    id: `${session.id}-CDR`,
    start_date_time: session.start_date_time,
    end_date_time: session.end_date_time ?? iso(from.now),
    session_id: session.id,
    cdr_token: session.cdr_token,
    auth_method: session.auth_method,
    cdr_location: {
      id,
      name,
      address,
      city,
      postal_code,
      country,
      coordinates,
      evse_uid: evse.uid,
      evse_id: evse.evse_id,
      connector_id: connector.id,
      connector_standard: connector.standard,
      connector_format: connector.format,
      connector_power_type: connector.power_type,
    },
    currency: 'EUR',
    tariffs: from.tariffs.filter((tariff) => connector.tariff_ids.includes(tariff.id)),
    charging_periods: session.charging_periods,
    total_cost: cost,
    total_energy: session.kwh,
    total_energy_cost: cost,
    total_time: round(hours.reduce((sum, { volume }) => sum + volume, 0)),
    last_updated: iso(from.now),
  }
}

function withVat(amount: number): Price {
  return { excl_vat: cents(amount), incl_vat: cents(amount * (1 + VAT_PERCENT / 100)) }
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

/** A profile without a curve: so much power, from the start to the end. */
export function fullPower(watts: number): ChargingProfile {
  return { charging_rate_unit: 'W', charging_profile_period: [{ start_period: 0, limit: watts }] }
}
