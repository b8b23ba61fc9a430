import { afterAll, beforeAll, expect, test } from 'vitest'
import { conversionNote, storeConversions } from '../../support/conversions.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { routedModules } from '../../support/partner.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

// Every page of the console, found by following links, with a network whose partners write what they like.

const CPO = { country_code: 'NL', party_id: '<b>', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: `"'>`, role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
/** Leaves an attribute, a text, a script, and a URL. */
const EVIL = `"'></textarea></title><zz onmouseover=alert(1)>\${1}🔌&amp;`
const FEW_OF_A_KIND = 12

let hub: TestHub
let owner: PlainBrowser
let reader: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements', BROADCAST_CDRS_AND_SESSIONS: 'true' })
  const [cpo, emsp] = [await join(`cpo ${EVIL}`, CPO), await join(`emsp ${EVIL}`, EMSP)]
  await hub.admin('POST', '/agreements', { a: partyOf(CPO), b: partyOf(EMSP), effect: 'allow', reason: EVIL })
  await hub.createPlatform({ name: `new ${EVIL}`, parties: [{ country_code: 'EE', party_id: 'NEW', role: 'CPO' }] })
  const said = { headers: ['X-Evil', '<zz>"', 'User-Agent', '<zz x="">'], correlationId: '<zz>"', requestId: `<zz>'` }
  emsp.on('sessions', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: EVIL }))
  cpo.on('locations', 'SENDER', () => ({ status: 500, headers: ['X-Zz', '<zz>'], body: EVIL }))
  await emsp.call('locations', 'SENDER', { ...said, to: CPO, path: '/<zz>"onx=', query: '?a="<zz>javascript:alert(1)' })
  await emsp
    .call('commands', 'RECEIVER', {
      ...said,
      method: 'POST',
      to: CPO,
      path: '/START_SESSION',
      body: { response_url: 'javascript:alert(1)', [EVIL]: EVIL },
    })
    .catch(() => null)
  await cpo.call('sessions', 'RECEIVER', {
    ...said,
    method: 'PUT',
    to: HUB,
    path: '/NL/<b>/<zz>',
    body: { id: EVIL, [EVIL]: [EVIL] },
  })
  await cpo.call('locations', 'RECEIVER', {
    ...said,
    method: 'PUT',
    to: HUB,
    path: '/NL/<b>/L"<zz>',
    body: { id: EVIL },
  })
  await cpo.call('tokens', 'SENDER', { ...said, to: { country_code: 'BE', party_id: '<i>' } })
  await fetch(`${hub.url}/ocpi/versions`, {
    headers: { Authorization: 'Bearer <zz>', 'User-Agent': EVIL.replace('🔌', '') },
  })
  await fetch(`${hub.url}/ocpi/2.1.1/%3Czz%3E"?<zz>`, { headers: { Authorization: 'Token <zz>' } })
  await storeConversions(hub.databaseUrl, [
    conversionNote({
      platformId: emsp.platformId,
      remarks: [{ fate: 'lost', pointer: EVIL, reason: EVIL }],
      sample: EVIL,
      kind: EVIL,
    }),
  ])
  await until(async () => (await hub.admin('GET', '/messages?kind=delivery')).body.length >= 2, 'deliveries in the log')
  const { body: key } = await hub.admin('POST', '/keys', { name: 'reader <zz>', role: 'read-only' })
  owner = createPlainBrowser(hub.url)
  await owner.signIn(hub.adminToken)
  reader = createPlainBrowser(hub.url)
  await reader.signIn(key.key)
}, 60_000)
afterAll(() => hub?.close())

function join(name: string, party: typeof CPO | typeof EMSP) {
  return hub.join({ name: 'p', parties: [party], modules: routedModules([party]) }, { name, parties: [party] })
}

function partyOf({ country_code, party_id }: typeof CPO | typeof EMSP) {
  return { country_code, party_id }
}

/** What kind of page an address has: the same for all that differ in an id alone. */
function kindOf(address: string): string {
  const [path = '', query = ''] = address.split('?')
  const names = query.split('&').map((pair) => pair.split('=')[0])
  return `${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|%[0-9A-F]{2}[^/]*|[A-Z]{2}-[^/]*/g, ':id')} ${names.join()}`
}

async function* crawl(browser: PlainBrowser, more: readonly string[] = []) {
  const known = new Set<string>(['/admin', ...more])
  const kinds = new Map<string, number>()
  for (const address of known) {
    const kind = kindOf(address)
    const before = kinds.get(kind) ?? 0
    kinds.set(kind, before + 1)
    if (before >= FEW_OF_A_KIND) continue
    const page = await browser.get(address)
    yield { address, page }
    for (const [, link = ''] of page.text.matchAll(/ href="(\/admin[^"]*)"/g)) {
      const plain = link.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
      if (!/^\/admin\/(?:assets|api\/)/.test(plain)) known.add(plain.split('#')[0] ?? plain)
    }
  }
}

test('no page shows as markup what a partner wrote, and no link leads nowhere', async () => {
  const faults: string[] = []
  for await (const { address, page } of crawl(owner)) {
    if (page.status >= 400) faults.push(`${page.status} ${address}`)
    // A file is no page: a browser saves it, whatever stands in it.
    const isFile = page.headers.get('Content-Disposition')?.startsWith('attachment') ?? false
    if (!isFile && /<zz|<b>"|" onmouseover| onx=|(?:href|action|src)="?javascript:/i.test(page.text))
      faults.push(`markup ${address}: ${/.{60}(?:<zz| onx=|javascript:).{60}/is.exec(page.text)?.[0]}`)
  }
  expect(faults).toEqual([])
}, 120_000)

test('a read-only administrator finds no form that would change something, by its address neither', async () => {
  const ofOwner: string[] = []
  for await (const { address } of crawl(owner)) ofOwner.push(address)
  const faults: string[] = []
  for await (const { address, page } of crawl(reader, ofOwner)) {
    const forms = page.text.match(/<form[^>]* method="post" action="(?!\/admin\/sign-out")[^>]*>/g) ?? []
    if (forms.length > 0 || page.status >= 500) faults.push(`${page.status} ${address} ${forms.join()}`)
  }
  expect(faults).toEqual([])
}, 120_000)
