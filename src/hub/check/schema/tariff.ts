import { ENERGY_MIX } from './location.ts'
import {
  any,
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
  PRICE,
  type Shape,
  some,
  text,
  URL_TEXT,
} from './shape.ts'

// [mod_tariffs: Object description]

export const RESTRICTIONS = object({
  start_time: maybe(text(5)),
  end_time: maybe(text(5)),
  start_date: maybe(text(10)),
  end_date: maybe(text(10)),
  min_kwh: maybe(NUMBER),
  max_kwh: maybe(NUMBER),
  min_current: maybe(NUMBER),
  max_current: maybe(NUMBER),
  min_power: maybe(NUMBER),
  max_power: maybe(NUMBER),
  min_duration: maybe(INT),
  max_duration: maybe(INT),
  day_of_week: any(oneOf('MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY')),
  reservation: maybe(oneOf('RESERVATION RESERVATION_EXPIRES')),
})

const PRICE_COMPONENT = object({
  type: one(oneOf('ENERGY FLAT PARKING_TIME TIME')),
  price: one(NUMBER),
  vat: maybe(NUMBER),
  step_size: one(INT),
})

export const TARIFF: Shape = {
  ...OWNED,
  id: one(ci(36)),
  currency: one(text(3)),
  type: maybe(oneOf('AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN REGULAR')),
  tariff_alt_text: any(DISPLAY_TEXT),
  tariff_alt_url: maybe(URL_TEXT),
  min_price: maybe(PRICE),
  max_price: maybe(PRICE),
  elements: some(object({ price_components: some(PRICE_COMPONENT), restrictions: maybe(RESTRICTIONS) })),
  start_date_time: maybe(MOMENT),
  end_date_time: maybe(MOMENT),
  energy_mix: maybe(ENERGY_MIX),
  last_updated: one(MOMENT),
}
