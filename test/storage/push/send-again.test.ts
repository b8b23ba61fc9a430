import { afterAll, beforeAll, expect, test } from 'vitest'
import { BY_COMMAND } from '../../../src/hub/administration/audit.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createPushLog } from '../../../src/storage/push/log.ts'
import { createSendAgainStore } from '../../../src/storage/push/send-again.ts'
import { createTrimStore } from '../../../src/storage/push/trim.ts'
import { newPush, platformOf } from '../../hub/push/rig.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const cpo = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 8 })
})
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

/** A push of its own IDs, by which it is found again. */
function pushOf(path: string, requestId: string) {
  return { ...newPush(cpo, { path, body: { from: requestId } }), requestId }
}

test('an old state never gets a number behind a newer one, whichever is stored first', async () => {
  const log = createPushLog(database.sql)
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  for (let round = 0; round < 40; round++) {
    const path = `/NL/CPO/R${round}`
    const old = pushOf(path, `old ${round}`)
    const after = await log.append([old])
    const again = store.append({ ...old, onlyTo: 'emsp' }, after)
    const [stored, newer] = await Promise.all([again, log.append([pushOf(path, `newer ${round}`)])])
    if (stored.kind === 'stored') expect(stored.number).toBeLessThan(newer)
    else expect(stored.push.number).toBe(newer)
    expect(await store.append({ ...old, onlyTo: 'emsp' }, after)).toMatchObject({
      kind: 'newer',
      push: { number: newer },
    })
  }
})

test('numbers stay without gaps, also where a push was refused', async () => {
  const log = createPushLog(database.sql)
  const before = await log.lastNumber()
  expect(await log.append([pushOf('/NL/CPO/NEXT', 'next')])).toBe(before + 1)
})

test('a push is found by the IDs of its message, and itself sent again is no newer state', async () => {
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  const push = pushOf('/NL/CPO/FOUND', 'found')
  const number = await createPushLog(database.sql).append([push])
  const found = await store.find(push)
  expect({ ...found, body: [...(found?.body ?? [])] }).toEqual({ ...push, number, body: [...(push.body ?? [])] })
  expect((await store.append({ ...push, onlyTo: 'one' }, number)).kind).toBe('stored')
  expect((await store.append({ ...push, onlyTo: 'two' }, number)).kind).toBe('stored')
  expect(await store.find({ ...push, requestId: 'none' })).toBeNull()
})

test('a full log gives up no push for what was sent again to one platform', async () => {
  const log = createPushLog(database.sql)
  const store = createSendAgainStore({ orm: database.orm, now: Date.now }, BY_COMMAND)
  const push = pushOf('/NL/CPO/KEPT', 'kept')
  const number = await log.append([push])
  await store.append({ ...push, onlyTo: 'emsp' }, number)
  const trim = createTrimStore(database.sql)
  await trim.deleteSuperseded(number - 1)
  expect(await log.readNumbers([number], true)).toHaveLength(1)
  await log.append([pushOf('/NL/CPO/KEPT', 'newer')])
  await trim.deleteSuperseded(number - 1)
  expect(await log.readNumbers([number, number + 1], true)).toHaveLength(0)
})
