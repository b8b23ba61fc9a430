// Whatever a reader makes of what a hostile partner sends: the honest one's token reaches the hub alone, and it reads as ever.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import {
  bodyLikeC,
  bodyLikeDotNet,
  bodyLikeGo,
  linksByHand,
  linksLikeRequests,
  queryLikeDotNet,
  queryLikeGo,
  queryLikePhp,
} from '../support/lenient-readers.ts'
import type { WireParty } from '../support/partner.ts'
import type { CallAnswer } from '../support/partner-client.ts'
import type { RecordedRequest } from '../support/partner-server.ts'
import { CPO, EMSP, HUB, type Joined, openStage, type Stage } from './stage.ts'

const HOSTILE = { country_code: 'BE', party_id: 'BAD' } as const
const PAGES = 4

let stage: Stage<TestHub>
let hostile: Joined
const undo: (() => unknown)[] = []
beforeAll(async () => {
  stage = await openStage()
  hostile = await stage.intrude([
    { ...HOSTILE, role: 'CPO' },
    { ...HOSTILE, role: 'EMSP' },
  ])
  stage.cpo.on('locations', 'SENDER', ({ query }) => {
    const offset = Number(new URLSearchParams(query).get('offset') ?? 0)
    const own = stage.cpo.endpointUrl('locations', 'SENDER')
    const link = ['Link', `<${own}?offset=${offset + 1}&limit=1>; rel="next"`]
    const headers = ['X-Total-Count', String(PAGES), 'X-Limit', '1', ...(offset + 1 < PAGES ? link : [])]
    return { data: [{ id: `LOC${offset}`, country_code: 'NL', party_id: 'CPO' }], headers }
  })
})
afterEach(() => {
  for (const each of undo.splice(0)) each()
  hostile.requests.length = 0
})
afterAll(() => stage.hub.close())

/** What a program finds that follows every page link that some reader sees, with its own token: the IDs, and the turns it took. */
async function crawl(to: Pick<WireParty, 'country_code' | 'party_id'>) {
  const seen = new Set<string>()
  const ids: string[] = []
  const follow = async (answer: CallAnswer): Promise<void> => {
    for (const { id } of Array.isArray(answer.data) ? (answer.data as { id: string }[]) : []) ids.push(id)
    const values = answer.headers.filter((_, i, all) => i % 2 === 1 && /link|location|refresh/i.test(all[i - 1] ?? ''))
    const urls = new Set(values.flatMap((value) => [...linksLikeRequests(value), ...linksByHand(value)]))
    for (const url of urls) {
      if (!/^https?:/.test(url) || seen.has(url)) continue
      seen.add(url)
      if (seen.size < 50) await follow(await stage.emsp.callUrl(url))
    }
  }
  await follow(await stage.emsp.call('locations', 'SENDER', { to }))
  return { ids, turns: seen.size + 1 }
}

/** Whoever called the hostile one was the hub: nobody else's token came there. */
function hearsOfTheHubAlone(): void {
  const expected = `Token ${Buffer.from(hostile.tokenForHub() as string).toString('base64')}`
  for (const request of [...hostile.requests, ...hostile.told]) expect(request.header('authorization')).toBe(expected)
}

const steal = () => `${hostile.origin}/steal`
test.each<[string, () => string[]]>([
  ['two relations', () => ['Link', `<${steal()}>; rel=foo; rel=next`]],
  ['a title that looks like one', () => ['Link', `<${steal()}>; title="a;rel=next"`]],
  ['a title that holds another link', () => ['Link', `<x>; title=", <${steal()}>; rel=next"; rel=prev`]],
  ['single quotes', () => ['Link', `<${steal()}>; rel='next'`]],
  ['an extended parameter', () => ['Link', `<${steal()}>; rel*=UTF-8''next`]],
  ['a link within a link', () => ['Link', `<${hostile.origin}/a<${steal()}>>; rel=next`]],
  ['no brackets', () => ['Link', `${steal()}; rel=next`]],
  ['another header for it', () => ['X-Link', `<${steal()}>; rel=next`, 'Content-Location', steal()]],
  ['a refresh', () => ['Refresh', `0; url=${steal()}`, 'Location', steal()]],
])('Page links with %s lead no reader away, and its other lists take as many turns', async (_, headers) => {
  undo.push(hostile.on('locations', 'SENDER', () => ({ data: [], headers: headers() })))
  await crawl(HOSTILE)
  hearsOfTheHubAlone()
  const ids = Array.from({ length: PAGES }, (_, i) => `LOC${i}`)
  expect(await crawl(CPO)).toEqual({ ids, turns: PAGES })
  const all = await crawl(HUB)
  expect(all.ids).toEqual(ids)
  hearsOfTheHubAlone()
})

const own = () => `${hostile.origin}/callback`
test.each<[string, (url: string) => string]>([
  ['another letter case', (url) => `{"Response_URL":"${url}"}`],
  ['escapes', (url) => `{"response\\u005furl":"${url}"}`],
  ['no underscore', (url) => `{"responseUrl":"${url}"}`],
  ['two of them', (url) => `{"response_url":"${url}/1","response_url":"${url}/2","RESPONSE_URL":"${url}/3"}`],
  ['a NUL at its end', (url) => `{"response_url\\u0000":"${url}"}`],
  ['a letter that folds to another', (url) => `{"re\u017fponse_url":"${url}"}`],
])('A response_url spelled with %s is led or refused, and the CPO answers commands as ever', async (_, spell) => {
  const answerTo = async (body: string) => {
    const urls = [bodyLikeGo, bodyLikeDotNet, bodyLikeC].flatMap((read) => read(body, 'response_url'))
    const call = { method: 'POST', body: { result: 'ACCEPTED' } }
    return Promise.all([...new Set(urls)].map((url) => stage.cpo.callUrl(url, call)))
  }
  const command = { method: 'POST', path: '/UNLOCK_CONNECTOR', to: CPO }
  const from = stage.cpo.requests.length
  await hostile.call('commands', 'RECEIVER', { ...command, body: spell(own()) })
  for (const { body } of stage.cpo.requests.slice(from)) await answerTo(body.toString())
  hearsOfTheHubAlone()

  const response_url = `${stage.emsp.endpointUrl('commands', 'SENDER')}/HONEST`
  const honest = await stage.emsp.call('commands', 'RECEIVER', { ...command, body: { response_url } })
  expect(honest.statusCode).toBe(1000)
  const [callback] = await answerTo((stage.cpo.requests.at(-1) as RecordedRequest).body.toString())
  expect(callback?.statusCode).toBe(1000)
  expect(stage.emsp.requests.at(-1)?.suffix).toBe('/HONEST')
})

test.each<[string, (url: string) => string]>([
  ['another letter case', (url) => `?Response_URL=${url}`],
  ['brackets', (url) => `?response_url[]=${url}`],
  ['a dot', (url) => `?response.url=${url}`],
  ['a semicolon before it', (url) => `?a=1;response_url=${url}`],
  ['escapes of old', (url) => `?response%u005furl=${url}`],
])('A response_url in a query spelled with %s is led or refused', async (_, spell) => {
  const from = stage.cpo.requests.length
  const query = spell(encodeURIComponent(own()))
  await hostile.call('chargingprofiles', 'RECEIVER', { path: '/S1', query, to: CPO })
  for (const request of stage.cpo.requests.slice(from)) {
    const urls = [queryLikeGo, queryLikePhp, queryLikeDotNet].flatMap((read) => read(request.query, 'response_url'))
    for (const url of urls.filter((each) => each.startsWith('http')))
      await stage.cpo.callUrl(url, { method: 'POST', body: { result: 'ACCEPTED' } })
  }
  hearsOfTheHubAlone()
})

test.each([
  ['OCPI_from_party_id', 'CPO'],
  ['OCPI-FROM_PARTY-ID', 'CPO'],
  ['OCPI_from_country_code', 'NL'],
  ['OCPI_to_party_id', 'BAD'],
  ['X_Correlation_ID', 'forged'],
  ['Transfer_Encoding', 'chunked'],
])('A header %s passes to nobody who reads it for the one that it imitates', async (name, value) => {
  const from = stage.emsp.requests.length
  await hostile.call('locations', 'RECEIVER', {
    method: 'PUT',
    path: '/BE/BAD/LOC1',
    to: EMSP,
    body: {},
    headers: [name, value],
  })
  const imitated = name.replaceAll('_', '-').toLowerCase()
  for (const { headers } of stage.emsp.requests.slice(from)) {
    const values = headers.filter(
      (_, i, all) => i % 2 === 1 && all[i - 1]?.replaceAll('_', '-').toLowerCase() === imitated,
    )
    expect(values).not.toContain(value)
  }
  expect(await stage.ask(2)).toEqual([1000, 1000])
})
