// Rules: URLs that would lead round the hub [transport_and_format: Pagination; mod_cdrs; mod_commands; mod_charging_profiles].
import { gzipSync } from 'node:zlib'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type CallOptions, type Partner, routedModules, startPartner, type WireParty } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { Handler, RecordedRequest } from '../../support/partner-server.ts'
import { until } from '../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const CPO2 = { country_code: 'NL', party_id: 'CP2', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
/** On the platform of EMSP. */
const SIBLING = { country_code: 'DE', party_id: 'SIB', role: 'EMSP' } as const
const OTHER = { country_code: 'FR', party_id: 'OTH', role: 'EMSP' } as const

type Joined = Partner & { platformId: string }
let hub: TestHub
let cpo: Joined
let emsp: Joined
let other: Joined
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join(hub, 'cpo', [CPO, CPO2])
  emsp = await join(hub, 'emsp', [EMSP, SIBLING])
  other = await join(hub, 'other', [OTHER])
})
afterAll(() => hub.close())
beforeEach(() => {
  for (const partner of [cpo, emsp, other]) partner.requests.length = 0
})
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

/** A platform to which the hub itself pushes nothing. */
function join(at: TestHub, name: string, parties: readonly WireParty[]): Promise<Joined> {
  return at.join({ name, parties, modules: routedModules(parties) })
}

function answering(partner: Partner, handler: Handler): void {
  undos.push(partner.onRequest(handler))
}

function last(partner: Partner): RecordedRequest {
  const request = partner.requests.at(-1)
  if (!request) throw new Error(`${partner.name} was not called`)
  return request
}

function list(options: CallOptions = {}): Promise<CallAnswer> {
  return emsp.call('locations', 'SENDER', { to: CPO, ...options })
}

/** The hub's answer to a list whose owner sends this Link header. */
async function listWithLink(link: string, options: CallOptions = {}): Promise<CallAnswer> {
  const undo = cpo.onRequest(() => ({ headers: ['Link', link], data: [] }))
  const answer = await list(options)
  undo()
  cpo.requests.length = 0
  return answer
}

/** The hub's next link for this one of the owner. */
async function nextFor(target: string): Promise<string> {
  const { next } = await listWithLink(`<${target}>; rel="next"`)
  if (next === null) throw new Error(`The hub made no next link of ${target}`)
  return next
}

const PATH = '/srv/sender/locations'

async function storedUrls(at = hub): Promise<number> {
  const sql = postgres(at.databaseUrl, { max: 1 })
  const [row] = await sql<{ count: number }[]>`select count(*)::int from stored_urls`
  await sql.end()
  return row?.count ?? 0
}

/** How many alarms of a kind there were so far. */
async function alarms(kind: string): Promise<number> {
  const text = await (
    await fetch(`${hub.url}/metrics`, { headers: { Authorization: `Bearer ${hub.adminToken}` } })
  ).text()
  return Number(new RegExp(`^ocpi_hub_alarms_total\\{kind="${kind}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

/** Runs something while the database lets nobody in. */
async function withDatabaseAway<T>(at: TestHub, work: () => Promise<T>): Promise<T> {
  const url = new URL(at.databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const sql = postgres(url.href, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(`alter database ${name} with allow_connections false`)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`
    return await work()
  } finally {
    await sql.unsafe(`alter database ${name} with allow_connections true`)
    await sql.end()
  }
}

describe('next links [Pagination; RFC 8288]', () => {
  const spellings: [string, (target: string) => string][] = [
    ['as the specification writes it', (target) => `<${target}>; rel="next"`],
    ['without quotes or space', (target) => `<${target}>;rel=next`],
    ['in capitals', (target) => `<${target}>; REL="NEXT"`],
    ['with other parameters before and after', (target) => `<${target}>; title="a, <b>; c"; rel="next"; type=x`],
    ['with white space everywhere', (target) => `  < ${target} > ; rel = "next" `],
    ['among other links', (target) => `<https://x.example/?a=1,2>; rel="help", <${target}>; rel="next"`],
    ['with several relations', (target) => `<${target}>; rel="last next"`],
  ]
  test.each(spellings)('%s: understood, and leads back to the owner', async (_, spell) => {
    const answer = await listWithLink(spell(`${cpo.origin}${PATH}?offset=50&limit=50`))
    expect(answer.link).not.toContain(cpo.origin)
    const url = /<\s*(http[^>]*\/ocpi\/next\/[^>]*?)\s*>/.exec(answer.link ?? '')?.[1] as string
    expect(url.startsWith(`${hub.url}/ocpi/`)).toBe(true)
    const followed = await emsp.callUrl(url)
    expect(followed.statusCode).toBe(1000)
    expect(last(cpo).target).toBe(`${PATH}?offset=50&limit=50`)
  })

  test('offset and limit stay visible where the owner had them; the query reaches the owner byte for byte', async () => {
    const query = '?date_from=2020-01-01T00%3A00:00Z&offset=50&x=%2F+%c3%a9&limit=50&&y'
    const next = await nextFor(`${cpo.origin}${PATH}${query}`)
    expect(next.endsWith(query)).toBe(true)
    await emsp.callUrl(next)
    expect(last(cpo).target).toBe(PATH + query)
    await emsp.callUrl(next.replace('offset=50', 'offset=100'))
    expect(last(cpo).target).toBe(PATH + query.replace('offset=50', 'offset=100'))
  })

  const sameEndpoint: [string, string][] = [
    ['another host', `https://internal.example${PATH}?offset=5`],
    ['127.0.0.1 and another port', `http://127.0.0.1:9${PATH}?offset=5`],
    ['an empty host', `http://${PATH}?offset=5`],
    ['no scheme', `//internal.example${PATH}?offset=5`],
    ['no host at all', `${PATH}?offset=5`],
    ['the last segment only', 'locations?offset=5'],
    ['the query only', '?offset=5'],
  ]
  test.each(sameEndpoint)(
    "with %s but the announced endpoint's path: leads there, and nothing is stored",
    async (_, target) => {
      const before = await storedUrls()
      const next = await nextFor(target)
      expect(next).toContain('/ocpi/next/')
      expect(await storedUrls()).toBe(before)
      expect((await emsp.callUrl(next)).statusCode).toBe(1000)
      expect(last(cpo).target).toBe(`${PATH}?offset=5`)
    },
  )

  test('a trailing slash before the query is kept', async () => {
    await emsp.callUrl(await nextFor(`${cpo.origin}${PATH}/?offset=5`))
    expect(last(cpo).target).toBe(`${PATH}/?offset=5`)
  })

  const otherPath: [string, string, string][] = [
    ['absolute', 'ORIGIN/pages/7%2F8?offset=5&b=%20', '/pages/7%2F8?offset=5&b=%20'],
    ['relative to the host', '/pages/7?offset=5', '/pages/7?offset=5'],
    ['with an empty host', 'http:///pages/7?offset=5', '/pages/7?offset=5'],
    ['relative to the page', 'locations/pages/7?offset=5', `${PATH}/pages/7?offset=5`],
    [
      'with a very long query',
      `/pages/7?offset=5&cursor=${'c'.repeat(400)}`,
      `/pages/7?offset=5&cursor=${'c'.repeat(400)}`,
    ],
    ['with a fragment', '/pages/7?offset=5#here', '/pages/7?offset=5'],
  ]
  test.each(otherPath)('on another path, %s: stored, and leads there with its query', async (_, target, reached) => {
    const before = await storedUrls()
    answering(cpo, ({ path }) => (path.includes('pages') ? { data: ['page'] } : 'pass'))
    const next = await nextFor(target.replace('ORIGIN', cpo.origin))
    expect(next).toContain('offset=5')
    expect(await storedUrls()).toBe(before + 1)
    expect((await emsp.callUrl(next)).data).toEqual(['page'])
    expect(last(cpo).target).toBe(reached)
  })

  test("works twice, page after page, with or without routing headers, with the caller's headers of its own", async () => {
    const next = await nextFor(`${cpo.origin}${PATH}?offset=5`)
    answering(cpo, ({ query }) => ({
      headers: ['Link', `<${cpo.origin}${PATH}?offset=${query.length}>; rel="next"`],
      data: [],
    }))
    const first = await emsp.callUrl(next)
    const second = await emsp.callUrl(next, { to: CPO, from: EMSP, correlationId: 'cor-1', requestId: 'req-1' })
    const third = await emsp.callUrl(first.next as string)
    for (const answer of [first, second, third]) expect(answer.statusCode).toBe(1000)
    const request = cpo.requests[1] as RecordedRequest
    expect(request.header('x-correlation-id')).toBe('cor-1')
    expect(request.header('x-request-id')).not.toBe('req-1')
    expect(second.header('x-request-id')).toBe('req-1')
    for (const { header } of cpo.requests) {
      expect([header('ocpi-to-party-id'), header('ocpi-from-party-id')]).toEqual(['CPO', 'EMS'])
      expect(header('authorization')).toBe(`Token ${Buffer.from(cpo.tokenForHub() as string).toString('base64')}`)
    }
    expect([second.header('ocpi-to-party-id'), second.header('ocpi-from-party-id')]).toEqual(['EMS', 'CPO'])
  })

  test.each(['announced', 'another'])('on the %s path: works after a restart of the hub', async (which) => {
    const path = which === 'announced' ? PATH : '/pages/9'
    const next = await nextFor(`${cpo.origin}${path}?offset=5`)
    answering(cpo, ({ path: called }) => (called === '/pages/9' ? { data: [] } : 'pass'))
    const again = await startTestHub({}, { databaseUrl: hub.databaseUrl })
    try {
      expect((await emsp.callUrl(next.replace(hub.url, again.url))).statusCode).toBe(1000)
      expect(last(cpo).target).toBe(`${path}?offset=5`)
    } finally {
      await again.close()
    }
  })

  test.each(['announced', 'another'])('on the %s path: only for the party it was made for', async (which) => {
    const next = await nextFor(`${cpo.origin}${which === 'announced' ? PATH : '/pages/9'}?offset=5`)
    expect((await other.callUrl(next)).status).toBe(404)
    expect((await other.callUrl(next, { from: EMSP })).status).toBe(404)
    expect((await cpo.callUrl(next)).status).toBe(404)
    expect((await emsp.callUrl(next, { from: SIBLING })).status).toBe(404)
    expect((await emsp.callUrl(next, { authorization: null })).status).toBe(401)
    expect(cpo.requests).toEqual([])
  })

  test('forged or changed, it leads nowhere: 404', async () => {
    const next = new URL(await nextFor(`${cpo.origin}${PATH}?offset=5`))
    const parts = next.pathname.split('/')
    const changed = [3, 4, 5, 6, 7].map((at) => parts.map((part, i) => (i === at ? change(part) : part)).join('/'))
    for (const path of [...changed, `${next.pathname}/x`, '/ocpi/next/locations', `/ocpi/via/${'A'.repeat(22)}`]) {
      expect([path, (await emsp.callUrl(hub.url + path)).status]).toEqual([path, 404])
    }
    expect(cpo.requests).toEqual([])
  })

  test('only GET', async () => {
    const next = await nextFor(`${cpo.origin}${PATH}?offset=5`)
    for (const method of ['PUT', 'POST', 'DELETE']) {
      const answer = await emsp.callUrl(next, { method, ...(method !== 'DELETE' && { body: {} }) })
      expect([answer.status, answer.header('allow')]).toEqual([405, 'GET'])
    }
    expect(cpo.requests).toEqual([])
  })

  test('belongs to parties: outlives a rotation of tokens', async () => {
    const next = await nextFor('/pages/rotated?offset=5')
    answering(cpo, ({ path }) => (path === '/pages/rotated' ? { data: [] } : 'pass'))
    await cpo.rotate()
    await emsp.rotate()
    expect((await emsp.callUrl(next)).statusCode).toBe(1000)
    expect(last(cpo).header('authorization')).toContain(Buffer.from(cpo.tokenForHub() as string).toString('base64'))
  })

  test('that is of another scheme is dropped, and an alarm tells administrators', async () => {
    for (const link of ['javascript:alert(1); rel=next', '<ftp://x.example/1>; rel="next"']) {
      const before = await alarms('next-link-dropped')
      expect((await listWithLink(link)).link).toBeNull()
      await until(async () => (await alarms('next-link-dropped')) === before + 1, 'Expected one alarm')
    }
  })

  test('dropped links that no list goes on by raise no alarm', async () => {
    const before = await alarms('next-link-dropped')
    expect((await listWithLink('<ftp://x.example/1>; rel="prev", garbage')).link).toBeNull()
    expect(await alarms('next-link-dropped')).toBe(before)
  })

  test('with the database away one that must be stored makes the page fail with 4000: the list would seem to end', async () => {
    const apart = await startTestHub()
    try {
      const owner = await join(apart, 'owner', [CPO])
      const caller = await join(apart, 'caller', [EMSP])
      owner.onRequest(() => ({ headers: ['Link', '</pages/1>; rel="next"'], data: [] }))
      const answer = await withDatabaseAway(apart, () => caller.call('locations', 'SENDER', { to: CPO }))
      expect([answer.status, answer.statusCode]).toEqual([200, 4000])
    } finally {
      await apart.close()
    }
  })
})

function change(text: string): string {
  const at = text.length - 1
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A')
}

describe('the Location of a posted CDR [mod_cdrs: POST Method]', () => {
  const postCdr = (options: CallOptions = {}) =>
    cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'C1' }, ...options })

  const locations: [string, string, string][] = [
    ['absolute', 'ORIGIN/cdrs/C%2F1?v=%20', '/cdrs/C%2F1?v=%20'],
    ['relative to the host', '/cdrs/C1', '/cdrs/C1'],
    ['relative to the endpoint', 'cdrs/C1', '/srv/receiver/cdrs/C1'],
  ]
  test.each(locations)('%s: 201 with a Location at the hub that reads the CDR back', async (_, location, reached) => {
    answering(emsp, ({ method, target }) => {
      if (method === 'POST') return { status: 201, headers: ['Location', location.replace('ORIGIN', emsp.origin)] }
      return target === reached ? { data: { id: 'C1' } } : 'pass'
    })
    const posted = await postCdr()
    expect([posted.status, posted.statusCode]).toEqual([201, 1000])
    const url = posted.header('location') as string
    expect(url.startsWith(`${hub.url}/ocpi/`)).toBe(true)
    for (const options of [{}, { to: EMSP, from: CPO }]) {
      const read = await cpo.callUrl(url, options)
      expect([read.status, read.data]).toEqual([200, { id: 'C1' }])
    }
    expect(last(emsp)).toMatchObject({ method: 'GET', target: reached })
    expect((await other.callUrl(url)).status).toBe(404)
    expect((await cpo.callUrl(url, { method: 'DELETE' })).status).toBe(405)
  })

  test('that leads nowhere the hub may go: the 201 is passed on without it', async () => {
    for (const location of ['ftp://x.example/1', 'http://user:secret@x.example/1']) {
      answering(emsp, () => ({ status: 201, headers: ['Location', location] }))
      const posted = await postCdr()
      expect([posted.status, posted.header('location')]).toEqual([201, undefined])
    }
  })

  test('while the database is away the 201 is passed on without Location, never turned into an error', async () => {
    const apart = await startTestHub()
    try {
      const poster = await join(apart, 'poster', [CPO])
      const taker = await join(apart, 'taker', [EMSP])
      taker.onRequest(({ method }) => (method === 'POST' ? { status: 201, headers: ['Location', '/cdrs/1'] } : 'pass'))
      const post = () => poster.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'C1' } })
      const posted = await withDatabaseAway(apart, post)
      expect([posted.status, posted.statusCode, posted.header('location')]).toEqual([201, 1000, undefined])
      expect((await post()).header('location')).toContain(`${apart.url}/ocpi/via/`)
    } finally {
      await apart.close()
    }
  })
})

describe('response_url in a body [mod_commands; mod_charging_profiles: PUT]', () => {
  const requests: [string, 'commands' | 'chargingprofiles', string, string][] = [
    ['a command', 'commands', 'POST', '/START_SESSION'],
    ['a charging profile', 'chargingprofiles', 'PUT', '/S1'],
  ]

  test.each(requests)('of %s leads through the hub; every other byte stays', async (_, module, method, path) => {
    const url = `${emsp.origin}/results/1?a=%2F&b=1`
    const body = `{ "response_url" : ${JSON.stringify(url)} ,\n "amount": 1.10, "nested": {"response_url": "kept"}, "x":"é" }`
    const answer = await emsp.call(module, 'RECEIVER', { method, path, to: CPO, body })
    expect(answer.statusCode).toBe(1000)
    const sent = last(cpo)
    const led = (sent.json() as { response_url: string }).response_url
    expect(led.startsWith(`${hub.url}/ocpi/`)).toBe(true)
    expect(sent.body.toString()).toBe(body.replace(JSON.stringify(url), JSON.stringify(led)))
    expect(Number(sent.header('content-length'))).toBe(sent.body.length)

    answering(emsp, () => ({}))
    expect((await cpo.callUrl(led, { method: 'POST', body: '{"result" : "ACCEPTED"}' })).statusCode).toBe(1000)
    expect(last(emsp)).toMatchObject({ method: 'POST', target: '/results/1?a=%2F&b=1' })
    expect(last(emsp).body.toString()).toBe('{"result" : "ACCEPTED"}')
  })

  test('in a compressed body is led too', async () => {
    const body = gzipSync(JSON.stringify({ response_url: `${emsp.origin}/r` }))
    const headers = ['Content-Encoding', 'gzip']
    await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/STOP_SESSION', to: CPO, body, headers })
    expect(last(cpo).header('content-encoding')).toBeUndefined()
    expect((last(cpo).json() as { response_url: string }).response_url).toContain(`${hub.url}/ocpi/via/`)
  })

  test('that is absent is no concern of the hub; that the hub may not call, or that is no URL: 2001 and no call', async () => {
    const send = (body: unknown) => emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/X', to: CPO, body })
    expect((await send({ a: 1 })).statusCode).toBe(1000)
    cpo.requests.length = 0
    for (const response_url of [7, null, '', 'nonsense', 'ftp://x.example/', `https://x.example/${'x'.repeat(300)}`]) {
      const answer = await send({ response_url })
      expect([answer.status, answer.statusCode]).toEqual([200, 2001])
      expect(answer.envelope?.status_message).toContain('response_url')
    }
    for (const body of [[], 'null', '7']) expect((await send(body)).statusCode).toBe(2001)
    expect(cpo.requests).toEqual([])
  })

  test('while the database is away: 4000 and no call', async () => {
    const apart = await startTestHub()
    try {
      const receiver = await join(apart, 'receiver', [CPO])
      const caller = await join(apart, 'caller', [EMSP])
      receiver.requests.length = 0
      const answer = await withDatabaseAway(apart, () =>
        caller.call('commands', 'RECEIVER', {
          method: 'POST',
          path: '/START_SESSION',
          to: CPO,
          body: { response_url: `${caller.origin}/r` },
        }),
      )
      expect([answer.status, answer.statusCode]).toEqual([200, 4000])
      expect(receiver.requests).toEqual([])
    } finally {
      await apart.close()
    }
  })
})

describe('response_url in a query [mod_charging_profiles: GET, DELETE]', () => {
  const target = () => `${emsp.origin}/results/2?session=1&kind=x`
  const cases: [string, () => string, string, string, () => string][] = [
    [
      'encoded',
      () => `?duration=900&response_url=${encodeURIComponent(target())}&x=%20y`,
      '?duration=900&',
      '&x=%20y',
      target,
    ],
    [
      'unencoded with a query of its own, to the end',
      () => `?duration=900&response_url=${target()}`,
      '?duration=900&',
      '',
      target,
    ],
    [
      'unencoded, duration behind it',
      () => `?a=+&response_url=${target()}&duration=900`,
      '?a=+&',
      '&duration=900',
      target,
    ],
    ['the only parameter', () => `?response_url=${target()}`, '?', '', target],
    [
      'encoded, duration behind it',
      () => `?response_url=${encodeURIComponent(target())}&duration=900`,
      '?',
      '&duration=900',
      target,
    ],
  ]
  for (const method of ['GET', 'DELETE']) {
    test.each(cases)(
      `${method}, %s: leads through the hub; the other query bytes stay`,
      async (_, query, before, after, url) => {
        const answer = await emsp.call('chargingprofiles', 'RECEIVER', { method, path: '/S1', query: query(), to: CPO })
        expect(answer.statusCode).toBe(1000)
        const sent = last(cpo).query
        expect(sent.startsWith(`${before}response_url=`)).toBe(true)
        expect(sent.endsWith(after)).toBe(true)
        const led = decodeURIComponent(sent.slice(before.length + 'response_url='.length, sent.length - after.length))
        expect(led).toMatch(new RegExp(`^${hub.url}/ocpi/via/[\\w-]+$`))
        answering(emsp, () => ({}))
        expect((await cpo.callUrl(led, { method: 'POST', body: { result: 'ACCEPTED' } })).statusCode).toBe(1000)
        expect(emsp.origin + last(emsp).target).toBe(url())
      },
    )
  }

  test('a query without one arrives as it was', async () => {
    await emsp.call('chargingprofiles', 'RECEIVER', { path: '/S1', query: '?duration=9&x=%2f', to: CPO })
    expect(last(cpo).target).toBe('/srv/receiver/chargingprofiles/S1?duration=9&x=%2f')
  })
})

describe('callbacks to a response_url [mod_commands: Sender Interface]', () => {
  async function ledFor(target: string): Promise<string> {
    const body = { response_url: target }
    await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/RESERVE_NOW', to: CPO, body })
    return (last(cpo).json() as { response_url: string }).response_url
  }

  test('without routing headers, with another correlation ID, and more than once: it reaches the original URL', async () => {
    const led = await ledFor(`${emsp.origin}/results/3?q=1`)
    answering(emsp, () => ({}))
    emsp.requests.length = 0
    const callback = { method: 'POST', body: { result: 'ACCEPTED' } }
    const answers = [
      await cpo.callUrl(led, { ...callback, correlationId: 'other', requestId: null }),
      await cpo.callUrl(led, { ...callback, correlationId: null }),
      await cpo.callUrl(led, { ...callback, to: EMSP, from: CPO, body: { result: 'CANCELED_RESERVATION' } }),
      await cpo.callUrl(led, { ...callback, to: OTHER, from: CPO2 }),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([1000, 1000, 1000, 1000])
    for (const { target, header } of emsp.requests) {
      expect(target).toBe('/results/3?q=1')
      expect(header('authorization')).toBe(`Token ${Buffer.from(emsp.tokenForHub() as string).toString('base64')}`)
      expect([header('ocpi-to-party-id'), header('ocpi-from-party-id')]).toEqual(['EMS', 'CPO'])
      expect(header('x-request-id')).toMatch(/./)
    }
    expect(emsp.requests[0]?.header('x-correlation-id')).toBe('other')
    expect(emsp.requests[1]?.header('x-correlation-id')).toMatch(/./)
    expect([answers[0]?.header('ocpi-to-party-id'), answers[0]?.header('ocpi-from-party-id')]).toEqual(['CPO', 'EMS'])
  })

  test('from another platform, the one that asked included: 404 and no call', async () => {
    const led = await ledFor(`${emsp.origin}/results/4`)
    emsp.requests.length = 0
    for (const partner of [other, emsp]) {
      const answer = await partner.callUrl(led, { method: 'POST', body: { result: 'ACCEPTED' }, from: CPO })
      expect(answer.status).toBe(404)
    }
    expect((await cpo.callUrl(led, { method: 'POST', body: {}, authorization: null })).status).toBe(401)
    expect(emsp.requests).toEqual([])
  })

  test('only POST', async () => {
    const led = await ledFor(`${emsp.origin}/results/5`)
    const answer = await cpo.callUrl(led)
    expect([answer.status, answer.header('allow')]).toEqual([405, 'POST'])
  })
})

describe('a party that an administrator moved to another platform', () => {
  test("what leads to the old platform's URLs does not get the new platform's token", async () => {
    const moving = { country_code: 'IT', party_id: 'MOV', role: 'CPO' } as const
    const movingEmsp = { country_code: 'IT', party_id: 'MOE', role: 'EMSP' } as const
    const old = await join(hub, 'old', [moving, movingEmsp, { country_code: 'IT', party_id: 'OLD', role: 'CPO' }])
    const home = await join(hub, 'home', [
      { country_code: 'IT', party_id: 'HOM', role: 'CPO' },
      { country_code: 'IT', party_id: 'HOE', role: 'EMSP' },
    ])
    const linkFor = async (link: string) => {
      const undo = old.onRequest(() => ({ headers: ['Link', `<${link}>; rel="next"`], data: [] }))
      const { next } = await emsp.call('locations', 'SENDER', { to: moving })
      undo()
      return next as string
    }
    const stored = await linkFor('/pages/1')
    const announced = await linkFor(`${PATH}?offset=5`)
    old.onRequest(({ path, method }) =>
      path === '/srv/receiver/cdrs' && method === 'POST' ? { status: 201, headers: ['Location', '/cdr/1'] } : 'pass',
    )
    const cdr = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: movingEmsp, body: {} })
    await old.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/START_SESSION',
      to: CPO,
      from: movingEmsp,
      body: { response_url: `${old.origin}/r` },
    })
    const callback = (last(cpo).json() as { response_url: string }).response_url

    for (const { country_code, party_id } of [moving, movingEmsp]) {
      const path = `/parties/${country_code}/${party_id}/move`
      expect((await hub.admin('POST', path, { platform_id: home.platformId })).status).toBe(200)
    }
    old.requests.length = 0
    home.requests.length = 0
    const answers = [
      await emsp.callUrl(stored),
      await cpo.callUrl(cdr.header('location') as string),
      await cpo.callUrl(callback, { method: 'POST', body: { result: 'ACCEPTED' } }),
    ]
    expect(answers.map(({ status, statusCode }) => [status, statusCode])).toEqual(Array(3).fill([200, 4001]))
    expect(old.requests).toEqual([])
    expect((await emsp.callUrl(announced)).statusCode).toBe(1000)
    expect(last(home).target).toBe(`${PATH}?offset=5`)
    expect(old.requests).toEqual([])
  })
})

describe('with the longest PUBLIC_URL, party names of signs only, and a custom module of 64 characters', () => {
  const publicUrl = `https://hub.example/${'p'.repeat(130)}`
  const owner = { country_code: 'NL', party_id: '%~|', role: 'CPO' } as const
  const asker = { country_code: 'DE', party_id: "#'?", role: 'EMSP' } as const
  let long: TestHub
  beforeAll(async () => {
    long = await startTestHub({ PUBLIC_URL: publicUrl })
  })
  afterAll(() => long.close())

  /** Registers behind the back of PUBLIC_URL, which leads nowhere; gives how to call the hub. */
  async function registered(party: WireParty, handler: Handler) {
    const custom = { identifier: 'm'.repeat(64), role: 'RECEIVER' } as const
    const partner = await startPartner({
      name: party.role,
      parties: [party],
      modules: [...routedModules([party]), custom],
    })
    undos.push(() => void partner.close())
    const { token } = await long.createPlatform({ name: party.role })
    const body = { token: partner.issueRegistrationToken(), url: partner.versionsUrl, roles: [party] }
    const call = (path: string, options: CallOptions) => partner.callUrl(long.url + path, options)
    const url = '/ocpi/2.2.1/credentials'
    const posted = await call(url, { method: 'POST', body, authorization: `Token ${token}` })
    expect(posted.statusCode).toBe(1000)
    partner.onRequest(handler)
    const authorization = `Token ${(posted.data as { token: string }).token}`
    return { partner, call: (path: string, options: CallOptions = {}) => call(path, { authorization, ...options }) }
  }

  test('every URL the hub puts where the URL type stands fits 255 characters, and all of them work', async () => {
    const two = await registered(owner, () => ({ headers: ['Link', `<${PATH}?offset=5>; rel="next"`], data: [] }))
    const one = await registered(asker, () => ({ status: 201, headers: ['Location', '/cdrs/1'] }))
    const local = (url: string) => url.replace(publicUrl, '')

    const listed = await Promise.all(
      ['/ocpi/versions', '/ocpi/2.2.1', '/ocpi/2.2.1/credentials'].map((path) => one.call(path)),
    )
    const urls = listed.flatMap(({ bytes }) => bytes.toString().match(/https:[^"]+/g) ?? [])
    expect(urls.some((url) => url.endsWith('m'.repeat(64)))).toBe(true)

    const body = { response_url: `${one.partner.origin}/r` }
    await one.call('/ocpi/2.2.1/receiver/commands/STOP_SESSION', { method: 'POST', to: owner, from: asker, body })
    const callback = (last(two.partner).json() as { response_url: string }).response_url
    const posted = await two.call('/ocpi/2.2.1/receiver/cdrs', { method: 'POST', to: asker, from: owner, body: {} })
    const location = posted.header('location') as string
    for (const url of [...urls, callback, location]) {
      expect(url.startsWith(publicUrl)).toBe(true)
      expect(url.length).toBeLessThanOrEqual(255)
    }
    expect((await two.call(local(callback), { method: 'POST', body: {} })).status).toBe(201)
    expect(last(one.partner).target).toBe('/r')
    expect((await two.call(local(location))).status).toBe(201)
    expect(last(one.partner).target).toBe('/cdrs/1')

    const page = await one.call('/ocpi/2.2.1/sender/locations', { to: owner, from: asker })
    expect((await one.call(local(page.next as string))).statusCode).toBe(1000)
    expect(last(two.partner).target).toBe(`${PATH}?offset=5`)
    expect((await two.call(local(page.next as string))).status).toBe(404)
  })
})
