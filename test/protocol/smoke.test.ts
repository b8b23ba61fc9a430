import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub.close())

test('a CPO and an eMSP that know nothing of each other exchange a message through the hub', async () => {
  const cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  const emsp = await hub.join({ name: 'emsp', parties: [{ country_code: 'DE', party_id: 'EMS', role: 'EMSP' }] })
  const answer = await emsp.call('locations', 'SENDER', {
    method: 'GET',
    query: '?limit=5',
    to: { country_code: 'NL', party_id: 'CPO' },
    from: { country_code: 'DE', party_id: 'EMS' },
  })
  expect(answer.status).toBe(200)
  expect(answer.envelope?.status_code).toBe(1000)
  expect(cpo.requests.at(-1)?.query).toBe('?limit=5')
})
