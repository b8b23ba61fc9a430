import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSafePath, splitRelayPath, withMissingSlash, withSingleSlashes } from '../../src/ocpi/path.ts'

/** The rule spelt out slowly: decode everything until nothing changes, then look at the segments. */
function isSafeByTheBook(path: string): boolean {
  if (path.includes('\\')) return false
  let text = path
  for (let previous = ''; previous !== text; ) {
    previous = text
    text = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  if (/[\u0000-\u001f\u007f]|[\u00c0\u00c1][\u0080-\u00bf]/.test(text)) return false
  return text.split(/[/\\]/).every((segment) => !/^\.\.?(?:$|[;?#])/.test(segment))
}

const piece = fc.constantFrom(
  '/',
  '.',
  '..',
  '%',
  '2',
  '5',
  'e',
  'E',
  'f',
  'F',
  '%2e',
  '%2E',
  '%2f',
  '%252e',
  '%5c',
  '\\',
  ';',
  'a',
  'c0',
  '%C0',
  '%AE',
  '%00',
  'é',
  'NL',
  '%C3%A9',
  '%3b',
  '?',
  '...',
  ' ',
  '\u007f',
  '%zz',
  '0',
)
const uglyPath = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))

describe('Routing: paths that would lead round the hub', () => {
  test.each([
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/..;x=1/b',
    '/a/.;/b',
    '/a/%2e%2E/b',
    '/a/%252e%252e/b',
    '/a%2f..%2fb',
    '/a%252f%252e%252e',
    '/a/%%32%65%2e/b',
    '/a\\b',
    '/a%5c..%5Cb',
    '/a%255C%252e%5c',
    '/..%5cb',
    '/a\u0000',
    '/a%00',
    '/a%0d%0aX: y',
    '/a/%7f',
    '/a/..%3bx',
    '/a/..%3fx',
    '/a/%c0%ae%c0%ae/b',
    '..',
  ])('refuses %j', (path) => {
    expect(isSafePath(path)).toBe(false)
  })

  test.each([
    '',
    '/',
    '/ocpi/2.2.1/sender/locations/LOC1',
    '/a/b.c/..d/e..',
    '/a/.../b',
    '/a/.well-known',
    '/a%2Fb',
    '/a/%C3%A9%C3%89%C2%85',
    '/a/caf\u00e9',
    '/a/\u00c3\u0089',
    '/a%zz/%/%2',
    '/a;x=..;y/b',
    '/a/100%25',
    '//a//',
    '/a%20b',
    '/a%5cb',
    '/a%255Cb',
    '/%5C',
    '/%C0x',
  ])('lets %j through', (path) => {
    expect(isSafePath(path)).toBe(true)
  })

  test('agrees with decoding again and again until nothing changes', () => {
    fc.assert(
      fc.property(uglyPath, (path) => void expect(isSafePath(path)).toBe(isSafeByTheBook(path))),
      { numRuns: 3000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => void expect(isSafePath(path)).toBe(isSafeByTheBook(path))),
    )
  })

  test('encoding a path once more changes nothing', () => {
    fc.assert(
      fc.property(uglyPath, (path) => void expect(isSafePath(path.replaceAll('%', '%25'))).toBe(isSafePath(path))),
    )
  })

  test('nested escapes of any depth are seen through', () => {
    expect(isSafePath(`/a/%${'25'.repeat(50_000)}2e/b`)).toBe(false)
    expect(isSafePath(`/a/%${'25'.repeat(50_000)}41/b`)).toBe(true)
  })
})

describe('version_information_endpoint: every functional module at a SENDER and a RECEIVER path', () => {
  test('takes the path apart and keeps the bytes of the rest', () => {
    expect(splitRelayPath('/ocpi/2.2.1/sender/locations')).toEqual({
      version: '2.2.1',
      interfaceRole: 'SENDER',
      module: 'locations',
      rest: '',
    })
    expect(splitRelayPath('/ocpi/2.2.1/receiver/tokens/DE/ABC/a%2Fb/')).toEqual({
      version: '2.2.1',
      interfaceRole: 'RECEIVER',
      module: 'tokens',
      rest: '/DE/ABC/a%2Fb/',
    })
    expect(splitRelayPath('/ocpi/2.2.1/sender/nltnm-tokens/')?.module).toBe('nltnm-tokens')
  })

  test.each([
    '/ocpi/versions',
    '/ocpi/2.2.1',
    '/ocpi//sender/locations',
    '/ocpi/2.2.1/sender',
    '/ocpi/2.2.1/sender/',
    '/ocpi/2.2.1/sender//x',
    '/ocpi/2.2.1/Sender/locations',
    '/OCPI/2.2.1/sender/locations',
    '/ocpi/2.2.1/senders/locations',
    '/ocpi/2.2.1/sender/loc%61tions',
    '/ocpi/2.2.1/sender/-x',
    '/x/ocpi/2.2.1/sender/locations',
    '',
  ])('is none: %j', (path) => {
    expect(splitRelayPath(path)).toBe(null)
  })

  test.each([
    ['commandsSTART_SESSION', 'commands', '/START_SESSION'],
    ['locationsNL/CPO/L1', 'locations', '/NL/CPO/L1'],
    ['tokens%5C1/authorize', 'tokens', '/%5C1/authorize'],
    ['cdrs1', 'cdrs', '/1'],
    ['commands/START_SESSION', 'commands', '/START_SESSION'],
    ['nltnm-tokens/1', 'nltnm-tokens', '/1'],
  ])('a missing slash: %s is %s and %s', (written, module, rest) => {
    const path = splitRelayPath(`/ocpi/2.2.1/receiver/${written}`)
    expect(path && withMissingSlash(path)).toEqual({ version: '2.2.1', interfaceRole: 'RECEIVER', module, rest })
  })

  test('doubled slashes are one, escaped ones are characters', () => {
    expect(withSingleSlashes('//ocpi///2.2.1/a%2F%2Fb//')).toBe('/ocpi/2.2.1/a%2F%2Fb/')
  })

  test('the parts make up the path again', () => {
    const module = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,20}$/)
    const rest = fc.string({ unit: 'binary' }).map((text) => (text === '' ? '' : `/${text}`))
    fc.assert(
      fc.property(
        fc.stringMatching(/^[^/]+$/),
        fc.constantFrom('sender', 'receiver'),
        module,
        rest,
        (version, side, name, tail) => {
          expect(splitRelayPath(`/ocpi/${version}/${side}/${name}${tail}`)).toEqual({
            version,
            interfaceRole: side.toUpperCase(),
            module: name,
            rest: tail,
          })
        },
      ),
    )
  })
})
