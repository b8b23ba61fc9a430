import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWebScheme, splitUrl } from '../../src/ocpi/url.ts'

describe('types: URL', () => {
  test.each([
    ['https://cpo.example:8443/a//b%2F?x=%C3#f', 'https', 'cpo.example:8443', '/a//b%2F', '?x=%C3'],
    ['HTTP://u@h?q', 'HTTP', 'u@h', '', '?q'],
    ['http:///a', 'http', '', '/a', ''],
    ['//h/a', null, 'h', '/a', ''],
    ['/a/../b?c?d', null, null, '/a/../b', '?c?d'],
    ['a:8', 'a', null, '8', ''],
    ['./a', null, null, './a', ''],
    ['?q', null, null, '', '?q'],
    ['', null, null, '', ''],
  ])('%s', (url, scheme, host, path, query) => {
    expect(splitUrl(url)).toMatchObject({ scheme, host, path, query })
  })

  test('keeps every character, whatever stands in it', () => {
    const text = fc.string({ unit: fc.constantFrom(':', '/', '?', '#', 'a', '%', '\n', 'é', '.', '@') })
    fc.assert(
      fc.property(text, (url) => {
        const { scheme, host, path, query, target } = splitUrl(url)
        const front = (scheme === null ? '' : `${scheme}:`) + (host === null ? '' : `//${host}`)
        expect(front + target).toBe(url)
        expect(target.startsWith(path + query)).toBe(true)
      }),
    )
  })

  test('finds the same parts as the web does in what the web writes', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (written) => {
        const url = new URL(written)
        const { scheme, host, path, query } = splitUrl(url.href)
        expect([`${scheme}:`, host, path]).toEqual([url.protocol, url.host, url.pathname])
        expect(query === '?' ? '' : query).toBe(url.search)
      }),
    )
  })

  test('of schemes only http and https are the web, in any letter case', () => {
    expect(['http', 'HTTPS', 'ftp', 'httpsx', '', null].map(isWebScheme)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })
})
