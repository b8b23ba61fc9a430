import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewSession, SessionOf } from '../../../src/hub/administration/accounts.ts'
import { BY_COMMAND } from '../../../src/hub/administration/audit.ts'
import { createAccountStore } from '../../../src/storage/administration/accounts.ts'
import {
  deleteSessionsEndedBefore,
  findKeyRights,
  findPassword,
  findSessions,
  openSession,
} from '../../../src/storage/administration/credentials.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let testDatabase: TestDatabase
let database: Database

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 2 })
})
afterEach(async () => {
  await database.close()
  await testDatabase.drop()
})

const OWNER: SessionOf = { kind: 'admin-token', mark: 'm' }

const sessionOf = (digest: string, of: SessionOf, createdAt: number): NewSession => ({
  ...{ digest, of, createdAt },
  expiresAt: createdAt + 1_000,
  address: '192.0.2.1',
})

async function addAda(): Promise<void> {
  const ada = { id: 'ada', name: 'Ada', email: null, role: 'operator', maySeeBodies: false } as const
  await createAccountStore(database.orm, BY_COMMAND).addAdmin({ ...ada, createdAt: 0, passwordDigest: null })
}

describe('A session', () => {
  test('counts until its end, not at it, and is then forgotten', async () => {
    await openSession(database.orm, sessionOf('s1', OWNER, 0))
    expect((await findSessions(database.orm, ['s1', 's2'], 999)).get('s1')).toMatchObject({ expiresAt: 1_000 })
    expect((await findSessions(database.orm, ['s1'], 1_000)).size).toBe(0)
    await deleteSessionsEndedBefore(database.orm, 1_001)
    expect((await findSessions(database.orm, ['s1'], 0)).size).toBe(0)
  })

  test('makes room for newer ones of its own account, and takes none from others', async () => {
    await addAda()
    await openSession(database.orm, sessionOf('of the owner', OWNER, 0))
    for (let i = 0; i < 52; i++) await openSession(database.orm, sessionOf(`s${i}`, { kind: 'admin', id: 'ada' }, i))
    const digests = ['of the owner', 's0', 's1', 's2', 's51']
    const found = await findSessions(database.orm, digests, 100)
    expect([...found.keys()].sort()).toEqual(['of the owner', 's2', 's51'])
  })
})

test('A name is typed in whatever case, and in no other letters, whose failures would be counted apart', async () => {
  const vivi = { id: 'vivi', name: 'Vivi', email: null, role: 'operator', maySeeBodies: false } as const
  await createAccountStore(database.orm, BY_COMMAND).addAdmin({ ...vivi, createdAt: 0, passwordDigest: 'digest' })
  const found = ['vivi', 'VIVI', 'V\u0130vi', 'V\u0130V\u0130', 'nobody'].map((name) =>
    findPassword(database.orm, name),
  )
  const known = { id: 'vivi', passwordDigest: 'digest' }
  expect(await Promise.all(found)).toEqual([known, known, null, null, null])
})

describe('A key', () => {
  test('notes its use once a minute', async () => {
    const accounts = createAccountStore(database.orm, BY_COMMAND)
    const key = { id: 'k', name: 'k', role: 'owner', maySeeBodies: false, prefix: 'ohk_' } as const
    await accounts.addKey({ ...key, digest: 'd', createdAt: 0, createdBy: 'owner', expiresAt: 200_000 })
    const lastUse = async () => (await accounts.findKey('k'))?.lastUsedAt
    const noted: unknown[] = []
    for (const at of [1_000, 60_999, 61_000, 199_999, 200_000]) {
      await findKeyRights(database.orm, ['d', 'unknown'], at)
      noted.push(await lastUse())
    }
    expect(noted).toEqual([1_000, 1_000, 61_000, 199_999, 199_999])
  })
})
