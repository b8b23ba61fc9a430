import { sql as statement } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database.ts'
import { type Partner, routedModules } from '../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: WorkersHub
let proxy: TcpProxy
let cpo: Partner
let emsp: Partner & { platformId: string }

/** Platforms that are told nothing of others, so that no news wakes a queue or brings it a newer routing table. */
beforeAll(async () => {
  hub = await startWorkersHub(
    { KEEPALIVE_AFTER_S: '4' },
    { through: async (url) => (proxy = await startTcpProxy(url)).url },
  )
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
  cpo.on('locations', 'SENDER', () => ({ data: [] }))
}, 60_000)

afterAll(async () => {
  await proxy?.restore()
  await hub?.close()
  await proxy?.close()
})

test('what happened while the database was away stands once in the message log', async () => {
  await proxy.cut()
  const answer = await emsp.call('locations', 'SENDER', { to: CPO, correlationId: 'while-away' })
  expect(answer.statusCode).toBe(1000)
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  await proxy.restore()
  const database = openDatabase({ url: hub.databaseUrl, maxConnections: 1 })
  const rows = async () =>
    (await database.orm.execute(statement`select from message_log where correlation_id = 'while-away'`)).length
  await until(async () => (await rows()) > 0, 'Expected it in the message log')
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(await rows()).toBe(1)
  await database.close()
}, 60_000)

test('a rule that forbids it is in force for a push that waits for its partner', async () => {
  emsp.on('locations', 'RECEIVER', () => ({ status: 500, statusCode: 3000 }))
  const push = () =>
    cpo.call('locations', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/L1', to: HUB, body: { id: 'L1' } })
  await until(async () => (await push()).statusCode === 1000, 'Expected the push to be taken')
  await emsp.waitForRequest(({ suffix }) => suffix === '/NL/CPO/L1')
  const waiting = async () => {
    const { body } = await hub.admin('GET', '/queues')
    return body.find((queue: { platform_id: string }) => queue.platform_id === emsp.platformId)?.waiting
  }
  await until(async () => (await waiting()) === 1, 'Expected the push to wait')
  const [a, b] = [CPO, EMSP].map(({ country_code, party_id }) => ({ country_code, party_id }))
  expect((await hub.admin('POST', '/agreements', { a, b, effect: 'deny' })).status).toBe(201)
  await until(async () => (await waiting()) === 0, 'Expected the push to be let go of')
}, 60_000)
