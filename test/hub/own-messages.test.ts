// Rules: what the hub says itself is no poorer than what it relays.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { firewall } from '../support/misbehave.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import type { RecordedRequest } from '../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cpo: Partner
let emsp: Partner
let registered: unknown
let emspId: string

beforeAll(async () => {
  hub = await startTestHub()
  emsp = await startPartner({ name: 'emsp', parties: [EMSP] })
  emsp.onRequest(firewall())
  const { id, token } = await hub.createPlatform({ name: 'emsp' })
  emspId = id
  registered = (await emsp.register({ versionsUrl: hub.versionsUrl, token })).envelope
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
})
afterAll(async () => {
  await emsp.close()
  await hub.close()
})

function isPutOf(module: string): (request: RecordedRequest) => boolean {
  return (request) => request.method === 'PUT' && request.module === module
}

it('everything the hub sends passes a firewall that turns away who does not say who it is', async () => {
  // Neither has a User-Agent or Accept of its own: the partners of these tests send none.
  const put = { method: 'PUT', path: '/NL/CPO/L1', body: { id: 'L1', country_code: 'NL', party_id: 'CPO' } }
  expect((await cpo.call('locations', 'RECEIVER', { ...put, to: EMSP })).statusCode).toBe(1000)
  expect((await cpo.call('locations', 'RECEIVER', { ...put, to: HUB })).statusCode).toBe(1000)
  expect((await cpo.call('tokens', 'SENDER', { to: HUB })).statusCode).toBe(1000)
  const authorize = { method: 'POST', path: '/T1/authorize', from: CPO }
  emsp.on('tokens', 'SENDER', ({ method }) => (method === 'POST' ? { data: { allowed: 'ALLOWED' } } : 'pass'))
  expect((await cpo.call('tokens', 'SENDER', authorize)).data).toEqual({ allowed: 'ALLOWED' })
  expect((await hub.admin('POST', `/platforms/${emspId}/check`)).body.is_alive).toBe(true)
  await emsp.waitForRequest(isPutOf('hubclientinfo'))
  await expect.poll(() => emsp.requests.filter(isPutOf('locations')).length).toBe(2)
  const came = [...emsp.requests, ...emsp.told]
  for (const { header } of came) {
    expect(header('user-agent')).toBe('ocpi-hub')
    expect(header('accept')).toBe('application/json')
  }
  const modules = new Set(came.map(({ module, path }) => module ?? path))
  expect([...modules].sort()).toEqual(['/v/2.2.1', '/versions', 'hubclientinfo', 'locations', 'tokens'])
})

it("a caller's own User-Agent and Accept go on as they are", async () => {
  emsp.requests.length = 0
  const headers = ['user-agent', 'cpo/1.0', 'ACCEPT', '*/*']
  await cpo.call('tokens', 'SENDER', { to: EMSP, headers })
  const sent = emsp.requests
    .at(-1)
    ?.headers.filter((_, i, all) => /^(?:user-agent|accept)$/i.test(all[i - (i % 2)] as string))
  expect(sent).toEqual(headers)
})

it('each success of the hub has a status_message: some client libraries fail without', async () => {
  const versions = await emsp.callUrl(hub.versionsUrl)
  const url =
    (versions.data as { version: string; url: string }[]).find(({ version }) => version === '2.2.1')?.url ?? ''
  const push = { method: 'PUT', path: '/DE/EMS/T1', to: HUB, body: { uid: 'T1' } }
  const answers = {
    versions: versions.envelope,
    details: (await emsp.callUrl(url)).envelope,
    credentials: (await emsp.callUrl(`${url}/credentials`)).envelope,
    registration: registered,
    rotation: (await emsp.rotate()).envelope,
    'who is there': (await emsp.callUrl(`${url}/hubclientinfo`)).envelope,
    broadcast: (await emsp.call('tokens', 'RECEIVER', push)).envelope,
    'GET All': (await emsp.call('locations', 'SENDER', { to: HUB })).envelope,
  }
  for (const [what, envelope] of Object.entries(answers))
    expect(envelope, what).toMatchObject({ status_code: 1000, status_message: 'Success' })
})
