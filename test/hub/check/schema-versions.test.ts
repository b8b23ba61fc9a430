// A connection check judges objects by the version that the platform speaks.
import { describe, expect, test } from 'vitest'
import type { ListModule } from '../../../src/hub/check/lists.ts'
import { flawsOf } from '../../../src/hub/check/schema/judge-schema.ts'
import { shapeOf } from '../../../src/hub/check/schema/shapes.ts'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { examples, read } from '../../ocpi/convert/oracle/fixtures.ts'

const LIST_OF: Partial<Record<Kind, ListModule>> = {
  location: 'locations',
  tariff: 'tariffs',
  token: 'tokens',
  session: 'sessions',
  cdr: 'cdrs',
}

function flawsIn(object: unknown, module: ListModule, version: string): string[] {
  const shape = shapeOf(module, version)
  if (!shape) throw new Error(`Expected ${module} of ${version} to be judged`)
  return flawsOf([object], shape, version).map(
    ({ isWrong, path, what }) => `${isWrong ? 'wrong' : 'odd'} ${path} ${what}`,
  )
}

function flawsOfExamples(version: string, judgedAs = version): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { name, kind, bytes } of examples(version)) {
    const module = LIST_OF[kind]
    const flaws = module ? flawsIn(read(bytes), module, judgedAs) : []
    if (flaws.length > 0) found.set(name, flaws)
  }
  return found
}

describe('the specification’s own examples', () => {
  test.each([
    ['2.2.1', { tariff_put_example: ['wrong [0].last_updated is missing'] }],
    [
      '2.3.0',
      {
        cdr_example: ['wrong [0].tariffs[0].tax_included is missing'],
        tariff_put_example: ['wrong [0].last_updated is missing'],
      },
    ],
  ])('of %s give no false alarm: what is told of them is missing', (version, known) => {
    expect(Object.fromEntries(flawsOfExamples(version))).toEqual(known)
  })

  test('of 2.3.0 are no objects of 2.2.1, and the other way round', () => {
    expect(flawsOfExamples('2.3.0', '2.2.1').get('cdr_example')).toContain('wrong [0].total_cost.excl_vat is missing')
    const tariff = flawsOfExamples('2.2.1', '2.3.0').get('tariff_1_simple_2hour')
    expect(tariff).toEqual(['wrong [0].tax_included is missing'])
  })
})

test('what 2.3.0 brought is known in it: taxes, parking places, newer values, bookings and payments', () => {
  const location = examples('2.3.0').find(({ name }) => name === 'location_example_uc2_destination_charger')
  const evse = {
    uid: '1',
    status: 'AVAILABLE',
    parking: [{ parking_id: 'P1', evse_position: 'LEFT' }],
    accepted_service_providers: ['Example'],
    parking_restrictions: ['TENANTS'],
    connectors: [
      {
        id: '1',
        standard: 'MCS',
        format: 'CABLE',
        power_type: 'DC',
        max_voltage: 900,
        max_amperage: 500,
        capabilities: ['ISO_15118_20_PLUG_AND_CHARGE'],
        last_updated: '2026-01-01T00:00:00Z',
      },
    ],
    last_updated: '2026-01-01T00:00:00Z',
  }
  const parking = { id: 'P1', vehicle_types: ['VAN'], restricted_to_type: false, reservation_required: true }
  const full = {
    ...read(location?.bytes ?? new Uint8Array()),
    help_phone: '+31201234567',
    parking_places: [parking],
    evses: [evse],
  }
  expect(flawsIn(full, 'locations', '2.3.0')).toEqual([])
  expect(flawsIn({ ...full, evses: [{ ...evse, connectors: [] }] }, 'locations', '2.3.0')).toEqual([
    'wrong [0].evses[0].connectors is empty',
  ])
  const [token] = examples('2.3.0').filter(({ kind }) => kind === 'token')
  const emaid = { ...read(token?.bytes ?? new Uint8Array()), type: 'EMAID' }
  expect([flawsIn(emaid, 'tokens', '2.3.0'), flawsIn(emaid, 'tokens', '2.2.1').length]).toEqual([[], 1])
  const [tariff] = examples('2.3.0').filter(({ name }) => name === 'tariff_1_simple_2hour')
  const booked = { ...read(tariff?.bytes ?? new Uint8Array()), preauthorize_amount: 50, min_price: { before_taxes: 1 } }
  expect(flawsIn(booked, 'tariffs', '2.3.0')).toEqual([])
  expect(flawsIn({ ...booked, min_price: { excl_vat: 1 } }, 'tariffs', '2.3.0')).toEqual([
    'wrong [0].min_price.before_taxes is missing',
    'odd [0].min_price.“excl_vat” is no field of 2.3.0',
  ])
})

test('objects of a version that the check does not know are judged by nobody', () => {
  expect(shapeOf('locations', '2.1.1')).toBeNull()
})
