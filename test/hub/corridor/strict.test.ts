// Rules: Routing, of a platform that an administrator holds to the specification.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { Partner } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
})
afterAll(() => hub.close())

async function hold(platformId: string, strict: boolean): Promise<void> {
  const { status, body } = await hub.admin('PATCH', `/platforms/${platformId}`, { strict })
  expect([status, body.strict]).toEqual([200, strict])
}

const token = { uid: 'T1', country_code: 'DE', party_id: 'EMS', type: 'RFID' }

const requests: readonly (readonly [string, number, () => Promise<CallAnswer>])[] = [
  [
    'a module without a slash',
    4001,
    () => emsp.callUrl(`${hub.url}/ocpi/2.2.1/sender/locationsNL/CPO`, { to: CPO, from: EMSP }),
  ],
  ['a list of nobody', 4001, () => emsp.call('locations', 'SENDER', { from: EMSP })],
  ['a request of nobody', 2001, () => emsp.call('locations', 'SENDER', { to: CPO, from: null })],
  [
    'an empty object with a DELETE to all',
    2001,
    () => cpo.call('tariffs', 'RECEIVER', { method: 'DELETE', path: '/NL/CPO/T1', to: HUB, from: CPO, body: {} }),
  ],
  [
    'the token of no party in a CDR',
    4001,
    async () => {
      const pushed = { method: 'PUT', path: '/DE/EMS/T1', to: HUB, body: token }
      expect((await emsp.call('tokens', 'RECEIVER', { ...pushed, from: EMSP })).statusCode).toBe(1000)
      const body = { id: 'C1', country_code: 'NL', party_id: 'CPO', cdr_token: { uid: 'T1', type: 'RFID' } }
      return cpo.call('cdrs', 'RECEIVER', { method: 'POST', from: CPO, body })
    },
  ],
]

describe('A platform that is held to the specification', () => {
  test.each(requests)('%s: refused with %i, and understood of any other', async (_, code, send) => {
    const lenient = await send()
    expect([lenient.status, lenient.statusCode]).toEqual([200, 1000])
    for (const { platformId } of [cpo, emsp]) await hold(platformId, true)
    try {
      const strict = await send()
      expect([strict.status, strict.statusCode]).toEqual([200, code])
    } finally {
      for (const { platformId } of [cpo, emsp]) await hold(platformId, false)
    }
  })

  test.each(['', '{"data":[]}'])('its success of %j is none, and one of any other', async (body) => {
    const undo = cpo.on('locations', 'SENDER', () => ({ isBare: true, status: 200, body }))
    const list = () => emsp.call('locations', 'SENDER', { to: CPO, from: EMSP })
    try {
      const lenient = await list()
      expect([lenient.status, lenient.statusCode ?? 'none']).toEqual([200, body === '' ? 1000 : 'none'])
      await hold(cpo.platformId, true)
      const strict = await list()
      expect([strict.status, strict.statusCode]).toEqual([200, 4000])
    } finally {
      undo()
      await hold(cpo.platformId, false)
    }
  })
})
