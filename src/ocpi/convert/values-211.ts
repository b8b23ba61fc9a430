import * as known from './known-221.ts'

/** Enumerations of OCPI 2.1.1 where 2.2.1 has more; `ADDED` is what it has beyond. */

export const PARKING_TYPES = words('ON_STREET PARKING_GARAGE UNDERGROUND_GARAGE PARKING_LOT')
export const ADDED_PARKING_TYPES = without(known.PARKING_TYPES, PARKING_TYPES)
/** Of 2.1.1 only: what 2.2.1 says by leaving the member out, or not at all. */
export const UNSAID_PARKING_TYPES = words('OTHER UNKNOWN')

export const FACILITIES = without(known.FACILITIES, words('BIKE_SHARING METRO_STATION PARKING_LOT TRAM_STOP'))
export const ADDED_FACILITIES = without(known.FACILITIES, FACILITIES)

export const CAPABILITIES = words(
  'CHARGING_PROFILE_CAPABLE CREDIT_CARD_PAYABLE REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER UNLOCK_CAPABLE',
)
export const ADDED_CAPABILITIES = without(known.CAPABILITIES, CAPABILITIES)

export const CONNECTOR_TYPES = words(
  'CHADEMO DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C TESLA_R TESLA_S',
)
export const ADDED_CONNECTOR_TYPES = without(known.CONNECTORS, CONNECTOR_TYPES)

export const POWER_TYPES = words('AC_1_PHASE AC_3_PHASE DC')
export const ADDED_POWER_TYPES = without(known.POWER_TYPES, POWER_TYPES)

export const TOKEN_TYPES = words('OTHER RFID')
export const ADDED_TOKEN_TYPES = without(known.TOKEN_TYPES, TOKEN_TYPES)

export const AUTH_METHODS = words('AUTH_REQUEST WHITELIST')
export const ADDED_AUTH_METHODS = without(known.AUTH_METHODS, AUTH_METHODS)

export const SESSION_STATUSES = words('ACTIVE COMPLETED INVALID PENDING')
export const ADDED_SESSION_STATUSES = without(known.SESSION_STATUSES, SESSION_STATUSES)

export const DIMENSIONS = words('ENERGY MAX_CURRENT MIN_CURRENT PARKING_TIME TIME')
export const ADDED_DIMENSIONS = without(known.DIMENSIONS, DIMENSIONS)

/** How a command of 2.1.1 ends that was taken; 2.2.1 tells more. */
export const COMMAND_RESULTS = words('ACCEPTED NOT_SUPPORTED REJECTED TIMEOUT')
export const ADDED_COMMAND_RESULTS = without(known.COMMAND_RESULTS, COMMAND_RESULTS)

export function words(text: string): string[] {
  return text.split(' ')
}

function without(values: readonly string[], others: readonly string[]): string[] {
  return values.filter((value) => !others.includes(value))
}

/** Each of some values mapped to one. */
export function all(values: readonly string[], to: string): Record<string, string> {
  return Object.fromEntries(values.map((value) => [value, to]))
}
