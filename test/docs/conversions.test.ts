import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TABLES } from '../../src/ocpi/convert/tables.ts'
import { conversionsPage } from './conversions.ts'

const WRITTEN = readFileSync(new URL('../../docs/conversions.md', import.meta.url), 'utf8')

test('what partners read of conversions is what the rules say: npm run docs:conversions', () => {
  expect(WRITTEN).toBe(conversionsPage(TABLES))
})

test('it says what is withheld, in words', () => {
  expect(WRITTEN).toContain('OCPI 2.2.1 reads them as excluding VAT')
  expect(WRITTEN).toMatch(/\| `publish` \| .*with `false` the location is withheld/)
})
