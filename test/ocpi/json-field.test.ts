import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { membersCalled, repeatedName, replaceWithString } from '../../src/ocpi/json-field.ts'
import { type Member, readString } from '../../src/ocpi/json-members.ts'
import { findSpelling, foldName, soughtNames } from '../../src/ocpi/names.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
/** The value of the one member of this name; null for none, for several, or where it is no string. */
const find = (text: string, field: string): string | null => {
  const found = membersCalled(bytesOf(text), field)
  return found?.length === 1 ? readString(bytesOf(text), (found[0] as Member).start) : null
}
const replace = (text: string, field: string, value: string): string => {
  const [member] = membersCalled(bytesOf(text), field) ?? []
  const replaced = replaceWithString(bytesOf(text), member as Member, value)
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(replaced)
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
    expect(find(text, 'response_url')).toBe('https://msp.example/r')
    expect(replace(text, 'response_url', 'https://hub/x')).toBe(
      '{\r\n "kwh" : 1.10, "x":{"response_url":"inner"},"response_url"  : "https://hub/x" , "n":1E5 }\n',
    )
  })

  test.each([
    'response\\u005furl',
    'RESPONSE_URL',
    'Response_Url',
    'responseUrl',
    'response-url',
    'response_url[]',
    '_response_url',
    're\u017fponse_url',
    're\\u017fponse_url',
    'response_url\\u0000x',
    'response\\ud800_url',
    '\uff32\uff25sponse_url',
  ])('%s is a spelling of it, and is the only one replaced', (name) => {
    const text = `{"x":{"response_url":1},"${name}" : "a","responseurls":"b"}`
    expect(find(text, 'response_url')).toBe('a')
    expect(replace(text, 'response_url', 'new')).toBe(`{"x":{"response_url":1},"${name}" : "new","responseurls":"b"}`)
  })

  test('each duplicate is found, in its order', () => {
    const text = '{"response_url":1,"response\\u005furl":"a","x":0,"Response_URL":"b"}'
    const found = membersCalled(bytesOf(text), 'response_url')?.map(({ start }) => readString(bytesOf(text), start))
    expect(found).toEqual([null, 'a', 'b'])
  })

  test('a string in a nested object or in a text is not mistaken for it', () => {
    const text = '{"a":"\\"response_url\\":\\"x\\"","b":{"response_url":"y"},"c":[{"response_url":"z"}],"d":"\\\\"}'
    expect(membersCalled(bytesOf(text), 'response_url')).toEqual([])
  })

  test('an empty object has none; what is no object or no JSON has no members at all', () => {
    expect(membersCalled(bytesOf(' { } '), 'a')).toEqual([])
    for (const text of [
      '[{"a":"x"}]',
      '"a"',
      '1',
      'null',
      ' []',
      '',
      '{',
      '{"a":"x"',
      '{"a":"x"}}',
      '{"a":"x",}',
      "{'a':'x'}",
    ]) {
      expect(membersCalled(bytesOf(text), 'a'), text).toBe(null)
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
          const folded = [foldName(field)]
          fc.pre(folded[0] !== '')
          const entries = Object.entries(object).filter(([name]) => findSpelling(name, folded) === -1)
          entries.splice(Math.min(position, entries.length), 0, [field, before])
          const whole = Object.fromEntries(entries)
          const text = JSON.stringify(whole, null, indent)
          expect(find(text, field)).toBe(before)
          const replaced = replace(text, field, after)
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
            .filter(([name]) => findSpelling(name, ['f']) === -1)
            .map(([name, value, a, b, c]) => `${a}${literal(name, 2)}${b}:${c}${JSON.stringify(value)}${a}`)
          const name = literal('f', escapeEvery)
          const build = (value: string) =>
            `${s}{${parts.toSpliced(position, 0, `${s}${name}${s}:${s}${value}${s}`).join(',')}}${s}`
          const text = build(literal(before, escapeEvery))
          expect(find(text, 'f')).toBe(before)
          expect(replace(text, 'f', after)).toBe(build(JSON.stringify(after)))
        },
      ),
    )
  })
})

describe('what is given twice', () => {
  const names = soughtNames(['token', 'country_code'])
  test.each([
    ['{"token":1,"token":1}', 0, 'token'],
    ['{"token":1,"x":2,"\\u0054oken":3}', 0, 'token'],
    ['{"countryCode":1,"country-code":1}', 0, 'country_code'],
    ['{"a":{"token":1,"TOKEN":2}}', 1, 'token'],
    ['\ufeff [{"token":1,"TOKEN":2}]', 1, 'token'],
    ['{"roles":[{}, {"country_code":1,"COUNTRY_CODE":2}]}', 2, 'country_code'],
  ])('%s', (text, deepest, name) => {
    expect(repeatedName(bytesOf(text), names, deepest)).toBe(name)
    expect(repeatedName(bytesOf(text), names, deepest - 1)).toBe(null)
  })

  test.each([
    '{"token":1,"a":{"token":1}}',
    '[{"token":1},{"token":1}]',
    '{"x":1,"x":2}',
    '7',
    '',
    '{"token":1,"token"',
  ])('not in %s', (text) => expect(repeatedName(bytesOf(text), names, 3)).toBe(null))
})
