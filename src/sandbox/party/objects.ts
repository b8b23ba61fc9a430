/** The OCPI objects the simulated parties hold, as they stand on the wire [mod_locations … mod_charging_profiles]. */

export type PartyName = { readonly country_code: string; readonly party_id: string }

export type Connector = {
  id: string
  standard: string
  format: 'SOCKET' | 'CABLE'
  power_type: 'AC_1_PHASE' | 'AC_3_PHASE' | 'DC'
  max_voltage: number
  max_amperage: number
  max_electric_power: number
  tariff_ids: string[]
  last_updated: string
}

export type Evse = {
  uid: string
  evse_id: string
  status: string
  capabilities: string[]
  connectors: Connector[]
  physical_reference: string
  last_updated: string
}

export type Location = PartyName & {
  id: string
  publish: boolean
  name: string
  address: string
  city: string
  postal_code: string
  country: string
  coordinates: { latitude: string; longitude: string }
  parking_type: string
  evses: Evse[]
  operator: { name: string }
  time_zone: string
  opening_times: { twentyfourseven: true }
  last_updated: string
}

export type Tariff = PartyName & {
  id: string
  currency: string
  type: string
  /** Of 2.3.0: prices with their taxes. @default 'NO' */
  tax_included?: 'YES' | 'NO'
  tariff_alt_text: { language: string; text: string }[]
  elements: { price_components: { type: string; price: number; vat: number; step_size: number }[] }[]
  last_updated: string
}

export type Token = PartyName & {
  uid: string
  type: 'RFID' | 'APP_USER'
  contract_id: string
  visual_number: string
  issuer: string
  valid: boolean
  whitelist: 'ALWAYS' | 'ALLOWED' | 'ALLOWED_OFFLINE' | 'NEVER'
  language: string
  last_updated: string
}

export type CdrToken = PartyName & Pick<Token, 'uid' | 'type' | 'contract_id'>

export type Price = { excl_vat: number; incl_vat: number }

export type ChargingPeriod = {
  start_date_time: string
  dimensions: { type: string; volume: number }[]
  tariff_id: string
}

export type Session = PartyName & {
  id: string
  start_date_time: string
  end_date_time?: string
  kwh: number
  cdr_token: CdrToken
  auth_method: 'COMMAND' | 'AUTH_REQUEST' | 'WHITELIST'
  authorization_reference?: string
  location_id: string
  evse_uid: string
  connector_id: string
  currency: string
  charging_periods: ChargingPeriod[]
  total_cost?: Price
  status: 'PENDING' | 'ACTIVE' | 'COMPLETED'
  last_updated: string
}

export type Cdr = PartyName & {
  id: string
  start_date_time: string
  end_date_time: string
  session_id: string
  cdr_token: CdrToken
  auth_method: Session['auth_method']
  cdr_location: Pick<Location, 'id' | 'name' | 'address' | 'city' | 'postal_code' | 'country' | 'coordinates'> & {
    evse_uid: string
    evse_id: string
    connector_id: string
    connector_standard: string
    connector_format: string
    connector_power_type: string
  }
  currency: string
  tariffs: Tariff[]
  charging_periods: ChargingPeriod[]
  total_cost: Price
  total_energy: number
  total_energy_cost: Price
  total_time: number
  last_updated: string
}

export type ChargingProfile = {
  duration?: number
  charging_rate_unit: 'W' | 'A'
  charging_profile_period: { start_period: number; limit: number }[]
}

export type ActiveChargingProfile = { start_date_time: string; charging_profile: ChargingProfile }

/** What a station says at a response_url. */
export type AsyncResult = { result: string; profile?: ActiveChargingProfile }

export type AuthorizationInfo = {
  allowed: 'ALLOWED' | 'BLOCKED' | 'EXPIRED' | 'NO_CREDIT' | 'NOT_ALLOWED'
  token: Token
  location?: { location_id: string; evse_uids: string[] }
  authorization_reference?: string
}

export type StartSession = {
  response_url: string
  token: Token
  location_id: string
  evse_uid?: string
  connector_id?: string
  authorization_reference?: string
}

/** A command beside its `response_url`; what it holds hangs on which it is. */
export type CommandRequest = {
  readonly response_url: string
  readonly token?: Token
  readonly connector_id?: string | undefined
  readonly authorization_reference?: string | undefined
}

/** What a CPO answers to a command, with the seconds in which its station will have acted. */
export type CommandResponse = { readonly result: string; readonly timeout: number }

export type ClientInfo = PartyName & { role: string; status: string; last_updated: string }

export type CredentialsRole = PartyName & { role: string; business_details: { name: string } }

export type Credentials = { token: string; url: string; roles: CredentialsRole[] }
