import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, startPartner } from '../../support/partner.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

type Joined = Partner & { readonly platformId: string }
type Override = { identifier: string; role: 'SENDER' | 'RECEIVER'; url: string | null }

let hub: TestHub
let cpo: Joined
let emsp: Joined

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
})
afterAll(() => hub.close())

const mend = (endpoint_overrides: readonly Override[], platformId = cpo.platformId) =>
  hub.admin('PATCH', `/platforms/${platformId}`, { endpoint_overrides })

/** Where the hub called the CPO for a list of a module. */
async function calledFor(module: string): Promise<string | number | null> {
  cpo.requests.length = 0
  const { statusCode } = await emsp.call(module, 'SENDER', { to: CPO })
  return cpo.requests[0]?.path ?? statusCode
}

test('an endpoint that a partner announces wrongly is replaced, hidden or added at once, and as announced again without that', async () => {
  const added = await mend([
    { identifier: 'locations', role: 'SENDER', url: `${cpo.origin}/srv/sender/tariffs` },
    { identifier: 'sessions', role: 'SENDER', url: null },
    { identifier: 'tokens', role: 'SENDER', url: `${cpo.origin}/added` },
  ])
  expect(added.status).toBe(200)
  expect(await calledFor('locations')).toBe('/srv/sender/tariffs')
  expect(await calledFor('sessions')).toBe(4001)
  expect(await calledFor('tokens')).toBe('/added')
  expect(await calledFor('cdrs')).toBe('/srv/sender/cdrs')
  await mend([])
  expect(await calledFor('locations')).toBe('/srv/sender/locations')
  expect(await calledFor('sessions')).toBe('/srv/sender/sessions')
  expect(await calledFor('tokens')).toBe(4001)
})

test('what was mended holds over the next handshake of either side, and shows beside what the partner announced', async () => {
  const url = `${cpo.origin}/srv/sender/tariffs`
  await mend([{ identifier: 'locations', role: 'SENDER', url }])
  expect((await cpo.rotate()).statusCode).toBe(1000)
  expect((await hub.admin('POST', `/platforms/${cpo.platformId}/rotate`)).status).toBe(200)
  expect(await calledFor('locations')).toBe('/srv/sender/tariffs')
  const { endpoints } = (await hub.admin('GET', `/platforms/${cpo.platformId}`)).body
  const announced_url = cpo.endpointUrl('locations', 'SENDER')
  expect(endpoints).toContainEqual({ identifier: 'locations', role: 'SENDER', url, override: { announced_url } })
  expect(endpoints.filter(({ override }: { override?: object }) => override)).toHaveLength(1)
  await mend([])
})

test('an address that the hub may not call is refused, and nothing changes', async () => {
  const answer = await mend([{ identifier: 'locations', role: 'SENDER', url: `${hub.url}/ocpi/versions` }])
  expect(answer).toMatchObject({ status: 422, body: { type: 'urn:ocpi-hub:problem:forbidden-url' } })
  expect(await calledFor('locations')).toBe('/srv/sender/locations')
})

test('a partner whose version details name an address that the hub may not call can register once that is mended', async () => {
  const partner = await startPartner({ name: 'wrong', parties: [{ ...CPO, party_id: 'WRO' }] })
  const url = `${hub.url}/ocpi/2.2.1/locations`
  partner.onRequest(({ path }) =>
    path === '/v/2.2.1'
      ? {
          data: {
            version: '2.2.1',
            endpoints: [
              { identifier: 'credentials', role: 'SENDER', url: `${hub.url}/nowhere` },
              { identifier: 'locations', role: 'SENDER', url },
            ],
          },
        }
      : 'pass',
  )
  const { id, token } = await hub.createPlatform({ name: 'wrong' })
  const at = { versionsUrl: hub.versionsUrl, token }
  expect((await partner.tryRegister(at)).statusCode).toBe(3001)
  const locations: Override = {
    identifier: 'locations',
    role: 'SENDER',
    url: partner.endpointUrl('locations', 'SENDER'),
  }
  const credentials: Override = { identifier: 'credentials', role: 'RECEIVER', url: `${partner.origin}/credentials` }
  await mend([locations, credentials], id)
  expect((await partner.tryRegister(at)).statusCode).toBe(1000)
  expect((await emsp.call('locations', 'SENDER', { to: { ...CPO, party_id: 'WRO' } })).statusCode).toBe(1000)
  expect((await hub.admin('POST', `/platforms/${id}/rotate`)).status).toBe(200)
  await partner.close()
})
