import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTopLevelString, replaceTopLevelString } from '../../src/ocpi/json-field.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const find = (text: string, field: string) => findTopLevelString(bytesOf(text), field)
const replace = (text: string, field: string, value: string): string | null => {
  const replaced = replaceTopLevelString(bytesOf(text), field, value)
  return replaced && new TextDecoder('utf-8', { ignoreBOM: true }).decode(replaced)
}

const uglyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', '\u0000', '\u2028', 'é', '\ud83d', 'a'),
  }),
  fc.constantFrom('response_url', '__proto__', 'constructor', '\\"response_url\\":\\"'),
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    uglyString,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(uglyString, tie('value'), { maxKeys: 5, noNullPrototype: true }),
})).object as fc.Arbitrary<Record<string, unknown>>

/** A JSON string literal with some characters written as escapes. */
const literal = (text: string, escapeEvery: number): string =>
  `"${[...Array(text.length).keys()]
    .map((i) =>
      i % escapeEvery === 0
        ? `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
        : JSON.stringify(text[i]).slice(1, -1),
    )
    .join('')}"`

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })

describe('response_url in a body is replaced, everything else arrives as sent', () => {
  test('keeps the spelling of numbers, white space, order and unknown fields', () => {
    const text =
      '{\r\n "kwh" : 1.10, "x":{"response_url":"inner"},"response_url"  : "https:\\/\\/msp.example\\/r" , "n":1E5 }\n'
    expect(find(text, 'response_url')).toEqual({ kind: 'string', value: 'https://msp.example/r' })
    expect(replace(text, 'response_url', 'https://hub/x')).toBe(
      '{\r\n "kwh" : 1.10, "x":{"response_url":"inner"},"response_url"  : "https://hub/x" , "n":1E5 }\n',
    )
  })

  test('replaces every duplicate, however its name is written; the last one was in force', () => {
    const text = '{"response_url":1,"response\\u005furl":"a","x":0,"response_url":"b"}'
    expect(find(text, 'response_url')).toEqual({ kind: 'string', value: 'b' })
    expect(replace(text, 'response_url', 'new')).toBe(
      '{"response_url":"new","response\\u005furl":"new","x":0,"response_url":"new"}',
    )
  })

  test('a string in a nested object or in a text is not mistaken for it', () => {
    const text = '{"a":"\\"response_url\\":\\"x\\"","b":{"response_url":"y"},"c":[{"response_url":"z"}],"d":"\\\\"}'
    expect(find(text, 'response_url')).toEqual({ kind: 'absent' })
    expect(replace(text, 'response_url', 'new')).toBe(null)
  })

  test.each([
    '[{"response_url":"x"}]',
    '"response_url"',
    '1',
    'null',
    ' []',
    '{"response_url":null}',
    '{"response_url":{"response_url":"x"}}',
    '{"response_url":"x","response_url":2}',
  ])('there is no such string in %s', (text) => {
    expect(find(text, 'response_url')).toEqual({ kind: 'no-string' })
    expect(replace(text, 'response_url', 'new')).toBe(null)
  })

  test('an empty object has none', () => {
    expect(find(' { } ', 'a')).toEqual({ kind: 'absent' })
  })

  test('text that is not JSON has none', () => {
    for (const text of ['', '{', '{"a":"x"', '{"a":"x"}}', '{"a":"x",}', "{'a':'x'}"]) {
      expect(find(text, 'a'), text).toEqual({ kind: 'no-string' })
    }
  })

  test('a byte order mark stays', () => {
    expect(replace('\ufeff{"a":"x"}', 'a', 'y')).toBe('\ufeff{"a":"y"}')
  })

  test('gives the object with only that field changed, and the value it had', () => {
    fc.assert(
      fc.property(
        json,
        uglyString,
        uglyString,
        uglyString,
        fc.nat(4),
        fc.integer({ min: 0, max: 2 }),
        (object, field, before, after, position, indent) => {
          const entries = Object.entries(object).filter(([name]) => name !== field)
          entries.splice(Math.min(position, entries.length), 0, [field, before])
          const whole = Object.fromEntries(entries)
          const text = JSON.stringify(whole, null, indent)
          expect(find(text, field)).toEqual({ kind: 'string', value: before })
          const replaced = replace(text, field, after) ?? ''
          expect(JSON.parse(replaced)).toEqual(
            Object.fromEntries([...Object.entries(JSON.parse(text)), [field, after]]),
          )
          expect(replace(replaced, field, before)).toBe(text)
        },
      ),
    )
  })

  test('every other character stays, whatever stands around it', () => {
    const member = fc.tuple(uglyString, json, space, space, space)
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 4 }),
        fc.nat(4),
        uglyString,
        uglyString,
        fc.integer({ min: 1, max: 3 }),
        space,
        (members, position, before, after, escapeEvery, s) => {
          const parts = members
            .filter(([name]) => name !== 'f')
            .map(([name, value, a, b, c]) => `${a}${literal(name, 2)}${b}:${c}${JSON.stringify(value)}${a}`)
          const name = literal('f', escapeEvery)
          const build = (value: string) =>
            `${s}{${parts.toSpliced(position, 0, `${s}${name}${s}:${s}${value}${s}`).join(',')}}${s}`
          const text = build(literal(before, escapeEvery))
          expect(find(text, 'f')).toEqual({ kind: 'string', value: before })
          expect(replace(text, 'f', after)).toBe(build(JSON.stringify(after)))
        },
      ),
    )
  })
})
