import { expect, test } from 'vitest'
import { conversionsPage } from './conversions.ts'
import { readPage } from './pages.ts'

const page = readPage('docs/conversions.md')

test('what partners read of conversions is what the rules say: npm run docs:conversions', () => {
  expect(page).toBe(conversionsPage())
})

test('it says what is withheld, in words', () => {
  expect(page).toMatch(/\| `publish` \| withheld \| unless it is true: .+ \|/)
  expect(page).toMatch(/\| `min_price` \| withheld \| .+ \|/)
})
