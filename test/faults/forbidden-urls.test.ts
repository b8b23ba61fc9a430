import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLedUrls } from '../../src/hub/corridor/hub-urls.ts'
import { createRoom } from '../../src/hub/limits.ts'
import type { OutboundRequest, SendResult } from '../../src/hub/ports.ts'
import { learnPartner } from '../../src/hub/registration/learn-partner.ts'
import { createPartnerClient } from '../../src/hub/registration/partner-client.ts'
import type { Lookup } from '../../src/runtime/node/shared-lookup.ts'
import { createUndiciSend } from '../../src/runtime/node/undici-send.ts'
import { checkPartnerUrl, isPublicAddress } from '../../src/runtime/shared/address-guard.ts'
import { createInflater } from '../../src/runtime/shared/inflate.ts'
import { createTestDatabase } from '../support/database.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { onNode } from '../support/only.ts'
import { startPartner } from '../support/partner.ts'
import { CPO, EMSP, type Joined, type Pair, routedTo, startPair } from './pair.ts'

/** Counts who connects: nobody may, on any address of this machine. */
let trap: Server
let port: number
let caught = 0
beforeAll(async () => {
  trap = createServer((socket) => {
    caught += 1
    socket.on('error', () => {}).destroy()
  })
  trap.listen(0)
  await once(trap, 'listening')
  port = (trap.address() as AddressInfo).port
})
beforeEach(() => {
  caught = 0
})
afterAll(() => trap.close())

/** Spellings of addresses in this machine or its network. `PORT` stands for the trap's. */
const INWARD = [
  'https://127.0.0.1:PORT/v',
  'https://127.1:PORT/v',
  'https://127.255.255.254:PORT/v',
  'https://2130706433:PORT/v',
  'https://0x7f000001:PORT/v',
  'https://0x7f.0.0.1:PORT/v',
  'https://0177.0.0.1:PORT/v',
  'https://0:PORT/v',
  'https://0.0.0.0:PORT/v',
  'https://[::1]:PORT/v',
  'https://[::]:PORT/v',
  'https://[::ffff:127.0.0.1]:PORT/v',
  'https://[::ffff:7f00:1]:PORT/v',
  'https://[::127.0.0.1]:PORT/v',
  'https://[64:ff9b::127.0.0.1]:PORT/v',
  'https://[2002:7f00:1::]:PORT/v',
  'https://localhost:PORT/v',
  'https://LOCALHOST.:PORT/v',
  'https://a.localhost:PORT/v',
  'https://１２７.0.0.1:PORT/v',
  'https://10.0.0.1/v',
  'https://172.16.0.1/v',
  'https://192.168.0.1/v',
  'https://100.64.0.1/v',
  'https://169.254.169.254/latest/meta-data',
  'https://168.63.129.16/v',
  'https://[fe80::1]/v',
  'https://[fc00::1]/v',
  'https://[fd00:ec2::254]/v',
  'https://224.0.0.1/v',
  'http://127.0.0.1:PORT/v',
  'http://localhost:PORT/v',
  'http://partner.example/v',
  'ftp://partner.example/v',
  'file:///etc/passwd',
  'https://user:secret@partner.example/v',
  'https://partner.example\\@127.0.0.1:PORT/v',
  '//127.0.0.1:PORT/v',
  'v',
]
const here = (url: string) => url.replace('PORT', String(port))

describe('a partner that registers with a URL that leads inward', () => {
  let hub: TestHub
  beforeAll(async () => {
    hub = await startTestHub({ ALLOW_PRIVATE_NETWORKS: 'false' })
  })
  afterAll(() => hub.close())

  async function register(url: string): Promise<{ status: number; status_code: number }> {
    const { token } = await hub.createPlatform({ name: 'inward' })
    const answer = await fetch(`${hub.url}/ocpi/2.2.1/credentials`, {
      method: 'POST',
      headers: { Authorization: `Token ${btoa(token)}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        token: 'partner-token',
        url,
        roles: [{ ...CPO, role: 'CPO', business_details: { name: 'inward' } }],
      }),
    })
    const { status_code } = (await answer.json()) as { status_code: number }
    return { status: answer.status, status_code }
  }

  test.each(INWARD)('%s is refused, and nothing is called', async (url) => {
    const answer = await register(here(url))
    expect(answer.status).toBe(200)
    expect([2001, 3001]).toContain(answer.status_code)
    expect(caught).toBe(0)
  })

  test('an administrator who connects to such a URL is told', async () => {
    expect(await connect(`https://127.0.0.1:${port}/versions`)).toMatchObject(REFUSED)
    expect(caught).toBe(0)
  })

  describe.runIf(onNode('Addresses of partners'))('by a name that leads here only when it is looked up', () => {
    test('is answered 3001, and nothing is called', async () => {
      expect(await register(`https://${hostname()}:${port}/v`)).toEqual({ status: 200, status_code: 3001 })
      expect(caught).toBe(0)
    })

    test('has the administrator told who connects to it', async () => {
      expect(await connect(`https://${hostname()}:${port}/versions`)).toMatchObject(REFUSED)
      expect(caught).toBe(0)
    })
  })

  const REFUSED = {
    status: 422,
    headers: { 'content-type': expect.stringContaining('application/problem+json') as string },
  }
  async function connect(versionsUrl: string) {
    const { id } = await hub.createPlatform({ name: 'outward' })
    return hub.admin('POST', `/platforms/${id}/connect`, { versions_url: versionsUrl, token: 'partner-token' })
  }
})

describe('a partner at a public address', () => {
  const mayCall = (url: string) => checkPartnerUrl(url, false)
  const called: string[] = []

  /** Answers by path, as a partner at https://partner.example would. */
  function learnFrom(answers: Record<string, unknown>, status = 200) {
    called.length = 0
    const send = async ({ origin, path }: OutboundRequest): Promise<SendResult> => {
      called.push(origin + path)
      const headers = ['Content-Type', 'application/json', 'Location', `https://127.0.0.1:${port}/`]
      const envelope = { data: answers[path], status_code: 1000, timestamp: '2026-01-01T00:00:00Z' }
      return { kind: 'answer', status, headers, body: new TextEncoder().encode(JSON.stringify(envelope)) }
    }
    const random = { id: () => 'id', token: () => 'token' }
    const client = createPartnerClient({
      send,
      inflate: createInflater({ room: createRoom(1024), now: Date.now, noteBound: () => {} }),
      random,
      loopMark: 'mark',
      now: Date.now,
      mayCall,
      timeoutMs: 1000,
      bufferBytes: 1024 * 1024,
      observe: () => {},
    })
    return learnPartner(
      client,
      'https://partner.example/versions',
      { platformId: 'p', token: 'x', encoding: 'base64' },
      ['2.2.1'],
      [],
    )
  }

  test.each(INWARD)('whose versions name details at %s: they are not asked', async (url) => {
    const learnt = await learnFrom({ '/versions': [{ version: '2.2.1', url: here(url) }] })
    expect(['forbidden-url', 'refused']).toContain(learnt.kind)
    expect(called).toEqual(['https://partner.example/versions'])
  })

  test.each(INWARD)('whose details name an endpoint at %s: the handshake fails', async (url) => {
    const endpoints = [
      { identifier: 'credentials', role: 'RECEIVER', url: 'https://partner.example/credentials' },
      { identifier: 'locations', role: 'SENDER', url: here(url) },
    ]
    const learnt = await learnFrom({
      '/versions': [{ version: '2.2.1', url: 'https://partner.example/2.2.1' }],
      '/2.2.1': { version: '2.2.1', endpoints },
    })
    expect(['forbidden-url', 'no-matching-endpoints']).toContain(learnt.kind)
  })

  test('that redirects is not followed', async () => {
    expect((await learnFrom({ '/versions': [] }, 302)).kind).toBe('refused')
    expect(called.length).toBe(1)
  })

  // A backslash in a link is read as a slash and kept so: what is called later is what was checked.
  test.each(INWARD.filter((url) => !url.includes('\\')))(
    'whose list goes on at %s: that link is dropped, with an alarm that names its platform',
    async (url) => {
      const alarms: string[] = []
      const led = createLedUrls({
        publicUrl: 'https://hub.example',
        mac: () => 'm'.repeat(43),
        previousMac: null,
        random: { id: () => 'id', token: () => 't'.repeat(43) },
        now: () => 0,
        store: { save: async () => {}, find: async () => null },
        mayCall,
        alarm: ({ kind, platformId }) => alarms.push(`${kind} ${platformId}`),
      })
      const parties = {
        forParty: { countryCode: 'DE', partyId: 'EMS' },
        toParty: { countryCode: 'NL', partyId: 'CPO' },
      }
      const lead = { module: 'locations', interfaceRole: 'SENDER', toPlatformId: 'p1', ...parties } as const
      const announced = { origin: 'https://partner.example', path: '/locations', ownPath: '/locations' }
      // A relative link is one to the partner itself.
      const link = await led.leadNextLink(
        [`<${here(url)}>; rel="next"`],
        announced,
        `https://127.0.0.1:${port}/x`,
        lead,
      )
      expect(link).toBeNull()
      expect(alarms).toEqual(['next-link-dropped p1'])
    },
  )
})

describe('sending', () => {
  const sending = createUndiciSend({ isAddressAllowed: isPublicAddress })
  afterAll(() => sending.close())
  const try_ = (origin: string, by = sending) =>
    by.send({ origin, path: '/', method: 'GET', headers: [], body: null, timeoutMs: 2_000, bufferBytes: 1024 })

  test.each(['127.0.0.1', 'localhost', hostname(), '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0177.1'])(
    'to %s, kept from a time when that was allowed, makes no connection',
    async (host) => {
      for (const scheme of ['http', 'https']) {
        const result = await try_(`${scheme}://${host}:${port}`)
        expect(result).toMatchObject({ kind: 'failed', why: 'forbidden-address' })
      }
      expect(caught).toBe(0)
    },
  )

  test('says the same of a name that leads inside and of one that leads nowhere, so that nobody learns which there are', async () => {
    const lookup: Lookup = (name, _, tell) =>
      name === 'inside.example'
        ? tell(null, [{ address: '10.0.0.7', family: 4 }])
        : tell(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
    const guarded = createUndiciSend({ isAddressAllowed: isPublicAddress, lookup })
    const said = async (host: string) => {
      const result = await try_(`https://${host}`, guarded)
      return result.kind === 'failed' ? result.detail : 'an answer'
    }
    const [inside, nowhere, literal] = await Promise.all(['inside.example', 'nowhere.example', '10.0.0.7'].map(said))
    expect(inside).toBe('it leads to no address that the hub may call')
    expect([nowhere, literal]).toEqual([inside, inside])
    await guarded.close()
  })

  test('by plain http makes no connection where https is required', async () => {
    const strict = createUndiciSend({ isAddressAllowed: () => true, isTlsRequired: true })
    expect(await try_(`http://127.0.0.1:${port}`, strict)).toMatchObject({ kind: 'failed', why: 'forbidden-address' })
    expect(caught).toBe(0)
    expect(await try_(`http://127.0.0.1:${port}`, sending)).toMatchObject({ kind: 'failed' })
    await strict.close()
  })
})

describe('a hub that stops allowing private networks', () => {
  let drop: () => Promise<void>
  let hub: TestHub
  let cpo: Joined
  let emsp: Joined
  let location: string
  beforeAll(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    const first = await startTestHub({}, { databaseUrl: database.url })
    cpo = await join(first, 'cpo', { ...CPO, role: 'CPO' })
    emsp = await join(first, 'emsp', { ...EMSP, role: 'EMSP' })
    emsp.on('cdrs', 'RECEIVER', () => ({ status: 201, headers: ['Location', `${emsp.origin}/cdrs/1`] }))
    const posted = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: '1' } })
    location = posted.header('location') as string
    await first.close()
    hub = await startTestHub({ ALLOW_PRIVATE_NETWORKS: 'false' }, { databaseUrl: database.url })
  })
  afterAll(async () => {
    await hub.close()
    await cpo.close()
    await emsp.close()
    await drop()
  })

  async function join(
    at: TestHub,
    name: string,
    party: { country_code: string; party_id: string; role: 'CPO' | 'EMSP' },
  ) {
    const partner = await startPartner({ name, parties: [party] })
    const { id, token } = await at.createPlatform({ name })
    await partner.register({ versionsUrl: at.versionsUrl, token })
    return Object.assign(partner, { platformId: id })
  }

  /** The partner's URLs at the hub that runs now. */
  const moved = (url: string) => hub.url + new URL(url).pathname

  test('does not reach endpoints learnt before: 4003, and no call', async () => {
    const before = routedTo(cpo)
    const url = moved(emsp.hubEndpoints.get('locations/SENDER') as string)
    expect(await emsp.callUrl(url, { to: CPO })).toMatchObject({ status: 200, statusCode: 4003 })
    expect(routedTo(cpo)).toBe(before)
  })

  test('does not follow a Location kept before: 4003, and no call', async () => {
    const before = routedTo(emsp)
    expect(await cpo.callUrl(moved(location))).toMatchObject({ status: 200, statusCode: 4003 })
    expect(routedTo(emsp)).toBe(before)
  })

  test.each(INWARD)('refuses the response_url %s with 2001, and makes no call', async (response) => {
    const before = routedTo(cpo)
    const commands = moved(emsp.hubEndpoints.get('commands/RECEIVER') as string)
    const command = {
      method: 'POST',
      path: '/STOP_SESSION',
      to: CPO,
      body: { response_url: here(response), session_id: '1' },
    }
    expect(await emsp.callUrl(commands, command)).toMatchObject({ status: 200, statusCode: 2001 })
    const profiles = moved(emsp.hubEndpoints.get('chargingprofiles/RECEIVER') as string)
    const query = `?response_url=${encodeURIComponent(here(response))}&duration=900`
    expect(await emsp.callUrl(profiles, { path: '/S1', query, to: CPO })).toMatchObject({
      status: 200,
      statusCode: 2001,
    })
    expect(routedTo(cpo)).toBe(before)
    expect(caught).toBe(0)
  })
})

describe('a receiver that names URLs no hub may call', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair()
  })
  afterAll(() => pair.hub.close())

  test.each(['ftp://emsp.example/cdr', 'file:///etc/passwd', 'https://user:pass@emsp.example/cdr'])(
    'as Location (%s): the 201 passes without it',
    async (url) => {
      const undo = pair.emsp.on('cdrs', 'RECEIVER', () => ({ status: 201, headers: ['Location', url] }))
      const answer = await pair.cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: '1' } })
      undo()
      expect(answer).toMatchObject({ status: 201, statusCode: 1000 })
      expect(answer.header('location')).toBeUndefined()
    },
  )

  test.each(['ftp://cpo.example/next', 'file:///etc/passwd', 'https://user:pass@cpo.example/next'])(
    'as next page (%s): the list passes without it',
    async (url) => {
      const undo = pair.cpo.on('locations', 'SENDER', () => ({ data: [], headers: ['Link', `<${url}>; rel="next"`] }))
      const answer = await pair.ask()
      undo()
      expect(answer).toMatchObject({ status: 200, statusCode: 1000 })
      expect(answer.link).toBeNull()
    },
  )
})
