import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCsv, writeCsv } from '../../src/admin/api/csv.ts'

test('what is written as CSV is read again, whatever stands in the fields', () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('', ' ', '"', ',', ';', '\r\n', '\n', '\r', 'é', '=1+1', '""', "'=1", "''-", "'", "'a"),
  )
  const record = fc.array(field, { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      // The first line decides on the separator, as the line of headers does in a file.
      const all = [['a', 'b'], ...records]
      expect(parseCsv(writeCsv(all))?.map(({ fields }) => fields)).toEqual(all)
    }),
  )
})

test('no field is a formula to a spreadsheet', () => {
  expect(writeCsv([['=1', '+1', '-1', '@A1', '\t=1', "'=1", '"=1', 'a=1', "'a", ' =1']])).toBe(
    `'=1,'+1,'-1,'@A1,'\t=1,''=1,"""=1",a=1,'a, =1\r\n`,
  )
})

test('semicolons, byte order marks, any ends of lines and lines without anything are read', () => {
  expect(parseCsv('\ufeffa;b\n\n1;"2;\n3"\r\r\n4;')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1', '2;\n3'] },
    { line: 6, fields: ['4', ''] },
  ])
  expect(parseCsv('')).toEqual([])
  expect(parseCsv('a,b\n"1,2')).toBeNull()
})
