import {
  any,
  BOOLEAN,
  ci,
  DISPLAY_TEXT,
  INT,
  MOMENT,
  maybe,
  NUMBER,
  OWNED,
  object,
  one,
  oneOf,
  type Shape,
  some,
  TOKEN_TYPE,
  text,
  URL_TEXT,
} from './shape.ts'

// [mod_locations: Object description]

const STATUS = oneOf('AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN')

export const CONNECTOR_TYPE = oneOf(
  `CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K
  DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32
  IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C NEMA_5_20 NEMA_6_30
  NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S`,
)
export const CONNECTOR_FORMAT = oneOf('SOCKET CABLE')
export const POWER_TYPE = oneOf('AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC')

const POINT = { latitude: one(text(10)), longitude: one(text(11)) }
export const GEO_LOCATION = object(POINT)

export const IMAGE = object({
  url: one(URL_TEXT),
  thumbnail: maybe(URL_TEXT),
  category: one(oneOf('CHARGER ENTRANCE LOCATION NETWORK OPERATOR OTHER OWNER')),
  type: one(ci(4)),
  width: maybe(INT),
  height: maybe(INT),
})

const BUSINESS = object({ name: one(text(100)), website: maybe(URL_TEXT), logo: maybe(IMAGE) })

export const ENERGY_MIX = object({
  is_green_energy: one(BOOLEAN),
  energy_sources: any(
    object({
      source: one(oneOf('NUCLEAR GENERAL_FOSSIL COAL GAS GENERAL_GREEN SOLAR WIND WATER')),
      percentage: one(NUMBER),
    }),
  ),
  environ_impact: any(object({ category: one(oneOf('NUCLEAR_WASTE CARBON_DIOXIDE')), amount: one(NUMBER) })),
  supplier_name: maybe(text(64)),
  energy_product_name: maybe(text(64)),
})

const PERIOD = object({ period_begin: one(MOMENT), period_end: one(MOMENT) })

const HOURS = object({
  twentyfourseven: one(BOOLEAN),
  regular_hours: any(object({ weekday: one(INT), period_begin: one(text(5)), period_end: one(text(5)) })),
  exceptional_openings: any(PERIOD),
  exceptional_closings: any(PERIOD),
})

export const CONNECTOR = object({
  id: one(ci(36)),
  standard: one(CONNECTOR_TYPE),
  format: one(CONNECTOR_FORMAT),
  power_type: one(POWER_TYPE),
  max_voltage: one(INT),
  max_amperage: one(INT),
  max_electric_power: maybe(INT),
  tariff_ids: any(ci(36)),
  terms_and_conditions: maybe(URL_TEXT),
  last_updated: one(MOMENT),
})

export const PARKING_RESTRICTION = oneOf('EV_ONLY PLUGGED DISABLED CUSTOMERS MOTORCYCLES')

export const EVSE = object({
  uid: one(ci(36)),
  evse_id: maybe(ci(48)),
  status: one(STATUS),
  status_schedule: any(object({ period_begin: one(MOMENT), period_end: maybe(MOMENT), status: one(STATUS) })),
  capabilities: any(
    oneOf(
      `CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT CONTACTLESS_CARD_SUPPORT CREDIT_CARD_PAYABLE
      DEBIT_CARD_PAYABLE PED_TERMINAL REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER START_SESSION_CONNECTOR_REQUIRED
      TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE`,
    ),
  ),
  connectors: some(CONNECTOR),
  floor_level: maybe(text(4)),
  coordinates: maybe(GEO_LOCATION),
  physical_reference: maybe(text(16)),
  directions: any(DISPLAY_TEXT),
  parking_restrictions: any(PARKING_RESTRICTION),
  images: any(IMAGE),
  last_updated: one(MOMENT),
})

export const LOCATION: Shape = {
  ...OWNED,
  id: one(ci(36)),
  publish: one(BOOLEAN),
  publish_allowed_to: any(
    object({
      uid: maybe(ci(36)),
      type: maybe(TOKEN_TYPE),
      visual_number: maybe(text(64)),
      issuer: maybe(text(64)),
      group_id: maybe(ci(36)),
    }),
  ),
  name: maybe(text(255)),
  address: one(text(255)),
  city: one(text(45)),
  postal_code: maybe(text(10)),
  state: maybe(text(45)),
  country: one(text(3)),
  coordinates: one(GEO_LOCATION),
  related_locations: any(object({ ...POINT, name: maybe(DISPLAY_TEXT) })),
  parking_type: maybe(oneOf('ALONG_MOTORWAY PARKING_GARAGE PARKING_LOT ON_DRIVEWAY ON_STREET UNDERGROUND_GARAGE')),
  evses: any(EVSE),
  directions: any(DISPLAY_TEXT),
  operator: maybe(BUSINESS),
  suboperator: maybe(BUSINESS),
  owner: maybe(BUSINESS),
  facilities: any(
    oneOf(
      `HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING BUS_STOP TAXI_STAND TRAM_STOP METRO_STATION
      TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING FUEL_STATION WIFI`,
    ),
  ),
  time_zone: one(text(255)),
  opening_times: maybe(HOURS),
  charging_when_closed: maybe(BOOLEAN),
  images: any(IMAGE),
  energy_mix: maybe(ENERGY_MIX),
  last_updated: one(MOMENT),
}
