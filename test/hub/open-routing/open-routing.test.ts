import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { CallOptions, Partner } from '../../support/partner.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' as const }
const OTHER_CPO = { country_code: 'NL', party_id: 'CP2', role: 'CPO' as const }
const MSP = { country_code: 'DE', party_id: 'MSP', role: 'EMSP' as const }
const OTHER_MSP = { country_code: 'DE', party_id: 'MS2', role: 'EMSP' as const }
/** Ids that no two CPOs have. */
const [LOCATION, SESSION, THERE, LAST, SHARED, FORGED, REFUSED, OWNED] = Array.from({ length: 8 }, () =>
  randomUUID(),
) as [string, string, string, string, string, string, string, string]
const nameOf = ({ country_code, party_id }: typeof CPO | typeof MSP) => ({ country_code, party_id })

type Joined = Partner & { platformId: string }
let hub: TestHub
let cpo: Joined
let otherCpo: Joined
let msp: Joined
let otherMsp: Joined

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  otherCpo = await hub.join({ name: 'other cpo', parties: [OTHER_CPO] })
  msp = await hub.join({ name: 'msp', parties: [MSP] })
  otherMsp = await hub.join({ name: 'other msp', parties: [OTHER_MSP] })
})
afterAll(() => hub.close())
beforeEach(() => {
  for (const partner of [cpo, otherCpo, msp, otherMsp]) partner.requests.length = 0
})

const cdr = (token: object) => ({ id: 'CDR1', ...nameOf(CPO), cdr_token: { uid: 'T1', type: 'RFID', ...token } })
const put = (path: string, body: unknown): CallOptions => ({ method: 'PUT', path, body })
/** What reached a partner for one of its endpoints. */
const got = (partner: Partner, module: string) => partner.requests.filter((request) => request.module === module)

/** Teaches the hub through ordinary traffic: the answer to the second try is the first to know. */
async function untilKnown(ask: () => Promise<{ statusCode: number | null }>): Promise<void> {
  await expect.poll(async () => (await ask()).statusCode).toBe(1000)
}

describe('Transport and format: Open Routing Request, whom the body names', () => {
  it('takes a CDR to the owner of its token', async () => {
    const answer = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', body: cdr(nameOf(MSP)) })
    expect(answer.statusCode).toBe(1000)
    expect(got(msp, 'cdrs')).toHaveLength(1)
    expect(got(otherMsp, 'cdrs')).toHaveLength(0)
  })

  it('addresses the receiver found, in the name of the caller, and answers from the party that really answered', async () => {
    const answer = await cpo.call('cdrs', 'RECEIVER', {
      method: 'POST',
      body: cdr(nameOf(MSP)),
      requestId: 'r-1',
      correlationId: 'c-1',
    })
    const [request] = got(msp, 'cdrs')
    expect(request?.header('ocpi-to-party-id')).toBe('MSP')
    expect(request?.header('ocpi-from-party-id')).toBe('CPO')
    expect(request?.header('x-correlation-id')).toBe('c-1')
    expect(request?.header('x-request-id')).not.toBe('r-1')
    expect(answer.header('ocpi-from-party-id')).toBe('MSP')
    expect(answer.header('ocpi-to-party-id')).toBe('CPO')
    expect(answer.header('x-request-id')).toBe('r-1')
  })

  it('leads the Location of a CDR through the hub', async () => {
    const undo = msp.on('cdrs', 'RECEIVER', (request) =>
      request.method === 'POST'
        ? { status: 201, headers: ['Location', `${msp.endpointUrl('cdrs', 'RECEIVER')}/7`] }
        : { data: { id: 'CDR1' } },
    )
    const answer = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', body: cdr(nameOf(MSP)) })
    const location = answer.header('location') as string
    expect(location.startsWith(hub.url)).toBe(true)
    expect((await cpo.callUrl(location)).data).toEqual({ id: 'CDR1' })
    undo()
  })

  it('keeps the bytes of a body it read', async () => {
    const body = `{ "id":"CDR1","country_code":"NL","party_id":"CPO","total":1.10,"cdr_token":{"uid":"\\u0054","country_code":"de","party_id":"msp"} }`
    await cpo.call('cdrs', 'RECEIVER', { method: 'POST', body })
    expect(got(msp, 'cdrs')[0]?.body.toString()).toBe(body)
  })

  it('answers 4001 when the owner of the token is unknown here', async () => {
    const answer = await cpo.call('cdrs', 'RECEIVER', {
      method: 'POST',
      body: cdr({ country_code: 'FR', party_id: 'XXX' }),
    })
    expect(answer.statusCode).toBe(4001)
  })

  it('answers 4001 and says what was missing when nothing names a receiver', async () => {
    const noToken = await cpo.call('sessions', 'RECEIVER', {
      method: 'PATCH',
      path: '/NL/CPO/S-unknown',
      body: { kwh: 1 },
    })
    expect(noToken.statusCode).toBe(4001)
    expect(noToken.envelope?.status_message).toContain('s-unknown')
    const object = await msp.call('locations', 'SENDER', { path: '/NOWHERE' })
    expect(object.statusCode).toBe(4001)
    const command = await msp.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/UNLOCK_CONNECTOR',
      body: { location_id: 'NOWHERE', response_url: 'http://127.0.0.1:1/x' },
    })
    expect(command.statusCode).toBe(4001)
    expect(command.envelope?.status_message).toContain('NOWHERE')
  })

  it('answers 4001 in few words, and no failure of its own, to an id that is none', async () => {
    for (const id of ['x'.repeat(100_000), 'a\0b']) {
      const answer = await msp.call('commands', 'RECEIVER', {
        method: 'POST',
        path: '/UNLOCK_CONNECTOR',
        body: { location_id: id, response_url: 'http://127.0.0.1:1/x' },
      })
      expect(answer.statusCode).toBe(4001)
      expect(answer.bytes.length).toBeLessThan(400)
    }
  })

  it('broadcasts a push that names nobody, from the hub, and gives it back to no one of its own', async () => {
    const body = { id: 'ALL', ...nameOf(CPO) }
    const answer = await cpo.call('locations', 'RECEIVER', put('/NL/CPO/ALL', body))
    expect(answer.statusCode).toBe(1000)
    expect(answer.header('ocpi-from-party-id')).toBe('HUB')
    for (const partner of [msp, otherMsp]) {
      const request = await partner.waitForRequest(
        ({ module, suffix }) => module === 'locations' && suffix === '/NL/CPO/ALL',
      )
      expect(request.header('ocpi-from-party-id')).toBe('HUB')
      expect(request.json()).toEqual(body)
    }
    expect(got(cpo, 'locations')).toHaveLength(0)
  })

  it('broadcasts what is joined with doubled slashes or without one, and a DELETE with an empty object without it', async () => {
    const body = { id: 'JOINED', ...nameOf(CPO) }
    const url = `${hub.url}/ocpi/2.2.1/receiver/`
    expect((await cpo.callUrl(`${url}locationsNL//CPO/JOINED`, { method: 'PUT', body })).statusCode).toBe(1000)
    const deleted = { method: 'DELETE', body: {}, to: { country_code: 'NL', party_id: 'HUB' } }
    expect((await cpo.callUrl(`${url}tariffs//NL/CPO//T%5C1`, deleted)).statusCode).toBe(1000)
    const pushed = await msp.waitForRequest(
      ({ module, suffix }) => module === 'locations' && suffix === '/NL/CPO/JOINED',
    )
    expect(pushed.json()).toEqual(body)
    const gone = await msp.waitForRequest(({ module, method }) => module === 'tariffs' && method === 'DELETE')
    expect([gone.suffix, gone.body.length]).toEqual(['/NL/CPO/T%5C1', 0])
  })

  it('refuses a push in the name of another platform, in path or body', async () => {
    const token = { cdr_token: nameOf(MSP) }
    expect((await otherCpo.call('sessions', 'RECEIVER', put('/NL/CPO/S1', token))).statusCode).toBe(2001)
    const body = { ...nameOf(CPO), ...token }
    expect((await otherCpo.call('sessions', 'RECEIVER', put('/NL/CP2/S1', body))).statusCode).toBe(2001)
    expect((await otherCpo.call('cdrs', 'RECEIVER', { method: 'POST', body: cdr(nameOf(MSP)) })).statusCode).toBe(2001)
    expect(got(msp, 'sessions')).toHaveLength(0)
    expect(got(msp, 'cdrs')).toHaveLength(0)
  })
})

describe('Transport and format: Open Routing Request, what earlier traffic taught', () => {
  it('takes a command to the CPO whose location was pushed, its response_url led through the hub', async () => {
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${LOCATION}`, { id: LOCATION }), to: MSP })
    await untilKnown(() => start(LOCATION.toUpperCase()))
    const [request] = got(cpo, 'commands')
    expect(got(otherCpo, 'commands')).toHaveLength(0)
    const body = request?.json() as { response_url: string; token: unknown }
    expect(body.response_url.startsWith(hub.url)).toBe(true)
    const result = await cpo.callUrl(body.response_url, { method: 'POST', body: { result: 'ACCEPTED' } })
    expect(result.statusCode).toBe(1000)
    expect(msp.requests.at(-1)?.target).toBe('/srv/sender/commands/result/7')
  })

  function start(location: string, token: object = nameOf(MSP)) {
    return msp.call('commands', 'RECEIVER', {
      method: 'POST',
      path: '/START_SESSION',
      body: {
        location_id: location,
        token,
        response_url: `${msp.endpointUrl('commands', 'SENDER')}/result/7`,
      },
    })
  }

  it('says 2001 when two CPOs have a location of that name, and asks neither', async () => {
    for (const partner of [cpo, otherCpo]) {
      const { party_id } = partner.parties[0] as { party_id: string }
      await partner.call('locations', 'RECEIVER', { ...put(`/NL/${party_id}/TWICE`, { id: 'TWICE' }), to: MSP })
    }
    await expect.poll(async () => (await start('TWICE')).envelope?.status_message).toContain('several')
    for (const partner of [cpo, otherCpo]) partner.requests.length = 0
    expect((await start('TWICE')).statusCode).toBe(2001)
    expect(got(cpo, 'commands')).toHaveLength(0)
    expect(got(otherCpo, 'commands')).toHaveLength(0)
  })

  it('says 2001 when only one CPO was seen with an id that another could have too, and asks neither', async () => {
    const id = 'S-1'
    await cpo.call('sessions', 'RECEIVER', put(`/NL/CPO/${id}`, { id, cdr_token: { uid: 'T1', ...nameOf(MSP) } }))
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${id}`, { id }), to: MSP })
    const response_url = `${msp.endpointUrl('commands', 'SENDER')}/result/7`
    const stop = () =>
      msp.call('commands', 'RECEIVER', {
        method: 'POST',
        path: '/STOP_SESSION',
        body: { session_id: id, response_url },
      })
    for (const ask of [stop, () => start(id), () => msp.call('locations', 'SENDER', { path: `/${id}` })]) {
      await expect.poll(async () => (await ask()).envelope?.status_message).toContain('NL-CP2 could have one')
      expect((await ask()).statusCode).toBe(2001)
    }
    expect(got(cpo, 'commands')).toHaveLength(0)

    // With one CPO that it may talk to nothing is unclear.
    const rule = await hub.admin('POST', '/agreements', { a: nameOf(MSP), b: nameOf(OTHER_CPO), effect: 'deny' })
    expect((await stop()).statusCode).toBe(1000)
    expect(got(cpo, 'commands')).toHaveLength(1)
    await hub.admin('DELETE', `/agreements/${rule.body.id}`)
  })

  it('takes a CDR and a session of a token without a party to the eMSP that pushed the token', async () => {
    await otherMsp.call('tokens', 'RECEIVER', { ...put('/DE/MS2/T-22', { uid: 'T-22' }), to: CPO })
    const body = { ...cdr({}), cdr_token: { uid: 't-22', type: 'RFID', contract_id: 'C' } }
    await untilKnown(() => cpo.call('cdrs', 'RECEIVER', { method: 'POST', body }))
    expect(
      (await cpo.call('sessions', 'RECEIVER', put('/NL/CPO/S-22', { cdr_token: body.cdr_token }))).statusCode,
    ).toBe(1000)
    expect([got(otherMsp, 'cdrs').length, got(otherMsp, 'sessions').length]).toEqual([1, 1])

    // Another eMSP that names the token as its own does not take it, nor does it make it unclear whose it is.
    await msp.call('tokens', 'RECEIVER', { ...put('/DE/MSP/T-22', { uid: 'T-22' }), to: CPO })
    await msp.call('tokens', 'RECEIVER', { ...put('/DE/MSP/T-23', { uid: 'T-23' }), to: CPO })
    const other = { ...body, cdr_token: { ...body.cdr_token, uid: 'T-23' } }
    await untilKnown(() => cpo.call('cdrs', 'RECEIVER', { method: 'POST', body: other }))
    expect((await cpo.call('cdrs', 'RECEIVER', { method: 'POST', body })).statusCode).toBe(1000)
    expect([got(otherMsp, 'cdrs').length, got(msp, 'cdrs').length]).toEqual([2, 1])
  })

  it('takes a command to the CPO that pushed a location first, whoever pushes one of that id after it', async () => {
    const push = (partner: Partner, party: string, id: string) =>
      partner.call('locations', 'RECEIVER', { ...put(`/NL/${party}/${id}`, { id }), to: MSP })
    const last = randomUUID()
    await push(cpo, 'CPO', OWNED)
    await untilKnown(() => start(OWNED))
    await push(otherCpo, 'CP2', OWNED)
    await push(otherCpo, 'CP2', last)
    await untilKnown(() => start(last))
    cpo.requests.length = otherCpo.requests.length = 0
    expect((await start(OWNED)).statusCode).toBe(1000)
    expect([got(cpo, 'commands').length, got(otherCpo, 'commands').length]).toEqual([1, 0])

    // Who is gone has nothing any more.
    await hub.admin('POST', `/platforms/${cpo.platformId}/suspend`)
    expect((await start(OWNED)).statusCode).toBe(1000)
    expect(got(otherCpo, 'commands')).toHaveLength(1)
    await hub.admin('POST', `/platforms/${cpo.platformId}/resume`)
  })

  it('takes charging profiles and stop commands to the CPO of the session, and its changes to the eMSP', async () => {
    await cpo.call(
      'sessions',
      'RECEIVER',
      put(`/NL/CPO/${SESSION}`, { id: SESSION, cdr_token: { uid: 'T1', ...nameOf(MSP) } }),
    )
    expect(got(msp, 'sessions')).toHaveLength(1)
    await untilKnown(() =>
      msp.call('chargingprofiles', 'RECEIVER', {
        path: `/${SESSION}`,
        query: `?duration=900&response_url=${msp.origin}/r`,
      }),
    )
    const stop = { session_id: SESSION, response_url: `${msp.origin}/r` }
    expect(
      (await msp.call('commands', 'RECEIVER', { method: 'POST', path: '/STOP_SESSION', body: stop })).statusCode,
    ).toBe(1000)
    expect(
      (await msp.call('sessions', 'SENDER', put(`/${SESSION}/charging_preferences`, { profile_type: 'FAST' })))
        .statusCode,
    ).toBe(1000)
    expect(got(cpo, 'chargingprofiles').at(-1)?.header('ocpi-to-party-id')).toBe('CPO')
    const patch = await cpo.call('sessions', 'RECEIVER', {
      method: 'PATCH',
      path: `/nl/cpo/${SESSION}`,
      body: { kwh: 2 },
    })
    expect(patch.statusCode).toBe(1000)
    expect(got(msp, 'sessions')).toHaveLength(2)
    expect(
      (await cpo.call('chargingprofiles', 'SENDER', put(`/${SESSION}`, { start_date_time: 'x' }))).statusCode,
    ).toBe(1000)
    expect(got(msp, 'chargingprofiles')).toHaveLength(1)
    const ended = { id: 'CDR9', ...nameOf(CPO), session_id: SESSION, cdr_token: { uid: 'T9' } }
    expect((await cpo.call('cdrs', 'RECEIVER', { method: 'POST', body: ended })).statusCode).toBe(1000)
    expect(got(msp, 'cdrs')).toHaveLength(1)
  })

  it('takes a command to the CPO of the location, also when the owner of the token is a CPO as well', async () => {
    const parties = (['CPO', 'EMSP'] as const).map((role) => ({ country_code: 'DE', party_id: 'TWO', role }))
    const two = await hub.join({ name: 'two', parties, modules: [{ identifier: 'commands', role: 'RECEIVER' }] })
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${THERE}`, { id: THERE }), to: MSP })
    await untilKnown(() => start(THERE, nameOf(parties[0] as typeof CPO)))
    expect(got(cpo, 'commands')).toHaveLength(1)
    expect(got(two, 'commands')).toHaveLength(0)
  })

  it('learns nothing from a push in the name of another platform, nor from one that was refused', async () => {
    await otherCpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${FORGED}`, { id: FORGED }), to: MSP })
    const undo = msp.on('locations', 'RECEIVER', () => ({ statusCode: 2001 }))
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${REFUSED}`, { id: REFUSED }), to: MSP })
    undo()
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${LAST}`, { id: LAST }), to: MSP })
    await untilKnown(() => start(LAST))
    expect((await start(FORGED)).statusCode).toBe(4001)
    expect((await start(REFUSED)).statusCode).toBe(4001)
  })

  it('knows in another process, and after a restart, what one has learnt', async () => {
    await cpo.call('locations', 'RECEIVER', { ...put(`/NL/CPO/${SHARED}`, { id: SHARED }), to: MSP })
    const second = await startTestHub({}, { databaseUrl: hub.databaseUrl })
    const get = () => msp.callUrl(`${second.url}/ocpi/2.2.1/sender/locations/${SHARED}`)
    await untilKnown(get)
    expect(got(cpo, 'locations').at(-1)?.suffix).toBe(`/${SHARED}`)
    await second.close()
  })
})

describe('Tokens: Real-time authorization by open routing', () => {
  const authorize = (uid: string, options: CallOptions = {}) =>
    cpo.call('tokens', 'SENDER', {
      method: 'POST',
      path: `/${uid}/authorize`,
      body: { location_id: 'LOC1' },
      ...options,
    })
  const allowing = (partner: Partner, allowed: string) =>
    partner.on('tokens', 'SENDER', () => ({ data: { allowed, token: {} } }))
  const knowing = (partner: Partner) => partner.on('tokens', 'SENDER', () => ({ status: 404, statusCode: 2004 }))

  it('asks the eMSP that pushed the token', async () => {
    await msp.call('tokens', 'RECEIVER', { ...put('/DE/MSP/PUSHED', { uid: 'PUSHED' }), to: CPO })
    const undo = [allowing(msp, 'ALLOWED'), allowing(otherMsp, 'BLOCKED')]
    await expect.poll(async () => (await authorize('pushed')).header('ocpi-from-party-id')).toBe('MSP')
    otherMsp.requests.length = 0
    const answer = await authorize('pushed')
    expect(answer.data).toMatchObject({ allowed: 'ALLOWED' })
    expect(got(otherMsp, 'tokens')).toHaveLength(0)
    for (const each of undo) each()
  })

  it('asks every eMSP at once about a token nobody is known to own; the first that allows it wins', async () => {
    const undo = [allowing(msp, 'ALLOWED'), otherMsp.on('tokens', 'SENDER', () => 'handled')]
    const answer = await authorize('NEW-1', { query: '?type=RFID', correlationId: 'c-9' })
    expect(answer.data).toMatchObject({ allowed: 'ALLOWED' })
    expect(answer.header('ocpi-from-party-id')).toBe('MSP')
    expect(got(otherMsp, 'tokens')).toHaveLength(1)
    for (const partner of [msp, otherMsp]) {
      expect(got(partner, 'tokens')[0]?.target).toMatch(/\/NEW-1\/authorize\?type=RFID$/)
      expect(got(partner, 'tokens')[0]?.header('x-correlation-id')).toBe('c-9')
      expect(got(partner, 'tokens')[0]?.json()).toEqual({ location_id: 'LOC1' })
    }
    for (const each of undo) each()
  })

  it.each([
    ['in a list of one', { data: [{ allowed: 'ALLOWED', token: {} }] }],
    ['without a status code', { body: '{"data":{"allowed":"ALLOWED","token":{}}}' }],
  ])('takes the word of an eMSP that gives it %s', async (how, reply) => {
    const undo = [msp.on('tokens', 'SENDER', () => reply), knowing(otherMsp)]
    const answer = await authorize(`NEW-9-${how.length}`)
    expect(answer.header('ocpi-from-party-id')).toBe('MSP')
    expect(JSON.stringify(answer.data)).toContain('"ALLOWED"')
    for (const each of undo) each()
  })

  it.each([
    ['a list of two', { data: [{ allowed: 'ALLOWED' }, { allowed: 'ALLOWED' }] }],
    ['a list of none', { data: [] }],
    ['nothing at all', { status: 204, isBare: true, body: '' }],
  ])('takes %s for no authorisation', async (how, reply) => {
    const undo = [msp.on('tokens', 'SENDER', () => reply), knowing(otherMsp)]
    expect((await authorize(`NEW-10-${how.length}`)).statusCode).toBe(2004)
    for (const each of undo) each()
  })

  it('asks every eMSP again where one allows a token that it never pushed', async () => {
    const undo = [knowing(msp), allowing(otherMsp, 'ALLOWED')]
    for (const uid of ['NEW-2', 'NEW-21']) expect((await authorize(uid)).header('ocpi-from-party-id')).toBe('MS2')
    undo.push(allowing(otherMsp, 'NOT_ALLOWED'), allowing(msp, 'ALLOWED'))
    for (const uid of ['NEW-2', 'NEW-21']) expect((await authorize(uid)).header('ocpi-from-party-id')).toBe('MSP')
    for (const each of undo) each()
  })

  it.each([{ party_id: 'MSP' }, { country_code: 'NL', party_id: 'MS2' }, nameOf(MSP)])(
    'gives nothing on an answer whose token is of another party than the one that was asked: %j',
    async (named) => {
      const token = { uid: 'NEW-12', ...named }
      const undo = [knowing(msp), otherMsp.on('tokens', 'SENDER', () => ({ data: { allowed: 'ALLOWED', token } }))]
      expect((await authorize('NEW-12')).statusCode).toBe(2004)
      undo.push(otherMsp.on('tokens', 'SENDER', () => ({ data: { allowed: 'ALLOWED', token: { party_id: 'ms2' } } })))
      expect((await authorize('NEW-12')).data).toMatchObject({ allowed: 'ALLOWED' })
      for (const each of undo) each()
    },
  )

  it('gives the word of the eMSP that knows the token when nobody allows it', async () => {
    const undo = [knowing(msp), allowing(otherMsp, 'BLOCKED')]
    const answer = await authorize('NEW-3')
    expect(answer.data).toMatchObject({ allowed: 'BLOCKED' })
    expect(answer.header('ocpi-from-party-id')).toBe('MS2')
    for (const each of undo) each()
  })

  it('takes an eMSP that allows no token at all for the owner of none: the others are asked again', async () => {
    const undo = [allowing(otherMsp, 'NOT_ALLOWED'), knowing(msp)]
    expect((await authorize('NEW-7')).data).toMatchObject({ allowed: 'NOT_ALLOWED' })
    expect((await authorize('NEW-7', { to: OTHER_MSP })).data).toMatchObject({ allowed: 'NOT_ALLOWED' })
    await authorize('NEW-8', { to: OTHER_MSP })
    undo.push(allowing(msp, 'ALLOWED'))
    for (const uid of ['NEW-7', 'NEW-8']) {
      expect((await authorize(uid)).data).toMatchObject({ allowed: 'ALLOWED' })
    }
    for (const each of undo) each()
  })

  it('answers 404 with 2004 when no eMSP knows the token', async () => {
    const undo = [knowing(msp), knowing(otherMsp)]
    const answer = await authorize('NEW-4')
    expect(answer.status).toBe(404)
    expect(answer.statusCode).toBe(2004)
    for (const each of undo) each()
  })

  it('asks nobody when there are more eMSPs than the setting allows', async () => {
    const shy = await startTestHub({ OPEN_AUTHORIZATION_MOST: '1' }, { databaseUrl: hub.databaseUrl })
    const answer = await cpo.callUrl(`${shy.url}/ocpi/2.2.1/sender/tokens/NEW-5/authorize`, { method: 'POST' })
    expect(answer.statusCode).toBe(2001)
    expect(answer.envelope?.status_message).toContain('2 eMSPs')
    expect(got(msp, 'tokens')).toHaveLength(0)
    await shy.close()
  })

  it('asks only eMSPs that may talk to the CPO', async () => {
    const undo = [knowing(msp), allowing(otherMsp, 'ALLOWED')]
    const rule = await hub.admin('POST', '/agreements', { a: nameOf(CPO), b: nameOf(OTHER_MSP), effect: 'deny' })
    expect((await authorize('NEW-6')).statusCode).toBe(2004)
    expect(got(otherMsp, 'tokens')).toHaveLength(0)
    await hub.admin('DELETE', `/agreements/${rule.body.id}`)
    for (const each of undo) each()
  })
})
