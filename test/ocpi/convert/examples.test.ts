import { describe, expect, it } from 'vitest'
import { examples, read } from './oracle/fixtures.ts'
import { faultsOf } from './oracle/judge.ts'

/** Faulty as they were published: by name, what is wrong. */
const FAULTY: Readonly<Record<string, readonly string[]>> = {
  cdr_example: ['/tariffs/0/elements/0/price_components/0/price: "2.00" is no number'],
  evse_put_example: [
    '/connectors/0/power_type: missing',
    '/connectors/0/voltage: missing',
    '/connectors/0/amperage: missing',
    '/connectors/0/last_updated: missing',
    '/floor_level: -1 is no string4',
    '/physical_reference: 3 is no string16',
    '/last_updated: missing',
  ],
  tariff_put_example: ['/last_updated: missing'],
}

describe('the official examples of 2.1.1', () => {
  for (const { name, kind, bytes } of examples('2.1.1')) {
    it(`${name}: good by their own version, or faulty as is known`, () => {
      expect(faultsOf('2.1.1', kind, read(bytes)).toSorted()).toEqual((FAULTY[name] ?? []).toSorted())
    })
  }
})
