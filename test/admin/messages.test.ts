import { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { MessageDetailSchema, MessageSchema } from '../../src/admin/api/messages/message-view.ts'
import { type MessageDetail, SearchesBusy, SearchTooLong } from '../../src/hub/message/message-query.ts'
import { crawl, createAdminHarness, faultsIn, START } from './admin-harness.ts'

const PLATFORM_ID = '2b6f0cc9-04d2-4a1b-9d3e-3f6f1f8f0a11'

function message(id: string, change: Partial<MessageDetail> = {}): MessageDetail {
  return {
    id,
    at: START,
    kind: 'direct',
    correlationId: 'c-1',
    requestId: 'r-1',
    forwardedRequestId: 'r-2',
    fromPlatformId: PLATFORM_ID,
    toPlatformId: null,
    fromParty: 'NL-ABC',
    toParty: 'DE-XYZ',
    module: 'locations',
    interfaceRole: 'SENDER',
    method: 'GET',
    path: '/ocpi/2.2.1/sender/locations?limit=1',
    forwardedUrl: 'https://cpo.example/locations?limit=1',
    httpStatus: 200,
    receiverStatus: null,
    ocpiStatus: 1000,
    durationMs: 12.5,
    receiverMs: 11,
    requestBytes: 0,
    responseBytes: 2,
    requestHeaders: ['Accept', 'application/json', 'X-Request-ID', 'r-1'],
    responseHeaders: null,
    requestBody: null,
    responseBody: new TextEncoder().encode('{}'),
    failure: null,
    detail: null,
    changes: null,
    conversion: null,
    secondLeg: null,
    ledId: null,
    objectKey: null,
    client: null,
    bodyOf: null,
    ...change,
  }
}

describe('searching the message log', () => {
  it('shows messages without headers and bodies', async () => {
    const hub = createAdminHarness()
    hub.log.push(message('1'))
    const { status, body } = await hub.call('GET', '/messages')
    expect(status).toBe(200)
    const [shown, ...others] = z.array(MessageSchema).parse(body)
    expect(others).toEqual([])
    expect(shown).toMatchObject({ id: '1', at: '2026-11-22T12:00:00.000Z', from_party: 'NL-ABC', ocpi_status: 1000 })
    expect(body).not.toHaveProperty(['0', 'request'])
  })

  it('passes every filter on', async () => {
    const hub = createAdminHarness()
    const query = new URLSearchParams({
      correlation_id: 'c-1',
      platform_id: PLATFORM_ID,
      party: 'nl*abc',
      module: 'locations',
      kind: 'direct',
      outcome: 'refused',
      request_id: 'r-1',
      object: 'LOC1',
      client: '192.0.2.7',
      status: '404',
      since: '2026-11-22T12:00:00Z',
      until: '2026-11-22T14:00:00+01:00',
    })
    expect((await hub.call('GET', `/messages?${query}`)).status).toBe(200)
    expect(hub.asked[0]?.filter).toEqual({
      correlationId: 'c-1',
      platformId: PLATFORM_ID,
      party: 'nl-abc',
      module: 'locations',
      kind: 'direct',
      outcome: 'refused',
      requestId: 'r-1',
      objectKey: 'LOC1',
      client: '192.0.2.7',
      httpStatus: 404,
      ocpiStatus: null,
      since: START,
      until: START + 3_600_000,
    })
  })

  it('searches the last 24 hours where no period is named, and says so, and how far the log goes back', async () => {
    const hub = createAdminHarness()
    const day = 86_400_000
    hub.log.push(message('1'), message('0', { at: START - 3 * day }))
    const answer = await hub.call('GET', '/messages')
    expect(hub.asked[0]?.filter).toMatchObject({ since: START - day, until: null })
    expect(answer.headers.get('X-Search-Since')).toBe('2026-11-21T12:00:00.000Z')
    expect(answer.headers.get('X-Log-Since')).toBe('2026-11-19T12:00:00.000Z')
    await hub.call('GET', '/messages?until=2026-11-20T00:00:00Z')
    expect(hub.asked[1]?.filter).toMatchObject({ since: Date.parse('2026-11-19T00:00:00Z') })
  })

  it.each(['correlation_id', 'request_id'])('looks a %s up in all of the log', async (parameter) => {
    const hub = createAdminHarness()
    await hub.call('GET', `/messages?${parameter}=x`)
    expect(hub.asked[0]?.filter).toMatchObject({ since: null, until: null })
  })

  it('says what to ask for when a search takes too long', async () => {
    const find = async () => Promise.reject(new SearchTooLong('too long'))
    const hub = createAdminHarness({
      messages: { find, one: async () => null, story: async () => null, start: async () => null },
    })
    const { status, body } = await hub.call('GET', '/messages?client=192.0.2.7')
    expect(status).toBe(422)
    expect(body).toMatchObject({
      type: 'urn:ocpi-hub:problem:search-too-long',
      detail: expect.stringContaining('a shorter period (since, until)'),
    })
  })

  it.each(['/messages', '/messages/x-1/story', '/audit'])(
    'says of %s that it takes too long, or that others search at the time',
    async (path) => {
      const failing = (error: Error) => {
        const fails = () => Promise.reject(error)
        const messages = { find: fails, one: async () => null, story: fails, start: async () => null }
        return createAdminHarness({ messages, audit: { list: fails } }).call('GET', path)
      }
      expect(await failing(new SearchTooLong('too long'))).toMatchObject({
        status: 422,
        body: { type: 'urn:ocpi-hub:problem:search-too-long' },
      })
      const busy = await failing(new SearchesBusy('busy'))
      expect(busy).toMatchObject({ status: 503, body: { detail: expect.stringContaining('try again') } })
      expect(busy.headers.get('Retry-After')).toBe('2')
    },
  )

  it('takes a status from 1000 as one of OCPI', async () => {
    const hub = createAdminHarness()
    await hub.call('GET', '/messages?status=2001')
    expect(hub.asked[0]?.filter).toMatchObject({ httpStatus: null, ocpiStatus: 2001 })
  })

  it('follows the Link header through every message once and keeps the filters', async () => {
    const hub = createAdminHarness()
    for (let i = 5; i > 0; i--) hub.log.push(message(`m-${i}`, { at: START + i }))
    const pages = await crawl((path) => hub.call('GET', path), '/messages?module=locations&limit=2')
    expect(
      pages.flatMap(({ body }) =>
        z
          .array(MessageSchema)
          .parse(body)
          .map(({ id }) => id),
      ),
    ).toEqual(['m-5', 'm-4', 'm-3', 'm-2', 'm-1'])
    expect(hub.asked).toHaveLength(3)
    expect(hub.asked.every(({ filter }) => filter.module === 'locations')).toBe(true)
    expect(hub.asked[1]?.page.before).toEqual({ at: START + 4, id: 'm-4' })
  })

  it.each([
    'platform_id=1',
    'party=ABC',
    'status=99',
    'status=ok',
    'since=yesterday',
    'correlation_id=%00',
    'module=',
    'cursor=abc',
    'cursor=-1.x',
    'kind=indirect',
    'outcome=bad',
    'object=',
    'colour=blue',
  ])('refuses ?%s and names the parameter', async (query) => {
    const hub = createAdminHarness()
    const answer = await hub.call('GET', `/messages?${query}`)
    expect(answer.status).toBe(400)
    expect(faultsIn(answer)[0]?.parameter).toBe(query.split('=')[0])
    expect(hub.asked).toEqual([])
  })
})

describe('showing a message', () => {
  it('shows headers in their order and bodies as text', async () => {
    const hub = createAdminHarness()
    hub.log.push(message('1'))
    const body = MessageDetailSchema.parse((await hub.call('GET', '/messages/1')).body)
    expect(body.request).toEqual({
      headers: [
        { name: 'Accept', value: 'application/json' },
        { name: 'X-Request-ID', value: 'r-1' },
      ],
      body: null,
      body_encoding: 'utf-8',
      body_is_cut: false,
    })
    expect(body.response).toEqual({ headers: null, body: '{}', body_encoding: 'utf-8', body_is_cut: false })
  })

  it('shows a body that was cut within a character as the text before it', async () => {
    const hub = createAdminHarness()
    hub.log.push(message('1', { responseBody: new TextEncoder().encode('aé').slice(0, 2), responseBytes: 3 }))
    const body = MessageDetailSchema.parse((await hub.call('GET', '/messages/1')).body)
    expect(body.response).toMatchObject({ body: 'a', body_encoding: 'utf-8', body_is_cut: true })
  })

  it('shows an empty body as none', async () => {
    const hub = createAdminHarness()
    hub.log.push(message('1', { responseBody: new Uint8Array(0), responseBytes: 0 }))
    const body = MessageDetailSchema.parse((await hub.call('GET', '/messages/1')).body)
    expect(body.response).toMatchObject({ body: null, body_is_cut: false })
  })

  it('shows bytes that are no text in base64', async () => {
    const hub = createAdminHarness()
    hub.log.push(message('1', { responseBody: Uint8Array.of(0x1f, 0x8b, 0xff), responseBytes: 3 }))
    const body = MessageDetailSchema.parse((await hub.call('GET', '/messages/1')).body)
    expect(body.response).toMatchObject({ body: 'H4v/', body_encoding: 'base64', body_is_cut: false })
  })

  it.each(['nobody', '%00', 'a%2Fb', 'x'.repeat(65)])('answers 404 for %s', async (id) => {
    expect((await createAdminHarness().call('GET', `/messages/${id}`)).status).toBe(404)
  })
})

describe('a message shown to who may only read', () => {
  const keyOf = (maySeeBodies: boolean) => ({
    ...createAdminHarness().ports.credentials,
    findKeyRights: async () => ({ id: '1', name: 'auditor', role: 'read-only' as const, maySeeBodies }),
  })

  it.each([true, false])('has headers and bodies only when that is granted: %s', async (maySeeBodies) => {
    const hub = createAdminHarness({ credentials: keyOf(maySeeBodies) })
    hub.log.push(message('1'))
    const { status, body } = await hub.call('GET', '/messages/1', { token: 'ohk_auditor' })
    expect(status).toBe(200)
    const { request, response, ...facts } = MessageDetailSchema.parse(body)
    expect(facts).toMatchObject({ id: '1', from_party: 'NL-ABC', response_bytes: 2 })
    expect(request.headers === null).toBe(!maySeeBodies)
    expect(response.body).toBe(maySeeBodies ? '{}' : null)
  })

  it.each([true, false])('tells values of headers that the hub changed only then: %s', async (maySeeBodies) => {
    const hub = createAdminHarness({ credentials: keyOf(maySeeBodies) })
    hub.log.push(message('1', { changes: { request: { headers: [['X-Customer', 'Ada Lovelace', null]] } } }))
    for (const path of ['/messages', '/messages/1', '/messages/1/story']) {
      const { status, body } = await hub.call('GET', path, { token: 'ohk_auditor' })
      expect(status, path).toBe(200)
      expect(JSON.stringify(body).includes('Ada Lovelace'), path).toBe(maySeeBodies)
    }
  })
})
