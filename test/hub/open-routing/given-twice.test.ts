// Rules: by what a body says twice no receiver is found [transport_and_format: Open Routing Request].
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const OTHER_CPO = { country_code: 'NL', party_id: 'CP2', role: 'CPO' } as const
const MSP = { country_code: 'DE', party_id: 'MSP', role: 'EMSP' } as const
const OTHER_MSP = { country_code: 'DE', party_id: 'MS2', role: 'EMSP' } as const
const CUSTOM = { identifier: 'nltnm-notes', role: 'RECEIVER' } as const

let hub: TestHub
let cpo: Partner
let otherCpo: Partner
let msp: Partner
let otherMsp: Partner
beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join(CPO)
  otherCpo = await join(OTHER_CPO)
  msp = await join(MSP)
  otherMsp = await join(OTHER_MSP)
})
afterAll(() => hub.close())
beforeEach(() => {
  for (const partner of [cpo, otherCpo, msp, otherMsp]) partner.requests.length = 0
})

/** A platform to which the hub itself pushes nothing. */
function join(party: WireParty): Promise<Partner> {
  return hub.join({ name: party.party_id, parties: [party], modules: [...routedModules([party]), CUSTOM] })
}

async function expectRefused(
  partner: Partner,
  module: string,
  options: { path?: string; method?: string; body: string },
) {
  const url = `${hub.url}/ocpi/2.2.1/receiver/${module}${options.path ?? ''}`
  const answer = await partner.callUrl(url, { method: options.method ?? 'POST', body: options.body })
  expect([answer.status, answer.statusCode]).toEqual([200, 2001])
  for (const each of [cpo, otherCpo, msp, otherMsp]) expect(each.requests).toEqual([])
}

const TO_MSP = '{"uid":"T1","country_code":"DE","party_id":"MSP"}'
const TO_OTHER = '{"uid":"T1","country_code":"DE","party_id":"MS2"}'

describe('a body that names one thing twice', () => {
  test.each([
    `{"id":"1","country_code":"NL","party_id":"CPO","cdr_token":${TO_MSP},"cdr_token":${TO_OTHER}}`,
    `{"id":"1","country_code":"NL","party_id":"CPO","cdr\\u005ftoken":${TO_OTHER},"cdr_token":${TO_MSP}}`,
    `{"id":"1","country_code":"NL","party_id":"CPO","cdrToken":${TO_OTHER},"cdr_token":${TO_MSP}}`,
    '{"id":"1","country_code":"NL","party_id":"CPO","cdr_token":{"country_code":"DE","party_id":"MSP","PARTY_ID":"MS2"}}',
    `{"id":"1","ID":"2","country_code":"NL","party_id":"CPO","cdr_token":${TO_MSP}}`,
    `{"id":"1","country_code":"NL","party_id":"CPO","partyId":"CP2","cdr_token":${TO_MSP}}`,
  ])('of a CDR is refused: %s', (body) => expectRefused(cpo, 'cdrs', { body }))

  test.each(['sessions', 'locations', 'nltnm-notes'])('as the owner of %s is refused', (module) =>
    expectRefused(cpo, module, {
      method: 'PUT',
      path: '/NL/CPO/X1',
      body: `{"country_code":"NL","party_id":"CPO","partyId":"CP2","cdr_token":${TO_MSP}}`,
    }),
  )

  test('is refused for a command, and teaches nothing that leads another one astray', async () => {
    // UUIDs: what is seen of one CPO could be another's under any other id.
    for (const [partner, id] of [
      [cpo, '8f0a6b1e-4c1d-4e2a-9b7f-000000000001'],
      [otherCpo, '8f0a6b1e-4c1d-4e2a-9b7f-000000000002'],
    ] as const) {
      const [party] = partner.parties
      const push = { method: 'PUT', path: `/${party?.country_code}/${party?.party_id}/${id}`, body: {} }
      expect((await partner.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
    }
    for (const partner of [msp, otherMsp])
      for (const end of ['000000000001', '000000000002'])
        await partner.waitForRequest(({ suffix }) => suffix.endsWith(end))
    const unlock = (body: string) =>
      msp.call('commands', 'RECEIVER', { method: 'POST', path: '/UNLOCK_CONNECTOR', body })
    await expect
      .poll(async () => (await unlock('{"location_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000001"}')).statusCode)
      .toBe(1000)
    await expect
      .poll(async () => (await unlock('{"location_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000002"}')).statusCode)
      .toBe(1000)
    for (const partner of [cpo, otherCpo, msp, otherMsp]) partner.requests.length = 0
    for (const name of ['location_id', 'LOCATION_ID', 'locationId', 'location\\u005fid']) {
      const body = `{"${name}":"8f0a6b1e-4c1d-4e2a-9b7f-000000000002","location_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000001"}`
      await expectRefused(msp, 'commands', { path: '/UNLOCK_CONNECTOR', body })
    }

    const direct = { method: 'POST', path: '/RESERVE_NOW', to: CPO }
    const twice =
      '{"reservation_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000004","RESERVATION_ID":"8f0a6b1e-4c1d-4e2a-9b7f-000000000005","location_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000001"}'
    expect((await msp.call('commands', 'RECEIVER', { ...direct, body: twice })).statusCode).toBe(1000)
    expect(
      (
        await msp.call('commands', 'RECEIVER', {
          ...direct,
          body: '{"reservation_id":"8f0a6b1e-4c1d-4e2a-9b7f-000000000006"}',
        })
      ).statusCode,
    ).toBe(1000)
    const cancel = (id: string) =>
      msp.call('commands', 'RECEIVER', { method: 'POST', path: '/CANCEL_RESERVATION', body: { reservation_id: id } })
    await expect.poll(async () => (await cancel('8f0a6b1e-4c1d-4e2a-9b7f-000000000006')).statusCode).toBe(1000)
    for (const id of ['8f0a6b1e-4c1d-4e2a-9b7f-000000000004', '8f0a6b1e-4c1d-4e2a-9b7f-000000000005'])
      expect((await cancel(id)).statusCode).toBe(4001)
  })
})
