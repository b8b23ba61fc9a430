import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findResponseUrls, replaceResponseUrl } from '../../src/ocpi/response-url.ts'
import { queryLikeDotNet, queryLikeGo, queryLikePhp } from '../support/lenient-readers.ts'

const HUB = 'https://hub.example/ocpi/via/abc?x=1&y=2'
const HUB_ENCODED = 'https%3A%2F%2Fhub.example%2Focpi%2Fvia%2Fabc%3Fx%3D1%26y%3D2'
const RAW = 'https://www.msp.com/ocpi/2.2.1/chargingprofile/response?request_id=5678'

const urlsIn = (query: string) => findResponseUrls(query).map(({ url }) => url)
/** Every one replaced, the last one first, so that the others stay where they were found. */
const replaceAll = (query: string, newUrl: string) =>
  findResponseUrls(query).reduceRight((text, found) => replaceResponseUrl(text, found, newUrl), query)

describe('mod_charging_profiles: response_url in the query of GET and DELETE', () => {
  test.each([
    // As the specification writes it.
    [`?duration=900&response_url=${RAW}`, RAW, `?duration=900&response_url=${HUB_ENCODED}`],
    ['?response_url=https://www.server.com/example', 'https://www.server.com/example', `?response_url=${HUB_ENCODED}`],
    // With a query of its own, before and after the duration.
    [`?response_url=${RAW}&a=1&duration=900`, `${RAW}&a=1`, `?response_url=${HUB_ENCODED}&duration=900`],
    [`?duration=900&response_url=${RAW}&a=1&b`, `${RAW}&a=1&b`, `?duration=900&response_url=${HUB_ENCODED}`],
    [`?duration=900&response_url=${RAW}&duration=5`, `${RAW}&duration=5`, `?duration=900&response_url=${HUB_ENCODED}`],
    [`?response_url=${RAW}?x=a%2Fb+c%20`, `${RAW}?x=a%2Fb+c%20`, `?response_url=${HUB_ENCODED}`],
    [
      `?response_url=HTTP://msp/?r=1&duration=900&x=1`,
      'HTTP://msp/?r=1',
      `?response_url=${HUB_ENCODED}&duration=900&x=1`,
    ],
    // Encoded, wholly or in part.
    [
      '?response_url=https%3A%2F%2Fmsp%2F%3Fa%3D1%26b%3D2&duration=9&x=%2f',
      'https://msp/?a=1&b=2',
      `?response_url=${HUB_ENCODED}&duration=9&x=%2f`,
    ],
    ['?response_url=https%3a//msp/r%3fa=1&b=2', 'https://msp/r?a=1', `?response_url=${HUB_ENCODED}&b=2`],
    ['?response_url=https://msp/r%3Fa%3D1%26b%3D2&x=1', 'https://msp/r?a=1&b=2', `?response_url=${HUB_ENCODED}&x=1`],
    ['?response_url=https://msp/r?a%3D1%26b%3D2&x=1', 'https://msp/r?a=1&b=2', `?response_url=${HUB_ENCODED}&x=1`],
    // Whatever else stands in the query stays.
    ['?x=%zz&&+=&response%5furl=https%3A%2F%2Fmsp&y', 'https://msp', `?x=%zz&&+=&response%5furl=${HUB_ENCODED}&y`],
    ['?response_url=https%3A%2F%2Fmsp%zz&y=1', 'https%3A%2F%2Fmsp%zz', `?response_url=${HUB_ENCODED}&y=1`],
    ['?response_url=&duration=9', '', `?response_url=${HUB_ENCODED}&duration=9`],
    // Without a query of its own it ends where the next parameter begins.
    ['?response_url=https://msp/r&customer=1', 'https://msp/r', `?response_url=${HUB_ENCODED}&customer=1`],
    [
      '?response_url=https://msp/r?duration=1&y=1&Duration=3',
      'https://msp/r?duration=1&y=1',
      `?response_url=${HUB_ENCODED}&Duration=3`,
    ],
    [`response_url=${RAW}`, RAW, `response_url=${HUB_ENCODED}`],
  ])('%s', (query, url, replaced) => {
    expect(urlsIn(query)).toEqual([url])
    expect(replaceAll(query, HUB)).toBe(replaced)
  })

  test.each([
    'Response_url',
    'RESPONSE_URL',
    'responseUrl',
    'response-url',
    'response.url',
    'response+url',
    'response%20url',
    '+response_url',
    'response_url[]',
    'response_url[0]',
    'response_url%5B%5D',
    'response_url[];',
    'response_url[];x',
    'response[url',
    'response_url%00x',
    '%72esponse_url',
    '%2572esponse_url',
    '%u0072esponse_url',
    're%C5%BFponse_url',
    're%u017Fpon%25C5%25BFe_url',
    '%EF%BD%92esponse_url',
    '?response_url',
  ])('is found by the name %s', (name) => {
    expect(urlsIn(`?a=1&${name}=https%3A%2F%2Fmsp&b`)).toEqual(['https://msp'])
    expect(replaceAll(`?a=1&${name}=https%3A%2F%2Fmsp&b`, HUB)).toBe(`?a=1&${name}=${HUB_ENCODED}&b`)
  })

  test('each is found, where some readers part parameters by a semicolon, too', () => {
    expect(urlsIn('?response_url=https%3A%2F%2Fa&x=1&Response_URL=https%3A%2F%2Fb&y')).toEqual([
      'https://a',
      'https://b',
    ])
    expect(urlsIn('?x=1;response_url=https%3A%2F%2Fa;b=2&amp;response_url=c')).toEqual(['https://a;b=2', 'c'])
  })

  test.each([
    '',
    '?',
    '?duration=900',
    '?response_url',
    '?xresponse_url=https://a',
    '?response_urls=https://a',
    '?x=response_url=1',
    '?&&',
  ])('there is none in %j', (query) => {
    expect(findResponseUrls(query)).toEqual([])
  })

  const word = fc.string({
    unit: fc.constantFrom('a', '1', '%20', '%26', '/', ':', '?', '+', 'é', '.', '-'),
    maxLength: 6,
  })
  const other = fc.tuple(fc.stringMatching(/^[a-c%+.]{0,4}$/), word).map(([name, value]) => `${name}=${value}`)
  const before = fc.array(fc.oneof(other, fc.constantFrom('', 'flag', 'duration=900')), { maxLength: 3 })

  test('an encoded URL is found among any parameters and only its bytes change', () => {
    fc.assert(
      fc.property(
        before,
        before,
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.webUrl({ withQueryParameters: true }),
        (first, last, url, newUrl) => {
          const query = (value: string) =>
            `?${[...first, `response_url=${encodeURIComponent(value)}`, ...last].join('&')}`
          expect(urlsIn(query(url))).toEqual([url])
          expect(replaceAll(query(url), newUrl)).toBe(query(newUrl))
        },
      ),
    )
  })

  test('an unencoded URL with a query runs to the end or to the duration, and only its bytes change', () => {
    const own = fc
      .array(other, { minLength: 1, maxLength: 3 })
      .map((parameters) => `https://msp.example/r?id=1&${parameters.join('&')}`)
    const encoded = (value: string) => encodeURIComponent(value)
    fc.assert(
      fc.property(before, own, fc.boolean(), fc.webUrl(), (first, url, hasDurationBehind, newUrl) => {
        const head = first.filter((parameter) => !hasDurationBehind || parameter !== 'duration=900')
        const tail = hasDurationBehind ? '&duration=60&x=%2F' : ''
        const query = (value: string) => `?${[...head, `response_url=${value}`].join('&')}${tail}`
        const [found] = findResponseUrls(query(url))
        expect(found?.url).toBe(url)
        expect(query(url).slice(found?.start, found?.end)).toBe(url)
        expect(replaceAll(query(url), newUrl)).toBe(query(encoded(newUrl)))
      }),
    )
  })

  test('no lenient reader finds a URL that was not put in', () => {
    const ugly = fc.string({
      unit: fc.constantFrom(
        ...[
          'response_url',
          'RESPONSE.url',
          'responseUrl',
          'response',
          '_url',
          '[]',
          '[',
          'duration',
          '=',
          '&',
          ';',
          '?',
          '%',
          '25',
          '%20',
        ],
        ...['%5F', '+', 'https://', 'https%3A', 'a', '%C5%BF', 'u017F'],
      ),
      maxLength: 15,
    })
    fc.assert(
      fc.property(ugly, (query) => {
        const replaced = replaceAll(query, HUB)
        if (findResponseUrls(query).length === 0) expect(replaced).toBe(query)
        for (const read of [queryLikeGo, queryLikePhp, queryLikeDotNet]) {
          for (const url of read(replaced, 'response_url')) expect(['', HUB]).toContain(url)
        }
        expect(replaceAll(replaced, HUB)).toBe(replaced)
      }),
      { numRuns: 5000 },
    )
  })
})
