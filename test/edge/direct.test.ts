import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Partner } from '../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const REQUESTS = 40

let hub: WorkersHub
let proxy: TcpProxy
let sql: postgres.Sql
let cpo: Partner
let emsp: Partner

beforeAll(async () => {
  hub = await startWorkersHub({}, { through: async (url) => (proxy = await startTcpProxy(url)).url })
  sql = postgres(hub.databaseUrl, { max: 1 })
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  cpo.on('locations', 'SENDER', () => ({ data: [] }))
  await get('warm')
  await until(async () => (await logged('warm')) === 1, 'Expected the first row of the message log')
}, 60_000)

afterAll(async () => {
  await sql?.end()
  await hub?.close()
  await proxy?.close()
})

test('requests that the hub routes open no connection to the database, and all are in the message log', async () => {
  const before = proxy.opened()
  await Promise.all(Array.from({ length: REQUESTS }, () => get('counted')))
  await until(async () => (await logged('counted')) === REQUESTS, 'Expected a row for each request')
  expect(proxy.opened()).toBe(before)
})

test('a database that is away stops no request that the hub routes, and what was observed is logged when it is back', async () => {
  await proxy.cut()
  // Longer than a table counts as fresh: it is looked for, in vain.
  await new Promise((resolve) => setTimeout(resolve, 3_500))
  expect((await get('away')).status).toBe(200)
  await proxy.restore()
  await until(async () => (await logged('away')) === 1, 'Expected the row of that time')
})

function get(correlationId: string) {
  return emsp.call('locations', 'SENDER', { to: CPO, correlationId })
}

async function logged(correlationId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from message_log where correlation_id = ${correlationId} and kind = 'direct'`
  return row?.count ?? 0
}
