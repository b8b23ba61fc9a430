import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asEnvelope,
  beginsJson,
  beginsObject,
  envelopeBytes,
  isBlank,
  isJson,
  parseEnvelope,
  parseJson,
} from '../../src/ocpi/envelope.ts'
import { readStatus } from '../../src/ocpi/envelope-status.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const BOM = '\ufeff'

describe('transport_and_format: Response format', () => {
  test('an envelope the hub makes says only what there is to say', () => {
    expect(new TextDecoder().decode(envelopeBytes(1000, undefined, [1], '2020-01-01T00:00:00Z'))).toBe(
      '{"data":[1],"status_code":1000,"timestamp":"2020-01-01T00:00:00Z"}',
    )
    expect(new TextDecoder().decode(envelopeBytes(4002, 'No answer', undefined, '2020-01-01T00:00:00Z'))).toBe(
      '{"status_code":4002,"status_message":"No answer","timestamp":"2020-01-01T00:00:00Z"}',
    )
  })

  test('what the hub makes is read back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 9999 }),
        fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
        fc.jsonValue(),
        (code, message, data) => {
          const envelope = envelopeBytes(code, message, data, '2020-01-01T00:00:00Z')
          expect(parseEnvelope(envelope)).toEqual({
            statusCode: code,
            statusMessage: message ?? null,
            data: JSON.parse(JSON.stringify(data)),
          })
        },
      ),
    )
  })

  test.each([
    '{"status_code":1000}',
    ' \r\n\t{"status_code":"1000","data":null}',
    `${BOM}{"status_code":1000.0,"status_message":5}`,
  ])('is an envelope: %j', (text) => {
    expect(parseEnvelope(bytes(text))?.statusCode).toBe(1000)
    expect(readStatus(bytes(text))?.statusCode).toBe(1000)
  })

  test.each([
    '',
    ' ',
    '<html>',
    'null',
    '1000',
    '"status_code"',
    '[{"status_code":1000}]',
    '{}',
    '{"status_code":1000',
    '{"status_code":1000}}',
    '{"status_code":null}',
    '{"status_code":404,"message":"Not found"}',
    '{"status_code":1000.5}',
    '{"status_code":"1e3"}',
    '{"status_code":" 1000"}',
    '{"status_code":10000}',
    '{"status_code":-1000}',
    '{"statusCode":1000}',
  ])('is none: %j', (text) => {
    expect(parseEnvelope(bytes(text))).toBe(null)
    expect(readStatus(bytes(text))).toBe(null)
  })

  test('what is read without building anything is what is built', () => {
    const ugly = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      ' ',
      '0',
      '-',
      'e',
      'null',
      '\u0001',
      'é',
      '"status_code":1000',
    )
    const text = fc.oneof(
      fc.json(),
      fc
        .tuple(fc.json(), fc.nat(), ugly)
        .map(([json, at, piece]) => json.slice(0, at % 50) + piece + json.slice(at % 50)),
      fc
        .tuple(
          fc.json(),
          fc.json(),
          fc.anything().map((value) => JSON.stringify(value) ?? '7'),
        )
        .map(([before, after, code]) => `{"a":${before},"status_code":${code},"b":${after}}`),
      fc
        .tuple(fc.json(), fc.integer({ min: 900, max: 10_100 }))
        .map(([data, code]) => `{"status_code":1,"data":${data},"status_\\u0063ode":${code}}`),
    )
    fc.assert(
      fc.property(text, (sent) => {
        const built = parseEnvelope(bytes(sent))
        expect(readStatus(bytes(sent))).toEqual(
          built && { statusCode: built.statusCode, statusMessage: null, data: undefined },
        )
        expect(isJson(bytes(sent))).toBe(parseJson(bytes(sent)) !== undefined)
      }),
      { numRuns: 2_000 },
    )
  })

  test('bytes that are no UTF-8 are no JSON, though their letters would be', () => {
    const broken = new Uint8Array([...bytes('{"status_code":1000,"status_message":"'), 0xe9, ...bytes('"}')])
    expect(isJson(broken)).toBe(false)
    expect(parseEnvelope(broken)).toBe(null)
  })

  test('a value that was never sent as an object is no envelope', () => {
    for (const value of [undefined, null, [], 1000, '1000', true]) expect(asEnvelope(value)).toBe(null)
  })

  test('any JSON is JSON, and cut short it is not', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(isJson(bytes(text))).toBe(true)
        expect(isJson(bytes(BOM + text))).toBe(true)
        if (/^[[{"]/.test(text)) expect(isJson(bytes(text.slice(0, -1)))).toBe(false)
        expect(beginsJson(bytes(text))).toBe(true)
        expect(beginsObject(bytes(text))).toBe(text.startsWith('{'))
      }),
    )
  })

  test.each(['', ' \n', BOM, '<', 'x', '\u00a0{'])('does not begin like JSON: %j', (text) => {
    expect(beginsJson(bytes(text))).toBe(false)
  })

  test.each(['{', '[', ' \r\n\t{', `${BOM} [`, '"a"', '1', '-1', 'true', 'null'])('begins like JSON: %j', (text) => {
    expect(beginsJson(bytes(text))).toBe(true)
    expect(beginsObject(bytes(text))).toBe(text.includes('{'))
  })

  test.each([
    ['', true],
    [' \r\n', true],
    [BOM, true],
    [`${BOM}\n`, true],
    [' {', false],
    ['\u00a0', false],
  ])('nothing but white space is blank: %j, %s', (text, blank) => {
    expect(isBlank(bytes(text))).toBe(blank)
  })

  test('any bytes are judged without throwing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (input) => void [isJson(input), parseEnvelope(input), beginsJson(input), beginsObject(input), isBlank(input)],
      ),
    )
  })
})
