import type { ListModule } from '../lists.ts'
import { CDR, DIMENSION, SESSION } from './cdr.ts'
import { CONNECTOR, CONNECTOR_TYPE, EVSE, IMAGE, LOCATION, PARKING_RESTRICTION } from './location.ts'
import {
  any,
  BOOLEAN,
  ci,
  maybe,
  NUMBER,
  object,
  one,
  oneOf,
  PRICE,
  type Shape,
  some,
  TOKEN_TYPE,
  type Type,
  text,
} from './shape.ts'
import { RESTRICTIONS, TARIFF } from './tariff.ts'
import { TOKEN } from './token.ts'

/*
 * Objects of OCPI 2.3.0, said as what is other than in 2.2.1. What its editions with bookings and payments add is among it: nothing tells
 * which of them a partner has.
 */

/** The values of an enum and some more. @param values parted by spaces */
function also(type: Type, values: string): Type {
  return type.kind === 'enum' ? oneOf([...type.values, values].join(' ')) : type
}

/** An object's fields, and some more or others. */
function withFields(type: Type, fields: Shape): Type {
  return type.kind === 'object' ? object({ ...type.shape, ...fields }) : type
}

const PARKING = object({
  id: one(ci(36)),
  physical_reference: maybe(text(12)),
  vehicle_types: some(
    oneOf(
      'MOTORCYCLE PERSONAL_VEHICLE PERSONAL_VEHICLE_WITH_TRAILER VAN SEMI_TRACTOR RIGID TRUCK_WITH_TRAILER BUS DISABLED',
    ),
  ),
  max_vehicle_weight: maybe(NUMBER),
  max_vehicle_height: maybe(NUMBER),
  max_vehicle_length: maybe(NUMBER),
  max_vehicle_width: maybe(NUMBER),
  parking_space_length: maybe(NUMBER),
  parking_space_width: maybe(NUMBER),
  dangerous_goods_allowed: maybe(BOOLEAN),
  direction: maybe(oneOf('PARALLEL PERPENDICULAR ANGLE')),
  drive_through: maybe(BOOLEAN),
  restricted_to_type: one(BOOLEAN),
  reservation_required: one(BOOLEAN),
  time_limit: maybe(NUMBER),
  roofed: maybe(BOOLEAN),
  images: any(IMAGE),
  lighting: maybe(BOOLEAN),
  refrigeration_outlet: maybe(BOOLEAN),
  standards: any(ci(36)),
  apds_reference: maybe(ci(255)),
})

const EVSE_PARKING = object({ parking_id: one(ci(36)), evse_position: maybe(oneOf('LEFT RIGHT CENTER')) })
const TAX = object({
  name: one(text(255)),
  account_number: maybe(text(255)),
  percentage: maybe(NUMBER),
  amount: one(NUMBER),
})
const PRICE_LIMIT = object({ before_taxes: one(NUMBER), after_taxes: maybe(NUMBER) })
const BOOKING_COSTS = oneOf('BOOKING BOOKING_EXPIRES BOOKING_CANCELLATION_FEES BOOKING_OVERTIME')

/** Types that are others, wherever they stand; those of which a part is another come as they are, with what they have more. */
const INSTEAD: ReadonlyMap<Type, Type> = new Map([
  [PRICE, object({ before_taxes: one(NUMBER), taxes: any(TAX) })],
  [TOKEN_TYPE, also(TOKEN_TYPE, 'EMAID')],
  [CONNECTOR_TYPE, also(CONNECTOR_TYPE, 'MCS SAE_J3400')],
  [PARKING_RESTRICTION, also(PARKING_RESTRICTION, 'EMPLOYEES TAXIS TENANTS')],
  [DIMENSION, also(DIMENSION, 'RESERVATION_EXPIRES RESERVATION_OVERTIME')],
  [RESTRICTIONS, withFields(RESTRICTIONS, { booking: maybe(BOOKING_COSTS) })],
  [
    CONNECTOR,
    withFields(CONNECTOR, { capabilities: any(oneOf('ISO_15118_2_PLUG_AND_CHARGE ISO_15118_20_PLUG_AND_CHARGE')) }),
  ],
  [EVSE, withFields(EVSE, { parking: any(EVSE_PARKING), accepted_service_providers: any(text(50)) })],
])

function renewed(shape: Shape): Shape {
  const fields = Object.entries(shape).map(
    ([name, field]) => [name, { ...field, type: renewedType(field.type) }] as const,
  )
  return Object.fromEntries(fields)
}

function renewedType(type: Type): Type {
  const newer = INSTEAD.get(type) ?? type
  return newer.kind === 'object' ? object(renewed(newer.shape)) : newer
}

const TARIFF_230: Shape = {
  ...renewed(TARIFF),
  tax_included: one(oneOf('YES NO N/A')),
  min_price: maybe(PRICE_LIMIT),
  max_price: maybe(PRICE_LIMIT),
  preauthorize_amount: maybe(NUMBER),
}

/** What the objects of each list have to be in OCPI 2.3.0. */
export const SHAPES_230: Readonly<Record<ListModule, Shape>> = {
  locations: { ...renewed(LOCATION), parking_places: any(PARKING), help_phone: maybe(ci(25)) },
  tokens: renewed(TOKEN),
  tariffs: TARIFF_230,
  sessions: renewed(SESSION),
  cdrs: { ...renewed(CDR), tariffs: any(object(TARIFF_230)), booking_id: maybe(ci(36)) },
}
