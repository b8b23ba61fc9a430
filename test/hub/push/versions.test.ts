import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { emsp as heldEmsp, holdQueues, MEMORY_BYTES } from './held.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { openRig, type Rig } from './rig.ts'

let database: TestDatabase
let rig: Rig
let like: Receiver
let unlike: Receiver

const CPO = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://127.0.0.1:9' } as const

async function connect(versionOfUnlike: string): Promise<void> {
  await rig.put(
    CPO,
    { id: 'like', party: 'DE*LIK', roles: ['EMSP'], origin: like.origin },
    { id: 'unlike', party: 'DE*UNL', roles: ['EMSP'], origin: unlike.origin, version: versionOfUnlike },
  )
}

function stateOf(id: string) {
  return rig.engine.states().find(({ platformId }) => platformId === id)
}

beforeAll(async () => {
  database = await createTestDatabase()
  rig = openRig(database.url)
  like = await startReceiver()
  unlike = await startReceiver()
  await connect('9.0')
  await rig.start()
})

afterAll(async () => {
  await rig.close()
  await Promise.all([like.close(), unlike.close()])
  await database.drop()
})

test('a platform of a version that nothing is converted to gets no push, and is none the worse for it', async () => {
  for (let i = 0; i < 8; i++) await rig.push('cpo', { path: `/NL/CPO/L${i}` })
  await like.waitFor(() => like.received.length === 8, 'the pushes at the platform of the same version')
  await like.waitFor(
    () => stateOf('unlike')?.withheld === 8 && stateOf('like')?.delivered === 8,
    'queues that are through',
  )
  expect(unlike.received).toEqual([])
  expect(stateOf('unlike')).toMatchObject({ delivered: 0, failed: 0, missed: 0, waiting: 0, pauseCause: null })
  expect(stateOf('like')).toMatchObject({ delivered: 8, withheld: 0 })
  expect(rig.checks).toEqual([])
  const logged = rig.exchanges.filter(({ toPlatformId }) => toPlatformId === 'unlike')
  expect(logged).toHaveLength(8)
  expect(logged[0]).toMatchObject({
    kind: 'delivery',
    forwardedUrl: null,
    failure: 'withheld',
    detail: expect.stringContaining('OCPI 9.0'),
    conversion: '2.2.1 to 9.0: withheld',
  })
})

test('a push that waits over a restart keeps its version, whatever its sender and receiver speak by then', async () => {
  await rig.engine.admin.setPaused('unlike', true)
  await rig.push('cpo', { path: '/NL/CPO/KEPT', body: { of: '2.2.1' } })
  await rig.close()
  rig = openRig(database.url)
  await connect('9.0')
  await rig.put({ ...CPO, version: '9.0' })
  await rig.start()
  await rig.push('cpo', { path: '/NL/CPO/NEWER', body: { of: '9.0' } })
  await rig.engine.admin.setPaused('unlike', false)
  await unlike.waitFor(() => unlike.received.length === 1, 'the push of its own version')
  await unlike.waitFor(() => stateOf('unlike')?.withheld === 9, 'the push of before')
  expect(unlike.received.map(({ body }) => body)).toEqual(['{"of":"9.0"}'])
})

test('pushes that are withheld use up nothing of the rate', async () => {
  const held = await holdQueues([heldEmsp(0, { requestsPerSecond: 1 })], MEMORY_BYTES)
  held.answer = ({ path }) => (path.endsWith('TOLD') ? { kind: 'delivered' } : { kind: 'withheld', reason: 'x' })
  const withheld = Array.from({ length: 15 }, (_, i) => ({ path: `/NL/CPO/L${i}` }))
  await held.push(...withheld, { path: '/NL/CPO/TOLD' })
  expect(held.begun).toHaveLength(16)
  expect(held.queues().states()[0]).toMatchObject({ delivered: 1, withheld: 15, waiting: 0 })
})
