import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../support/database.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { onNode } from '../../support/only.ts'
import { type Partner, type PartnerOptions, startPartner, type WireParty } from '../../support/partner.ts'
import { namesOf } from '../../support/partner-client.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'
import { until } from '../../support/until.ts'

type Joined = Partner & { readonly platformId: string }
type Info = { country_code: string; party_id: string; role: string; status: string; last_updated: string }

const COUNTRIES = ['AT', 'BE', 'CH', 'DE', 'DK', 'ES', 'FI', 'FR', 'GB', 'IE', 'IT', 'LU', 'NL', 'NO', 'PT', 'SE']

let hub: TestHub
/** Of the parties of a test, which are so no other test's. */
let country_code = ''
let joined: Joined[] = []

const role = (party_id: string, name: WireParty['role']): WireParty => ({ country_code, party_id, role: name })

beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub.close())
beforeEach(() => {
  country_code = COUNTRIES.shift() ?? ''
})
afterEach(async () => {
  // What others do is no news to them any more.
  await Promise.all(joined.map(({ platformId }) => hub.admin('POST', `/platforms/${platformId}/suspend`)))
  joined = []
})

async function joinAs(options: PartnerOptions, platform = {}): Promise<Joined> {
  const partner = await hub.join(options, platform)
  joined.push(partner)
  return partner
}

function join(party_id: string, name: WireParty['role'] = 'CPO', platform = {}): Promise<Joined> {
  return joinAs({ name: party_id.toLowerCase(), parties: [role(party_id, name)] }, platform)
}

/** What a partner was told, in order: `ABC CONNECTED`. */
function told(partner: Joined): string[] {
  return partner.told.map((request) => {
    const { party_id, status } = request.json() as Info
    return `${party_id} ${status}`
  })
}

async function isTold(partner: Joined, what: readonly string[]): Promise<void> {
  await until(
    () => told(partner).length >= what.length,
    `${partner.name} to be told ${what}; it was told ${told(partner)}`,
  ).catch(() => undefined)
  expect(told(partner), partner.name).toEqual(what)
}

async function pulled(viewer: Joined, partyId: string): Promise<Info | undefined> {
  const { data } = await viewer.call('hubclientinfo', 'SENDER')
  return (data as Info[]).find((info) => info.country_code === country_code && info.party_id === partyId)
}

async function setOffline(partner: Joined): Promise<void> {
  await partner.refuse()
  await hub.admin('POST', `/platforms/${partner.platformId}/check`)
}

async function setOnline(partner: Joined): Promise<void> {
  await partner.listenAgain()
  await hub.admin('POST', `/platforms/${partner.platformId}/check`)
}

/** Long enough for a repetition to show. */
const A_WHILE_MS = 1_500

describe('A change of a client [mod_hub_client_info: Push model]', () => {
  test('is put to every platform that receives ClientInfo, once, at its path, without routing headers', async () => {
    const emsp = await join('EMS', 'EMSP')
    const deaf = await joinAs({
      name: 'deaf',
      parties: [role('DEA', 'EMSP')],
      modules: [{ identifier: 'locations', role: 'RECEIVER' }],
    })
    await isTold(emsp, ['DEA CONNECTED'])
    const cpo = await join('CPO')
    await isTold(emsp, ['DEA CONNECTED', 'CPO CONNECTED'])
    const put = emsp.told.at(-1) as RecordedRequest
    expect(put.suffix).toBe(`/${country_code}/CPO`)
    expect(put.json()).toEqual(await pulled(emsp, 'CPO'))
    expect(put.header('authorization')).toBe(`Token ${Buffer.from(emsp.tokenForHub() ?? '').toString('base64')}`)
    expect(put.header('x-request-id')).toBeTruthy()
    expect(put.header('x-correlation-id')).toBeTruthy()
    expect(namesOf(put.headers).filter((name) => name.startsWith('ocpi-'))).toEqual([])
    await setTimeout(A_WHILE_MS)
    await isTold(emsp, ['DEA CONNECTED', 'CPO CONNECTED'])
    expect(deaf.told).toEqual([])
    // Whoever connects asks for what there is.
    await isTold(cpo, [])
  })

  test('is told in order: planned, connected, offline, connected, suspended, connected, suspended', async () => {
    const emsp = await join('EMS', 'EMSP')
    const steps = ['PLANNED', 'CONNECTED', 'OFFLINE', 'CONNECTED', 'SUSPENDED', 'CONNECTED', 'SUSPENDED']
    const expected = (count: number) =>
      isTold(
        emsp,
        steps.slice(0, count).map((status) => `CPO ${status}`),
      )
    const cpo = await joinAs({ name: 'late', parties: [role('CPO', 'CPO')] }, { parties: [role('CPO', 'CPO')] })
    await until(() => told(emsp).includes('CPO CONNECTED'))
    // Announced and connected within a moment: the announcement may be old when its turn comes.
    if (told(emsp).length === 1) steps.shift()
    const known = told(emsp).length
    await setOffline(cpo)
    await expected(known + 1)
    await setOnline(cpo)
    await expected(known + 2)
    await hub.admin('POST', `/platforms/${cpo.platformId}/suspend`)
    await expected(known + 3)
    await hub.admin('POST', `/platforms/${cpo.platformId}/resume`)
    await expected(known + 4)
    await cpo.unregister()
    await expected(known + 5)
    const moments = emsp.told.map((request) => (request.json() as Info).last_updated)
    expect(moments).toEqual([...moments].sort())
  })

  test('goes before waiting pushes would, and a dead partner delays nobody', async () => {
    const emsp = await join('EMS', 'EMSP')
    const dead = await join('DED', 'EMSP')
    await isTold(emsp, ['DED CONNECTED'])
    dead.onRaw((incoming) => incoming.method === 'PUT')
    const begun = Date.now()
    await join('CPO')
    await isTold(emsp, ['DED CONNECTED', 'CPO CONNECTED'])
    expect(Date.now() - begun).toBeLessThan(5_000)
  })

  test('goes before broadcasts that wait, though those came first', async () => {
    const emsp = await join('EMS', 'EMSP', { delivery: { concurrency: 1 } })
    const cpo = await join('CPO')
    await isTold(emsp, ['CPO CONNECTED'])
    const queue = `/queues/${emsp.platformId}`
    const isWaiting = async (count: number) => {
      const { body } = await hub.admin('GET', '/queues')
      return body.find((each: { platform_id: string }) => each.platform_id === emsp.platformId).waiting === count
    }
    await hub.admin('POST', `${queue}/pause`)
    const names = ['A', 'B', 'C', 'D', 'E']
    for (const name of names) {
      const push = {
        method: 'PUT',
        path: `/${country_code}/CPO/${name}`,
        to: { country_code: 'NL', party_id: 'HUB' },
        body: {},
      }
      expect((await cpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
    }
    await until(() => isWaiting(5), 'the broadcasts to wait')
    for (const name of names) await join(`CP${name}`)
    await until(() => isWaiting(10), 'the changes to wait too')
    const came: (string | null)[] = []
    emsp.onRequest(({ module }) => {
      came.push(module)
      return 'pass'
    })
    for (const list of [emsp.told, emsp.requests]) list.length = 0
    await hub.admin('POST', `${queue}/resume`)
    await until(() => emsp.told.length + emsp.requests.length >= 10, 'all of it to come')
    expect(came).toEqual([...names.map(() => 'hubclientinfo'), ...names.map(() => 'locations')])
  })

  test('that a partner cannot take now is told again later, as it is then', async () => {
    const emsp = await join('EMS', 'EMSP')
    let refused = 0
    const restore = emsp.on('hubclientinfo', 'RECEIVER', () => {
      refused++
      return { status: 503, statusCode: 3000 }
    })
    const cpo = await join('CPO')
    await until(() => refused > 0)
    await hub.admin('POST', `/platforms/${cpo.platformId}/suspend`)
    restore()
    emsp.told.length = 0
    await until(() => told(emsp).includes('CPO SUSPENDED'))
    await setTimeout(A_WHILE_MS)
    expect(told(emsp).slice(told(emsp).indexOf('CPO SUSPENDED') + 1)).toEqual([])
  })

  test('that a partner cannot take for longer than pushes are tried is told once it can', async () => {
    const emsp = await join('EMS', 'EMSP', { delivery: { max_age_seconds: 1 } })
    const refusedAt: number[] = []
    const restore = emsp.on('hubclientinfo', 'RECEIVER', () => {
      refusedAt.push(performance.now())
      return { status: 503, statusCode: 3000 }
    })
    await join('CPO')
    await until(() => (refusedAt.at(-1) ?? 0) - (refusedAt[0] ?? 0) > 1_000, 'the maximum age to pass')
    restore()
    emsp.told.length = 0
    await isTold(emsp, ['CPO CONNECTED'])
    const { body } = await hub.admin('GET', `/queues/${emsp.platformId}/missed`)
    expect(body).toEqual([])
  })

  test('that happened while a platform was away is told on its return, as it is then and once', async () => {
    const emsp = await join('EMS', 'EMSP')
    const [first, second, third] = [await join('CP1'), await join('CP2'), await join('CP3')]
    await isTold(emsp, ['CP1 CONNECTED', 'CP2 CONNECTED', 'CP3 CONNECTED'])
    await setOffline(emsp)
    emsp.told.length = 0
    await setOffline(first)
    await hub.admin('POST', `/platforms/${second.platformId}/suspend`)
    await setOnline(first)
    await setOffline(first)
    await setOnline(emsp)
    await isTold(emsp, ['CP2 SUSPENDED', 'CP1 OFFLINE'])
    await setTimeout(A_WHILE_MS)
    await isTold(emsp, ['CP2 SUSPENDED', 'CP1 OFFLINE'])
    expect(third.told.length).toBeGreaterThan(0)
  })

  test('is told after a restart when it was not told before, and not again when it was', async () => {
    const database = await createTestDatabase()
    const before = await startTestHub({}, { databaseUrl: database.url })
    const [emsp, cpo] = (await Promise.all(
      [role('EMS', 'EMSP'), role('CPO', 'CPO')].map(async (party) => {
        const partner = await startPartner({ name: party.party_id, parties: [party] })
        const { id: platformId, token } = await before.createPlatform({ name: partner.name })
        return { ...partner, platformId, token }
      }),
    )) as [Joined & { token: string }, Joined & { token: string }]
    await emsp.register({ versionsUrl: before.versionsUrl, token: emsp.token })
    await cpo.register({ versionsUrl: before.versionsUrl, token: cpo.token })
    await isTold(emsp, ['CPO CONNECTED'])
    const restore = emsp.on('hubclientinfo', 'RECEIVER', () => ({ status: 503, statusCode: 3000 }))
    await before.admin('POST', `/platforms/${cpo.platformId}/suspend`)
    await until(() => told(emsp).length > 1)
    await before.close()
    restore()
    emsp.told.length = 0
    const after = await startTestHub({}, { databaseUrl: database.url })
    await isTold(emsp, ['CPO SUSPENDED'])
    await setTimeout(300)
    await after.close()
    const last = await startTestHub({}, { databaseUrl: database.url })
    await setTimeout(A_WHILE_MS)
    await isTold(emsp, ['CPO SUSPENDED'])
    await last.close()
    await Promise.all([emsp.close(), cpo.close(), database.drop()])
  })
})

describe('What one platform is told is its own', () => {
  test('a party that an administrator moved away from it is a client to it from then on; nobody else is told', async () => {
    const old = await joinAs({ name: 'old', parties: [role('OLD', 'CPO'), role('MOV', 'CPO')] })
    const other = await join('OTH', 'EMSP')
    const next = await join('NXT')
    await isTold(old, ['OTH CONNECTED', 'NXT CONNECTED'])
    await isTold(other, ['NXT CONNECTED'])
    expect(await pulled(old, 'MOV')).toBe(undefined)
    const before = await pulled(other, 'MOV')
    const moved = await hub.admin('POST', `/parties/${country_code}/MOV/move`, { platform_id: next.platformId })
    expect(moved.status).toBe(200)
    await isTold(old, ['OTH CONNECTED', 'NXT CONNECTED', 'MOV CONNECTED'])
    const seen = await pulled(old, 'MOV')
    expect(old.told.at(-1)?.json()).toEqual(seen)
    expect(Date.parse(seen?.last_updated ?? '')).toBeGreaterThan(Date.parse(before?.last_updated ?? ''))
    expect(await pulled(next, 'MOV')).toBe(undefined)
    expect(await pulled(other, 'MOV')).toEqual(before)
    await setTimeout(A_WHILE_MS)
    await isTold(other, ['NXT CONNECTED'])
    await isTold(old, ['OTH CONNECTED', 'NXT CONNECTED', 'MOV CONNECTED'])
  })

  test('a rule that begins or ends, by an administrator or by its time, is told to both sides and to nobody else', async () => {
    const cpo = await join('CPO')
    const emsp = await join('EMS', 'EMSP')
    const other = await join('OTH', 'EMSP')
    await isTold(cpo, ['EMS CONNECTED', 'OTH CONNECTED'])
    await isTold(emsp, ['OTH CONNECTED'])
    for (const each of [cpo, emsp, other]) each.told.length = 0
    const b = { country_code: country_code.toLowerCase(), party_id: 'ems' }
    const pair = { a: { country_code, party_id: 'CPO' }, b }
    const { body } = await hub.admin('POST', '/agreements', { ...pair, effect: 'deny' })
    await isTold(cpo, ['EMS PLANNED'])
    await isTold(emsp, ['CPO PLANNED'])
    // What the other side does is not for its eyes now.
    await setOffline(cpo)
    await until(() => told(other).length > 0)
    await setOnline(cpo)
    await hub.admin('DELETE', `/agreements/${body.id}`)
    await isTold(emsp, ['CPO PLANNED', 'CPO CONNECTED'])
    await isTold(cpo, ['EMS PLANNED', 'EMS CONNECTED'])
    const begins = Date.now() + 1_500
    const times = { valid_from: new Date(begins).toISOString(), valid_until: new Date(begins + 2_500).toISOString() }
    await hub.admin('POST', '/agreements', { ...pair, effect: 'deny', ...times })
    await isTold(emsp, ['CPO PLANNED', 'CPO CONNECTED', 'CPO PLANNED', 'CPO CONNECTED'])
    const told4 = emsp.told.map((request) => (request.json() as Info).last_updated)
    expect(told4.slice(2)).toEqual([times.valid_from, times.valid_until])
    expect(told(other)).toEqual(['CPO OFFLINE', 'CPO CONNECTED'])
  })
})

test.runIf(onNode('One hub a database'))('processes that share a database tell each change once together', async () => {
  const others = [
    await startTestHub({}, { databaseUrl: hub.databaseUrl }),
    await startTestHub({}, { databaseUrl: hub.databaseUrl }),
  ]
  const viewers: Joined[] = []
  for (const name of ['EM1', 'EM2', 'EM3', 'EM4', 'EM5', 'EM6']) viewers.push(await join(name, 'EMSP'))
  const cpo = await join('CPO')
  for (const viewer of viewers) await until(() => told(viewer).includes('CPO CONNECTED'), `${viewer.name} to know`)
  for (const viewer of viewers) viewer.told.length = 0
  await hub.admin('POST', `/platforms/${cpo.platformId}/suspend`)
  for (const viewer of viewers) await until(() => told(viewer).length > 0)
  await setTimeout(A_WHILE_MS)
  for (const viewer of viewers) expect(told(viewer), viewer.name).toEqual(['CPO SUSPENDED'])
  for (const other of others) await other.close()
})
