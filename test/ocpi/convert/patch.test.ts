import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/ocpi/convert/compiled-table.ts'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { rewriteObject } from '../../../src/ocpi/convert/rewrite-object.ts'
import type { RuleTable } from '../../../src/ocpi/convert/rules.ts'
import { DOWN_TO_221, UP_TO_230 } from '../../../src/ocpi/convert/rules-221-230.ts'
import { bytesOf, CONTEXT, number, read, readBytes, written } from './text.ts'

type Change = readonly [table: RuleTable, kind: Kind, whole: Record<string, unknown>, patch: Record<string, unknown>]

const connector = { id: '1', standard: 'CHADEMO', format: 'CABLE', tariff_ids: ['1'] }
const evse = { uid: '1', status: 'AVAILABLE', connectors: [connector] }
const location = { id: 'L', publish: true, name: 'Home', evses: [evse] }
const mcs = { ...connector, standard: 'MCS' }
const parked = { ...evse, parking: [{ parking_id: 'P' }], parking_restrictions: ['TAXIS', 'DISABLED'] }
const token = { uid: 'T', type: 'RFID', valid: true }
const periods = [{ start_date_time: 'x', dimensions: [{ type: 'TIME', volume: number('1.0') }] }]
const session = { id: 'S', kwh: number('1'), cdr_token: token, status: 'ACTIVE' }
const [price221, price230] = [
  { excl_vat: number('1.10'), incl_vat: number('1.33') },
  { before_taxes: number('1.10'), taxes: [{ name: 'VAT', amount: number('0.23') }] },
]
const tariff = { id: '1', elements: [] }
const [limit221, limit230] = [{ excl_vat: number('1') }, { before_taxes: number('1'), after_taxes: number('2') }]

const [up, down] = [UP_TO_230, DOWN_TO_221]

const CHANGES: readonly Change[] = [
  [up, 'evse', evse, { status: 'CHARGING', last_updated: 'x' }],
  [up, 'evse', evse, { connectors: [{ ...connector, format: 'SOCKET' }] }],
  [up, 'connector', connector, { tariff_ids: ['2'] }],
  [up, 'location', location, { name: 'House', publish: false }],
  [up, 'location', location, { name: null }],
  [up, 'location', location, { evses: [] }],
  [up, 'session', session, { total_cost: price221, last_updated: 'x' }],
  [up, 'session', { ...session, total_cost: price221 }, { total_cost: { excl_vat: number('2.0') } }],
  [up, 'session', { ...session, total_cost: price221 }, { total_cost: null }],
  [up, 'session', session, { kwh: number('2.50'), charging_periods: periods }],
  [up, 'session', session, { status: 'COMPLETED', end_date_time: 'x' }],
  [up, 'token', token, { valid: false }],
  [up, 'token', token, { type: 'APP_USER', whitelist: 'NEVER' }],
  [up, 'tariff', { ...tariff, min_price: limit221 }, { max_price: { ...limit221, incl_vat: number('3') } }],
  [down, 'evse', parked, { status: 'CHARGING', parking: [], parking_restrictions: ['TENANTS'] }],
  [down, 'evse', parked, { connectors: [connector, mcs] }],
  [down, 'evse', parked, { connectors: [mcs] }],
  [down, 'connector', connector, { capabilities: ['ISO_15118_2_PLUG_AND_CHARGE'], tariff_ids: [] }],
  [down, 'connector', connector, { standard: 'MCS' }],
  [down, 'location', location, { help_phone: '1', parking_places: [], name: 'House' }],
  [down, 'location', location, { evses: [parked, { ...evse, connectors: [mcs] }] }],
  [down, 'location', location, { help_phone: null, name: null }],
  [down, 'session', session, { total_cost: price230 }],
  [
    down,
    'session',
    session,
    { total_cost: { ...price230, taxes: [...price230.taxes, { name: 'X', amount: number('1') }] } },
  ],
  [down, 'session', session, { cdr_token: { ...token, type: 'EMAID' } }],
  [down, 'token', token, { type: 'EMAID', valid: false }],
  [down, 'tariff', { ...tariff, tax_included: 'NO' }, { tax_included: 'N/A', min_price: limit230 }],
  [down, 'tariff', { ...tariff, tax_included: 'NO' }, { tax_included: 'YES' }],
]

function convert(table: RuleTable, kind: Kind, object: Record<string, unknown>, isPatch: boolean) {
  return rewriteObject(compile(table), kind, bytesOf(written(object)), isPatch, CONTEXT)
}

/** Members as they are after a PATCH; those that it clears are gone. */
function applied(patch: object, whole: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...whole, ...patch }).filter(([, value]) => value !== null))
}

describe('a PATCH', () => {
  it.each(CHANGES.map(([table, kind, whole, patch]) => ({ to: table.to, table, kind, whole, patch })))(
    'to $to does to a $kind what it did before: $patch',
    ({ table, kind, whole, patch }) => {
      const expected = convert(table, kind, applied(patch, whole), false)
      const carried = convert(table, kind, patch, true)
      expect(carried.kind).toBe(expected.kind)
      const before = convert(table, kind, whole, false)
      if (carried.kind !== 'converted' || expected.kind !== 'converted' || before.kind !== 'converted') return
      const after = applied(readBytes(carried.bytes) as object, readBytes(before.bytes) as object)
      // A tariff says of itself, not of a part of it, that its prices are without taxes.
      expect(after).toEqual(read(written(readBytes(expected.bytes))))
    },
  )

  it.each([{ elements: [] }, { min_price: limit230 }, { max_price: limit230, elements: [], tax_included: null }])(
    'of prices to 2.2.1 needs the rest where it does not say whether they are with taxes: %j',
    (patch) => {
      const members = Object.keys(patch).filter((name) => name !== 'tax_included')
      const needed = convert(down, 'tariff', patch, true)
      expect(needed.kind === 'needs-rest' && needed.members.toSorted()).toEqual(members.toSorted())
      expect(convert(down, 'tariff', { ...patch, tax_included: 'NO' }, true).kind).toBe('converted')
    },
  )

  it('gets nothing that it does not say', () => {
    const carried = convert(up, 'tariff', { currency: 'EUR' }, true)
    expect(carried.kind === 'converted' && readBytes(carried.bytes)).toEqual({ currency: 'EUR' })
  })
})
