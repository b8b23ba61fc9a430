import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listedObjects } from '../../src/ocpi/json-array.ts'
import { partyKey } from '../../src/ocpi/party.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function slices(text: string): string[] | null {
  const bytes = bytesOf(text)
  return listedObjects(bytes)?.map(({ start, end }) => new TextDecoder().decode(bytes.subarray(start, end))) ?? null
}

/** JSON text that JSON.stringify would never write: white space anywhere, escapes where none are needed, `1.10`. */
const uglyJson = fc.letrec<{ value: string; list: string; object: string; text: string; space: string }>((tie) => ({
  space: fc.constantFrom('', '', '', ' ', '\n', '\t\r\n  '),
  text: fc
    .tuple(
      fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', ']', ',', ':', 'é', '\u{1f600}', ' ') }),
      fc.boolean(),
    )
    .map(([text, isEscaped]) =>
      isEscaped
        ? `"${[...text].map((c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`
        : JSON.stringify(text),
    ),
  list: fc
    .tuple(tie('space'), fc.array(tie('value'), { maxLength: 4 }))
    .map(([s, all]) => `[${s}${all.join(`${s},${s}`)}${s}]`),
  object: fc
    .tuple(tie('space'), fc.array(fc.tuple(tie('text'), tie('value')), { maxLength: 4 }))
    .map(([s, all]) => `{${s}${all.map(([name, value]) => `${name}${s}:${s}${value}`).join(`${s},${s}`)}${s}}`),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('1.10', '-0', '1e5', 'true', 'false', 'null', '123456789012345678901234567890'),
    tie('text'),
    tie('list'),
    tie('object'),
  ),
}))

describe('Transport and format: Response format, the list in an envelope', () => {
  it('gives each element the bytes it came as, whatever is in it and around it', () => {
    const envelope = fc.record({
      elements: fc.array(uglyJson.value, { maxLength: 6 }),
      space: uglyJson.space,
      before: fc.array(uglyJson.value, { maxLength: 2 }),
      after: fc.array(uglyJson.value, { maxLength: 2 }),
      bom: fc.constantFrom('', '\ufeff'),
    })
    fc.assert(
      fc.property(envelope, ({ elements, space, before, after, bom }) => {
        const members = [
          ...before.map((value, i) => `"before${i}"${space}:${space}${value}`),
          `"data"${space}:${space}[${space}${elements.join(`${space},${space}`)}${space}]`,
          ...after.map((value, i) => `"after${i}"${space}:${space}${value}`),
        ]
        const text = `${bom}${space}{${space}${members.join(`${space},${space}`)}${space}}${space}`
        JSON.parse(text.replace(/^\ufeff/, ''))
        expect(slices(text)).toEqual(elements)
      }),
      { numRuns: 500 },
    )
  })

  it('reads whose an object is from its own top level only, in any spelling', () => {
    const owners = (text: string) => listedObjects(bytesOf(text))?.map(({ owner }) => owner)
    expect(owners('{"data":[{"country_code":"nl","party_id":"Abc","id":"1"}]}')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('{"data":[{"\\u0063ountry_code" : "N\\u004c" , "party_id":"ABC"}]}')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('{"data":[{"cdr_token":{"country_code":"NL","party_id":"ABC"}}]}')).toEqual([null])
    expect(owners('{"data":[{"country_code":"NL","party_id":7}, 1, "x", null, []]}')).toEqual([
      null,
      null,
      null,
      null,
      null,
    ])
    expect(owners('{"data":[{"country_code":"NL","party_id":"ABC","party_id":"XYZ"}]}')).toEqual([
      partyKey('NL', 'XYZ'),
    ])
  })

  it('takes the last of two members called data, as every parser does', () => {
    expect(slices('{"data":[1,2],"data":[3]}')).toEqual(['3'])
    expect(slices('{"data":[1,2],"d\\u0061ta":[3]}')).toEqual(['3'])
    expect(slices('{"data":[1,2],"data":{}}')).toBeNull()
  })

  it('finds no list where there is none', () => {
    expect(slices('{"data":{"data":[1]}}')).toBeNull()
    expect(slices('{"status_code":1000}')).toBeNull()
    expect(slices('[1]')).toBeNull()
    expect(slices('"data"')).toBeNull()
  })

  it('finds an empty list', () => {
    expect(slices('{"data":[]}')).toEqual([])
    expect(slices('{"data" : [ \n ] }')).toEqual([])
  })

  it('ends for any bytes at all, be it with an error', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'data', '1', ' ')
    fc.assert(
      fc.property(fc.string({ unit: pieces }), (text) => {
        try {
          listedObjects(bytesOf(`{"data":[${text}`))
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
