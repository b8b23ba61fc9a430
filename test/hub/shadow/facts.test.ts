import { expect, test } from 'vitest'
import { createShadowFacts } from '../../../src/hub/shadow/facts.ts'
import type { SeenObject, ShadowStore } from '../../../src/hub/shadow/shadow.ts'
import type { Carriage } from '../../../src/hub/translate/carriage.ts'
import { platformOf } from '../translate/platform.ts'

// What a conversion is told of other objects costs little, however many objects of a list ask for the same.

const CPO = { countryCode: 'NL', partyId: 'CPO' }
const NOW = Date.parse('2026-01-01T00:00:00Z')

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Of a Location with these tariffs, in a list toward an eMSP of 2.1.1. */
const LIST: Carriage = {
  ...{ module: 'locations', interfaceRole: 'SENDER', method: 'GET', rest: '', query: '', version: '2.1.1' },
  ...{ caller: platformOf('emsp', '2.1.1'), receiver: platformOf('cpo', '2.2.1'), from: CPO, to: CPO, isLed: false },
}
const locationWith = (tariff_ids: readonly string[]) => bytesOf({ evses: [{ connectors: [{ tariff_ids }] }] })

/** How often a tariff was converted: that reads its version. */
function tariffOf(bytes: Uint8Array): SeenObject & { readonly conversions: () => number } {
  let conversions = 0
  return {
    ...{ bytes, wasShown: false, conversions: () => conversions },
    get version() {
      conversions++
      return '2.2.1'
    },
  }
}

function factsFrom(findMany: ShadowStore['findMany']) {
  const none = async () => null
  return createShadowFacts({ find: none, findMany }, none, () => NOW)
}

test('Whether a platform has a tariff is judged once for all Locations of a list that name it', async () => {
  const tariff = tariffOf(bytesOf({ id: 'T1', currency: 'EUR', min_price: { excl_vat: 1 }, elements: [] }))
  const factsFor = factsFrom(async (_, refs) => refs.map(() => tariff))
  for (let chunk = 0; chunk < 3; chunk++) {
    const [facts] = (await factsFor(LIST, [locationWith(['T1'])])) ?? []
    expect(facts?.isWithheldTariff?.('T1')).toBe(true)
  }
  expect(tariff.conversions()).toBe(1)
})

test('Of the tariffs that are named at once no more are judged than some megabytes', async () => {
  const tariff = tariffOf(bytesOf({ id: 'T', currency: 'EUR', elements: [], note: 'x'.repeat(1_000_000) }))
  let found = 0
  const factsFor = factsFrom(async (_, refs) => refs.slice(0, 4).map(() => ({ ...tariff, nth: found++ })))
  const ids = Array.from({ length: 1_000 }, (_, i) => `T${i}`)
  const [facts] = (await factsFor({ ...LIST, method: 'PUT' }, [locationWith(ids)])) ?? []
  expect(facts?.isWithheldTariff?.('T0')).toBe(false)
  expect(facts?.isWithheldTariff?.('T999')).toBe(null)
  expect(found).toBeLessThan(20)
})
