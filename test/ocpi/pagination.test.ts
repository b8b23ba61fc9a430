import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { header } from '../../src/ocpi/headers.ts'
import { findLink } from '../../src/ocpi/link.ts'
import { type PageRequest, pageHeaders, parsePageRequest, takePage } from '../../src/ocpi/pagination.ts'

const limits = { defaultLimit: 50, maxLimit: 100 }
const url = 'https://hub.example/ocpi/2.2.1/hubclientinfo'

function read(query: string): PageRequest {
  const page = parsePageRequest(query, limits)
  if (page.kind === 'problem') throw new Error(page.detail)
  return page
}

describe('transport_and_format: Paginated Request', () => {
  test('parameters left out or empty have their defaults', () => {
    const page = { kind: 'page', offset: 0, limit: 50, dateFrom: null, dateTo: null }
    for (const query of ['', '?', '?offset=&limit=&date_from=&date_to=', '?x=1']) expect(read(query)).toEqual(page)
  })

  test('all are read, encoded or not, with or without Z', () => {
    expect(read('?offset=150&limit=20&date_from=2019-01-28T12%3A00%3A00&date_to=2019-01-29T12:00:00.5Z')).toEqual({
      kind: 'page',
      offset: 150,
      limit: 20,
      dateFrom: Date.parse('2019-01-28T12:00:00Z'),
      dateTo: Date.parse('2019-01-29T12:00:00.500Z'),
    })
  })

  test('a server may give fewer objects than the limit asks for', () => {
    expect(read('limit=100000').limit).toBe(100)
    expect(parsePageRequest('', { defaultLimit: 50, maxLimit: 20 })).toMatchObject({ limit: 20 })
  })

  test.each([
    ['?offset=-1', 'offset: expected an integer of 0 or more, got "-1"'],
    ['?offset=1e3', 'offset: expected an integer of 0 or more, got "1e3"'],
    ['?offset=9999999999999999', 'offset: expected an integer of 0 or more, got "9999999999999999"'],
    ['?limit=0', 'limit: expected an integer of 1 or more, got "0"'],
    ['?limit=1.5', 'limit: expected an integer of 1 or more, got "1.5"'],
    ['?limit=ten', 'limit: expected an integer of 1 or more, got "ten"'],
    ['?date_from=yesterday', 'date_from: expected a DateTime, got "yesterday"'],
    ['?date_to=2019-02-30T00:00:00Z', 'date_to: expected a DateTime, got "2019-02-30T00:00:00Z"'],
  ])('a bad value is named: %s', (query, detail) => {
    expect(parsePageRequest(query, limits)).toEqual({ kind: 'problem', detail })
  })
})

describe('transport_and_format: Paginated Response', () => {
  test('date_from is inclusive, date_to exclusive, and the total counts what matches', () => {
    const page = { ...read(''), dateFrom: 2, dateTo: 4, limit: 1 }
    expect(takePage([1, 2, 3, 4, 5], page, (at) => at)).toEqual({ items: [2], total: 2 })
    expect(takePage([1, 2, 3, 4, 5], { ...page, dateTo: null, limit: 9 }, (at) => at).items).toEqual([2, 3, 4, 5])
    expect(takePage([1, 2, 3, 4, 5], { ...page, dateFrom: null, limit: 9 }, (at) => at).items).toEqual([1, 2, 3])
  })

  test('the last page has no next link', () => {
    const of = { url, query: '?offset=50', page: read('?offset=50'), limits }
    expect(pageHeaders({ ...of, total: 100 })).toEqual(['X-Total-Count', '100', 'X-Limit', '100'])
    expect(pageHeaders({ ...of, total: 101 })).toEqual([
      ...['X-Total-Count', '101', 'X-Limit', '100'],
      ...['Link', `<${url}?offset=100&limit=50>; rel="next"`],
    ])
  })

  test('the next link has the filters of the request, byte for byte', () => {
    const query = '?date_from=2019-01-28T12%3a00:00&limit=10&x=%2F+é&offset=5&offsets=1'
    expect(header(pageHeaders({ url, query, page: read(query), total: 99, limits }), 'link')).toBe(
      `<${url}?date_from=2019-01-28T12%3a00:00&x=%2F+é&offsets=1&offset=15&limit=10>; rel="next"`,
    )
  })

  test('following the links crawls every object once, whatever else is in the query', () => {
    const ugly = fc
      .string({ unit: fc.constantFrom('a', '=', '&', '>', '<', '"', ';', ',', '%3E', ' '), maxLength: 8 })
      .map((text) => `x${text}`)
    fc.assert(
      fc.property(fc.nat(250), fc.option(fc.integer({ min: 1, max: 130 })), ugly, (count, limit, extra) => {
        const items = [...Array(count).keys()]
        const crawled: number[] = []
        let query: string | undefined = limit === null ? `?${extra}` : `?limit=${limit}&${extra}`
        while (query !== undefined) {
          const page = read(query)
          const taken = takePage(items, page, (at) => at)
          crawled.push(...taken.items)
          const link = header(pageHeaders({ url, query, page, total: taken.total, limits }), 'link')
          query = link && (findLink([link], 'next') as string).slice(url.length)
        }
        expect(crawled).toEqual(items)
      }),
    )
  })
})
