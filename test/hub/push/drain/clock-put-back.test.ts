import { afterEach, beforeEach, describe, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { openRig, type Rig } from '../rig.ts'

let database: TestDatabase
let receiver: Receiver
let rig: Rig

beforeEach(async () => {
  database = await createTestDatabase()
  receiver = await startReceiver()
  rig = openRig(database.url)
})
afterEach(async () => {
  await rig.close()
  await receiver.close()
  await database.drop()
})

/** Leaves the shards as by a clock that was an hour ahead. */
async function leaveShards(owner: string | null): Promise<void> {
  await rig.database.sql`
    insert into push_shard (shard, owner, epoch, expires_at)
    select shard, ${owner}, 1, now() + interval '1 hour' from generate_series(0, 63) as shard`
}

async function expectDelivery(): Promise<void> {
  await rig.put(
    { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] },
    { id: 'emsp', party: 'NL*EMS', roles: ['EMSP'], origin: receiver.origin },
  )
  await rig.start()
  await receiver.waitFor(() => rig.engine.states().length === 2, 'the queues to be taken')
  await rig.push('cpo', { path: '/NL/CPO/L1' })
  await receiver.waitFor(() => receiver.received.length === 1, 'the push to come')
}

describe("When the database's clock was put back, pushes wait no longer than ever", () => {
  test('though a process that had been killed before holds the partners by the clock of then', async () => {
    await rig.database.sql`insert into push_process (id, expires_at) values ('killed', now() + interval '1 hour')`
    await leaveShards('killed')
    await expectDelivery()
  })

  test('though a process gave the partners up by the clock of then', async () => {
    await leaveShards(null)
    await expectDelivery()
  })
})
