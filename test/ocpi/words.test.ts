import fc from 'fast-check'
import { expect, test } from 'vitest'
import { words } from '../../src/ocpi/words.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['plain', 'plain'],
  ['  two\r\n\tlines \u0000\u001b[31m', 'two lines [31m'],
  ['<p>a<br/>b</p>', 'a b'],
  ['a < b and b > a', 'a < b and b > a'],
  ['1 < 2', '1 < 2'],
  ['\ufeffmark\u202eed', 'mark ed'],
  ['', ''],
])('%j in one line, without tags and what is not seen: %j', (text, line) => {
  expect(words(text)).toBe(line)
  expect(words(bytes(text))).toBe(line)
})

test('at most 200 characters, none of them cut in two', () => {
  expect(words('x'.repeat(201))).toBe('x'.repeat(200))
  expect(words('🚗'.repeat(300))).toBe('🚗'.repeat(200))
  expect(words(bytes('é'.repeat(3_000)))).toBe('é'.repeat(200))
})

test('bytes that are no UTF-8 are ISO-8859-1', () => {
  expect(words(Buffer.from('ungültig', 'latin1'))).toBe('ungültig')
})

test('any bytes are read, and are short and harmless', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10_000 }), (input) => {
      const line = words(input)
      expect(Array.from(line).length).toBeLessThanOrEqual(200)
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]|<[a-z/!?][^<>]*>/iu)
    }),
  )
})
