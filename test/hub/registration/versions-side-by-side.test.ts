// Rules: Versions and credentials, of several versions at once [version_information_endpoint; credentials: PUT Method].
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, type PartnerOptions, routedModules, type WireParty } from '../../support/partner.ts'

const OLD_CPO = { country_code: 'NL', party_id: 'OLD', role: 'CPO' } as const
const NEW_CPO = { country_code: 'NL', party_id: 'NEW', role: 'CPO' } as const
const OLD_EMSP = { country_code: 'DE', party_id: 'OLD', role: 'EMSP' } as const
const NEW_EMSP = { country_code: 'DE', party_id: 'NEW', role: 'EMSP' } as const

type Joined = Partner & { platformId: string }

let hub: TestHub
let oldCpo: Joined
let newCpo: Joined
let oldEmsp: Joined
let newEmsp: Joined

/** A platform to which the hub itself pushes nothing. */
function join(party: WireParty, versions: readonly string[], options: Partial<PartnerOptions> = {}): Promise<Joined> {
  const name = `${party.party_id} ${party.role}`
  return hub.join({ name, parties: [party], modules: routedModules([party]), versions, ...options })
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[oldCpo, newCpo, oldEmsp, newEmsp] = [
    await join(OLD_CPO, ['2.2.1']),
    await join(NEW_CPO, ['2.3.0']),
    await join(OLD_EMSP, ['2.2.1']),
    await join(NEW_EMSP, ['2.3.0']),
  ]
})
afterAll(() => hub.close())

describe('the version of a connection', () => {
  test('is that of the endpoint where the partner posted its credentials', async () => {
    for (const [partner, version] of [
      [oldCpo, '2.2.1'],
      [newEmsp, '2.3.0'],
    ] as const) {
      expect((await hub.admin('GET', `/platforms/${partner.platformId}`)).body.version).toBe(version)
      for (const url of partner.hubEndpoints.values()) expect(url.startsWith(`${hub.url}/ocpi/${version}/`)).toBe(true)
    }
  })

  test('two platforms of 2.3.0 talk as two of 2.2.1 do', async () => {
    for (const [emsp, cpo, party] of [
      [newEmsp, newCpo, NEW_CPO],
      [oldEmsp, oldCpo, OLD_CPO],
    ] as const) {
      const undo = cpo.on('locations', 'SENDER', () => ({ data: { id: 'L1' } }))
      const answer = await emsp.call('locations', 'SENDER', { to: party, path: '/L1' })
      undo()
      expect([answer.status, answer.statusCode, answer.data]).toEqual([200, 1000, { id: 'L1' }])
    }
  })
})

describe('a URL of another version than the platform speaks: HTTP 404 that says so', () => {
  const PATHS = ['/sender/locations', '/receiver/tariffs/DE/NEW/1', '/hubclientinfo', '/credentials']

  test.each([
    ['2.3.0', '2.2.1'],
    ['2.2.1', '2.3.0'],
  ])('a platform of %s, URLs of %s', async (own, other) => {
    const partner = own === '2.3.0' ? newEmsp : oldEmsp
    for (const path of PATHS) {
      const answer = await partner.callUrl(`${hub.url}/ocpi/${other}${path}`, { requestId: 'r-1' })
      expect([path, answer.status, answer.statusCode, answer.header('x-request-id')]).toEqual([path, 404, 2000, 'r-1'])
      expect(answer.envelope?.status_message).toBe(`Your platform speaks OCPI ${own}; this URL is of ${other}`)
    }
    const details = await partner.callUrl(`${hub.url}/ocpi/${other}`)
    expect([details.statusCode, (details.data as { version: string }).version]).toEqual([1000, other])
  })
})
