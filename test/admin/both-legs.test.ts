// Rules: what administrators can ask of a message: what its receiver got and said, why it failed, and what belongs to it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../faults/pair.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { HUB_RUNTIME } from '../support/only.ts'
import { type Partner, routedModules, type WireParty } from '../support/partner.ts'
import type { Handler } from '../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'BE', party_id: 'OTH', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' } as const

type Joined = Partner & { platformId: string }

let hub: TestHub
let cpo: Joined
let emsp: Joined
let other: Joined
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join('The CPO', CPO)
  emsp = await join('The eMSP', EMSP)
  other = await join('Another eMSP', OTHER)
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

function join(name: string, party: WireParty): Promise<Joined> {
  return hub.join({ name, parties: [party], modules: routedModules([party]) })
}

function answering(partner: Partner, module: string, role: 'SENDER' | 'RECEIVER', handler: Handler): void {
  undos.push(partner.on(module, role, handler))
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows of the admin API, on which tests assert
type Row = any

/** So many rows of the message log with this correlation ID, newest first, each as it is shown by itself. */
async function logged(correlationId: string, count = 1): Promise<Row[]> {
  const found: Row[] = await eventually(
    async () => (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body,
    (rows) => rows.length === count,
  )
  return Promise.all(found.map(async ({ id }) => (await hub.admin('GET', `/messages/${id}`)).body))
}

/** Name, what it was and what it is of each header: Workers know names in small letters, and sorted, only. */
function triples({ headers }: { headers: { name: string; was: string; is: string }[] }): (string | null)[][] {
  const small = headers.map(({ name, was, is }) => ({ name: name.toLowerCase(), was, is }))
  return small.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, was, is }) => [name, was, is])
}

/** The response_url that a command came with last. */
function responseUrlAt(partner: Partner): string {
  const body = partner.requests.findLast(({ module }) => module === 'commands')?.json()
  return (body as { response_url: string }).response_url
}

async function story(id: string, count: number): Promise<Row[]> {
  return eventually(
    async () => (await hub.admin('GET', `/messages/${id}/story`)).body,
    (rows) => rows.length === count,
  )
}

describe('what did the receiver get and say', () => {
  test('a usual message is the same on both legs, between platforms that are named', async () => {
    await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'usual' })
    const [row] = await logged('usual')
    expect(row).toMatchObject({ changes: null, detail: null, led_id: null, object_key: 'LOC1', client: null })
    expect(row).toMatchObject({ from_platform_name: 'The eMSP', to_platform_name: 'The CPO' })
  })

  test('the routing headers that the hub filled in', async () => {
    await emsp.call('locations', 'SENDER', { to: CPO, from: null, path: '/LOC1', correlationId: 'filled-in' })
    expect((await logged('filled-in'))[0].changes).toEqual({
      request: {
        headers: [
          { name: 'OCPI-from-country-code', was: null, is: 'DE' },
          { name: 'OCPI-from-party-id', was: null, is: 'EMS' },
        ],
      },
    })
  })

  test('headers of the request that the receiver did not get, or not as they were', async () => {
    const headers = [
      'Cookie',
      'session=secret',
      'Range',
      'bytes=0-1',
      'Accept-Encoding',
      'zstd, gzip',
      'X-Forwarded-For',
      '1.2.3.4',
    ]
    await emsp.call('locations', 'SENDER', { to: CPO, headers, correlationId: 'left' })
    expect(triples((await logged('left'))[0].changes.request)).toEqual([
      ['accept-encoding', 'zstd, gzip', 'gzip'],
      ['cookie', '[redacted]', null],
      ['range', 'bytes=0-1', null],
    ])
  })

  test('the URL that the receiver was given for its result', async () => {
    const was = `${emsp.origin}/results/1?token=secret-of-the-emsp`
    const body = { response_url: was, location_id: 'LOC7' }
    await emsp.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/UNLOCK_CONNECTOR',
      to: CPO,
      body,
      correlationId: 'led-command',
    })
    const is = responseUrlAt(cpo)
    const [row] = await logged('led-command')
    expect(row.changes).toEqual({
      request: { response_url: { was: `${emsp.origin}/results/1?token=${'*'.repeat(18)}`, is } },
    })
    expect(row).toMatchObject({ led_id: is.slice(is.lastIndexOf('/') + 1), object_key: 'LOC7' })
  })

  test('Link and Location as the receiver gave them, and what else the caller did not get', async () => {
    const link = `<${cpo.endpointUrl('locations', 'SENDER')}?offset=1>; rel="next"`
    const server = ['Server', 'nginx', 'Set-Cookie', 'secret', 'WWW-Authenticate', 'Basic']
    answering(cpo, 'locations', 'SENDER', () => ({ data: [], headers: ['Link', link, ...server] }))
    const answer = await emsp.call('locations', 'SENDER', { to: CPO, correlationId: 'linked' })
    const { request, response } = (await logged('linked'))[0].changes
    expect(request).toBeUndefined()
    expect(triples(response)).toEqual([
      ['link', link, answer.link],
      ['set-cookie', '[redacted]', null],
      ['www-authenticate', 'Basic', null],
    ])
    const location = `${emsp.endpointUrl('cdrs', 'RECEIVER')}/CDR1`
    answering(emsp, 'cdrs', 'RECEIVER', () => ({ status: 201, headers: ['Location', location] }))
    const body = { id: 'CDR1', session_id: 'S-other' }
    const posted = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body, correlationId: 'located' })
    const is = posted.header('location') as string
    const [row] = await logged('located')
    expect(triples(row.changes.response)).toEqual([['location', location, is]])
    expect(row).toMatchObject({ led_id: is.slice(is.lastIndexOf('/') + 1), object_key: 'CDR1' })
  })

  test('its own status, headers and body where the caller got an error instead', async () => {
    answering(cpo, 'locations', 'SENDER', () => ({ status: 502, isBare: true, body: '<html>bad gateway</html>' }))
    await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'gateway' })
    const [row] = await logged('gateway')
    expect(row).toMatchObject({ http_status: 200, ocpi_status: 4000, receiver_status: 502, failure: 'hub-failure' })
    expect(row.detail).toBe('The receiver answered HTTP 502 without an OCPI envelope')
    expect(row.response.body).toBe('<html>bad gateway</html>')
  })
})

describe('why did it fail, exactly', () => {
  test('a refused connection', async () => {
    await cpo.refuse()
    undos.push(() => void cpo.listenAgain())
    await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'refused' })
    await cpo.listenAgain()
    const [row] = await logged('refused')
    expect(row).toMatchObject({
      failure: 'not-connected',
      detail: expect.stringMatching(/^The receiver cannot be reached: ./),
    })
    if (HUB_RUNTIME === 'node') expect(row.detail).toContain('ECONNREFUSED')
  })

  test('the field that is wrong', async () => {
    const body = { response_url: 'ftp://x', location_id: 'LOC1' }
    await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/X', to: CPO, body, correlationId: 'field' })
    const [row] = await logged('field')
    expect(row.failure).toBe('invalid')
    expect(row.detail).toMatch(/^response_url cannot be used: /)
  })

  test("a partner's call of the hub's own modules, with its address", async () => {
    await emsp.callUrl(emsp.hubEndpoints.get('credentials/RECEIVER') as string, {
      method: 'PUT',
      body: { token: 'a-token-of-theirs' },
      // As Cloudflare says it to a Worker; of a socket it is known.
      headers: HUB_RUNTIME === 'workers' ? ['CF-Connecting-IP', '127.0.0.1'] : [],
      correlationId: 'bad-credentials',
    })
    const [row] = await logged('bad-credentials')
    expect(row).toMatchObject({ kind: 'configuration', ocpi_status: 2001, client: '127.0.0.1' })
    expect(row.detail).toMatch(/url|roles/)
    expect(JSON.stringify(row)).not.toContain('a-token-of-theirs')
  })

  test('a delivery: what the partner said', async () => {
    answering(other, 'tariffs', 'RECEIVER', () => ({ statusCode: 2001, statusMessage: 'elements is missing' }))
    const body = { country_code: 'NL', party_id: 'CPO', id: 'T1' }
    const broadcast = { method: 'PUT', path: '/NL/CPO/T1', to: null, from: CPO, body, correlationId: 'refused-push' }
    await cpo.call('tariffs', 'RECEIVER', { ...broadcast, to: HUB })
    const rows = await logged('refused-push', 3)
    const refused = rows.find(({ to_party }) => to_party === 'BE-OTH')
    expect(refused).toMatchObject({ kind: 'delivery', detail: '2001 elements is missing', object_key: 'T1' })
    expect(refused.request.body).toBe(JSON.stringify(body))
  })
})

test('what was delivered: a delivery shows headers and body of its broadcast', async () => {
  const push = (id: string) =>
    cpo.call('tariffs', 'RECEIVER', {
      method: 'PUT',
      path: `/NL/CPO/${id}`,
      to: HUB,
      body: { country_code: 'NL', party_id: 'CPO', id },
      correlationId: 'delivered',
    })
  await push('T2')
  await push('T3')
  const rows = await logged('delivered', 6)
  const delivered = rows.find(
    ({ kind, to_party, object_key }) => kind === 'delivery' && to_party === 'DE-EMS' && object_key === 'T2',
  )
  const broadcast = rows.find(({ kind, object_key }) => kind === 'broadcast' && object_key === 'T2')
  expect(delivered.body_of).toBe(broadcast.id)
  expect(delivered.request).toEqual(broadcast.request)
  expect(delivered.request.body).toContain('"T2"')
  expect(broadcast).not.toHaveProperty('body_of')
})

describe('the whole story', () => {
  const session = { country_code: 'NL', party_id: 'CPO', id: 'S1', authorization_reference: 'REF-1' }

  test('of a START_SESSION: command, result, session and CDR in one list, whichever of them is asked about', async () => {
    const body = { response_url: `${emsp.origin}/results/2`, location_id: 'LOC1', authorization_reference: 'REF-1' }
    const command = { method: 'POST', path: '/START_SESSION', to: CPO, body, correlationId: 'story-1' }
    await emsp.call('commands', 'RECEIVER', command)
    const responseUrl = responseUrlAt(cpo)
    await cpo.callUrl(responseUrl, { method: 'POST', body: { result: 'ACCEPTED' }, correlationId: 'story-2' })
    const push = { method: 'PUT', path: '/NL/CPO/S1', to: EMSP, correlationId: 'story-3' }
    await cpo.call('sessions', 'RECEIVER', { ...push, body: { ...session, status: 'ACTIVE' } })
    const patch = { method: 'PATCH', path: '/NL/CPO/S1', to: EMSP, correlationId: 'story-4' }
    await cpo.call('sessions', 'RECEIVER', { ...patch, body: { status: 'COMPLETED' } })
    const cdr = { id: 'CDR-9', session_id: 'S1', authorization_reference: 'REF-1' }
    await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: cdr, correlationId: 'story-5' })
    // Of others: a session of the same id, and another message about the location.
    await cpo.call('sessions', 'RECEIVER', { ...push, to: OTHER, body: session, correlationId: 'not-of-it' })
    await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'not-of-it' })
    await logged('not-of-it', 2)

    const told = ['story-1', 'story-2', 'story-3', 'story-4', 'story-5']
    for (const correlationId of told) {
      const [row] = await logged(correlationId)
      const rows = await story(row.id, told.length)
      expect(rows.map(({ correlation_id }) => correlation_id)).toEqual(told)
      expect(rows.map(({ module, object_key }) => [module, object_key])).toEqual([
        ['commands', 'LOC1'],
        ['commands', null],
        ['sessions', 'S1'],
        ['sessions', 'S1'],
        ['cdrs', 'CDR-9'],
      ])
    }
  })

  test('of a broadcast: itself and each delivery', async () => {
    const body = { country_code: 'NL', party_id: 'CPO', id: 'T4' }
    const push = { method: 'PUT', path: '/NL/CPO/T4', to: HUB, body, correlationId: 'story-of-push' }
    await cpo.call('tariffs', 'RECEIVER', push)
    const rows = await logged('story-of-push', 3)
    for (const { id } of rows) {
      expect((await story(id, 3)).map(({ kind }) => kind)).toEqual(['broadcast', 'delivery', 'delivery'])
    }
  })

  test('of a message that the log does not hold: 404', async () => {
    expect((await hub.admin('GET', '/messages/1-1/story')).status).toBe(404)
  })
})

test('no token of anybody is in what is told of a message', async () => {
  const secrets = [emsp.tokenAtHub(), cpo.tokenForHub()].map((token) => token as string)
  const encoded = secrets.map((token) => Buffer.from(token).toString('base64'))
  answering(cpo, 'locations', 'SENDER', () => ({
    status: 422,
    isBare: true,
    body: `unknown token ${secrets[1]} (${encoded[1]})`,
    headers: ['X-Auth-Token', secrets[1] as string, 'Set-Cookie', secrets[1] as string],
  }))
  const headers = ['Cookie', secrets[0] as string, 'Referer', `https://emsp.example/?access_token=${secrets[0]}`]
  await emsp.call('locations', 'SENDER', { to: CPO, headers, correlationId: 'tokens' })
  answering(other, 'tariffs', 'RECEIVER', (request) => ({
    statusCode: 2001,
    statusMessage: `unknown: ${request.header('authorization')} ${other.tokenForHub()}`,
  }))
  const push = { method: 'PUT', path: '/NL/CPO/T5', to: HUB, body: { id: 'T5' }, correlationId: 'tokens-pushed' }
  await cpo.call('tariffs', 'RECEIVER', push)
  const text = JSON.stringify([...(await logged('tokens')), ...(await logged('tokens-pushed', 3))])
  expect(text).toContain('unknown token ***')
  expect(text).toContain('2001 unknown: Token ***')
  for (const secret of [...secrets, ...encoded, other.tokenForHub() as string]) expect(text).not.toContain(secret)
})
