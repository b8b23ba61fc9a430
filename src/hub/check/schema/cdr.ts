import { CONNECTOR_FORMAT, CONNECTOR_TYPE, GEO_LOCATION, POWER_TYPE } from './location.ts'
import {
  any,
  BOOLEAN,
  ci,
  INT,
  MOMENT,
  maybe,
  NUMBER,
  OWNED,
  object,
  one,
  oneOf,
  PRICE,
  type Shape,
  some,
  text,
} from './shape.ts'
import { TARIFF } from './tariff.ts'
import { CDR_TOKEN } from './token.ts'

// [mod_cdrs, mod_sessions: Object description]

const AUTH_METHOD = oneOf('AUTH_REQUEST COMMAND WHITELIST')

export const DIMENSION = oneOf(
  `CURRENT ENERGY ENERGY_EXPORT ENERGY_IMPORT MAX_CURRENT MIN_CURRENT MAX_POWER MIN_POWER PARKING_TIME POWER RESERVATION_TIME
  STATE_OF_CHARGE TIME`,
)

const CHARGING_PERIOD = object({
  start_date_time: one(MOMENT),
  dimensions: some(object({ type: one(DIMENSION), volume: one(NUMBER) })),
  tariff_id: maybe(ci(36)),
})

const CDR_LOCATION = object({
  id: one(ci(36)),
  name: maybe(text(255)),
  address: one(text(255)),
  city: one(text(45)),
  postal_code: maybe(text(10)),
  state: maybe(text(45)),
  country: one(text(3)),
  coordinates: one(GEO_LOCATION),
  evse_uid: one(ci(36)),
  evse_id: one(ci(48)),
  connector_id: one(ci(36)),
  connector_standard: one(CONNECTOR_TYPE),
  connector_format: one(CONNECTOR_FORMAT),
  connector_power_type: one(POWER_TYPE),
})

const SIGNED_DATA = object({
  encoding_method: one(ci(36)),
  encoding_method_version: maybe(INT),
  public_key: maybe(text(512)),
  signed_values: some(object({ nature: one(ci(32)), plain_data: one(text(5000)), signed_data: one(text(5000)) })),
  url: maybe(text(512)),
})

export const CDR: Shape = {
  ...OWNED,
  id: one(ci(39)),
  start_date_time: one(MOMENT),
  end_date_time: one(MOMENT),
  session_id: maybe(ci(36)),
  cdr_token: one(CDR_TOKEN),
  auth_method: one(AUTH_METHOD),
  authorization_reference: maybe(ci(36)),
  cdr_location: one(CDR_LOCATION),
  meter_id: maybe(text(255)),
  currency: one(text(3)),
  tariffs: any(object(TARIFF)),
  charging_periods: some(CHARGING_PERIOD),
  signed_data: maybe(SIGNED_DATA),
  total_cost: one(PRICE),
  total_fixed_cost: maybe(PRICE),
  total_energy: one(NUMBER),
  total_energy_cost: maybe(PRICE),
  total_time: one(NUMBER),
  total_time_cost: maybe(PRICE),
  total_parking_time: maybe(NUMBER),
  total_parking_cost: maybe(PRICE),
  total_reservation_cost: maybe(PRICE),
  remark: maybe(text(255)),
  invoice_reference_id: maybe(ci(39)),
  credit: maybe(BOOLEAN),
  credit_reference_id: maybe(ci(39)),
  home_charging_compensation: maybe(BOOLEAN),
  last_updated: one(MOMENT),
}

export const SESSION: Shape = {
  ...OWNED,
  id: one(ci(36)),
  start_date_time: one(MOMENT),
  end_date_time: maybe(MOMENT),
  kwh: one(NUMBER),
  cdr_token: one(CDR_TOKEN),
  auth_method: one(AUTH_METHOD),
  authorization_reference: maybe(ci(36)),
  location_id: one(ci(36)),
  evse_uid: one(ci(36)),
  connector_id: one(ci(36)),
  meter_id: maybe(text(255)),
  currency: one(text(3)),
  charging_periods: any(CHARGING_PERIOD),
  total_cost: maybe(PRICE),
  status: one(oneOf('ACTIVE COMPLETED INVALID PENDING RESERVATION')),
  last_updated: one(MOMENT),
}
