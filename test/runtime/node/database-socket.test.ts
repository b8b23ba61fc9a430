import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOpenSocket } from '../../../src/runtime/node/database-socket.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

const WAIT_MS = 1_500
const CONNECTIONS = 3

let server: TestDatabase
let proxy: TcpProxy
let database: Database

beforeEach(async () => {
  server = await createTestDatabase({ isEmpty: true })
  proxy = await startTcpProxy(server.url)
  database = openDatabase({
    url: proxy.url,
    maxConnections: CONNECTIONS,
    openSocket: createOpenSocket(WAIT_MS),
  })
})
afterEach(async () => {
  await database.close()
  await proxy.close()
  await server.drop()
})

/** Asks over all connections of the pool at once. */
function askAll(): Promise<PromiseSettledResult<readonly { readonly pid: number }[]>[]> {
  const all = Array.from(
    { length: CONNECTIONS },
    () => database.sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.05)`,
  )
  return Promise.allSettled(all)
}

async function pids(): Promise<number[]> {
  return (await askAll()).map((asked) => (asked.status === 'fulfilled' ? (asked.value[0]?.pid ?? 0) : 0))
}

test('Connections whose way to the server got lost without a word are given up, and new ones made', async () => {
  const before = await pids()
  expect(new Set(before).size).toBe(CONNECTIONS)
  proxy.abandon()
  const asking = [askAll()]
  const askingOn = setInterval(() => asking.push(askAll()), WAIT_MS / 4)
  const [asked = []] = await Promise.all(asking)
  clearInterval(askingOn)
  for (const each of asked) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_CLOSED' } })
  }
  const after = await pids()
  expect(after).not.toContain(0)
  expect(after.filter((pid) => before.includes(pid))).toEqual([])
})

test('A connection is kept over which an answer takes a while', async () => {
  const before = await pids()
  await Promise.all(before.map(() => database.sql`select pg_sleep(${WAIT_MS / 2_000})`))
  expect(new Set(await pids())).toEqual(new Set(before))
})
