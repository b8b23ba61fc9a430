import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LaneCursor } from '../../../../src/hub/push/cursor.ts'
import { openDatabase } from '../../../../src/storage/database.ts'
import { createCursorStore } from '../../../../src/storage/push/cursors.ts'
import { createPushLog } from '../../../../src/storage/push/log.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { newPush, openRig, platformOf, type Rig, type RigPlatform, type RigPush, register } from '../rig.ts'

const CPO: RigPlatform = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] }
const OLD = { path: '/NL/CPO/L1', body: { state: 'old' } }
const NEW = { path: '/NL/CPO/L1', body: { state: 'new' } }
/** More than one read of the database brings. */
const BETWEEN = Array.from({ length: 20 }, (_, i) => ({ path: `/NL/CPO/M${i}`, body: { pad: 'x'.repeat(100_000) } }))

let database: TestDatabase
let receiver: Receiver
let rig: Rig | null

beforeEach(async () => {
  database = await createTestDatabase()
  receiver = await startReceiver()
  rig = null
})

afterEach(async () => {
  await rig?.close()
  await receiver.close()
  await database.drop()
})

/** A process was killed when these were in the log, its queue saved like this, and delivers no more: another one goes on. */
async function goOn(lane: Omit<LaneCursor, 'module'>, ...pushes: readonly RigPush[]): Promise<void> {
  const emsp: RigPlatform = { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: receiver.origin }
  const connection = openDatabase({ url: database.url, maxConnections: 1 })
  const { sql } = connection
  await register(connection, [CPO, emsp])
  await createCursorStore(sql).load(['emsp'])
  await createPushLog(sql).append(pushes.map((push) => newPush(platformOf(CPO), push)))
  const lanes = JSON.stringify([{ module: 'locations', ...lane }])
  await sql`update push_cursor set position = ${pushes.length}, lanes = ${lanes}::text::jsonb, needed = 1`
  await connection.close()
  rig = openRig(database.url)
  await rig.put(CPO, emsp)
  await rig.start()
}

const statesOfL1 = () =>
  receiver.received.filter(({ target }) => target.endsWith('/L1')).map(({ body }) => JSON.parse(body).state)

describe('After a hub process was killed a partner is not given an older state of an object once more', () => {
  test('when the one that replaced it had been read, and its delivery not saved', async () => {
    const last = BETWEEN.length + 2
    await goOn({ watermark: last - 1, unfinished: [1], readTo: last - 1 }, OLD, ...BETWEEN, NEW)
    await receiver.waitFor(() => statesOfL1().includes('new'), 'the newer state comes')
    expect(statesOfL1()).toEqual(['new'])
  })

  test('when both had been delivered, and neither delivery saved', async () => {
    await goOn({ watermark: 0, unfinished: [], readTo: 0 }, OLD, ...BETWEEN, NEW)
    await receiver.waitFor(() => receiver.received.length === BETWEEN.length + 1, 'everything comes')
    expect(statesOfL1()).toEqual(['new'])
  })
})
