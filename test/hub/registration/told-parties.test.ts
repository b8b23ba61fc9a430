// Rules: The hub's PUT of its credentials where the parties that a platform reaches change [credentials: Credentials object].
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const LATER = { country_code: 'NL', party_id: 'LAT', role: 'CPO' } as const

const DAY_MS = 86_400_000

let hub: TestHub
let emsp: Partner & { platformId: string }
let sql: postgres.Sql

function join(party: WireParty, version: string) {
  const common = { name: party.party_id, parties: [party], versions: [version] }
  return hub.join({
    ...common,
    modules: [...routedModules([party]), { identifier: 'hubclientinfo', role: 'RECEIVER' }],
  })
}

beforeAll(async () => {
  hub = await startTestHub()
  sql = postgres(hub.databaseUrl, { max: 1 })
  await join(CPO, '2.2.1')
  emsp = await join(EMSP, '2.3.0')
})
afterAll(async () => {
  await sql.end()
  await hub.close()
})

const putsOf = () => emsp.requests.filter(({ method, path }) => method === 'PUT' && path === '/credentials')
const parties = () => (emsp.hubCredentials()?.roles ?? []).map(({ party_id }) => party_id)

const newestAttempt = async () => (await hub.admin('GET', `/handshakes?platform=${emsp.platformId}`)).body[0]

async function aDayPasses(): Promise<void> {
  await sql`update credentials_told set at = at - ${DAY_MS}`
}

test('client info tells of a new party at once; a PUT of the hub once a day has passed since the last, and never the same twice', async () => {
  expect(parties()).toEqual(['CPO'])
  await join(LATER, '2.2.1')
  await until(() => emsp.told.some(({ suffix }) => suffix === '/NL/LAT'))
  expect(parties()).toEqual(['CPO'])

  await aDayPasses()
  const token = emsp.tokenAtHub()
  await hub.admin('PATCH', `/platforms/${emsp.platformId}`, { name: 'the table changes' })
  await until(() => parties().includes('LAT'))
  expect(parties()).toEqual(['CPO', 'LAT'])
  expect(putsOf().length).toBe(1)
  expect(emsp.tokenAtHub()).not.toBe(token)
  await until(async () => (await newestAttempt()).outcome === 'registered')
  expect(await newestAttempt()).toMatchObject({ led_by: 'hub', started_by: 'hub' })

  // Who knows of a party since it came itself is told nothing by the change that tells another one of it.
  await aDayPasses()
  const witness = await join({ ...EMSP, party_id: 'WIT' }, '2.3.0')
  await until(() => parties().includes('WIT'))
  expect(putsOf().length).toBe(2)
  expect(parties()).toEqual(['WIT', 'CPO', 'LAT'])
  expect(witness.requests.filter(({ path }) => path === '/credentials')).toEqual([])
})
