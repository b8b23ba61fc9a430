import { expect, test } from 'vitest'
import { changedFields } from '../../../src/hub/administration/changed-fields.ts'

test('tells fields that differ, and of lists the items that went and came', () => {
  const before = { name: 'A', parties: ['X', 'Y'], delivery: { pace: 1, most: 2 }, since: null }
  const after = { name: 'A', parties: ['Y', 'Z'], delivery: { pace: 1, most: 3 }, since: 5 }
  expect(changedFields(before, after)).toEqual({
    before: { parties: ['X'], delivery: { most: 2 }, since: null },
    after: { parties: ['Z'], delivery: { most: 3 }, since: 5 },
  })
})

test('tells all there is of what came or went as a whole', () => {
  expect(changedFields(null, { name: 'A' })).toEqual({ before: null, after: { name: 'A' } })
  expect(changedFields({ name: 'A' }, null)).toEqual({ before: { name: 'A' }, after: null })
})

test('cuts long lists and long texts, and says how long the list was', () => {
  const parties = Array.from({ length: 5_000 }, (_, i) => `P${i}`)
  const { after } = changedFields({ parties: [], name: '' }, { parties, name: 'x'.repeat(2_000) })
  expect(after?.['parties']).toEqual([...parties.slice(0, 100), 'and 4900 more'])
  expect(after?.['name']).toBe('x'.repeat(500))
})

test('leaves out of a URL what may be a secret, wherever it stands', () => {
  const { after } = changedFields(null, { overrides: [{ url: 'https://user:secret@cpo.example/a?key=secret#b' }] })
  expect(after).toEqual({ overrides: [{ url: 'https://...@cpo.example/a?...' }] })
})

test('leaves it out of a URL that stands within a sentence, too', () => {
  const { after } = changedFields(null, { detail: 'GET https://cpo.example/versions?key=secret: ECONNREFUSED' })
  expect(JSON.stringify(after)).not.toContain('secret')
  expect(after?.['detail']).toContain('https://cpo.example/versions?...')
})
