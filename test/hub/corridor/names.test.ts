// Rules: no URL of one partner reaches another unled, in whatever spelling some reader takes for it [mod_commands; mod_charging_profiles].
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import {
  bodyLikeC,
  bodyLikeDotNet,
  bodyLikeGo,
  queryLikeDotNet,
  queryLikeGo,
  queryLikePhp,
} from '../../support/lenient-readers.ts'
import { type CallOptions, type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'DE', party_id: 'OTH', role: 'EMSP' } as const
const BUFFER_BYTES = 64 * 1024

let hub: TestHub
let cpo: Partner
let emsp: Partner
beforeAll(async () => {
  hub = await startTestHub({ BUFFER_BYTES: String(BUFFER_BYTES) })
  cpo = await join([CPO])
  emsp = await join([EMSP, OTHER])
  emsp.onRequest(({ path }) => (path.startsWith('/results') ? {} : 'pass'))
})
afterAll(() => hub.close())
beforeEach(() => {
  cpo.requests.length = emsp.requests.length = 0
})

/** A platform to which the hub itself pushes nothing. */
function join(parties: readonly WireParty[]): Promise<Partner> {
  return hub.join({ name: parties[0]?.party_id ?? '', parties, modules: routedModules(parties) })
}

type Asking = 'commands' | 'chargingprofiles'

function ask(module: Asking, options: CallOptions): Promise<CallAnswer> {
  return emsp.call(module, 'RECEIVER', { to: CPO, path: '/S1', ...options })
}

function only(partner: Partner): RecordedRequest {
  expect(partner.requests).toHaveLength(1)
  return partner.requests[0] as RecordedRequest
}

function isRefused(answer: CallAnswer): void {
  expect([answer.status, answer.statusCode]).toEqual([200, 2001])
}

/** The CPO sends its result to a URL that it got, and it must come to the eMSP, by the hub. */
async function expectToLeadBack(url: string, path: string): Promise<void> {
  expect(url.startsWith(`${hub.url}/ocpi/via/`)).toBe(true)
  expect((await cpo.callUrl(url, { method: 'POST', body: { result: 'ACCEPTED' } })).statusCode).toBe(1000)
  expect(only(emsp).target).toBe(path)
}

/** Every method that could carry a body, on both modules. */
const carriers = (['commands', 'chargingprofiles'] as const).flatMap((module) =>
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ module, method })),
)

describe('response_url in a body', () => {
  test.each([
    'response\\u005furl',
    'RESPONSE_URL',
    'Response_Url',
    'responseUrl',
    'ResponseURL',
    'response-url',
    'response_url[]',
    're\u017fponse_url',
    're\\u017fponse_url',
    'response_url\\u0000x',
    'response\\ud800_url',
  ])('written %s is led, and its name stays as it is', async (name) => {
    const url = `${emsp.origin}/results/1?a=b`
    const body = `{"amount": 1.10, "${name}" : "${url}"}`
    expect((await ask('commands', { method: 'POST', body })).statusCode).toBe(1000)
    const sent = only(cpo).body.toString()
    const led = /http[^"]+/.exec(sent)?.[0] as string
    expect(sent).toBe(body.replace(url, led))
    await expectToLeadBack(led, '/results/1?a=b')
  })

  test.each([
    '{"response_url": "ONE", "RESPONSE_URL": "TWO"}',
    '{"response_url": "ONE", "response_url": "TWO"}',
    '{"response\\u005furl": "ONE", "response_url": "TWO"}',
    '{"response_url": "ONE", "responseUrl": "TWO"}',
    '{"response_url": "ONE", "re\\u017fponse_url": "TWO"}',
    '{"response_url": "ONE", "Response_URL": null}',
  ])('given twice is refused, since readers differ in which they take: %s', async (text) => {
    const body = text.replace('ONE', `${emsp.origin}/results/1`).replace('TWO', `${emsp.origin}/results/2`)
    for (const encoded of [body, `\ufeff${body}`]) {
      isRefused(await ask('commands', { method: 'POST', body: encoded }))
      isRefused(await ask('chargingprofiles', { method: 'PUT', body: encoded }))
    }
    const headers = ['Content-Encoding', 'gzip']
    isRefused(await ask('commands', { method: 'POST', body: gzipSync(body), headers }))
    isRefused(await emsp.call('chargingprofiles', 'RECEIVER', { method: 'PUT', path: '/S1', body, to: CPO }))
    expect(cpo.requests).toEqual([])
  })

  test.each(carriers)(
    'is led in the body of $method of $module, behind a byte order mark too',
    async ({ module, method }) => {
      const body = `\ufeff{"Response_Url":"${emsp.origin}/results/2"}`
      expect((await ask(module, { method, body })).statusCode).toBe(1000)
      const sent = only(cpo).body.toString()
      expect(sent.startsWith('\ufeff{"Response_Url":"')).toBe(true)
      await expectToLeadBack(/http[^"]+/.exec(sent)?.[0] as string, '/results/2')
    },
  )

  test.each(carriers)(
    'is looked for in no $method of $module beyond the buffer size: 413 and no call',
    async ({ module, method }) => {
      const body = { x: 'x'.repeat(BUFFER_BYTES), response_url: `${emsp.origin}/results/3` }
      expect((await ask(module, { method, body })).status).toBe(413)
      const stream = (async function* () {
        yield Buffer.from(JSON.stringify(body))
      })()
      expect((await ask(module, { method, body: stream })).status).toBe(413)
      expect(cpo.requests).toEqual([])
    },
  )

  test.each(carriers)('is refused in the body of $method of $module that is no object', async ({ module, method }) => {
    for (const text of ['[{"response_url":"URL"}]', '"{\\"response_url\\":\\"URL\\"}"', 'null', '[]']) {
      isRefused(await ask(module, { method, body: text.replace('URL', `${emsp.origin}/results/4`) }))
    }
    const form = { method, body: `response_url=${emsp.origin}/results/4` }
    const answer = await ask(module, { ...form, headers: ['Content-Type', 'application/x-www-form-urlencoded'] })
    expect([200, 400]).toContain(answer.status)
    expect(answer.statusCode).toBe(2001)
    expect(cpo.requests).toEqual([])
  })

  test('that is no form: the body goes on as JSON, whatever its sender called it', async () => {
    const body = '{"x":"&response_url=https://emsp.example/r&"}'
    for (const type of ['application/x-www-form-urlencoded', 'application/json; charset=iso-8859-1', 'text/plain']) {
      cpo.requests.length = 0
      expect((await ask('commands', { method: 'POST', body, headers: ['Content-Type', type] })).statusCode).toBe(1000)
      const { headers } = only(cpo)
      expect(headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'content-type')).toEqual([
        'application/json',
      ])
      expect(only(cpo).body.toString()).toBe(body)
    }
  })

  test('without one, compressed, goes on as it was read: what leaves coding alone would read other bytes', async () => {
    const headers = ['Content-Encoding', 'gzip']
    expect((await ask('commands', { method: 'POST', body: gzipSync('{"a":1}'), headers })).statusCode).toBe(1000)
    expect(only(cpo).header('content-encoding')).toBeUndefined()
    expect(only(cpo).body.toString()).toBe('{"a":1}')
  })

  test('nested is no concern of the hub, and an empty POST passes', async () => {
    const body = '{"x":{"response_url":"kept"}}'
    expect((await ask('commands', { method: 'POST', body })).statusCode).toBe(1000)
    expect(only(cpo).body.toString()).toBe(body)
    expect((await ask('commands', { method: 'POST' })).statusCode).toBe(1000)
  })

  test('of any names: no lenient reader finds a URL that is not the hub’s', async () => {
    const name = fc.string({
      unit: fc.constantFrom(
        ...[
          'response',
          'Response',
          're\u017fponse',
          '_',
          '\\u005f',
          '-',
          'url',
          'Url',
          'URL',
          '\\u0000',
          '\\ud800',
          'x',
          '[]',
          '\u212a',
        ],
      ),
      maxLength: 4,
    })
    const member = fc.tuple(
      fc.oneof(fc.constant('response_url'), name),
      fc.constantFrom('"EVIL"', '7', '{"response_url":"EVIL"}'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 3 }), async (members) => {
        cpo.requests.length = 0
        const text = `{${members.map(([given, value]) => `"${given}":${value}`).join(',')}}`
        const answer = await ask('commands', { method: 'POST', body: text.replaceAll('EVIL', `${emsp.origin}/evil`) })
        if (answer.statusCode !== 1000) return void isRefused(answer)
        for (const read of [bodyLikeGo, bodyLikeDotNet, bodyLikeC]) {
          for (const url of read(only(cpo).body.toString(), 'response_url'))
            expect(url).toContain(`${hub.url}/ocpi/via/`)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('response_url in a query', () => {
  test.each([
    'Response_URL',
    'responseUrl',
    'response.url',
    'response+url',
    'response_url[]',
    'response_url%5B0%5D',
    '%72esponse_url',
    '%2572esponse_url',
    're%C5%BFponse_url',
  ])('written %s is led, and its name stays as it is', async (name) => {
    const query = (url: string) => `?duration=900&${name}=${encodeURIComponent(url)}&x=%2f+;`
    expect((await ask('chargingprofiles', { query: query(`${emsp.origin}/results/5?a=b`) })).statusCode).toBe(1000)
    const led = decodeURIComponent(/http[^&]+/.exec(only(cpo).query)?.[0] as string)
    expect(only(cpo).query).toBe(query(led))
    await expectToLeadBack(led, '/results/5?a=b')
  })

  test.each(carriers)('is led in the query of $method of $module', async ({ module, method }) => {
    const query = `?response_url=${emsp.origin}/results/6`
    expect(
      (
        await ask(module, {
          method,
          query,
          ...(method === 'PUT' && { body: {} }),
          ...(method === 'PATCH' && { body: {} }),
        })
      ).statusCode,
    ).toBe(1000)
    await expectToLeadBack(decodeURIComponent(only(cpo).query.slice('?response_url='.length)), '/results/6')
  })

  test('given twice, or in the body as well, is refused', async () => {
    const url = encodeURIComponent(`${emsp.origin}/results/7`)
    for (const query of [
      `?response_url=${url}&Response_URL=${url}`,
      `?a&response_url[]=${url}&response_url[]=${url}`,
    ]) {
      isRefused(await ask('chargingprofiles', { query }))
    }
    isRefused(
      await ask('commands', {
        method: 'POST',
        query: `?response_url=${url}`,
        body: { responseUrl: decodeURIComponent(url) },
      }),
    )
    expect(cpo.requests).toEqual([])
  })

  test.each([
    ['', '?x=1%26response_url%3DEVIL'],
    ['', '?response_url%3DEVIL'],
    ['', '?a=b?response_url=EVIL'],
    ['', '?a=%2523responseUrl=EVIL'],
    ['%3Fresponse_url=EVIL', ''],
    [';response_url=EVIL', ''],
    ['', '?x=1%26Response_URL%3DEVIL&response_url=EVIL'],
  ])('that shows only to servers that decode before they part is refused: %s%s', async (path, query) => {
    const url = encodeURIComponent(`${emsp.origin}/results/8`)
    const options = { path: `/S1${path.replace('EVIL', url)}`, query: query.replaceAll('EVIL', url) }
    for (const method of ['GET', 'DELETE']) isRefused(await ask('chargingprofiles', { method, ...options }))
    expect(cpo.requests).toEqual([])
  })

  test('may have a query in which the same name stands', async () => {
    const query = `?response_url=${encodeURIComponent(`${emsp.origin}/results/8?response_url=x`)}&duration=9`
    await ask('chargingprofiles', { query })
    const led = decodeURIComponent(/http[^&]+/.exec(only(cpo).query)?.[0] as string)
    await expectToLeadBack(led, '/results/8?response_url=x')
  })

  test('unencoded without a query of its own ends where the next parameter begins', async () => {
    await ask('chargingprofiles', { query: `?response_url=${emsp.origin}/results/8&customer=1` })
    expect(only(cpo).query).toMatch(/^\?response_url=http[^&]+&customer=1$/)
  })

  test('of a next page that a receiver shows is led as well', async () => {
    const undo = cpo.on('chargingprofiles', 'RECEIVER', ({ query }) =>
      query === ''
        ? { headers: ['Link', `<${cpo.endpointUrl('chargingprofiles', 'RECEIVER')}/S1>; rel="next"`], data: {} }
        : 'pass',
    )
    const { next } = await ask('chargingprofiles', {})
    undo()
    cpo.requests.length = 0
    await emsp.callUrl(`${next}?Response_URL=${encodeURIComponent(`${emsp.origin}/results/9`)}`)
    expect(only(cpo).target).not.toContain(encodeURIComponent(emsp.origin))
    expect(only(cpo).path).toBe('/srv/receiver/chargingprofiles/S1')
  })

  test('of any names: no lenient reader finds a URL that is not the hub’s', async () => {
    const name = fc.string({
      unit: fc.constantFrom(
        ...[
          'response',
          '%52esponse',
          're%C5%BFponse',
          '_',
          '%5F',
          '%255F',
          '.',
          '+',
          '%20',
          '[',
          ']',
          'url',
          'Url',
          'x',
        ],
      ),
      maxLength: 4,
    })
    const parameter = fc.tuple(fc.oneof(fc.constant('response_url'), name), fc.constantFrom('EVIL', '1', 'RAW?a=1', ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(parameter, fc.constantFrom('&', ';', '&amp;')), { maxLength: 3 }),
        async (parameters) => {
          cpo.requests.length = 0
          const text = parameters.map(([[given, value], separator]) => `${given}=${value}${separator}`).join('')
          const raw = `${emsp.origin}/evil`
          const query = `?${text.replaceAll('EVIL', encodeURIComponent(raw)).replaceAll('RAW', raw)}`
          const answer = await ask('chargingprofiles', { query })
          if (answer.statusCode !== 1000) return void isRefused(answer)
          for (const read of [queryLikeGo, queryLikePhp, queryLikeDotNet]) {
            for (const url of read(only(cpo).query, 'response_url'))
              if (url !== '') expect(url).toContain(`${hub.url}/ocpi/via/`)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('response_url of a custom module', () => {
  const bookings = [
    { identifier: 'bookings', role: 'RECEIVER' },
    { identifier: 'bookings', role: 'SENDER' },
  ] as const
  const party = { country_code: 'NL', party_id: 'BOK', role: 'CPO' } as const
  let receiver: Partner
  beforeAll(async () => {
    receiver = await hub.join({ name: 'bookings', parties: [party], modules: [...routedModules([party]), ...bookings] })
  })
  beforeEach(() => {
    receiver.requests.length = 0
  })

  function book(role: 'sender' | 'receiver', options: CallOptions): Promise<CallAnswer> {
    return emsp.callUrl(`${hub.url}/ocpi/2.2.1/${role}/bookings/1`, { to: party, ...options })
  }

  test.each(['sender', 'receiver'] as const)('is led on its %s interface, in body and query', async (role) => {
    const url = `${emsp.origin}/results/10`
    expect((await book(role, { method: 'POST', body: { Response_Url: url } })).statusCode).toBe(1000)
    const inBody = (only(receiver).json() as { Response_Url: string }).Response_Url
    receiver.requests.length = 0
    expect((await book(role, { query: `?responseUrl=${url}` })).statusCode).toBe(1000)
    const inQuery = decodeURIComponent(only(receiver).query.slice('?responseUrl='.length))
    for (const led of [inBody, inQuery]) {
      emsp.requests.length = 0
      expect(led.startsWith(`${hub.url}/ocpi/via/`)).toBe(true)
      expect((await receiver.callUrl(led, { method: 'POST', body: { result: 'ACCEPTED' } })).statusCode).toBe(1000)
      expect(only(emsp).target).toBe('/results/10')
    }
  })

  test('is looked for in no body beyond the buffer size: 413 and no call', async () => {
    const body = { text: 'x'.repeat(BUFFER_BYTES), response_url: `${emsp.origin}/results/10` }
    expect((await book('receiver', { method: 'POST', body })).status).toBe(413)
    expect(receiver.requests).toEqual([])
  })

  test.each(['[1, 2]', '{"a" : 1.10}', '"text"'])('what has none goes on byte for byte: %s', async (body) => {
    expect((await book('receiver', { method: 'PUT', body })).statusCode).toBe(1000)
    expect(only(receiver).body.toString()).toBe(body)
  })
})
