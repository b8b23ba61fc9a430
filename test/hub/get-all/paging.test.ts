import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { html } from '../../support/misbehave.ts'
import { type PagingStyle, servePages } from '../../support/paging.ts'
import type { Partner } from '../../support/partner.ts'
import { type CallAnswer, createPartnerClient } from '../../support/partner-client.ts'
import { type Listed, locationsOf } from './lists.ts'

// Sources as they are found in the field. The yardstick: GET All gives at least what following a source's own links gives.

const EMSP = { country_code: 'NL', party_id: 'MSP', role: 'EMSP' as const }
const AAA = { country_code: 'NL', party_id: 'AAA', role: 'CPO' as const }
const ODD = { country_code: 'NL', party_id: 'ODD', role: 'CPO' as const }
const ZZZ = { country_code: 'NL', party_id: 'ZZZ', role: 'CPO' as const }

let hub: TestHub
let emsp: Partner
const client = createPartnerClient()

beforeAll(async () => {
  hub = await startTestHub({ FAN_OUTS_PER_MINUTE: '0' })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  // One that pages by the book before the odd one and one behind it: of neither may anything move.
  for (const party of [AAA, ZZZ]) {
    servePages(await hub.join({ name: party.party_id, parties: [party] }), 'locations', () => locationsOf(party, 3))
  }
})
afterAll(async () => {
  await client.close()
  await hub.close()
})

function ids(text: string): string[] {
  const { data } = text.startsWith('{') ? (JSON.parse(text) as { data?: Listed[] | null }) : {}
  return data?.map(({ id }) => id) ?? []
}
const names = ({ data }: CallAnswer) =>
  ((data ?? []) as Listed[]).map(({ party_id, id }) => `${String(party_id)}/${id}`)

/** Reads a source as a client does that knows only its links. */
async function readDirectly(source: Partner, { isLatin1 }: PagingStyle): Promise<string[]> {
  const headers = ['Authorization', `Token ${btoa(source.tokenForHub() as string)}`]
  const seen: string[] = []
  for (let url: string | null = source.endpointUrl('locations', 'SENDER'), pages = 0; url && pages < 100; pages++) {
    const answer: CallAnswer = await client.send({ method: 'GET', url, headers, body: null })
    seen.push(...ids(answer.bytes.toString(isLatin1 ? 'latin1' : 'utf8')))
    url = answer.next?.startsWith('http') ? answer.next : null
  }
  return seen
}

/** What a page says beside its success. */
function saidBeside({ envelope }: CallAnswer): string[] {
  const said = envelope?.status_message
  return said === undefined || said === 'Success' ? [] : [said]
}

async function crawl(limit: number): Promise<{ pages: CallAnswer[]; seen: string[]; words: string[] }> {
  const pages = [await emsp.call('locations', 'SENDER', { query: `?limit=${limit}` })]
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next ?? null) pages.push(await emsp.callUrl(next))
  const words = pages.flatMap((page) => (page.statusCode === 1000 ? saidBeside(page) : 'failed'))
  return { pages, seen: pages.flatMap(names), words }
}

async function withSource(run: (source: Partner) => Promise<void>): Promise<void> {
  const source = await hub.join({ name: 'odd', parties: [ODD] }, { parties: [ODD] })
  try {
    await run(source)
  } finally {
    await hub.admin('DELETE', `/platforms/${source.platformId}`)
    await source.close()
  }
}

/** A page behind a cursor, the last one. */
function servedBehind(query: string, all: readonly string[]): string {
  const cursor = new URLSearchParams(query).get('cursor') ?? ''
  const start = Number(Buffer.from(cursor, 'base64url').toString())
  return `{"status_code":1000,"data":[${all.slice(start).join(',')}],"timestamp":"2026-01-01T00:00:00Z"}`
}

const around = (odd: readonly string[]) => [
  ...[0, 1, 2].map((i) => `AAA/LOC${i}`),
  ...odd.map((id) => `ODD/${id}`),
  ...[0, 1, 2].map((i) => `ZZZ/LOC${i}`),
]

/** Styles that say all that there is to know, or of which it can be found out: nothing is missing and nothing repeated. */
const STYLES: Record<string, PagingStyle> = {
  'by the book': { links: 'offset' },
  'by the book, 20 at most': { links: 'offset', ownLimit: 20 },
  'no links': {},
  'no links and no total, 20 at most': { total: 'none', ownLimit: 20 },
  'links and no total': { links: 'offset', total: 'none', ownLimit: 20 },
  'always 20, no links and no total': { ignoresLimit: true, ownLimit: 20, total: 'none' },
  'always 20, page total, no links': { ignoresLimit: true, ownLimit: 20, total: 'page' },
  'always 20, a total of pages, no links': { ignoresLimit: true, ownLimit: 20, total: { says: '6' } },
  'always 20, links and page total': { ignoresLimit: true, ownLimit: 20, total: 'page', links: 'offset' },
  'all at once': { knowsNoPaging: true },
  'all at once, with a total of more': { knowsNoPaging: true, total: { says: '1000' } },
  'a total that is the size of the page': { links: 'offset', total: 'page' },
  'a total that is the size of the page, no links': { total: 'page' },
  'a total that is the size of the page, no links, no offset': { total: 'page', ignoresOffset: true },
  'a total of 0': { links: 'offset', total: { says: '0' } },
  'a total of 0, no links': { total: { says: '0' } },
  'a total of too many': { links: 'offset', total: { says: '5000' } },
  'an opaque cursor': { links: 'cursor', ignoresOffset: true },
  'an opaque cursor, 20 at most': { links: 'cursor', ignoresOffset: true, ownLimit: 20 },
  'an opaque cursor, no total': { links: 'cursor', ignoresOffset: true, total: 'none', ownLimit: 20 },
  'an opaque cursor, page total': { links: 'cursor', ignoresOffset: true, total: 'page' },
  'page numbers in offset': { links: 'page-number', ownLimit: 20 },
  'a next link on the last page too': { links: 'always' },
  'data: null past the end': { pastEnd: 'null', total: 'none', ownLimit: 20 },
  'no data past the end': { pastEnd: 'no-data', total: 'none', ownLimit: 20 },
  '204 past the end': { pastEnd: '204', total: 'none', ownLimit: 20 },
  '404 past the end': { pastEnd: '404', total: 'none', ownLimit: 20 },
  'a page of HTML with 404 past the end': { pastEnd: '404-html', links: 'always', ownLimit: 20 },
  '2001 past the end': { pastEnd: '2001', total: 'page', ownLimit: 20 },
  'ISO-8859-1': { isLatin1: true, links: 'offset' },
  'no status code': { hasNoStatusCode: true, links: 'offset' },
  'pages with holes': { links: 'offset', ownLimit: 20, hides: (object) => /LOC\d*[37]"/.test(object) },
  'pages with holes, no total': {
    links: 'offset',
    total: 'none',
    ownLimit: 20,
    hides: (object) => /LOC[3-9]\d"/.test(object),
  },
}

describe('Transport and format: Pagination, GET All of sources as they are', () => {
  it.each(Object.entries(STYLES))('%s: gives all that following its links gives, once', async (_, style) => {
    await withSource(async (source) => {
      for (const count of [0, 1, 2, 25, 120]) {
        const undo = servePages(source, 'locations', () => locationsOf(ODD, count, 'LOC\u00e9'), style)
        const directly = await readDirectly(source, style)
        const shown = locationsOf(ODD, count, 'LOC\u00e9').filter((object) => !style.hides?.(object))
        for (const limit of [7, 100]) {
          const { seen, words, pages } = await crawl(limit)
          const due = around(shown.map((object) => (JSON.parse(object) as Listed).id))
          expect({ count, limit, words, seen }).toEqual({ count, limit, words: [], seen: due })
          expect(due).toEqual(expect.arrayContaining(directly.map((id) => `ODD/${id}`)))
          for (const page of pages) expect((page.data as Listed[]).length).toBeLessThanOrEqual(limit)
        }
        undo()
      }
    })
  })
})

/** Styles that hide how much there is, at least until a list was read once. */
const UNSURE: Record<string, PagingStyle> = {
  'a total of too few': { links: 'offset', total: { says: '10' } },
  'a total of too few, an opaque cursor': { links: 'cursor', ignoresOffset: true, total: { says: '10' } },
  'a next link on every page, no total': { links: 'always', total: 'none' },
  'next links in a circle': { links: 'round', ownLimit: 20 },
  'next links in a circle, no total': { links: 'round', total: 'none', ownLimit: 20 },
  'next links in a circle, no total, always 20': { links: 'round', total: 'none', ignoresLimit: true, ownLimit: 20 },
  'a next link that nobody may call': { links: 'nowhere', ignoresOffset: true, ownLimit: 20 },
  'a total of more than it gives for any offset, no links': { ignoresOffset: true, ownLimit: 20 },
  '404 before its end': { pastEnd: '404', total: { says: '1000' }, ownLimit: 20 },
}

describe('Transport and format: Pagination, GET All of sources that contradict themselves', () => {
  it.each(Object.entries(UNSURE))('%s: gives as much as its links do, or says that it does not', async (_, style) => {
    await withSource(async (source) => {
      for (const count of [1, 25, 120]) {
        const undo = servePages(source, 'locations', () => locationsOf(ODD, count), style)
        // Along a circle for many rounds.
        const directly = [...new Set(await readDirectly(source, style))]
        for (const limit of [7, 100]) {
          const { seen, words } = await crawl(limit)
          expect(new Set(seen).size).toBe(seen.length)
          expect(seen).toEqual(expect.arrayContaining(around([])))
          const lacks = directly.some((id) => !seen.includes(`ODD/${id}`))
          if (lacks)
            expect({ count, limit, words: words.join() }).toMatchObject({ words: expect.stringContaining('NL-ODD') })
        }
        undo()
      }
    })
  })

  it('a total of too few: is counted by reading from the page on that shows it', async () => {
    await withSource(async (source) => {
      servePages(source, 'locations', () => locationsOf(ODD, 25), { links: 'offset', total: { says: '10' } })
      const due = around(locationsOf(ODD, 25).map((object) => (JSON.parse(object) as Listed).id))
      const first = await crawl(100)
      expect(first).toMatchObject({ seen: due, words: [] })
      expect(first.pages[0]?.header('x-total-count')).toBe('31')
      expect(await crawl(7)).toMatchObject({ seen: due, words: [] })
    })
  })

  it('a next link that nobody may call: says that the rest is missing', async () => {
    await withSource(async (source) => {
      servePages(source, 'locations', () => locationsOf(ODD, 50), {
        links: 'nowhere',
        ignoresOffset: true,
        ownLimit: 20,
      })
      const { seen, words } = await crawl(100)
      expect(seen).toHaveLength(26)
      expect(words).toEqual(['Incomplete, without NL-ODD: its next link leads nowhere that the hub may go'])
    })
  })

  it('next links in a circle: gives the list once, and asks for no more than a round of it', async () => {
    await withSource(async (source) => {
      servePages(source, 'locations', () => locationsOf(ODD, 50), { links: 'round', total: 'none', ownLimit: 20 })
      source.requests.length = 0
      const { seen, words } = await crawl(100)
      expect(seen).toEqual(around(locationsOf(ODD, 50).map((object) => (JSON.parse(object) as Listed).id)))
      expect(words).toEqual(['Incomplete, without NL-ODD: its next links lead in a circle'])
      expect(source.requests.length).toBeLessThan(12)
    })
  })

  it('a cursor at another address: is followed there, and by no other platform once the party has moved', async () => {
    await withSource(async (source) => {
      const linkUrl = `${source.origin}/elsewhere`
      const style: PagingStyle = { links: 'cursor', ignoresOffset: true, linkUrl }
      const list = () => locationsOf(ODD, 12)
      servePages(source, 'locations', list, style)
      // Behind its own address as at its endpoint.
      source.onRequest((request) =>
        request.path === '/elsewhere'
          ? { body: servedBehind(request.query, locationsOf(ODD, 12)), headers: ['X-Total-Count', '12'] }
          : 'pass',
      )
      expect((await crawl(7)).seen).toHaveLength(18)
      const first = await emsp.call('locations', 'SENDER', { query: '?limit=7' })
      const other = await hub.join({ name: 'other', parties: [{ ...ODD, party_id: 'OTH' }] })
      servePages(other, 'locations', list, { ...style, linkUrl: `${other.origin}/nowhere` })
      const moved = await hub.admin('POST', '/parties/NL/ODD/move', { platform_id: other.platformId })
      expect(moved.status).toBe(200)
      source.requests.length = 0
      await emsp.callUrl((first.next as string).replace('limit=7', 'limit=6'))
      expect(source.requests.filter(({ path }) => path === '/elsewhere')).toEqual([])
      await hub.admin('DELETE', `/platforms/${other.platformId}`)
      await other.close()
    })
  })

  it('trouble with every page in mid-list: fails, rather than take 404 for the end', async () => {
    await withSource(async (source) => {
      servePages(source, 'locations', () => locationsOf(ODD, 25), { links: 'offset' })
      const first = await emsp.call('locations', 'SENDER', { query: '?limit=10' })
      const undo = source.on('locations', 'SENDER', html(404))
      const next = new URL(first.next as string)
      // Not the page that was read ahead.
      next.searchParams.set('limit', '9')
      const failed = await emsp.callUrl(next.href)
      expect(failed.statusCode).toBe(4003)
      expect(failed.envelope?.status_message).toContain('NL-ODD')
      undo()
      expect(names(await emsp.callUrl(next.href))).toContain('ODD/LOC7')
    })
  })
})

describe('Transport and format: Pagination, GET All of lists that change while they are read', () => {
  /** Crawls with pages of 5 and changes the list behind the first page that holds objects of it. */
  async function crawlThrough(
    before: readonly string[],
    after: readonly string[],
    style: PagingStyle,
  ): Promise<string[]> {
    let list = before
    let seen: string[] = []
    await withSource(async (source) => {
      servePages(source, 'locations', () => list.map((id) => locationOf(id)), style)
      const pages = [await emsp.call('locations', 'SENDER', { query: '?limit=5' })]
      list = after
      for (let next = pages[0]?.next; next; next = pages.at(-1)?.next ?? null) {
        // Another limit: not the page that was read ahead.
        const url = new URL(next)
        url.searchParams.set('limit', '6')
        pages.push(await emsp.callUrl(url.href))
      }
      seen = pages.flatMap(names)
      for (const page of pages) expect(saidBeside(page)).toEqual([])
    })
    return seen
  }

  const locationOf = (id: string) => `{"country_code":"NL","party_id":"ODD","id":"${id}","name":"\u00e9"}`
  const letters = [...'abcdefghijkl']

  it.each([
    ['with links', { links: 'offset' }],
    ['without links', {}],
    ['given whole each time', { knowsNoPaging: true }],
  ] as [string, PagingStyle][])(
    'newest first, %s: what is new waits, nothing is lost or repeated',
    async (_, style) => {
      expect(await crawlThrough(letters, ['z', 'y', 'x', ...letters], style)).toEqual(around(letters))
    },
  )

  it.each([
    ['with links', { links: 'offset' }],
    ['given whole each time', { knowsNoPaging: true }],
  ] as [string, PagingStyle][])(
    'oldest first, %s: what is new waits, nothing is lost or repeated',
    async (_, style) => {
      expect(await crawlThrough(letters, [...letters, 'x', 'y', 'z'], style)).toEqual(around(letters))
    },
  )

  it('an object that moves to the front takes none of the others with it', async () => {
    const moved = ['l', ...letters.filter((letter) => letter !== 'l')]
    const seen = await crawlThrough(letters, moved, { links: 'offset' })
    expect([...seen].sort()).toEqual(expect.arrayContaining(around(letters.slice(0, -1))))
  })
})

describe('Transport and format: GET All, objects of others', () => {
  it('objects of owners that nobody registered are left out, said in status_message, and not counted', async () => {
    await withSource(async (source) => {
      const own = locationsOf(ODD, 12)
      const foreign = locationsOf({ country_code: 'DE', party_id: 'XYZ' }, 8, 'FOREIGN')
      const mixed = own.flatMap((object, i) => [object, ...foreign.slice(i, i < 8 ? i + 1 : i)])
      servePages(source, 'locations', () => mixed, { links: 'offset' })
      const due = around(locationsOf(ODD, 12).map((object) => (JSON.parse(object) as Listed).id))
      for (const limit of [100, 4, 7]) {
        const { seen, pages } = await crawl(limit)
        expect(seen).toEqual(due)
        for (const page of pages) {
          expect(page.header('x-total-count')).toBe('18')
          expect(page.envelope?.status_message).toBe('Left out: NL-ODD: 8 objects of other parties')
        }
      }
    })
  })

  it('says so of a list that holds nothing else', async () => {
    await withSource(async (source) => {
      servePages(source, 'locations', () => locationsOf({ country_code: 'DE', party_id: 'XYZ' }, 1))
      const { seen, pages } = await crawl(100)
      expect(seen).toEqual(around([]))
      expect(pages[0]?.header('x-total-count')).toBe('6')
      expect(pages[0]?.envelope?.status_message).toBe('Left out: NL-ODD: 1 object of other parties')
    })
  })
})
