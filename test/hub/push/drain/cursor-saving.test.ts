import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlarmKind } from '../../../../src/hub/ports.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver, until } from '../receiver.ts'
import { openRig, type Rig } from '../rig.ts'

const OTHERS = ['emsp1', 'emsp2', 'emsp3', 'emsp4', 'emsp5', 'emsp6']

let database: TestDatabase
let rig: Rig
let receiver: Receiver
let alarms: { kind: AlarmKind; platformId?: string }[]

beforeEach(async () => {
  database = await createTestDatabase()
  alarms = []
  rig = openRig(database.url, { alarm: (alarm) => alarms.push(alarm) })
  receiver = await startReceiver()
  const { origin } = receiver
  await rig.put(
    { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] },
    ...['bad', ...OTHERS].map((id, i) => ({ id, party: `DE*E0${i}`, roles: ['EMSP'] as const, origin })),
  )
  await rig.start()
})

afterEach(async () => {
  await rig.close()
  await receiver.close()
  await database.drop()
})

async function savedOf(platformId: string): Promise<{ delivered: number; missed: number }> {
  const [row] = await rig.database.sql<{ delivered: number; missed: number }[]>`
    select delivered::float8, missed::float8 from push_cursor where platform_id = ${platformId}`
  return row ?? { delivered: 0, missed: 0 }
}

describe('When the database refuses what belongs to one platform', () => {
  test('its cursor: those of all others are saved, and the alarm names the platform', async () => {
    await rig.database.sql`
      alter table push_cursor add constraint damaged check (platform_id <> 'bad' or delivered = 0) not valid`
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    for (const id of OTHERS)
      await until(async () => (await savedOf(id)).delivered === 1, `the cursor of ${id} is saved`)
    await until(() => alarms.length > 0, 'an alarm')
    expect(new Set(alarms.map(({ kind, platformId }) => `${kind} ${platformId}`))).toEqual(
      new Set(['cursor-not-saved bad']),
    )
    await rig.database.sql`alter table push_cursor drop constraint damaged`
    await rig.push('cpo', { path: '/NL/CPO/L2' })
    await until(async () => (await savedOf('bad')).delivered === 2, 'its own too, once it is taken')
  })

  test('one push of those it missed: its cursor and all others that were missed are written', async () => {
    await rig.database.sql`alter table push_missed add constraint damaged check (path <> '/NL/CPO/BAD')`
    await rig.engine.admin.setPaused('bad', true)
    for (const name of ['L1', 'L2', 'BAD', 'L3', 'L4']) await rig.push('cpo', { path: `/NL/CPO/${name}` })
    await rig.engine.admin.skip('bad')
    await rig.engine.admin.setPaused('bad', false)
    const listed = async () => (await rig.engine.admin.missed('bad', 10, null))?.map(({ path }) => path).sort()
    await until(async () => (await listed())?.length === 4, 'the others are listed')
    expect(await listed()).toEqual([1, 2, 3, 4].map((n) => `/NL/CPO/L${n}`))
    expect(await savedOf('bad')).toMatchObject({ missed: 5 })
    await until(async () => (await savedOf('emsp1')).delivered === 5, 'the others are saved')
    expect(new Set(alarms.map(({ kind, platformId }) => `${kind} ${platformId}`))).toEqual(
      new Set(['cursor-not-saved bad']),
    )
  })
})
