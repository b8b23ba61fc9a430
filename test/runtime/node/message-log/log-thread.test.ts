import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Exchange } from '../../../../src/hub/message/exchange.ts'
import { createMessageLog } from '../../../../src/hub/message/message-log.ts'
import type { LogMemory } from '../../../../src/runtime/node/message-log/log-memory.ts'
import { createLogThread, type LogThread } from '../../../../src/runtime/node/message-log/log-thread.ts'
import { hasThread } from '../../../../src/runtime/node/open-message-log.ts'
import { after } from '../../../../src/runtime/shared/after.ts'
import { type Database, openDatabase } from '../../../../src/storage/database.ts'
import { createMessageWriter } from '../../../../src/storage/message-log/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { bytes, exchange } from '../../../support/exchange.ts'
import { freePort } from '../../../support/free-port.ts'
import { startTestHub } from '../../../support/hub.ts'
import { until } from '../../../support/until.ts'

const BODY_BYTES = 1_000
const THREAD = new URL('../../../../src/runtime/node/message-log/thread.ts', import.meta.url)
const open: LogThread[] = []

let own: TestDatabase
let database: Database

beforeAll(async () => {
  own = await createTestDatabase()
  database = openDatabase({ url: own.url, maxConnections: 1 })
})
afterEach(async () => {
  for (const log of open.splice(0)) {
    await log.store(100)
    await log.close()
  }
  await database.sql`truncate message_log`
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

const startThread = (memory: LogMemory, databaseUrl = own.url) =>
  new Worker(THREAD, { workerData: { memory, databaseUrl, bodyBytes: BODY_BYTES } })

/** A log on a thread that is started as the hub starts it, or as is given, and again without delay when it ends. */
function openLog(databaseUrl = own.url, start = (memory: LogMemory) => startThread(memory, databaseUrl)) {
  const threads: Worker[] = []
  const drops: number[] = []
  const ends: number[] = []
  const causes: string[] = []
  const faults: Error[] = []
  const log = createLogThread({
    start(memory) {
      const thread = start(memory)
      threads.push(thread)
      return thread
    },
    after: (delayMs, callback) => after(Math.min(delayMs, 200), callback),
    bodyBytes: BODY_BYTES,
    onDropped: (dropped) => drops.push(dropped),
    onFault: (error) => faults.push(error),
    onEnded(why, lost) {
      causes.push(why)
      ends.push(lost)
    },
  })
  open.push(log)
  return { log, threads, drops, ends, causes, faults }
}

const rows = () => database.sql`select * from message_log order by at, request_id`
const written = (log: LogThread, count: number) => until(() => log.stats().written === count, `Expected ${count} rows`)

const SECRET = 'c2VjcmV0LXRva2Vu'
const SOME: readonly Exchange[] = [
  exchange(),
  exchange({ responseBody: new Uint8Array(5_000).fill(65), requestBody: bytes('0'), failure: 'unreachable' }),
  exchange({ path: '/ocpi/…/é?token=x', fromParty: null, ocpiStatus: null, responseBody: null, client: '2001:db8::1' }),
  exchange({
    changes: {
      request: { headers: [['OCPI-to-party-id', null, 'EMS']] },
      response: { headers: [['Link', '<a>', null]] },
    },
    conversion: '2.2.1 to 2.3.0, tariff: 1 invented',
    secondLeg: {
      request: { body: bytes('{"a":1}'), bytes: 7, remarks: [{ fate: 'invented', pointer: '/a', reason: 'none' }] },
      response: null,
    },
  }),
  exchange({
    module: 'cdrs',
    method: 'POST',
    interfaceRole: 'RECEIVER',
    requestBody: bytes('{"id":"CDR1","session_id":"S1"}'),
  }),
  exchange({
    kind: 'configuration',
    module: 'credentials',
    method: 'POST',
    path: `/ocpi/2.2.1/credentials?access_token=${SECRET}`,
    requestHeaders: ['Authorization', `Token ${SECRET}`, 'Accept', 'application/json'],
    requestBody: bytes(`{"token":"${SECRET}","url":"https://x.example"}`),
    responseBody: bytes(`{"data":{"token":"${SECRET}"}}`),
  }),
].map((one, index) => ({ ...one, requestId: `r${index}` }))

test('its rows are those that the hub would write itself, and no token is in them', async () => {
  const url = own.url
  const store = createMessageWriter(() => openDatabase({ url, maxConnections: 1 }))
  const here = createMessageLog({ store, after, limits: { bodyBytes: BODY_BYTES } })
  for (const one of SOME) here.observe(one)
  await here.close(5_000)
  await store.close()
  const expected = (await rows()).map(({ id: _id, ...row }) => row)
  await database.sql`truncate message_log`

  const { log, faults } = openLog()
  for (const one of SOME) log.observe(one)
  expect(log.stats()).toEqual({ waiting: SOME.length, written: 0, dropped: 0 })
  await written(log, SOME.length)
  const found = (await rows()).map(({ id: _id, ...row }) => row)
  expect(found).toEqual(expected)
  expect(found).toHaveLength(SOME.length)
  const text = found.flatMap((row) =>
    Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : String(value))),
  )
  expect(text.join('\n')).toContain('https://x.example')
  expect(text.join('\n')).not.toContain(SECRET)
  expect(faults).toEqual([])
  expect(log.stats()).toEqual({ waiting: 0, written: SOME.length, dropped: 0 })
})

test('a thread that ends by itself is started again: what it had is counted as dropped, and what comes meanwhile is stored', async () => {
  const { log, threads, drops, ends } = openLog()
  log.observe(exchange({ requestId: 'before' }))
  await written(log, 1)
  log.observe(exchange({ requestId: 'lost' }))
  log.observe(exchange({ requestId: 'lost' }))
  await threads[0]?.terminate()
  expect({ ends, drops }).toEqual({ ends: [2], drops: [2] })
  log.observe(exchange({ requestId: 'meanwhile' }))
  expect(log.stats()).toEqual({ waiting: 1, written: 1, dropped: 2 })
  await written(log, 2)
  expect(threads).toHaveLength(2)
  expect((await rows()).map((row) => row['request_id'])).toEqual(['before', 'meanwhile'])
  expect(log.stats()).toEqual({ waiting: 0, written: 2, dropped: 2 })
})

test('a thread that throws what is no error, and one the system refuses to start, leave the hub to go on and to try again', async () => {
  const starts = [
    () => new Worker('throw null', { eval: true }),
    () => {
      throw new Error('EAGAIN')
    },
  ]
  const { log, ends, causes } = openLog(own.url, (memory) => (starts.shift() ?? startThread)(memory))
  log.observe(exchange({ requestId: 'lost' }))
  await until(() => causes.length === 1, 'Expected word of the end')
  log.observe(exchange({ requestId: 'kept' }))
  await written(log, 1)
  expect({ ends, causes }).toEqual({ ends: [1, 0], causes: ['null', expect.stringContaining('EAGAIN')] })
  expect((await rows()).map((row) => row['request_id'])).toEqual(['kept'])
  expect(log.stats()).toEqual({ waiting: 0, written: 1, dropped: 1 })
})

test('an exchange of which no row can be made is told of and counted, and the others are stored', async () => {
  const { log, drops, faults } = openLog()
  log.observe(exchange({ changes: { response: { headers: 5 } } as never }))
  log.observe(exchange())
  await written(log, 1)
  await until(() => drops.length > 0, 'Expected word of the drop')
  expect({ drops, faults: faults.map(({ message }) => message) }).toEqual({
    drops: [1],
    faults: [expect.stringContaining('TypeError')],
  })
  expect(log.stats()).toEqual({ waiting: 0, written: 1, dropped: 1 })
})

test('with the database away nothing waits for the log, and at the end what it could not store is counted as dropped', async () => {
  const { log, drops } = openLog(`postgres://hub@127.0.0.1:${await freePort()}/hub`)
  for (let i = 0; i < 100; i++) log.observe(exchange())
  expect(log.stats()).toEqual({ waiting: 100, written: 0, dropped: 0 })
  await log.store(300)
  expect(drops).toEqual([100])
  log.observe(exchange())
  expect(log.stats()).toEqual({ waiting: 0, written: 0, dropped: 101 })
})

test('what a thread that hangs leaves no room for is dropped and counted, and it keeps no hub from ending', async () => {
  const { log, threads, drops } = openLog(own.url, () => new Worker('for (;;);', { eval: true }))
  const large = exchange({ responseBody: new Uint8Array(BODY_BYTES) })
  let put = 0
  for (; log.stats().dropped === 0; put++) log.observe(large)
  expect(put).toBeGreaterThan(4_000)
  await until(() => drops.length > 0, 'Expected word of the drop')
  expect(drops).toEqual([1])
  const ended = once(threads[0] as Worker, 'exit')
  await log.store(50)
  await ended
  expect(drops).toEqual([1, put - 1])
  expect(log.stats()).toEqual({ waiting: 0, written: 0, dropped: put })
})

test('a hub that is told to stop has the thread store what waits', async () => {
  const hub = await startTestHub({ MESSAGE_LOG_THREAD: 'on' }, { databaseUrl: own.url })
  const { token } = await hub.createPlatform({ name: 'CPO' })
  const headers = { Authorization: `Token ${token}` }
  for (let i = 0; i < 3; i++) expect((await fetch(hub.versionsUrl, { headers })).status).toBe(200)
  await hub.close()
  const found = await rows()
  expect(found.map((row) => row['module'])).toEqual(['versions', 'versions', 'versions'])
  expect(JSON.stringify(found)).not.toContain(token)
})

test.each([
  ['auto', 1, 1, false],
  ['auto', 1, 2, false],
  ['auto', 2, 4, true],
  ['auto', 4, 4, false],
  ['auto', 'auto', 4, false],
  ['on', 4, 1, true],
  ['off', 1, 8, false],
] as const)(
  'MESSAGE_LOG_THREAD=%s with PROCESSES=%s on %i processors: %s',
  (messageLogThread, processes, processors, has) => {
    const settings = { messageLogThread, processes, databaseUrl: 'postgres://db.example/hub', databasePool: 10 }
    expect(hasThread(settings, { processors, memory: 64 * 1024 ** 3 })).toBe(has)
  },
)
