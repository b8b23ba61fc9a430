/*
 * What a stay costs by a tariff, for a reader of some version: a small second opinion on what sums hang on, made for generated tariffs, which
 * no library was ever asked about. Prices are without step sizes.
 */

type Json = Record<string, unknown>

/** Somebody who charges with a card. Times are those of the place. */
export type Stay = {
  readonly day: string
  readonly time: string
  readonly kwh: number
  readonly hours: number
  readonly parking: number
  readonly current: number
  readonly power: number
  readonly charge: number
}

/** What somebody understands of tariffs; nothing else is there for them. */
export type Reader = {
  readonly restrictions: readonly string[]
  readonly tariff: readonly string[]
  /** They know what their own words mean, in whatever spelling. */
  readonly isOwner: boolean
  /** What they take prices for that do not say whether they are with taxes. */
  readonly ifUnsaid: 'YES' | 'NO'
}

const RESTRICTIONS_211 = ['start_time', 'min_kwh', 'max_kwh', 'min_power', 'day_of_week']
const RESTRICTIONS_221 = [...RESTRICTIONS_211, 'min_current', 'max_current', 'reservation']
const RESTRICTIONS_230 = [...RESTRICTIONS_221, 'booking']
const TARIFF_221 = ['type', 'min_price', 'max_price', 'start_date_time', 'end_date_time']
const TARIFF_230 = [...TARIFF_221, 'tax_included']

export const READERS: Readonly<Record<string, Reader>> = {
  '2.1.1': { restrictions: RESTRICTIONS_211, tariff: [], isOwner: false, ifUnsaid: 'NO' },
  '2.2.1': { restrictions: RESTRICTIONS_221, tariff: TARIFF_221, isOwner: false, ifUnsaid: 'NO' },
  '2.3.0': { restrictions: RESTRICTIONS_230, tariff: TARIFF_230, isOwner: false, ifUnsaid: 'NO' },
}

const RESTRICTIONS_OF_OWNERS = [...RESTRICTIONS_230, 'min_soc']

/** An owner of 2.3.0 that does not say so may have prices with taxes. */
export const OWNERS: Readonly<Record<string, Reader>> = {
  '2.2.1': { restrictions: RESTRICTIONS_OF_OWNERS, tariff: TARIFF_230, isOwner: true, ifUnsaid: 'NO' },
  '2.3.0': { restrictions: RESTRICTIONS_OF_OWNERS, tariff: TARIFF_230, isOwner: true, ifUnsaid: 'YES' },
}

const DIMENSIONS: Readonly<Record<string, (stay: Stay) => number>> = {
  FLAT: () => 1,
  ENERGY: ({ kwh }) => kwh,
  TIME: ({ hours }) => hours,
  PARKING_TIME: ({ parking }) => parking,
}

const HOLDS: Readonly<Record<string, (value: unknown, stay: Stay, reader: Reader) => boolean>> = {
  start_time: (from, { time }) => time >= words(from),
  min_kwh: (least, { kwh }) => kwh >= Number(least),
  max_kwh: (most, { kwh }) => kwh < Number(most),
  min_power: (least, { power }) => power >= Number(least),
  min_current: (least, { current }) => current >= Number(least),
  max_current: (most, { current }) => current < Number(most),
  min_soc: (least, { charge }) => charge >= Number(least),
  day_of_week: (days, { day }, { isOwner }) => (days as string[]).map((each) => spelt(each, isOwner)).includes(day),
  // Nobody reserved or booked.
  reservation: (value, _, { isOwner }) => !(isOwner || ['RESERVATION', 'RESERVATION_EXPIRES'].includes(words(value))),
  booking: () => false,
}

const spelt = (word: unknown, isOwner: boolean): string => (isOwner ? words(word).toUpperCase() : words(word))

/** Excluding VAT, which is a quarter; null: the tariff is for other sessions, or other times. */
export function priceOf(tariff: Json, stay: Stay, now: string, reader: Reader): number | null {
  const said = (name: string): unknown => (reader.tariff.includes(name) ? (tariff[name] ?? null) : null)
  const type = said('type')
  if (type !== null && spelt(type, reader.isOwner) !== 'REGULAR') return null
  const [from, until] = [said('start_date_time'), said('end_date_time')]
  // What its owner alone can read may have been any time.
  if ([from, until].some((at) => at !== null && Number.isNaN(Date.parse(words(at))))) return null
  if (from !== null && Date.parse(words(from)) > Date.parse(now)) return null
  if (until !== null && Date.parse(words(until)) <= Date.parse(now)) return null
  let sum = 0
  for (const [dimension, volumeOf] of Object.entries(DIMENSIONS)) {
    const price = priceIn(tariff, dimension, stay, reader)
    if (price !== null) sum += price * volumeOf(stay)
  }
  const isWithTaxes = !['NO', 'N/A'].includes(words(said('tax_included') ?? reader.ifUnsaid))
  const least = limitOf(said('min_price'))
  const most = limitOf(said('max_price'))
  const excluding = isWithTaxes ? sum / 1.25 : sum
  return Math.min(Math.max(excluding, least ?? 0), most ?? Number.POSITIVE_INFINITY)
}

/** Of the first element that has a price for the dimension, and holds. */
function priceIn(tariff: Json, dimension: string, stay: Stay, reader: Reader): number | null {
  for (const element of tariff['elements'] as Json[]) {
    if (!holds((element['restrictions'] ?? {}) as Json, stay, reader)) continue
    if (reader.isOwner && element['not_for'] === stay.day) continue
    for (const component of element['price_components'] as Json[]) {
      if (spelt(component['type'], reader.isOwner) !== dimension) continue
      const less = reader.isOwner ? Number(component['discount'] ?? 0) : 0
      return Number(component['price']) - less
    }
  }
  return null
}

function holds(restrictions: Json, stay: Stay, reader: Reader): boolean {
  return Object.entries(restrictions).every(
    ([name, value]) => value === null || !reader.restrictions.includes(name) || HOLDS[name]?.(value, stay, reader),
  )
}

function limitOf(limit: unknown): number | null {
  const { excl_vat, before_taxes } = (limit ?? {}) as { excl_vat?: number; before_taxes?: number }
  return excl_vat ?? before_taxes ?? null
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
