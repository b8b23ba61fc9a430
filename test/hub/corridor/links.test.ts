// Rules: Link and Location, however the partner writes them [transport_and_format: Pagination; mod_cdrs: POST Method; RFC 8288].
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { linksByHand, linksLikeRequests } from '../../support/lenient-readers.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const PATH = '/srv/sender/locations'

let hub: TestHub
let cpo: Partner
let emsp: Partner
/** As bytes, beside which headers go out as the bytes they are. */
const EMPTY_LIST = Buffer.from('{"data":[],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}')
/** What the CPO puts into the Link headers of its lists. */
let links: readonly string[] = []
beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join([CPO])
  emsp = await join([EMSP])
  cpo.on('locations', 'SENDER', () => ({ headers: links.flatMap((link) => ['Link', link]), body: EMPTY_LIST }))
  cpo.onRequest(({ path }) => (/^\/(?:pages|a)/.test(path) ? { data: ['page'] } : 'pass'))
})
afterAll(() => hub.close())
beforeEach(() => {
  cpo.requests.length = emsp.requests.length = 0
})

/** A platform to which the hub itself pushes nothing. */
function join(parties: readonly WireParty[]): Promise<Partner> {
  return hub.join({ name: parties[0]?.party_id ?? '', parties, modules: routedModules(parties) })
}

function last(partner: Partner): RecordedRequest {
  return partner.requests.at(-1) as RecordedRequest
}

/** The Link headers of the hub's answer to a list whose owner sends these. */
async function listWith(...given: string[]): Promise<string[]> {
  links = given
  const { headers } = await emsp.call('locations', 'SENDER', { to: CPO })
  links = []
  return headers.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'link')
}

/** The URL of the hub's one link; fails where the hub writes anything beside it. */
function urlOf([link = '', ...more]: readonly string[]): string {
  expect(more).toEqual([])
  const [, url = ''] = /^<([^<>]+)>; rel="next"$/.exec(link) ?? []
  expect(url.startsWith(`${hub.url}/ocpi/`)).toBe(true)
  return url
}

describe('the Link to the next page is written anew', () => {
  const spellings: [string, (target: string) => string][] = [
    [
      'with a title in which a link seems to stand',
      (to) => `<${to}>; title=", <https://evil.example/>; rel=next"; rel="next"`,
    ],
    ['among others', (to) => `<https://docs.example/>; rel="help", <${to}>; rel="next", <${to}0>; rel="last"`],
    ['in single quotes', (to) => `<${to}>; rel='next'`],
    ['in quotes of a word processor', (to) => `<${to}>; rel=\u00e2\u0080\u009cnext\u00e2\u0080\u009d`],
    ['in quotes of HTML', (to) => `<${to}>; rel=&quot;next&quot;`],
    ['in a quote that nothing closes', (to) => `<${to}>; rel="next`],
    ['without a semicolon', (to) => `<${to}> rel=next`],
    ['without brackets', (to) => `${to}; rel="next"`],
    ['without rel', (to) => `<${to}>; next`],
  ]
  test.each(spellings)('%s: one link, led, and nothing of the partner’s', async (_, spell) => {
    const url = urlOf(await listWith(spell(`${cpo.origin}${PATH}?offset=50&limit=50`)))
    expect(url.endsWith('?offset=50&limit=50')).toBe(true)
    expect((await emsp.callUrl(url)).statusCode).toBe(1000)
    expect(last(cpo).target).toBe(`${PATH}?offset=50&limit=50`)
  })

  test('of two headers the first next link counts; first, prev, last and others are dropped', async () => {
    const link = (rel: string, offset: number) => `<${cpo.origin}${PATH}?offset=${offset}>; rel="${rel}"`
    const url = urlOf(
      await listWith(link('prev', 0), `${link('first', 0)}, ${link('next', 9)}`, link('next', 99), link('last', 7)),
    )
    expect(url.endsWith('?offset=9')).toBe(true)
    expect(await listWith(link('prev', 0), link('first', 0), link('last', 7), link('help', 1))).toEqual([])
  })

  test('of an answer that streams by, too', async () => {
    links = [`<${PATH}?offset=5>; rel=next; title="x"`]
    const undo = cpo.on('locations', 'SENDER', () => ({
      headers: ['Link', links[0] as string],
      data: ['x'.repeat(2 * 1024 * 1024)],
    }))
    const { headers } = await emsp.call('locations', 'SENDER', { to: CPO })
    undo()
    expect(urlOf(headers.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'link'))).toContain(
      '/ocpi/next/',
    )
  })

  test('whatever the partner sends, no lenient reader finds another page than the hub’s', async () => {
    const piece = fc.constantFrom(
      ...[
        '<',
        '>',
        '"',
        "'",
        '\\',
        ',',
        ';',
        '=',
        ' ',
        '?',
        '&',
        'rel',
        'next',
        'prev',
        'title',
        'x',
        '\u00e9',
        '%2C',
        ', <',
      ],
      ...['https://evil.example/1', PATH, '?offset=5', 'rel="next"', '; rel=next', 'anchor='],
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const sent = await listWith(pieces.join(''), `<${PATH}?q=${pieces.join('')}>; rel="next"`)
        for (const read of [linksLikeRequests, linksByHand]) {
          for (const url of read(sent.join(', '))) expect(url).toMatch(new RegExp(`^${hub.url}/ocpi/(?:next|via)/`))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the query of a next page', () => {
  test.each([
    ['a comma and a URL behind it', '?offset=5&x=1,https://evil.example/&limit=2'],
    ['a semicolon', '?offset=5&limit=2&a;b'],
    ['brackets and quotes', '?offset=5&limit=2&f=<a>"\'[]{}|^`'.replace('>', '')],
  ])('with %s is not shown, and reaches the owner byte for byte', async (_, query) => {
    for (const path of [PATH, '/pages/1']) {
      const url = urlOf(await listWith(`<${cpo.origin}${path}${query}>; rel="next"`))
      expect(new URL(url).search).toBe('?offset=5&limit=2')
      expect((await emsp.callUrl(url)).statusCode).toBe(1000)
      expect(last(cpo).target).toBe(path + query)
    }
  })

  test('on the announced path of whatever host still leads to the announced one when it must be stored', async () => {
    const url = urlOf(await listWith(`<http://internal.example${PATH}?offset=5&a;b>; rel="next"`))
    expect((await emsp.callUrl(url)).statusCode).toBe(1000)
    expect(last(cpo).target).toBe(`${PATH}?offset=5&a;b`)
  })
})

describe('neither length nor spelling takes a URL away', () => {
  const odd: [string, string, string][] = [
    [
      'longer than 255 characters',
      `/pages/${'x'.repeat(400)}?cursor=${'y'.repeat(2000)}`,
      `/pages/${'x'.repeat(400)}?cursor=${'y'.repeat(2000)}`,
    ],
    ['with blanks', '/pages/my page?name=a b', '/pages/my%20page?name=a%20b'],
    ['with an umlaut in UTF-8', '/pages/\u00c3\u00bc?name=\u00c3\u00bc', '/pages/%c3%bc?name=%c3%bc'],
    ['with an umlaut in ISO-8859-1', '/pages/\u00fc', '/pages/%fc'],
    ['with a backslash', '/pages\\1?a\\b', '/pages%5C1?a\\b'],
    ['with a fragment', '/pages/1#here', '/pages/1'],
  ]
  test.each(odd)('a next link %s is led', async (_, target, reached) => {
    for (const given of [target, cpo.origin + target]) {
      const url = urlOf(await listWith(`<${given}>; rel="next"`))
      expect((await emsp.callUrl(url)).data).toEqual(['page'])
      expect(last(cpo).target).toBe(reached)
    }
  })

  test.each(odd)('a Location %s is led, in 255 characters', async (_, target, reached) => {
    const undo = emsp.onRequest(({ method, path }) => {
      if (method === 'POST') return { status: 201, headers: ['Location', target], body: EMPTY_LIST }
      return path.startsWith('/pages') ? { data: { id: 'C1' } } : 'pass'
    })
    const posted = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'C1' } })
    const location = posted.header('location') as string
    expect(location.startsWith(`${hub.url}/ocpi/via/`)).toBe(true)
    expect(location.length).toBeLessThanOrEqual(255)
    expect((await cpo.callUrl(location)).data).toEqual({ id: 'C1' })
    expect(last(emsp).target).toBe(reached)
    undo()
  })

  test.each(['ftp://cpo.example/', 'https://user:secret@cpo.example/', 'https://cpo .example/'])(
    'what leads nowhere the hub may go is dropped: %s',
    async (target) => expect(await listWith(`<${target}>; rel="next"`)).toEqual([]),
  )
})

describe('a URL of the hub with a slash at its end', () => {
  const followed = async (url: string): Promise<CallAnswer> => {
    const [path = '', query] = url.split('?')
    return emsp.callUrl(`${path}/${query === undefined ? '' : `?${query}`}`)
  }

  test.each([PATH, `${PATH}/`, '/pages/1', '/pages/1/'])('leads to the same next page, %s', async (path) => {
    const url = urlOf(await listWith(`<${cpo.origin}${path}?offset=5>; rel="next"`))
    for (const answer of [await emsp.callUrl(url), await followed(url)]) {
      expect(answer.statusCode).toBe(1000)
      expect(last(cpo).target).toBe(`${path}?offset=5`)
    }
  })

  test('leads to the same list of all', async () => {
    const undo = cpo.on('locations', 'SENDER', () => ({
      headers: ['X-Total-Count', '2', 'X-Limit', '10'],
      data: ['1', '2'].map((id) => ({ id, country_code: 'NL', party_id: 'CPO' })),
    }))
    const { next } = await emsp.call('locations', 'SENDER', {
      to: { country_code: 'NL', party_id: 'HUB' },
      query: '?limit=1',
    })
    const answer = await followed(next as string)
    undo()
    expect([answer.statusCode, answer.data]).toEqual([1000, [{ id: '2', country_code: 'NL', party_id: 'CPO' }]])
  })

  test('leads to the same Location and response_url', async () => {
    const undo = emsp.onRequest(({ method, path }) => {
      if (path.startsWith('/results') || path === '/pages/C1') return {}
      return method === 'POST' ? { status: 201, headers: ['Location', '/pages/C1'] } : 'pass'
    })
    const posted = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'C1' } })
    expect((await cpo.callUrl(`${posted.header('location')}/`)).statusCode).toBe(1000)
    expect(last(emsp).target).toBe('/pages/C1')
    const body = { response_url: `${emsp.origin}/results/1` }
    await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/STOP_SESSION', to: CPO, body })
    const { response_url } = last(cpo).json() as typeof body
    expect((await cpo.callUrl(`${response_url}/`, { method: 'POST', body: { result: 'ACCEPTED' } })).statusCode).toBe(
      1000,
    )
    expect(last(emsp).target).toBe('/results/1')
    undo()
  })
})
