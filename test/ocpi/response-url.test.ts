import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findResponseUrl, replaceResponseUrl } from '../../src/ocpi/response-url.ts'

const HUB = 'https://hub.example/ocpi/via/abc?x=1&y=2'
const HUB_ENCODED = 'https%3A%2F%2Fhub.example%2Focpi%2Fvia%2Fabc%3Fx%3D1%26y%3D2'
const RAW = 'https://www.msp.com/ocpi/2.2.1/chargingprofile/response?request_id=5678'

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
    // Twice: no reader finds an old one.
    [
      '?response_url=https%3A%2F%2Fa&x=1&response_url=https%3A%2F%2Fb&y',
      'https://a',
      `?response_url=${HUB_ENCODED}&x=1&response_url=${HUB_ENCODED}&y`,
    ],
    [`response_url=${RAW}`, RAW, `response_url=${HUB_ENCODED}`],
  ])('%s', (query, url, replaced) => {
    expect(findResponseUrl(query)?.url).toBe(url)
    expect(replaceResponseUrl(query, HUB)).toBe(replaced)
  })

  test.each([
    '',
    '?',
    '?duration=900',
    '?response_url',
    '?xresponse_url=https://a',
    '?Response_url=https://a',
    '?x=response_url=1',
    '?&&',
  ])('there is none in %j', (query) => {
    expect(findResponseUrl(query)).toBe(null)
    expect(replaceResponseUrl(query, HUB)).toBe(query)
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
          expect(findResponseUrl(query(url))?.url).toBe(url)
          expect(replaceResponseUrl(query(url), newUrl)).toBe(query(newUrl))
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
        const found = findResponseUrl(query(url))
        expect(found?.url).toBe(url)
        expect(query(url).slice(found?.start, found?.end)).toBe(url)
        expect(replaceResponseUrl(query(url), newUrl)).toBe(query(encoded(newUrl)))
      }),
    )
  })

  test('any query is read, and what was put in is found again', () => {
    const ugly = fc.string({
      unit: fc.constantFrom('response_url', 'duration', '=', '&', '?', '%', '25', 'https://', 'https%3A', 'a'),
      maxLength: 15,
    })
    fc.assert(
      fc.property(ugly, (query) => {
        const replaced = replaceResponseUrl(query, HUB)
        if (findResponseUrl(query) === null) expect(replaced).toBe(query)
        else expect(findResponseUrl(replaced)?.url).toBe(HUB)
        expect(replaceResponseUrl(replaced, HUB)).toBe(replaced)
      }),
      { numRuns: 2000 },
    )
  })
})
