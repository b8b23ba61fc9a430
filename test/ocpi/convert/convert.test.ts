import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bridges, convertObject } from '../../../src/ocpi/convert/convert.ts'
import { addDecimals, subtractDecimals } from '../../../src/ocpi/convert/decimal.ts'
import { envelopeFor, statusFor } from '../../../src/ocpi/convert/envelope-codes.ts'
import { bytesOf, CONTEXT, textOf } from './text.ts'

describe('versions', () => {
  it.each([
    ['2.1.1', '2.2.1', true],
    ['2.2.1', '2.1.1', true],
    ['2.1.1', '2.3.0', true],
    ['2.3.0', '2.1.1', true],
    ['2.3.0', '2.3.0', true],
    ['2.2.1', '3.0', false],
    ['2.0', '2.3.0', false],
  ])('%s to %s: %s', (from, to, isBridged) => {
    expect(bridges(from, to)).toBe(isBridged)
  })

  it('that are equal leave the very same bytes, whatever they are', () => {
    const bytes = bytesOf('no JSON at all')
    expect(convertObject(bytes, { kind: 'location', isPatch: false }, '2.2.1', '2.2.1', CONTEXT)).toEqual({
      kind: 'converted',
      bytes,
      remarks: [],
    })
  })

  it('that are no neighbours go by way of the one between', () => {
    const token = { kind: 'token', isPatch: true } as const
    const down = convertObject(bytesOf('{"type":"EMAID","contract_id":"C"}'), token, '2.3.0', '2.1.1', CONTEXT)
    expect(down.kind === 'converted' && JSON.parse(textOf(down.bytes))).toEqual({ type: 'OTHER', auth_id: 'C' })
    const tariff = bytesOf('{"id":"1","tax_included":"YES"}')
    expect(convertObject(tariff, { kind: 'tariff', isPatch: false }, '2.3.0', '2.1.1', CONTEXT).kind).toBe('withheld')
  })
})

describe('an object of a megabyte', () => {
  const cdr = (member: string, element: string) =>
    bytesOf(`{"id":"1","${member}":[${Array(Math.floor(1_000_000 / (element.length + 1))).fill(element)}]}`)
  const convert = (bytes: Uint8Array) =>
    convertObject(bytes, { kind: 'cdr', isPatch: false }, '2.2.1', '2.1.1', CONTEXT).kind

  it.each(['{}', '1', '[]', '{"a":1}'])(
    'of nothing but %s is not looked into: it would hold up everybody else',
    (crumb) => {
      for (const member of ['tariffs', 'charging_periods']) expect(convert(cdr(member, crumb))).toBe('broken')
    },
  )

  it('that says something everywhere is converted, however short it says it', () => {
    const dimensions = Array(10).fill('{"type":"TIME","volume":1}').join()
    const period = `{"start_date_time":"2026-01-01T00:00:00Z","dimensions":[${dimensions}]}`
    expect(convert(cdr('charging_periods', period))).toBe('converted')
  })
})

describe('a status code', () => {
  it.each([
    [1000, 1000],
    [2003, 2003],
    [2004, 2001],
    [4000, 3000],
    [4001, 2001],
    [4002, 3000],
    [4003, 3000],
    [4999, 4999],
  ])('%i is %i in OCPI 2.1.1', (code, expected) => {
    expect(statusFor(code, '2.1.1').code).toBe(expected)
    expect(statusFor(code, '2.2.1')).toEqual({ code, words: null })
  })

  it('that is gone is said in words', () => {
    const said = (text: string, to = '2.1.1') => textOf(envelopeFor(bytesOf(text), to))
    expect(JSON.parse(said('{"status_code":2004,"timestamp":"t"}'))).toEqual({
      status_code: 2001,
      status_message: 'Unknown token',
      timestamp: 't',
    })
    expect(JSON.parse(said('{"status_code":"4003","status_message":"no way","data":1.10}'))).toEqual({
      status_code: 3000,
      status_message: 'Connection problem: no way',
      data: 1.1,
    })
    for (const same of ['{"status_code":1000}', '{"status_code":{}}', '{}', 'no JSON']) expect(said(same)).toBe(same)
    expect(said('{"status_code":2004}', '2.2.1')).toBe('{"status_code":2004}')
  })
})

describe('sums of money', () => {
  it.each([
    ['1.10', '0.23', '1.33'],
    ['0.1', '0.2', '0.3'],
    ['1', '-1.50', '-0.50'],
    ['1e2', '0.5', '100.5'],
    ['1.5e-2', '1', '1.015'],
    ['-0', '0', '0'],
    ['123456789012345678.01', '0.99', '123456789012345679.00'],
  ])('%s and %s are %s', (a, b, sum) => {
    expect(addDecimals(a, b)).toBe(sum)
  })

  it.each(['"1"', 'null', '', '1e999999999', '9'.repeat(1000), 'NaN'])('are not made of %j', (text) => {
    expect(addDecimals('1', text)).toBeNull()
    expect(subtractDecimals(text, '1')).toBeNull()
  })

  it('are undone by differences', () => {
    const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((amount) => (amount / 100).toFixed(2))
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        const sum = addDecimals(a, b) as string
        expect(Number(subtractDecimals(sum, b))).toBe(Number(a))
      }),
    )
  })
})
