import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { firstTimes, html, redirect } from '../support/misbehave.ts'
import type { Partner } from '../support/partner.ts'
import type { Handler } from '../support/partner-server.ts'
import { until } from '../support/until.ts'

type Joined = Partner & { readonly platformId: string }

const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cpo: Joined
let emsp: Joined
let made = 0

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  emsp = await hub.join({ name: 'emsp', parties: [{ country_code: 'DE', party_id: 'EMS', role: 'EMSP' }] })
})
afterAll(() => hub.close())

const bare =
  (status: number): Handler =>
  () => ({ status, isBare: true, body: '' })

const FRONT_ENDS: readonly (readonly [string, Handler])[] = [
  ['a gateway that answers 408', bare(408)],
  ['a gateway that answers 425', bare(425)],
  ['a login page behind 302', redirect(302, '/login')],
  ['a maintenance page behind 307', redirect(307)],
  ['an HTML page with 200', html(200)],
  ['an HTML page with 404', html(404)],
  ['an HTML page with 405', html(405)],
  ['a firewall that answers 403', html(403)],
]

/** What the front end answers for once reaches the partner when the front end lets it pass. */
async function arrivesLater(handler: Handler, module: string, cause: () => Promise<string>): Promise<void> {
  let answered = 0
  const isPut = ({ method, module: called }: { method: string; module: string | null }) =>
    method === 'PUT' && called === module
  const restore = emsp.onRequest(
    firstTimes(1, isPut, (request, response) => {
      answered++
      return handler(request, response)
    }),
  )
  const taken: string[] = []
  const stop = emsp.on(module, 'RECEIVER', ({ suffix }) => {
    taken.push(suffix)
    return 'pass'
  })
  const path = await cause()
  await until(() => taken.includes(path), `${path} to arrive`)
  expect(answered).toBe(1)
  restore()
  stop()
}

describe.each(FRONT_ENDS)('When %s stands for a partner', (_, handler) => {
  test('a push arrives later, and nothing is missed', async () => {
    await arrivesLater(handler, 'locations', async () => {
      const path = `/NL/CPO/L${made++}`
      const push = { method: 'PUT', path, to: HUB, body: { id: path } }
      expect((await cpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
      return path
    })
    expect((await hub.admin('GET', `/queues/${emsp.platformId}/missed`)).body).toEqual([])
  })

  test('a change of a client is told later [mod_hub_client_info: Push model]', async () => {
    await arrivesLater(handler, 'hubclientinfo', async () => {
      const party_id = `C${(made++).toString(36).toUpperCase().padStart(2, '0')}`
      await hub.join({ name: party_id, parties: [{ country_code: 'NL', party_id, role: 'CPO' }] })
      return `/NL/${party_id}`
    })
  })
})

test('ClientInfo that a partner refuses in an envelope is listed as missed, and not pushed again', async () => {
  const restore = emsp.on('hubclientinfo', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
  await hub.join({ name: 'refused', parties: [{ country_code: 'NL', party_id: 'REF', role: 'CPO' }] })
  const find = async () => (await hub.admin('GET', `/queues/${emsp.platformId}/missed`)).body
  await until(async () => (await find()).length === 1, 'it to be listed')
  expect(await find()).toMatchObject([{ module: 'hubclientinfo', path: '/NL/REF', cause: 'refused', times: 1 }])
  restore()
  const put = emsp.told.filter(({ suffix }) => suffix === '/NL/REF')
  expect(put).toHaveLength(1)
})
