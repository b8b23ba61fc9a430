import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCpo } from '../../src/demo/partners/cpo.ts'
import { createEmsp } from '../../src/demo/partners/emsp.ts'
import type { Platform } from '../../src/demo/partners/platform.ts'
import { faultsOf } from '../ocpi/convert/oracle/judge.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'

const SC1 = { country_code: 'XS', party_id: 'SC1' }
const observe = () => undefined

const newer = createEmsp({ name: 'Newer', party: { country_code: 'NO', party_id: 'EMC' }, version: '2.3.0', observe })
const older = createCpo({
  name: 'Older',
  party: { country_code: 'BE', party_id: 'CPD' },
  version: '2.1.1',
  country: 'BE',
  observe,
  stationDelayMs: 0,
})
const older211 = createEmsp({ name: 'Old', party: { country_code: 'BE', party_id: 'EMD' }, version: '2.1.1', observe })
/** Welcome in 2.1.1, which does not have them: whose a token is. */
const OWNER = ['/country_code: foreign', '/party_id: foreign']
let hub: TestHub

/** Registers a platform, and has it try the hub with a sandbox partner of the other role. Gives how to have that do something. */
async function tries(platform: Platform, role: 'CPO' | 'EMSP') {
  await platform.listen()
  const { body: made } = await hub.admin('POST', '/platforms', {
    name: platform.name,
    parties: [{ ...platform.party, role: platform.role }],
  })
  const { token, versions_url } = made.registration
  await platform.register({ versionsUrl: platform.dialect.versionsUrlFor(platform.role, versions_url), token })
  const { body: partner } = await hub.admin('POST', '/sandbox', { role })
  await hub.admin('PUT', `/platforms/${made.id}/sandbox`, { partners: [partner.id] })
  return async (what: string) => {
    const { body } = await hub.admin('POST', `/platforms/${made.id}/sandbox/try`, { what, partner: partner.id })
    return body as { is_good: boolean; detail: string }
  }
}

let tryNewer: Awaited<ReturnType<typeof tries>>
let tryOlder: Awaited<ReturnType<typeof tries>>
let tryOlder211: Awaited<ReturnType<typeof tries>>

beforeAll(async () => {
  hub = await startTestHub()
  tryNewer = await tries(newer.platform, 'CPO')
  tryOlder = await tries(older.platform, 'EMSP')
  tryOlder211 = await tries(older211.platform, 'CPO')
})
afterAll(async () => {
  await newer.close()
  await older.close()
  await older211.close()
  await hub.close()
})

describe('A newcomer of 2.3.0, with a sandbox CPO', () => {
  test('reads its tariffs as 2.3.0 has them', async () => {
    const { items } = await newer.platform.pull('tariffs', SC1, 2)
    expect(items).toHaveLength(5)
    expect(items[0]).toMatchObject({ id: 'STANDARD', tax_included: 'NO' })
    expect(items.flatMap((tariff) => faultsOf('2.3.0', 'tariff', tariff))).toEqual([])
  })

  test('starts a session, and gets it, its end and its CDR with their taxes', async () => {
    const { items } = await newer.platform.pull('locations', SC1, 3)
    const [location, token] = [items[0] as never, newer.tokens[0] as never]
    expect(await newer.startSession(SC1, { token, location, evse: 0 })).toMatchObject({ result: 'ACCEPTED' })
    for (const what of ['locations', 'token', 'start-session', 'stop-session', 'cdr']) {
      expect([what, await tryNewer(what)]).toMatchObject([what, { is_good: true }])
    }
    const [cdr] = newer.cdrs.values()
    expect(cdr?.total_cost).toMatchObject({ before_taxes: expect.any(Number), taxes: [{ name: 'VAT' }] })
    expect(faultsOf('2.3.0', 'cdr', cdr)).toEqual([])
    for (const session of newer.sessions.values()) expect(faultsOf('2.3.0', 'session', session)).toEqual([])
  })
})

test('A newcomer of 2.1.1 is tried by a sandbox eMSP: lists, a token, a session to its end and its CDR', async () => {
  for (const what of ['locations', 'token', 'start-session']) {
    expect([what, await tryOlder(what)]).toMatchObject([what, { is_good: true }])
  }
  for (const token of older.tokens.values()) expect(faultsOf('2.1.1', 'token', token)).toEqual(OWNER)
  expect([...older.tokens.values()]).toMatchObject([{ auth_id: expect.stringMatching(/^XS-SE1/) }])
  const [session] = await poll(() => [...older.sessions.values()].filter(({ status }) => status === 'ACTIVE'))
  await older.charge(session?.id ?? '', 5, 30)
  expect(await tryOlder('stop-session')).toMatchObject({ is_good: true })
  await poll(() => [...older.sessions.values()].filter(({ status }) => status === 'COMPLETED'))
  expect((await older.bill(session?.id ?? '')).answer.status).toBe(201)
  expect(await tryOlder('cdr')).toMatchObject({ is_good: true, detail: '1 CDRs on the first page; it posted 1' })
})

describe('A newcomer of 2.1.1, with a sandbox CPO', () => {
  const OWN = /^XSSC2\./
  const own = async (module: string) => {
    const { items } = await older211.platform.pull(module, null, 3)
    return (items as { id: string }[]).filter(({ id }) => OWN.test(id))
  }

  test('reads its locations and tariffs among those of all, with ids that tell whose they are', async () => {
    const locations = await own('locations')
    expect(locations.length).toBeGreaterThan(0)
    for (const location of locations) expect(faultsOf('2.1.1', 'location', location)).toEqual(OWNER)
    expect((await own('tariffs')).length).toBeGreaterThan(0)
  })

  test('starts a session there, gets it, and stops it', async () => {
    const [location, token] = [(await own('locations'))[0] as never, older211.tokens[0] as never]
    const SC2 = { ...SC1, party_id: 'SC2' }
    expect(await older211.startSession(SC2, { token, location, evse: 0 })).toMatchObject({ result: 'ACCEPTED' })
    const of = (status: string) => () => [...older211.sessions.values()].filter((each) => each.status === status)
    const [session] = await poll(of('ACTIVE'))
    expect(session?.id).toMatch(OWN)
    expect(await older211.stopSession(SC2, session?.id ?? '')).toMatchObject({ result: 'ACCEPTED' })
    await poll(of('COMPLETED'))
  })

  test('is tried by it: a location, a token, a session to its end and its CDR', async () => {
    for (const what of ['locations', 'token', 'start-session', 'stop-session', 'cdr']) {
      expect([what, await tryOlder211(what)]).toMatchObject([what, { is_good: true }])
    }
  })
})

test('A newcomer of 2.1.1 reads the tokens of a sandbox eMSP, and has one authorised there', async () => {
  const { items } = await older.platform.pull('tokens', null, 3)
  const tokens = items as { uid: string; type: string; auth_id: string }[]
  const its = tokens.find(({ type, auth_id }) => type === 'RFID' && auth_id.startsWith('XS-SE1'))
  const ask = { module: 'tokens', role: 'SENDER', method: 'POST', to: null, what: 'authorize' } as const
  const answer = await older.platform.call({ ...ask, path: `/${its?.uid}/authorize` })
  expect(answer.data).toEqual({ allowed: 'ALLOWED' })
})

async function poll<T>(find: () => T[]): Promise<T[]> {
  await expect.poll(() => find().length).toBeGreaterThan(0)
  return find()
}
