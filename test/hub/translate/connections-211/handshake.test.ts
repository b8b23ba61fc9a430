// Rules: a partner of OCPI 2.1.1 is connected as CPO or as eMSP [2.1.1: credentials; version_information_endpoint].
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'

let hub: TestHub
const started: Partner211[] = []
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(async () => {
  await Promise.all(started.map((partner) => partner.close()))
  await hub.close()
})

const NL = (party_id: string) => ({ country_code: 'NL', party_id })

async function start(party_id: string, side: 'cpo' | 'emsp'): Promise<Partner211> {
  const partner = await startPartner211({ name: `Partner ${party_id}`, side, party: NL(party_id) })
  started.push(partner)
  return partner
}

/** Where a partner of a side finds the hub. */
const at = (side: 'cpo' | 'emsp') => `${hub.url}/ocpi/${side === 'cpo' ? 'emsp' : 'cpo'}/versions`

async function show(id: string) {
  const { body } = await hub.admin('GET', `/platforms/${id}`)
  return {
    status: body.status,
    version: body.version,
    parties: body.parties.map((each: { party_id: string; role: string }) => `${each.party_id} ${each.role}`),
    endpoints: body.endpoints
      .filter(({ identifier }: { identifier: string }) => identifier !== 'credentials')
      .map((each: { identifier: string; role: string }) => `${each.identifier} ${each.role}`)
      .sort(),
  }
}

const OF_CPO = [
  'cdrs SENDER',
  'commands RECEIVER',
  'locations SENDER',
  'sessions SENDER',
  'tariffs SENDER',
  'tokens RECEIVER',
]

describe('A partner of 2.1.1 that registers', () => {
  test('is CPO where it meets the hub as eMSP, with the interfaces of a CPO', async () => {
    const cpo = await start('AAA', 'cpo')
    const { id, token } = await hub.createPlatform({ name: 'AAA' })
    await cpo.register({ versionsUrl: at('cpo'), token })
    expect(await show(id)).toEqual({ status: 'CONNECTED', version: '2.1.1', parties: ['AAA CPO'], endpoints: OF_CPO })
    expect([...cpo.hubEndpoints.values()].every((url) => url.startsWith(`${hub.url}/ocpi/emsp/2.1.1/`))).toBe(true)
    const { token: given, ...hubs } = cpo.hubCredentials() ?? { token: '' }
    expect(given.length).toBeLessThanOrEqual(64)
    expect(hubs).toMatchObject({ country_code: 'NL', party_id: 'HUB', url: `${hub.url}/ocpi/emsp/versions` })
    expect(hubs).not.toHaveProperty('roles')
  })

  test('and is held to how the specification spells tokens is held to the raw one', async () => {
    const emsp = await start('STR', 'emsp')
    const { token } = await hub.createPlatform({ name: 'STR', strict_authorization: true })
    await emsp.register({ versionsUrl: at('emsp'), token })
    const own = emsp.hubCredentials()?.token ?? ''
    for (const url of [at('emsp'), `${hub.url}/ocpi/versions`, emsp.hubEndpoints.get('tokens') ?? '']) {
      const call = (spelt: string) => emsp.callUrl(url, { token: spelt })
      expect([url, (await call(own)).status === 401]).toEqual([url, false])
      expect([url, (await call(Buffer.from(own).toString('base64'))).status]).toEqual([url, 401])
    }
    await emsp.register({ versionsUrl: at('emsp'), token: own })
  })

  test('is eMSP where it meets the hub as CPO, with a slash behind every URL', async () => {
    const emsp = await start('BBB', 'emsp')
    const { id, token } = await hub.createPlatform({ name: 'BBB', parties: [{ ...NL('BBB'), role: 'EMSP' }] })
    await emsp.register({ versionsUrl: `${at('emsp')}/`, token })
    expect((await show(id)).parties).toEqual(['BBB EMSP'])
    const details = await emsp.callUrl(`${hub.url}/ocpi/cpo/2.1.1/`)
    const { endpoints } = details.data as { endpoints: object[] }
    expect(endpoints).toHaveLength(7)
    expect(endpoints.every((endpoint) => !('role' in endpoint))).toBe(true)
    const again = await emsp.callUrl(`${hub.url}/ocpi/cpo/2.1.1/credentials/`)
    expect(again.data).toMatchObject(NL('HUB'))
  })

  test('keeps the role that was announced for its party', async () => {
    const nsp = await start('NSP', 'emsp')
    const { id, token } = await hub.createPlatform({ name: 'NSP', parties: [{ ...NL('NSP'), role: 'NSP' }] })
    await nsp.register({ versionsUrl: at('emsp'), token })
    expect((await show(id)).parties).toEqual(['NSP NSP'])
  })

  test('is told where to register when it comes to the wrong side, or has both', async () => {
    const cpo = await start('CCC', 'cpo')
    const { token } = await hub.createPlatform({ name: 'CCC', parties: [{ ...NL('CCC'), role: 'CPO' }] })
    const wrong = await cpo.tryRegister({ versionsUrl: at('emsp'), token })
    expect(wrong.statusCode).toBe(2001)
    expect(wrong.envelope?.status_message).toContain(`/ocpi/emsp/versions`)
    const roles = ['CPO', 'EMSP'].map((role) => ({ ...NL('DDD'), role }))
    const both = await hub.createPlatform({ name: 'DDD', parties: roles })
    const refused = await cpo.tryRegister({ versionsUrl: at('cpo'), token: both.token })
    expect(refused.envelope?.status_message).toContain('roles of both sides')
    await cpo.register({ versionsUrl: at('cpo'), token })
  })

  test('has the party of its credentials, and none of the others that were announced for it', async () => {
    const cpo = await start('JJJ', 'cpo')
    const parties = ['JJJ', 'KKK'].map((id) => ({ ...NL(id), role: 'CPO' }))
    const { id, token } = await hub.createPlatform({ name: 'JJJ', parties })
    await cpo.register({ versionsUrl: at('cpo'), token })
    const { body } = await hub.admin('GET', `/platforms/${id}`)
    expect(body.parties).toEqual([expect.objectContaining({ ...NL('JJJ'), status: 'CONNECTED' }), expect.anything()])
    const put = (of: string) => ({ method: 'PUT', path: `/NL/${of}/T1`, body: { id: 'T1' } })
    expect((await cpo.call('tariffs', put('JJJ'))).statusCode).toBe(1000)
    expect((await cpo.call('tariffs', put('KKK'))).statusCode).toBe(2001)
  })

  test('finds 2.1.1 among all versions when its side is known, and renews its token by PUT', async () => {
    const cpo = await start('EEE', 'cpo')
    const { id, token } = await hub.createPlatform({ name: 'EEE', parties: [{ ...NL('EEE'), role: 'CPO' }] })
    await cpo.register({ versionsUrl: hub.versionsUrl, token })
    const before = cpo.hubCredentials()?.token ?? ''
    await cpo.register({ versionsUrl: hub.versionsUrl, token: before })
    expect(cpo.hubCredentials()?.token).not.toBe(before)
    expect((await show(id)).version).toBe('2.1.1')
    const unknown = await hub.createPlatform({ name: 'nobody yet' })
    const list = await cpo.callUrl(hub.versionsUrl, { token: unknown.token })
    expect(list.data).not.toContainEqual(expect.objectContaining({ version: '2.1.1' }))
  })

  test('reads what is wrong with its credentials in its own words', async () => {
    const cpo = await start('FFF', 'cpo')
    const { token } = await hub.createPlatform({ name: 'FFF' })
    const url = `${hub.url}/ocpi/emsp/2.1.1/credentials`
    const body = {
      token: 'abc',
      url: cpo.versionsUrl,
      country_code: 'NL',
      party_id: 'FOUR',
      business_details: { name: 'F' },
    }
    const refused = await cpo.callUrl(url, { method: 'POST', token, body })
    expect(refused.envelope).toMatchObject({
      status_code: 2001,
      status_message: 'party_id: expected 1 to 3 characters, got 4',
    })
  })
})

describe('A handshake that the hub begins with a partner of 2.1.1', () => {
  const connect = (id: string, partner: Partner211) =>
    hub.admin('POST', `/platforms/${id}/connect`, {
      versions_url: partner.versionsUrl,
      token: partner.issueRegistrationToken(),
    })

  test('sends raw tokens, and the hub flat, as the other side of the role that was announced', async () => {
    const emsp = await start('GGG', 'emsp')
    const { id } = await hub.createPlatform({ name: 'GGG', parties: [{ ...NL('GGG'), role: 'EMSP' }] })
    expect((await connect(id, emsp)).status).toBe(200)
    expect(await show(id)).toMatchObject({ status: 'CONNECTED', version: '2.1.1', parties: ['GGG EMSP'] })
    expect(emsp.hubCredentials()).toMatchObject({ ...NL('HUB'), url: `${hub.url}/ocpi/cpo/versions` })
    expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
  })

  test('is refused in plain words where nothing says which side the partner is', async () => {
    const emsp = await start('HHH', 'emsp')
    const { id } = await hub.createPlatform({ name: 'HHH' })
    const refused = await connect(id, emsp)
    expect(JSON.stringify(refused.body)).toContain('nothing says whether it is CPO or eMSP')
  })
})

test('A platform of 2.1.1 may call the URLs of its side and version alone', async () => {
  const cpo = await start('III', 'cpo')
  const { token } = await hub.createPlatform({ name: 'III' })
  await cpo.register({ versionsUrl: at('cpo'), token })
  const statusOf = async (path: string) => (await cpo.callUrl(`${hub.url}${path}`)).status
  expect(await statusOf('/ocpi/emsp/2.1.1/tokens')).toBe(200)
  expect(await statusOf('/ocpi/emsp/2.1.1/tokens/')).toBe(200)
  for (const path of [
    '/ocpi/cpo/2.1.1/tokens',
    '/ocpi/emsp/2.2.1/tokens',
    '/ocpi/emsp/2.1.1/chargingprofiles',
    '/ocpi/emsp/2.1.1/hubclientinfo',
  ])
    expect([path, await statusOf(path)]).toEqual([path, 404])
})
