import postgres from 'postgres'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { readPage } from './pages.ts'

// What the page for operators says of a key that is lost for good.

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER_KEY = { SECRET_KEY: Buffer.alloc(32, 9).toString('base64') }

let database: TestDatabase
let hub: TestHub

beforeEach(async () => {
  database = await createTestDatabase()
  hub = await startTestHub({}, { databaseUrl: database.url })
})
afterEach(async () => {
  await hub.close()
  await database.drop()
})

test('a hub goes on without the key that was lost, and reaches a partner again that puts its credentials', async () => {
  const cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  const emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  await expect(startTestHub(OTHER_KEY, { databaseUrl: database.url })).rejects.toThrow()

  const [, forget = ''] = /psql .* --command="(.*)"/.exec(readPage('docs/operators.md')) ?? []
  const sql = postgres(database.url, { max: 1 })
  await sql.unsafe(forget)
  await sql.end()
  const next = await startTestHub(OTHER_KEY, { databaseUrl: database.url })
  try {
    const ask = async () => (await emsp.callUrl(`${next.url}/ocpi/2.2.1/sender/locations`, { to: CPO })).statusCode
    expect(await ask()).toBe(4003)
    cpo.hubEndpoints.set('credentials/RECEIVER', `${next.url}/ocpi/2.2.1/credentials`)
    await cpo.rotate()
    expect(await ask()).toBe(1000)
  } finally {
    await next.close()
  }
})
