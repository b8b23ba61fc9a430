import { expect, test } from 'vitest'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { createMessageLog, type LogBatch, type MessageLogPorts } from '../../../src/hub/message/message-log.ts'
import { bytes, exchange } from '../../support/exchange.ts'

type Batch = LogBatch & { readonly exchanges: readonly Exchange[] }

/** A batch that holds what it is given, at 3,000 bytes beside its bodies. */
function openBatch(): Batch {
  const exchanges: Exchange[] = []
  let byteLength = 0
  return {
    exchanges,
    get rows() {
      return exchanges.length
    },
    get byteLength() {
      return byteLength
    },
    add(added) {
      exchanges.push(added)
      byteLength += 3_000 + (added.requestBody?.byteLength ?? 0) + (added.responseBody?.byteLength ?? 0)
    },
  }
}

/** A log over a store that answers when told, and a clock that runs when told. */
function openLog(parts: Partial<MessageLogPorts<Batch>> = {}) {
  const batches: { exchanges: readonly Exchange[]; resolve: () => void; reject: (error: Error) => void }[] = []
  const timers: { delayMs: number; callback: () => void }[] = []
  const drops: number[] = []
  const log = createMessageLog<Batch>({
    store: {
      open: openBatch,
      append: ({ exchanges }) =>
        new Promise((resolve, reject) => {
          batches.push({ exchanges, resolve, reject })
        }),
    },
    after: (delayMs, callback) => {
      const timer = { delayMs, callback }
      timers.push(timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    onDropped: (dropped) => drops.push(dropped),
    ...parts,
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const fire = async () => {
    for (const timer of timers.splice(0)) timer.callback()
    await settle()
  }
  return { log, batches, timers, drops, fire, settle }
}

test('exchanges go to the store in batches, one on its way at a time', async () => {
  const { log, batches, timers, fire, settle } = openLog()
  log.observe(exchange())
  expect(timers.map((timer) => timer.delayMs)).toEqual([200])
  for (let i = 0; i < 290; i++) log.observe(exchange())
  expect(timers.map((timer) => timer.delayMs)).toEqual([0])
  await fire()
  expect(batches.map((batch) => batch.exchanges.length)).toEqual([120])
  batches[0]?.resolve()
  await settle()
  await fire()
  expect(batches.map((batch) => batch.exchanges.length)).toEqual([120, 120])
  batches[1]?.resolve()
  await settle()
  expect(timers.map((timer) => timer.delayMs)).toEqual([200])
  await fire()
  batches[2]?.resolve()
  await settle()
  expect(log.stats()).toEqual({ waiting: 0, waitingBytes: 0, written: 291, dropped: 0 })
  expect(timers).toEqual([])
})

test('what is too many is dropped and counted, the newest first, and the rest is stored', async () => {
  const { log, batches, drops, fire, settle } = openLog({ limits: { rows: 3 } })
  for (let i = 0; i < 5; i++) log.observe(exchange({ requestId: `r${i}` }))
  expect(log.stats()).toMatchObject({ waiting: 3, dropped: 2 })
  await fire()
  expect(batches[0]?.exchanges.map((one) => one.requestId)).toEqual(['r0', 'r1', 'r2'])
  batches[0]?.resolve()
  await settle()
  expect(drops).toEqual([2])
  log.observe(exchange())
  expect(log.stats()).toMatchObject({ waiting: 1, written: 3 })
})

test('bodies count, cut to what is kept of them', () => {
  const { log } = openLog({ limits: { bytes: 50_000, bodyBytes: 10_000 } })
  for (let i = 0; i < 10; i++) log.observe(exchange({ responseBody: new Uint8Array(1_000_000) }))
  const { waiting, waitingBytes, dropped } = log.stats()
  expect({ waiting, dropped }).toEqual({ waiting: 4, dropped: 6 })
  expect(waitingBytes).toBe(4 * 13_000)
})

test('a body is cut to what is kept of it', async () => {
  const { log, batches, fire } = openLog({ limits: { bodyBytes: 4 } })
  log.observe(exchange({ requestBody: bytes('0123456789'), responseBody: bytes('01') }))
  await fire()
  const [kept] = batches[0]?.exchanges ?? []
  expect(kept?.requestBody).toEqual(bytes('0123'))
  expect(kept?.responseBody).toEqual(bytes('01'))
})

test('bodies can be switched off, altogether or for a kind', async () => {
  const off = openLog({ limits: { bodyBytes: 0 } })
  off.log.observe(exchange({ requestBody: bytes('x') }))
  await off.fire()
  expect(off.batches[0]?.exchanges[0]).toMatchObject({ requestBody: null, responseBody: null, responseBytes: 2 })
  const some = openLog({ withoutBodies: ['delivery'] })
  some.log.observe(exchange({ kind: 'delivery' }))
  some.log.observe(exchange())
  await some.fire()
  expect(some.batches[0]?.exchanges.map((one) => one.responseBody === null)).toEqual([true, false])
})

test('while the store is away nothing throws, attempts grow rarer, and nothing is lost that there is room for', async () => {
  const { log, batches, timers, drops, fire, settle } = openLog({ limits: { rows: 200 } })
  for (let i = 0; i < 300; i++) log.observe(exchange())
  const delays: (number | undefined)[] = []
  for (let attempt = 0; attempt < 7; attempt++) {
    await fire()
    batches.at(-1)?.reject(new Error('away'))
    await settle()
    log.observe(exchange())
    delays.push(timers[0]?.delayMs)
  }
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  expect(log.stats()).toMatchObject({ waiting: 200, written: 0, dropped: 107 })
  await fire()
  batches.at(-1)?.resolve()
  await settle()
  expect(timers.map((timer) => timer.delayMs)).toEqual([200])
  await fire()
  batches.at(-1)?.resolve()
  await settle()
  expect(log.stats()).toMatchObject({ waiting: 0, waitingBytes: 0, written: 200 })
  expect(drops.reduce((sum, dropped) => sum + dropped, 0)).toBe(107)
})

test('a flush waits for what was observed before, however many batches that is', async () => {
  const { log, batches, settle } = openLog()
  for (let i = 0; i < 200; i++) log.observe(exchange())
  let isFlushed = false
  const flushed = log.flush().then(() => (isFlushed = true))
  await settle()
  batches[0]?.resolve()
  await settle()
  expect(isFlushed).toBe(false)
  batches[1]?.resolve()
  await flushed
  expect(log.stats()).toMatchObject({ waiting: 0, written: 200 })
})

test('at the end what the store does not take in time is counted as dropped', async () => {
  const { log, batches, drops, fire, settle } = openLog()
  for (let i = 0; i < 3; i++) log.observe(exchange())
  const closed = log.close(1_000)
  log.observe(exchange())
  await settle()
  await fire()
  await closed
  expect(log.stats()).toEqual({ waiting: 0, waitingBytes: 0, written: 0, dropped: 4 })
  expect(drops).toEqual([4])
  batches[0]?.resolve()
  await settle()
  expect(log.stats()).toEqual({ waiting: 0, waitingBytes: 0, written: 0, dropped: 4 })
})
