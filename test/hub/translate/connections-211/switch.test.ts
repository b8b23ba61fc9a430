// Rules: what becomes of next links of a CPO of OCPI 2.1.1 that changes to a newer version.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { type Partner, startPartner } from '../../../support/partner.ts'
import { type Partner211, startPartner211 } from '../../../support/partner-211.ts'

const CPO = { country_code: 'NL', party_id: 'CPA' }
const EMSP = { country_code: 'NL', party_id: 'EMX' }
const DATED = { last_updated: '2026-01-01T00:00:00Z' }

let hub: TestHub
let older: Partner211
let newer: Partner
let emsp: Partner
let platform: { readonly id: string }

const tariff = (id: string) => ({
  ...{ id, currency: 'EUR', ...DATED },
  elements: [{ price_components: [{ type: 'ENERGY', price: 0.25, step_size: 1 }] }],
})
const listed = ({ data }: { readonly data: unknown }) => (data as { id: string }[]).map(({ id }) => id)

beforeAll(async () => {
  hub = await startTestHub()
  older = await startPartner211({ name: 'older', side: 'cpo', party: CPO })
  const made = await hub.createPlatform({ name: 'CPA' })
  platform = made
  await older.register({ versionsUrl: `${hub.url}/ocpi/emsp/versions`, token: made.token })
  emsp = await hub.join({ name: 'EMX', parties: [{ ...EMSP, role: 'EMSP' }], versions: ['2.2.1'] })
  newer = await startPartner({ name: 'newer', parties: [{ ...CPO, role: 'CPO' }], versions: ['2.2.1'] })
})
afterAll(async () => {
  await Promise.all([older.close(), newer.close()])
  await hub.close()
})

test('One at its announced endpoint goes on at the new one; one that leads elsewhere is 404, and nothing is asked there', async () => {
  const base = older.versionsUrl.replace('versions/', '2.1.1/')
  older.on('tariffs', () => ({
    data: [tariff('T1')],
    headers: ['Link', `<${base}tariffs/?offset=1&limit=1>; rel="next"`],
  }))
  older.on('sessions', () => ({ data: [], headers: ['Link', `<${base}elsewhere/page-2>; rel="next"`] }))
  const [tariffs, sessions] = [
    await emsp.call('tariffs', 'SENDER', { to: CPO }),
    await emsp.call('sessions', 'SENDER', { to: CPO }),
  ]
  expect(listed(tariffs)).toEqual(['T1'])
  const follow = (url: string | null) => emsp.callUrl(url ?? '', { to: CPO, from: EMSP })

  const { body } = await hub.admin('POST', `/platforms/${platform.id}/registration`)
  await newer.register({ versionsUrl: hub.versionsUrl, token: body.token })
  newer.on('tariffs', 'SENDER', ({ query }) => ({ data: [{ ...CPO, ...tariff(`T2 at ${query}`) }] }))
  older.requests.length = 0
  expect(listed(await follow(tariffs.next))).toEqual(['T2 at ?offset=1&limit=1'])
  expect((await follow(sessions.next)).status).toBe(404)
  expect(older.requests).toEqual([])
})
