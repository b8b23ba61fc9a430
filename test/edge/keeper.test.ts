import postgres from 'postgres'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Partner } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO_ID = { country_code: 'NL', party_id: 'CPO' }
const CPO = { ...CPO_ID, role: 'CPO' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const ENDS = 10
const SILENT = 6
/** The Keeper object comes back by its alarm ten seconds after it was ended, and asks each queue once a minute. */
const BACK_WITHIN_MS = 60_000
const RECONCILED_WITHIN_MS = 90_000

let hub: WorkersHub
let sql: postgres.Sql
let cpo: Partner
let emsps: (Partner & { readonly platformId: string })[]

beforeEach(async () => {
  hub = await startWorkersHub({ KEEPALIVE_AFTER_S: '2' })
  sql = postgres(hub.databaseUrl, { max: 1 })
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsps = []
  for (let i = 0; i < SILENT; i++) {
    const parties = [{ country_code: 'DE', party_id: `E0${i}`, role: 'EMSP' }] as const
    emsps.push(await hub.join({ name: `emsp${i}`, parties }))
  }
}, 60_000)

afterEach(async () => {
  await sql?.end()
  await hub?.close()
})

test('though the Keeper object is ended at any moment, partners are asked whether they live, and shards and cursors kept', async () => {
  await push('/NL/CPO/L1')
  await until(() => emsps.every(({ requests }) => requests.some((each) => each.suffix === '/NL/CPO/L1')), 'Expected L1')
  // One that hangs when it is asked holds up nobody: each is asked by an object of its own.
  const [hanging, ...others] = emsps
  hanging?.onRequest(({ path }) => (path === '/versions' ? new Promise(() => {}) : 'pass'))
  for (let i = 0; i < ENDS; i++) {
    await pause(Math.random() * 2_000)
    await hub.end('KEEPER', 'keeper')
  }
  for (const { requests } of others) requests.length = 0
  await until(() => others.every((emsp) => checksOf(emsp) > 1), 'Expected each to be asked again', BACK_WITHIN_MS)

  // Nobody calls any more: it is the Keeper object that brings the Log object back.
  await hub.end('LOG', 'log')
  await hub.end('KEEPER', 'keeper')
  await pause(5_000)
  await until(async () => (await held()) === 64, 'Expected the leases to be held', BACK_WITHIN_MS)

  // A queue at rest is moved along with a push that is not for it: what it may still ask for is not kept for it.
  await hub.admin('POST', '/agreements', { a: CPO_ID, b: { country_code: 'DE', party_id: 'E01' }, effect: 'deny' })
  await push('/NL/CPO/L2')
  await hub.end('KEEPER', 'keeper')
  await until(async () => (await behind()) === 0, 'Expected all cursors at the end', RECONCILED_WITHIN_MS)
  expect(others[0]?.requests.filter((each) => each.suffix === '/NL/CPO/L2')).toEqual([])
}, 240_000)

async function push(path: string): Promise<void> {
  const answer = await cpo.call('locations', 'RECEIVER', { method: 'PUT', path, to: HUB, body: { path } })
  expect(answer.statusCode).toBe(1000)
}

function checksOf({ requests }: Partner): number {
  return requests.filter((request) => request.path === '/versions').length
}

/** Shards whose leases have not ended. */
async function held(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from push_shard where owner = 'workers' and expires_at > now()`
  return row?.count ?? 0
}

/** Emsps whose cursors are not at the end of the log. */
async function behind(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from push_cursor, push_counter
    where position < last and platform_id in ${sql(emsps.map(({ platformId }) => platformId))}`
  return row?.count ?? 0
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
