import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Member, membersOf } from '../../src/ocpi/json-members.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const textOf = (bytes: Uint8Array, start: number, end: number) => decoder.decode(bytes.subarray(start, end))

/** A JSON string with every second character written as an escape, in small and capital hex digits. */
const escaped = (text: string) =>
  `"${[...Array(text.length).keys()]
    .map((i) => {
      if (i % 2 === 1) return JSON.stringify(text[i]).slice(1, -1)
      const hex = text.charCodeAt(i).toString(16).padStart(4, '0')
      return `\\u${i % 4 === 0 ? hex : hex.toUpperCase()}`
    })
    .join('')}"`

const name = fc.oneof(
  fc.constantFrom('response_url', 'Response_URL', 'country_code', 'party_id', '__proto__', '', 'a', 'é', '\u{1f600}'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })
const literal = fc
  .tuple(name, fc.boolean())
  .map(([text, isEscaped]) => (isEscaped ? escaped(text) : JSON.stringify(text)))
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((each) => JSON.stringify(each)),
  literal,
  fc.constantFrom('1.10', '-0', '1E+5', '[ ]', '{"a" : {"a":"}"}}', '"\\"}"'),
)
const member = fc.tuple(literal, value, space, space)
const members = fc.array(member, { maxLength: 6 })
/** Each name once: of names given twice, some as escapes, `JSON.parse` of Node 24 does not always take the last. */
const distinct = fc.uniqueArray(member, { maxLength: 6, selector: ([n]) => JSON.parse(n) as string })

const build = (all: readonly (readonly [string, string, string, string])[], outer: string) =>
  `${outer}{${outer}${all.map(([n, v, a, b]) => `${a}${n}${b}:${a}${v}${b}`).join(',')}${outer}}${outer}`

describe('The members of a JSON object', () => {
  test('stand where a reader finds them', () => {
    const bytes = encoder.encode('\ufeff {"a": 10, "\\u0061":"x"}')
    expect(membersOf(bytes)).toEqual([
      { name: 'a', nameStart: 5, nameEnd: 8, start: 10, end: 12 },
      { name: 'a', nameStart: 14, nameEnd: 22, start: 23, end: 26 },
    ] satisfies Member[])
  })

  test('come in order with decoded names, each of several with one name, and their bytes as sent', () => {
    fc.assert(
      fc.property(members, space, (all, outer) => {
        const bytes = encoder.encode(build(all, outer))
        const found = membersOf(bytes)
        expect(found?.map((each) => each.name)).toEqual(all.map(([n]) => JSON.parse(n)))
        expect(found?.map(({ nameStart, nameEnd }) => textOf(bytes, nameStart, nameEnd))).toEqual(all.map(([n]) => n))
        expect(found?.map(({ start, end }) => textOf(bytes, start, end))).toEqual(all.map(([, v]) => v))
      }),
    )
  })

  test('make the object that JSON.parse makes', () => {
    fc.assert(
      fc.property(distinct, space, (all, outer) => {
        const text = build(all, outer)
        const bytes = encoder.encode(text)
        const entries = (membersOf(bytes) ?? []).map(
          ({ name: key, start, end }) => [key, JSON.parse(textOf(bytes, start, end))] as const,
        )
        expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(Object.entries(JSON.parse(text))))
      }),
    )
  })

  test('are there exactly when JSON.parse gives an object', () => {
    const broken = fc.string({
      unit: fc.constantFrom('{', '}', '"', '\\', ':', ',', '[', ']', 'a', '1', ' ', '"a":1', '\\u0061', 'null'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          broken,
          broken.map((text) => `{${text}}`),
        ),
        (text) => {
          expect(membersOf(encoder.encode(text)) !== null, text).toBe(isObjectText(text))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

function isObjectText(text: string): boolean {
  try {
    const parsed = JSON.parse(text) as unknown
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  } catch {
    return false
  }
}
