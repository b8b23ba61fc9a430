import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorizationValue, tokenCandidates } from '../../src/ocpi/token-header.ts'

const token = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
  minLength: 1,
  maxLength: 255,
})
const spaces = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 })
const scheme = fc.constantFrom('Token ', 'token ', 'TOKEN ', 'tOkEn  ', 'Token\t', '')

function base64(text: string, url: boolean, padded: boolean): string {
  const encoded = Buffer.from(text)
    .toString(url ? 'base64url' : 'base64')
    .replace(/=+$/, '')
  return padded ? encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=') : encoded
}

describe('transport_and_format: Authorization header', () => {
  test("reads the specification's samples, which encode a trailing line feed", () => {
    for (const strict of [true, false]) {
      expect(tokenCandidates('Token ZWJmM2IzOTktNzc5Zi00NDk3LTliOWQtYWM2YWQzY2M0NGQyCg==', strict)[0]).toBe(
        'ebf3b399-779f-4497-9b9d-ac6ad3cc44d2',
      )
      expect(tokenCandidates('Token ZXhhbXBsZS10b2tlbgo=', strict)[0]).toBe('example-token')
    }
  })

  test('what the hub sends is read back, strictly or not', () => {
    fc.assert(
      fc.property(token, (text) => {
        expect(tokenCandidates(authorizationValue(text, 'base64'), true)).toEqual([text])
        expect(tokenCandidates(authorizationValue(text, 'base64'), false)[0]).toBe(text)
        expect(tokenCandidates(authorizationValue(text, 'raw'), false)).toContain(text)
      }),
    )
  })

  test('a tolerant platform may leave out scheme, padding or encoding and add spaces', () => {
    fc.assert(
      fc.property(
        token,
        scheme,
        spaces,
        spaces,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('', '\n', '\r\n'),
        (text, word, before, after, url, padded, end) => {
          const header = before + word + base64(text + end, url, padded) + after
          expect(tokenCandidates(header, false)).toContain(text)
        },
      ),
    )
  })

  test('a tolerant platform may send the token raw, with or without the scheme', () => {
    fc.assert(
      fc.property(token, scheme, (text, word) => {
        fc.pre(!/^token$/i.test(text))
        expect(tokenCandidates(word + text, false)).toContain(text)
      }),
    )
  })

  test.each([
    'token ZXhhbXBsZS10b2tlbg==',
    'Token  ZXhhbXBsZS10b2tlbg==',
    'Token ZXhhbXBsZS10b2tlbg',
    'Token ZXhhbXBsZS10b2tlbg= =',
    'ZXhhbXBsZS10b2tlbg==',
    'Token example-token',
    'Token Pz8_Pz8-',
    'Bearer ZXhhbXBsZS10b2tlbg==',
    'Token ',
    'Token',
    '',
  ])('a strict platform is held to the form written in the specification: %j', (header) => {
    expect(tokenCandidates(header, true)).toEqual([])
  })

  test.each([
    undefined,
    '',
    ' ',
    'Token',
    'token  ',
    'Basic dXNlcjpwYXNz',
    'Token a b',

    'Token \u00e9',
    `Token ${'a'.repeat(1019)}`,
  ])('holds no token: %j', (header) => {
    expect(tokenCandidates(header, false)).toEqual([])
  })

  test('bytes that are no printable ASCII are no token, whatever the encoding', () => {
    for (const text of ['caf\u00e9', 'a b', 'a\u0000', 'a\n\n', '\n', '\u007f', '\u20ac']) {
      const header = authorizationValue(text, 'base64')
      expect(tokenCandidates(header, true)).toEqual([])
      expect(tokenCandidates(header, false)).toEqual([header.slice(6)])
    }
  })

  test('any header gives few, distinct, printable candidates', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((s) => `Token ${s}`),
          fc.base64String().map((s) => `Token ${s}`),
        ),
        fc.boolean(),
        (header, strict) => {
          const found = tokenCandidates(header, strict)
          expect(found.length).toBeLessThanOrEqual(strict ? 1 : 2)
          expect(new Set(found).size).toBe(found.length)
          for (const candidate of found) expect(candidate).toMatch(/^[!-~]+$/)
        },
      ),
    )
  })
})
