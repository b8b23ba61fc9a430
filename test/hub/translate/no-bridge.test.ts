import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules } from '../../support/partner.ts'

// Platforms of versions between which nothing is converted.

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const LATER = '9.0'

let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
})
afterAll(() => hub.close())

/** As if the platform had shaken hands at another version. */
async function speak(version: string): Promise<void> {
  const sql = postgres(hub.databaseUrl)
  await sql`update platforms set version = ${version} where id = ${cpo.platformId}`
  await sql.end()
  await hub.admin('PATCH', `/platforms/${cpo.platformId}`, { name: `cpo of ${version}` })
}

test('a request to a platform of a version nobody converts is answered 4001 in plain words, and nobody gets it', async () => {
  const taught = { method: 'PUT', path: '/DE/EMS/T1', to: CPO, body: { uid: 'T1' } }
  expect((await emsp.call('tokens', 'RECEIVER', taught)).statusCode).toBe(1000)
  cpo.on('locations', 'SENDER', () => ({
    data: [],
    headers: ['Link', `<${cpo.endpointUrl('locations', 'SENDER')}?offset=1>; rel="next"`],
  }))
  const first = await emsp.call('locations', 'SENDER', { to: CPO })
  const nextUrl = /<(.+)>/.exec(first.header('link') ?? '')?.[1] as string

  await speak(LATER)
  cpo.requests.length = 0
  const inWords = `NL-CPO speaks OCPI ${LATER}, your platform 2.2.1; nothing is carried between the two`
  const sameToken = { ...taught, body: { uid: 'T1', valid: false } }
  const command = { response_url: `${emsp.origin}/done`, location_id: 'L1', token: { uid: 'T1' } }
  const answers = [
    await emsp.call('tokens', 'RECEIVER', sameToken),
    await emsp.call('locations', 'SENDER', { to: CPO }),
    await emsp.callUrl(nextUrl),
    await emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/START_SESSION', to: CPO, body: command }),
    await emsp.call('locations', 'SENDER', { path: '/NL/CPO/L1', to: null, from: EMSP }),
  ]
  for (const { status, statusCode, envelope } of answers) {
    expect([status, statusCode, envelope?.status_message]).toEqual([200, 4001, inWords])
  }
  expect(cpo.requests.filter(({ path }) => path !== '/versions')).toEqual([])
})

test('once both speak the same version again, everything is carried as it is', async () => {
  await speak('2.2.1')
  const body = '{"uid": "T1",  "x_own": 1.10}'
  const sent = { method: 'PUT', path: '/DE/EMS/T1', to: CPO, body, headers: ['Content-Type', 'application/json'] }
  expect((await emsp.call('tokens', 'RECEIVER', sent)).statusCode).toBe(1000)
  expect(cpo.requests.at(-1)?.body.toString()).toBe(body)
})
