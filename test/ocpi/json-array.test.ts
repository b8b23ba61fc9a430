import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvelope, parseJson } from '../../src/ocpi/envelope.ts'
import { readListEnvelope } from '../../src/ocpi/json-array.ts'
import { isObject } from '../../src/ocpi/parsed.ts'
import { partyKey } from '../../src/ocpi/party.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** To the end, however often it pauses. */
function finish<T>(reading: Generator<void, T, void>): T {
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value
  }
}

function read(bytes: Uint8Array) {
  const envelope = finish(readListEnvelope(bytes, 1000))
  if (envelope === 'too-many') throw new Error('Expected no more than 1000 objects')
  return envelope
}

const listed = (text: string) => read(bytesOf(text))?.objects

function slices(text: string): string[] | null {
  const bytes = bytesOf(text)
  const objects = read(bytes)?.objects
  return objects?.map(({ start, end }) => new TextDecoder().decode(bytes.subarray(start, end))) ?? null
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

function listWithoutStatus(bytes: Uint8Array): { statusCode: null; data: unknown } | null {
  const value = parseJson(bytes)
  const isList = isObject(value) && value['status_code'] === undefined && Array.isArray(value['data'])
  return isList ? { statusCode: null, data: value['data'] } : null
}

describe('Transport and format: Response format, the list in an envelope', () => {
  it('gives each element the bytes it came as, whatever is in it and around it', () => {
    const envelope = fc.record({
      elements: fc.array(uglyJson.object, { maxLength: 6 }),
      space: uglyJson.space,
      before: fc.array(uglyJson.value, { maxLength: 2 }),
      after: fc.array(uglyJson.value, { maxLength: 2 }),
      bom: fc.constantFrom('', '\ufeff'),
    })
    fc.assert(
      fc.property(envelope, ({ elements, space, before, after, bom }) => {
        const members = [
          ...before.map((value, i) => `"before${i}"${space}:${space}${value}`),
          '"status_code":1000',
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
    const owners = (data: string) => listed(`{"status_code":1000,"data":${data}}`)?.map(({ owner }) => owner)
    expect(owners('[{"country_code":"nl","party_id":"Abc","id":"1"}]')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('[{"\\u0063ountry_code" : "N\\u004c" , "party_id":"ABC"}]')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('[{"Country_Code":"NL","PARTY_ID":"ABC"}]')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('[{"\\u0043ountry_code":"NL","Party_\\u0049d":"ABC"}]')).toEqual([partyKey('NL', 'ABC')])
    expect(owners('[{"cdr_token":{"country_code":"NL","party_id":"ABC"}}]')).toEqual([null])
    expect(owners('[{"country_code":"NL","party_id":7}, {}]')).toEqual([null, null])
    expect(owners('[{"country_code":"NL","party_id":"ABC","PARTY_ID":"abc"}]')).toEqual([partyKey('NL', 'ABC')])
    for (const second of ['"XYZ"', '7']) {
      const nobody = [partyKey('NL', '')]
      expect(owners(`[{"country_code":"NL","party_id":"ABC","Party_ID":${second}}]`)).toEqual(nobody)
    }
  })

  it('takes the last of two members called data, as every parser does', () => {
    expect(slices('{"status_code":1000,"data":[{},{}],"data":[{"a":3}]}')).toEqual(['{"a":3}'])
    expect(slices('{"status_code":1000,"data":[{},{}],"d\\u0061ta":[{"a":3}]}')).toEqual(['{"a":3}'])
    expect(slices('{"status_code":1000,"data":[{},{}],"data":{}}')).toBeNull()
  })

  it('finds an empty list, also where a success has no data, and none where there is something else', () => {
    expect(slices('{"status_code":1000,"data":[]}')).toEqual([])
    expect(slices('{"data" : [ \n ] ,"status_code":"1000"}')).toEqual([])
    expect(slices('{"status_code":1000,"data":{"data":[1]}}')).toBeNull()
    expect(slices('{"status_code":1000,"data":7}')).toBeNull()
    expect(slices('{"status_code":1000}')).toEqual([])
    expect(slices('{"status_code":1000,"data":null}')).toEqual([])
  })

  it('finds a list without a status code, and takes nothing else without one for an envelope', () => {
    expect(read(bytesOf('{"data":[{"a":1}]}'))).toMatchObject({ statusCode: null, objects: { length: 1 } })
    for (const text of ['{}', '{"data":null}', '{"data":{}}', '{"detail":"no"}', '{"data":[{}],"status_code":404}']) {
      expect(read(bytesOf(text))).toBeNull()
    }
  })

  it('takes for an envelope exactly what is one, whatever was done to its bytes', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      'u',
      '0',
      '1.',
      'e',
      '-',
      'true',
      ' ',
      '\n',
      '\u0001',
      '\\u00',
      '\ufeff',
    ]
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.constantFrom('', ...pieces),
    })
    const valid = fc.tuple(fc.array(uglyJson.object, { maxLength: 4 }), uglyJson.value)
    fc.assert(
      fc.property(valid, fc.array(edit, { maxLength: 2 }), ([elements, other], edits) => {
        let text = `{"status_code":1000,"other":${other},"data":[${elements.join(',')}]}`
        for (const { at, remove, insert } of edits) {
          const from = at % (text.length + 1)
          text = text.slice(0, from) + insert + text.slice(from + remove)
        }
        const bytes = bytesOf(text)
        const parsed = parseEnvelope(bytes) ?? listWithoutStatus(bytes)
        const isOther = Array.isArray(parsed?.data) && !parsed.data.every(isObject)
        const expected = isOther ? null : parsed
        expect(read(bytes)?.statusCode).toBe(expected?.statusCode)
        const isNothing = expected !== null && (expected.data === undefined || expected.data === null)
        const data = isNothing ? [] : Array.isArray(expected?.data) ? expected.data : null
        expect(slices(text)?.map((slice) => JSON.parse(slice) as unknown) ?? null).toEqual(data)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes exactly what is well-formed UTF-8', () => {
    const strict = new TextDecoder('utf-8', { fatal: true })
    const isWellFormed = (bytes: Uint8Array) => {
      try {
        return strict.decode(bytes) !== ''
      } catch {
        return false
      }
    }
    const edges = [
      0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
    ]
    const ugly = fc.array(fc.constantFrom(0x61, ...edges), { maxLength: 6 })
    const fine = fc
      .string({ unit: 'binary' })
      .map((text) => [...new TextEncoder().encode(JSON.stringify(text).slice(1, -1))])
    fc.assert(
      fc.property(fc.oneof(ugly, fine), (inside) => {
        const bytes = new Uint8Array([...bytesOf('{"status_code":1000,"data":[{"a":"'), ...inside, ...bytesOf('"}]}')])
        expect(read(bytes) !== null).toBe(isWellFormed(bytes))
      }),
      { numRuns: 3000 },
    )
  })

  it('takes a list of anything but objects for none', () => {
    for (const element of ['0', 'null', '"x"', '[]', 'true']) {
      expect(finish(readListEnvelope(bytesOf(`{"status_code":1000,"data":[{},${element}]}`), 10))).toBeNull()
    }
  })

  it('reads no list to its end that holds more than asked for', () => {
    const text = (rest: string) => `{"status_code":1000,"data":[{},{},{}${rest}`
    expect(finish(readListEnvelope(bytesOf(text(']}')), 3))).toMatchObject({ objects: { length: 3 } })
    expect(finish(readListEnvelope(bytesOf(text(']}')), 2))).toBe('too-many')
    expect(finish(readListEnvelope(bytesOf(text(', and what is no JSON')), 2))).toBe('too-many')
    expect(finish(readListEnvelope(bytesOf(text(', and what is no JSON')), 3))).toBeNull()
  })

  it('survives any depth', () => {
    const deep = `{"status_code":1000,"data":[{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`
    expect(read(bytesOf(deep))).toBeNull()
  })

  it.each([
    ['many objects', `{"status_code":1000,"data":[${Array(150_000).fill('{ "id":"é\\u00e9" }').join(',')}]}`, 150_000],
    [
      'objects without a comma',
      `{"data":[${Array(190_000)
        .fill(`{${' '.repeat(20)}}`)
        .join(',')}]}`,
      190_000,
    ],
    ['one large object', `{"data":[{"x":[${Array(900_000).fill('[1,{"a":2}]').join(',')}]}],"status_code":1000}`, 1],
    [
      'another large member',
      `{"x":[${Array(900_000).fill('[1,{"a":2}]').join(',')}],"status_code":1000,"data":[{}]}`,
      1,
    ],
  ])('pauses after each megabyte of %s, and finds the same', (_, text, count) => {
    const bytes = bytesOf(text)
    const reading = readListEnvelope(bytes, 200_000)
    let pauses = 0
    let step = reading.next()
    for (; !step.done; step = reading.next()) {
      pauses += 1
      // Meanwhile others walk over texts of theirs.
      expect(slices('{"data":[{"a":[[[[{}]]]]}],"status_code":1000}')).toEqual(['{"a":[[[[{}]]]]}'])
    }
    expect(step.value).toMatchObject({ objects: { length: count } })
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(bytes.length / (1024 * 1024)) - 1)
    expect(pauses).toBeLessThanOrEqual(Math.ceil(bytes.length / (1024 * 1024)))
  })

  it.each(['{"x":[1,2}', '{"x":[1,2]]', '{"x":{"a":1,"b"}}'])('finds the fault behind a pause: %s', (end) => {
    const text = `{"data":[{"x":[${Array(900_000).fill('12').join(',')}]},${end}]}`
    expect(finish(readListEnvelope(bytesOf(text), 10))).toBeNull()
  })
})
