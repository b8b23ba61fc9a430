import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type ModuleSide, type Partner, routedModules, startPartner, type WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

/** NL-ABC is CPO of one platform and EMSP of another [credentials: CredentialsRole]. */
const ABC = { country_code: 'NL', party_id: 'ABC' }
const DUO = { country_code: 'NL', party_id: 'DUO' }
const EMS = { country_code: 'DE', party_id: 'EMS' }
const OPE = { country_code: 'DE', party_id: 'OPE' }
const HUB = { country_code: 'NL', party_id: 'HUB' }

type Joined = Partner & { readonly platformId: string }

let hub: TestHub
let abcCpo: Joined
let abcEmsp: Joined
let duoEmsp: Joined
let duoNsp: Joined
let emsp: Joined
let cpo: Joined

const own: ModuleSide = { identifier: 'abc-tickets', role: 'RECEIVER' }
const shared: ModuleSide = { identifier: 'abc-offers', role: 'RECEIVER' }
const clients: ModuleSide = { identifier: 'hubclientinfo', role: 'RECEIVER' }

function join(name: string, role: WireParty, modules: readonly ModuleSide[] = []): Promise<Joined> {
  const all = [...routedModules([role]), clients, ...modules]
  return hub.join({ name, parties: [role], modules: all }, { parties: [role] })
}

beforeAll(async () => {
  hub = await startTestHub()
  abcCpo = await join('abc as cpo', { ...ABC, role: 'CPO' }, [own, shared])
  abcEmsp = await join('abc as emsp', { ...ABC, role: 'EMSP' }, [shared])
  duoEmsp = await join('duo as emsp', { ...DUO, role: 'EMSP' })
  duoNsp = await join('duo as nsp', { ...DUO, role: 'NSP' })
  emsp = await join('emsp', { ...EMS, role: 'EMSP' }, [
    { ...own, role: 'SENDER' },
    { ...shared, role: 'SENDER' },
  ])
  cpo = await join('cpo', { ...OPE, role: 'CPO' })
})
afterAll(() => hub.close())
beforeEach(() => {
  for (const partner of [abcCpo, abcEmsp, duoEmsp, duoNsp, emsp, cpo]) partner.requests.length = 0
})

const got = (partner: Partner, module: string) => partner.requests.filter((request) => request.module === module)

describe('A request to a party of two platforms', () => {
  test('reaches the platform of the role that holds the interface of the module', async () => {
    expect((await emsp.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(1000)
    expect((await cpo.call('tokens', 'SENDER', { to: ABC })).statusCode).toBe(1000)
    const command = { method: 'POST', path: '/STOP_SESSION', body: { session_id: 'S1' } }
    expect((await emsp.call('commands', 'RECEIVER', { ...command, to: ABC })).statusCode).toBe(1000)
    const put = { method: 'PUT', path: '/DE/OPE/S1', body: { id: 'S1' } }
    expect((await cpo.call('sessions', 'RECEIVER', { ...put, to: ABC })).statusCode).toBe(1000)
    expect(['locations', 'commands'].map((module) => got(abcCpo, module).length)).toEqual([1, 1])
    expect(['tokens', 'sessions'].map((module) => got(abcEmsp, module).length)).toEqual([1, 1])
    expect([abcCpo, abcEmsp].map(({ requests }) => requests.length)).toEqual([2, 2])
  })

  test('of a custom module reaches the one that announces it, and none where both do', async () => {
    const at = (module: string) => emsp.hubEndpoints.get('locations/RECEIVER')?.replace('locations', module) ?? ''
    expect((await emsp.callUrl(at('abc-tickets'), { to: ABC })).statusCode).toBe(1000)
    expect(got(abcCpo, 'abc-tickets')).toHaveLength(1)
    const answer = await emsp.callUrl(at('abc-offers'), { to: ABC })
    expect(answer.envelope).toMatchObject({ status_code: 2001, status_message: expect.stringContaining('NL-ABC') })
    expect(got(abcCpo, 'abc-offers').length + got(abcEmsp, 'abc-offers').length).toBe(0)
  })

  test('is refused where two of its roles could be meant', async () => {
    const put = { method: 'PUT', path: '/DE/OPE/L1', body: { id: 'L1' } }
    expect((await cpo.call('locations', 'RECEIVER', { ...put, to: DUO })).statusCode).toBe(2001)
    // Only the EMSP takes sessions.
    expect((await cpo.call('sessions', 'RECEIVER', { ...put, path: '/DE/OPE/S1', to: DUO })).statusCode).toBe(1000)
    expect(got(duoNsp, 'sessions')).toHaveLength(0)
    expect(got(duoEmsp, 'sessions')).toHaveLength(1)
  })

  test('may come from the party itself, in its other role', async () => {
    expect((await abcEmsp.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(1000)
    expect(got(abcCpo, 'locations')).toHaveLength(1)
  })

  test('with another role OFFLINE still passes', async () => {
    await hub.admin('POST', `/platforms/${abcEmsp.platformId}/suspend`)
    expect((await emsp.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(1000)
    expect((await cpo.call('tokens', 'SENDER', { to: ABC })).statusCode).toBe(4003)
    await hub.admin('POST', `/platforms/${abcEmsp.platformId}/resume`)
    expect((await cpo.call('tokens', 'SENDER', { to: ABC })).statusCode).toBe(1000)
  })
})

test('a URL led through the hub works for the platform of the role it was made for, and for no other of the party', async () => {
  const next = `<${abcCpo.endpointUrl('locations', 'SENDER')}?offset=1>; rel="next"`
  const undo = abcCpo.on('locations', 'SENDER', () => ({ data: [], headers: ['Link', next] }))
  const led = (await abcEmsp.call('locations', 'SENDER', { to: ABC })).next ?? ''
  expect((await abcEmsp.callUrl(led)).statusCode).toBe(1000)
  expect((await abcCpo.callUrl(led)).status).toBe(404)
  undo()

  const body = { response_url: `${abcEmsp.origin}/srv/sender/commands/1`, session_id: 'S1' }
  await abcEmsp.call('commands', 'RECEIVER', { method: 'POST', path: '/STOP_SESSION', body, to: ABC })
  const [command] = got(abcCpo, 'commands')
  const { response_url } = (command?.json() ?? {}) as { response_url: string }
  const result = { method: 'POST', body: { result: 'ACCEPTED' } }
  expect((await abcEmsp.callUrl(response_url, result)).status).toBe(404)
  expect((await abcCpo.callUrl(response_url, result)).statusCode).toBe(1000)
  expect(got(abcEmsp, 'commands')).toHaveLength(1)
})

test('a broadcast goes to the role it is for, also that of the party whose object it is', async () => {
  const push = { method: 'PUT', path: '/NL/ABC/L1', body: { id: 'L1' }, to: HUB }
  expect((await abcCpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
  for (const partner of [abcEmsp, duoEmsp, duoNsp, emsp]) {
    await partner.waitForRequest((request) => request.module === 'locations' && request.method === 'PUT')
  }
  expect((await abcEmsp.call('locations', 'RECEIVER', push)).statusCode).toBe(2001)
  expect(got(abcCpo, 'locations')).toHaveLength(0)
})

test('GET All joins the lists of the roles that hold them', async () => {
  const list = (...ids: string[]) => ({ data: ids.map((id) => ({ ...ABC, id })), headers: ['X-Total-Count', '1'] })
  const undo = [
    abcCpo.on('locations', 'SENDER', () => list('L1')),
    abcEmsp.on('tokens', 'SENDER', () => ({ ...list(), data: [{ ...ABC, uid: 'T1' }] })),
  ]
  expect((await emsp.call('locations', 'SENDER', { to: HUB })).data).toEqual([{ ...ABC, id: 'L1' }])
  expect((await abcEmsp.call('locations', 'SENDER', { to: HUB })).data).toEqual([{ ...ABC, id: 'L1' }])
  expect((await cpo.call('tokens', 'SENDER', { to: HUB })).data).toEqual([{ ...ABC, uid: 'T1' }])
  for (const each of undo) each()
})

test('open routing takes a CDR to the role that owns its token, and reads the own party in a path as the owner', async () => {
  const cdr = { id: 'C1', ...ABC, cdr_token: { uid: 'T1', type: 'RFID', ...ABC } }
  expect((await abcCpo.call('cdrs', 'RECEIVER', { method: 'POST', body: cdr })).statusCode).toBe(1000)
  expect(got(abcEmsp, 'cdrs')).toHaveLength(1)
  const session = { method: 'PUT', path: '/NL/ABC/S9', body: { id: 'S9' } }
  expect((await abcCpo.call('sessions', 'RECEIVER', session)).statusCode).not.toBe(1000)
  expect(got(abcEmsp, 'sessions')).toHaveLength(0)
})

describe('HubClientInfo', () => {
  type Info = { party_id: string; role: string; status: string }
  const shown = async (viewer: Partner, party = ABC) =>
    ((await viewer.call('hubclientinfo', 'SENDER')).data as Info[])
      .filter(({ party_id }) => party_id === party.party_id)
      .map(({ role, status }) => `${role} ${status}`)

  test('has one ClientInfo per party and role, each with the status of its platform, and leaves out the own role only', async () => {
    expect(await shown(emsp)).toEqual(['CPO CONNECTED', 'EMSP CONNECTED'])
    expect(await shown(abcCpo)).toEqual(['EMSP CONNECTED'])
    expect(await shown(abcEmsp)).toEqual(['CPO CONNECTED'])
    await hub.admin('POST', `/platforms/${abcEmsp.platformId}/suspend`)
    expect(await shown(emsp)).toEqual(['CPO CONNECTED', 'EMSP SUSPENDED'])
    await hub.admin('POST', `/platforms/${abcEmsp.platformId}/resume`)
  })

  test('tells of a role that goes with its platform, the platforms of its other roles included', async () => {
    const role = { country_code: 'NL', party_id: 'ABC', role: 'NSP' } as const
    const leaving = await join('abc as nsp', role)
    const told = (partner: Partner, status: string) =>
      partner.waitForRequest(({ module, body }) => {
        const text = body.toString()
        return module === 'hubclientinfo' && text.includes('"NSP"') && text.includes(status)
      })
    await Promise.all([abcCpo, abcEmsp, emsp].map((partner) => told(partner, 'CONNECTED')))
    await hub.admin('DELETE', `/platforms/${leaving.platformId}`)
    await Promise.all([abcCpo, abcEmsp, emsp].map((partner) => told(partner, 'SUSPENDED')))
    expect(await shown(abcCpo)).toEqual(['EMSP CONNECTED', 'NSP SUSPENDED'])
  })
})

describe('A role of a party', () => {
  async function tries(role: WireParty, reserved: readonly WireParty[] = []): Promise<number | null> {
    const partner = await startPartner({ name: 'taker', parties: [role] })
    const { id, token } = await hub.createPlatform({ name: 'taker', parties: reserved })
    const answer = await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
    await hub.admin('DELETE', `/platforms/${id}`)
    await partner.close()
    return answer.statusCode
  }

  test('that another platform holds is taken by nobody', async () => {
    expect(await tries({ ...ABC, role: 'CPO' })).toBe(2001)
    const answer = await hub.admin('POST', '/platforms', { name: 'taker', parties: [{ ...ABC, role: 'CPO' }] })
    expect(answer).toMatchObject({ status: 409, body: { platform_id: abcCpo.platformId } })
  })

  test('held elsewhere in another role is taken only where it is reserved for that very platform', async () => {
    expect(await tries({ ...ABC, role: 'SCSP' })).toBe(2001)
    const other = await hub.createPlatform({ name: 'other', parties: [{ ...ABC, role: 'SCSP' }] })
    expect(await tries({ ...ABC, role: 'SCSP' })).toBe(2001)
    expect(await tries({ ...ABC, role: 'SCSP' }, [{ ...ABC, role: 'NAP' }])).toBe(2001)
    await hub.admin('DELETE', `/platforms/${other.id}`)
    expect(await tries({ ...ABC, role: 'SCSP' }, [{ ...ABC, role: 'SCSP' }])).toBe(1000)
  })

  test('moves alone, and messages follow it', async () => {
    const roles = (['CPO', 'EMSP'] as const).map((role) => ({ country_code: 'NL', party_id: 'MOV', role }))
    const MOV = { country_code: 'NL', party_id: 'MOV' }
    const modules = [...routedModules(roles), clients]
    const before = await hub.join({ name: 'before', parties: roles, modules })
    const after = await join('after', { country_code: 'NL', party_id: 'AFT', role: 'EMSP' })
    await hub.admin('POST', '/parties/NL/MOV/move', { platform_id: after.platformId, role: 'EMSP' })
    expect((await cpo.call('tokens', 'SENDER', { to: MOV })).statusCode).toBe(1000)
    expect((await emsp.call('locations', 'SENDER', { to: MOV })).statusCode).toBe(1000)
    expect(got(after, 'tokens')).toHaveLength(1)
    expect(got(before, 'locations')).toHaveLength(1)
    await until(() => before.told.some(({ body }) => /MOV.*EMSP/.test(body.toString())))
  })
})

test('under agreements a party may talk to itself, and what it agreed holds for all its roles', async () => {
  const strict = await startTestHub({ ROUTING_POLICY: 'agreements' })
  const at = (name: string, role: WireParty) => strict.join({ name, parties: [role] }, { parties: [role] })
  const [asCpo, asEmsp] = [await at('cpo', { ...ABC, role: 'CPO' }), await at('emsp', { ...ABC, role: 'EMSP' })]
  const other = await at('other', { ...EMS, role: 'EMSP' })
  const foreign = await at('foreign', { ...OPE, role: 'CPO' })
  expect((await asEmsp.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(1000)
  expect(asCpo.requests.filter(({ module }) => module === 'locations')).toHaveLength(1)
  expect((await asEmsp.call('hubclientinfo', 'SENDER')).data).toMatchObject([
    { party_id: 'EMS', status: 'PLANNED' },
    { party_id: 'OPE', status: 'PLANNED' },
    { party_id: 'ABC', role: 'CPO', status: 'CONNECTED' },
  ])
  expect((await other.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(4001)
  for (const b of [EMS, OPE]) await strict.admin('POST', '/agreements', { a: ABC, b, effect: 'allow' })
  expect((await other.call('locations', 'SENDER', { to: ABC })).statusCode).toBe(1000)
  expect((await foreign.call('tokens', 'SENDER', { to: ABC })).statusCode).toBe(1000)
  await strict.close()
})
