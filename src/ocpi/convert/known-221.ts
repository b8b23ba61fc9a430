/** Values of enumerations and names of members as OCPI 2.2.1 has them, for the tables of both pairs that it stands in. */

export const CONNECTORS: readonly string[] =
  'CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S'.split(
    ' ',
  )

export const FORMATS: readonly string[] = 'SOCKET CABLE'.split(' ')

export const POWER_TYPES: readonly string[] = 'AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC'.split(' ')

export const STATUSES: readonly string[] =
  'AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN'.split(' ')

export const CAPABILITIES: readonly string[] =
  'CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT CONTACTLESS_CARD_SUPPORT CREDIT_CARD_PAYABLE DEBIT_CARD_PAYABLE PED_TERMINAL REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER START_SESSION_CONNECTOR_REQUIRED TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE'.split(
    ' ',
  )

export const FACILITIES: readonly string[] =
  'HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING BUS_STOP TAXI_STAND TRAM_STOP METRO_STATION TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING FUEL_STATION WIFI'.split(
    ' ',
  )

export const PARKING_TYPES: readonly string[] =
  'ALONG_MOTORWAY PARKING_GARAGE PARKING_LOT ON_DRIVEWAY ON_STREET UNDERGROUND_GARAGE'.split(' ')

export const PARKING_RESTRICTIONS: readonly string[] = 'EV_ONLY PLUGGED DISABLED CUSTOMERS MOTORCYCLES'.split(' ')

export const TOKEN_TYPES: readonly string[] = 'AD_HOC_USER APP_USER OTHER RFID'.split(' ')

export const WHITELISTS: readonly string[] = 'ALWAYS ALLOWED ALLOWED_OFFLINE NEVER'.split(' ')

export const PROFILES: readonly string[] = 'CHEAP FAST GREEN REGULAR'.split(' ')

export const ALLOWED: readonly string[] = 'ALLOWED BLOCKED EXPIRED NO_CREDIT NOT_ALLOWED'.split(' ')

export const AUTH_METHODS: readonly string[] = 'AUTH_REQUEST COMMAND WHITELIST'.split(' ')

export const SESSION_STATUSES: readonly string[] = 'ACTIVE COMPLETED INVALID PENDING RESERVATION'.split(' ')

export const DIMENSIONS: readonly string[] =
  'CURRENT ENERGY ENERGY_EXPORT ENERGY_IMPORT MAX_CURRENT MIN_CURRENT MAX_POWER MIN_POWER PARKING_TIME POWER RESERVATION_TIME STATE_OF_CHARGE TIME'.split(
    ' ',
  )

export const TARIFF_TYPES: readonly string[] = 'AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN REGULAR'.split(
  ' ',
)

export const TARIFF_DIMENSIONS: readonly string[] = 'ENERGY FLAT PARKING_TIME TIME'.split(' ')

export const DAYS: readonly string[] = 'MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY'.split(' ')

export const RESERVATIONS: readonly string[] = 'RESERVATION RESERVATION_EXPIRES'.split(' ')

export const COMMAND_RESPONSES: readonly string[] = 'NOT_SUPPORTED REJECTED ACCEPTED UNKNOWN_SESSION'.split(' ')

export const COMMAND_RESULTS: readonly string[] =
  'ACCEPTED CANCELED_RESERVATION EVSE_OCCUPIED EVSE_INOPERATIVE FAILED NOT_SUPPORTED REJECTED TIMEOUT UNKNOWN_RESERVATION'.split(
    ' ',
  )

/** By shape. */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  location:
    'country_code party_id id publish publish_allowed_to name address city postal_code state country coordinates related_locations parking_type evses directions operator suboperator owner facilities time_zone opening_times charging_when_closed images energy_mix last_updated'.split(
      ' ',
    ),
  evse: 'uid evse_id status status_schedule capabilities connectors floor_level coordinates physical_reference directions parking_restrictions images last_updated'.split(
    ' ',
  ),
  connector:
    'id standard format power_type max_voltage max_amperage max_electric_power tariff_ids terms_and_conditions last_updated'.split(
      ' ',
    ),
  session:
    'country_code party_id id start_date_time end_date_time kwh cdr_token auth_method authorization_reference location_id evse_uid connector_id meter_id currency charging_periods total_cost status last_updated'.split(
      ' ',
    ),
  cdr: 'country_code party_id id start_date_time end_date_time session_id cdr_token auth_method authorization_reference cdr_location meter_id currency tariffs charging_periods signed_data total_cost total_fixed_cost total_energy total_energy_cost total_time total_time_cost total_parking_time total_parking_cost total_reservation_cost remark invoice_reference_id credit credit_reference_id home_charging_compensation last_updated'.split(
    ' ',
  ),
  dimension: 'type volume'.split(' '),
  'cdr-location':
    'id name address city postal_code state country coordinates evse_uid evse_id connector_id connector_standard connector_format connector_power_type'.split(
      ' ',
    ),
  'cdr-token': 'country_code party_id uid type contract_id'.split(' '),
  'charging-period': 'start_date_time dimensions tariff_id'.split(' '),
  tariff:
    'country_code party_id id currency type tariff_alt_text tariff_alt_url min_price max_price elements start_date_time end_date_time energy_mix last_updated'.split(
      ' ',
    ),
  'price-component': 'type price vat step_size'.split(' '),
  element: 'price_components restrictions'.split(' '),
  restrictions:
    'start_time end_time start_date end_date min_kwh max_kwh min_current max_current min_power max_power min_duration max_duration day_of_week reservation'.split(
      ' ',
    ),
  token:
    'country_code party_id uid type contract_id visual_number issuer group_id valid whitelist language default_profile_type energy_contract last_updated'.split(
      ' ',
    ),
  authorization: 'allowed token location authorization_reference info'.split(' '),
  'location-references': 'location_id evse_uids'.split(' '),
  'cancel-reservation': 'response_url reservation_id'.split(' '),
  'command-response': 'result timeout message'.split(' '),
  'command-result': 'result message'.split(' '),
  'reserve-now': 'response_url token expiry_date reservation_id location_id evse_uid authorization_reference'.split(
    ' ',
  ),
  'start-session': 'response_url token location_id evse_uid connector_id authorization_reference'.split(' '),
  'stop-session': 'response_url session_id'.split(' '),
  'unlock-connector': 'response_url location_id evse_uid connector_id'.split(' '),
  price: 'excl_vat incl_vat'.split(' '),
  'price-limit': ['excl_vat', 'incl_vat'],
}
