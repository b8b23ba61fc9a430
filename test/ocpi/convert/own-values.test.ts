import { expect, test } from 'vitest'
import type { Converted } from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { TABLES } from '../../../src/ocpi/convert/tables.ts'
import { read, toBytes } from './oracle/fixtures.ts'
import { modelOf } from './oracle/judge.ts'
import { KINDS } from './oracle/kinds.ts'
import { covers } from './oracle/losses.ts'
import { OWN_VALUE, withOwnValues } from './oracle/model.ts'
import { contextOf } from './oracle/sayable.ts'

// Wherever a version has an enumeration, a value of a partner's own: no version has it, so no rule knows what it means.

/** Tariffs have rules of their own: what a price depends on is not carried unread. */
const isOfTariff = (pointer: string): boolean => /^tariff|\/tariffs\//.test(pointer)

test.each(TABLES.map(({ from, to }) => [from, to] as const))('from %s to %s it passes, and is told', (from, to) => {
  const others: string[] = []
  let count = 0
  for (const kind of KINDS.filter((each) => each !== 'cancel-reservation')) {
    for (const { object, pointer } of withOwnValues(modelOf(from, kind))) {
      const name = `${kind}${pointer}`
      if (isOfTariff(name)) continue
      count++
      const converted = convertObject(toBytes(object), { kind, isPatch: false }, from, to, contextOf(from, object))
      const fault = faultIn(converted, pointer)
      if (fault !== null) others.push(`${name}: ${fault}`)
    }
  }
  expect(count).toBeGreaterThan(30)
  expect(others).toEqual([])
})

/** It may go with its member, where the other version has none. */
function faultIn(converted: Converted, pointer: string): string | null {
  if (converted.kind !== 'converted') return converted.kind
  const { bytes, remarks } = converted
  const isThere = JSON.stringify(read(bytes)).includes(OWN_VALUE)
  if (isThere) return remarks.some(({ fate }) => fate === 'unknown') ? null : 'not told'
  return remarks.some((each) => each.fate === 'lost' && covers(each.pointer, pointer)) ? null : 'gone'
}
