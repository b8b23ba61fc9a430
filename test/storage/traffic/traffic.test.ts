import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  HOUR_MS,
  MINUTE_MS,
  quantileOf,
  type TrafficBy,
  type TrafficCounted,
} from '../../../src/hub/message/traffic.ts'
import { createTrafficCounts } from '../../../src/runtime/metrics/traffic.ts'
import { createCountWriter } from '../../../src/runtime/wiring/count-writer.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { addTraffic, trimTraffic } from '../../../src/storage/traffic/counts.ts'
import { createTrafficReader } from '../../../src/storage/traffic/read.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { exchange } from '../../support/exchange.ts'
import { startTestHub } from '../../support/hub.ts'

const START = Date.UTC(2026, 0, 1)
const DAY_MS = 24 * HOUR_MS
const WHOLE_YEAR = { since: START, until: START + 365 * DAY_MS, module: null }

let own: TestDatabase
let database: Database

beforeAll(async () => {
  own = await createTestDatabase()
  database = openDatabase({ url: own.url, maxConnections: 4 })
})
afterEach(async () => {
  await database.sql`truncate traffic_minute, traffic_hour`
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

function counted(...times: readonly number[]): TrafficCounted {
  const counts = createTrafficCounts()
  for (const at of times) counts.observe(exchange({ at, durationMs: 20, requestBytes: 1, responseBytes: 2 }))
  return counts.take()
}

const read = (step: number, platform: string | null = null, by: TrafficBy = 'module') =>
  createTrafficReader(database.orm)({ ...WHOLE_YEAR, step, platform, by }, 1_000)

describe('counts', () => {
  test('add up in the minute and the hour in which the requests came', async () => {
    await addTraffic(database.orm, counted(START, START + MINUTE_MS - 1, START + MINUTE_MS))
    await addTraffic(database.orm, counted(START, START + HOUR_MS))
    const point = { module: 'locations', outcome: 'ok' }
    expect(await read(MINUTE_MS)).toEqual([
      { ...point, at: START, n: 3, ms: 60, bytes: 9, took: [0, 0, 3, 0, 0, 0, 0, 0] },
      { ...point, at: START + MINUTE_MS, n: 1, ms: 20, bytes: 3, took: [0, 0, 1, 0, 0, 0, 0, 0] },
      { ...point, at: START + HOUR_MS, n: 1, ms: 20, bytes: 3, took: [0, 0, 1, 0, 0, 0, 0, 0] },
    ])
    expect((await read(HOUR_MS)).map(({ n }) => n)).toEqual([4, 1])
    for (const platform of ['cpo-platform', 'msp-platform'])
      expect((await read(HOUR_MS, platform)).map(({ n, ms, took }) => [n, ms, took])).toEqual([
        [4, 80, null],
        [1, 20, null],
      ])
  })

  test('of modules and outcomes are told apart, or added up', async () => {
    const counts = createTrafficCounts()
    counts.observe(exchange({ at: START, durationMs: 20 }))
    counts.observe(exchange({ at: START, durationMs: 20, module: 'tokens' }))
    counts.observe(exchange({ at: START, durationMs: 20, module: 'tokens', httpStatus: 502 }))
    await addTraffic(database.orm, counts.take())
    const told = async (by: TrafficBy) =>
      (await read(DAY_MS, null, by)).map(({ module, outcome, n }) => [module, outcome, n])
    expect(await told('module')).toEqual([
      ['locations', 'ok', 1],
      ['tokens', 'failed', 1],
      ['tokens', 'ok', 1],
    ])
    expect(await told('outcome')).toEqual([
      [null, 'failed', 1],
      [null, 'ok', 2],
    ])
    expect(await told('step')).toEqual([[null, null, 3]])
    expect((await read(DAY_MS, 'cpo-platform', 'step')).map(({ n }) => n)).toEqual([3])
  })

  test('of processes that write the same ones at once are all there', async () => {
    const times = Array.from({ length: 100 }, (_, i) => START + i * MINUTE_MS)
    await Promise.all(Array.from({ length: 8 }, () => addTraffic(database.orm, counted(...times))))
    expect((await read(DAY_MS)).map(({ n }) => n)).toEqual([800])
  })

  test('that could not be stored are stored with the next', async () => {
    const away = openDatabase({ url: 'postgres://hub@127.0.0.1:1/postgres', maxConnections: 1 })
    const counts = createTrafficCounts()
    counts.observe(exchange({ at: START }))
    await expect(createCountWriter(counts, (counted) => addTraffic(away.orm, counted))()).rejects.toThrow(
      /ECONNREFUSED|CONNECT/,
    )
    counts.observe(exchange({ at: START }))
    await createCountWriter(counts, (counted) => addTraffic(database.orm, counted))()
    await away.close()
    expect((await read(DAY_MS)).map(({ n }) => n)).toEqual([2])
    expect(counts.isEmpty()).toBe(true)
  })

  test('are without the calls of connection checks', () => {
    const counts = createTrafficCounts()
    counts.observe(exchange({ at: START, kind: 'check', httpStatus: 404 }))
    expect(counts.isEmpty()).toBe(true)
  })

  test('of modules that callers make up are one, and no more than so many', () => {
    const counts = createTrafficCounts()
    for (let i = 0; i < 1_000; i++) counts.observe(exchange({ at: START, module: `made-up-${i}` }))
    counts.observe(exchange({ at: START, module: 'a\0b' }))
    const { minutes } = counts.take()
    expect(minutes.length).toBeLessThanOrEqual(101)
    expect(minutes.reduce((sum, { n }) => sum + n, 0)).toBe(1_001)
    expect(minutes.find(({ module }) => module === 'unknown')?.n).toBeGreaterThan(800)
  })

  test('are in the database when the hub has stopped', async () => {
    const hub = await startTestHub({}, { databaseUrl: own.url })
    await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
    await hub.close()
    const rows = await database.sql`select sum(n)::int as n from traffic_minute where module = 'credentials'`
    expect(rows[0]?.n).toBeGreaterThan(0)
  })
})

describe('what is kept', () => {
  test('is as old as was set, and no more than was set', async () => {
    await addTraffic(database.orm, counted(START, START + 10 * DAY_MS, START + 20 * DAY_MS))
    expect(await trimTraffic(database.orm, START + 36 * DAY_MS, { days: 35, mostHours: 100 })).toBe(false)
    expect((await read(DAY_MS)).map(({ at }) => at)).toEqual([START + 10 * DAY_MS, START + 20 * DAY_MS])
    expect(await trimTraffic(database.orm, START + 36 * DAY_MS, { days: 35, mostHours: 2 })).toBe(true)
    expect((await read(DAY_MS, 'cpo-platform')).map(({ at }) => at)).toEqual([START + 20 * DAY_MS])
  })
})

test.each([
  [[10, 0, 0, 0, 0, 0, 0, 0], 0.5, 2.5],
  [[0, 10, 0, 0, 0, 0, 0, 0], 0.5, 10],
  [[50, 50, 0, 0, 0, 0, 0, 0], 0.95, 14],
  [[0, 0, 0, 0, 0, 0, 0, 2], 1, 30_000],
  [[0, 0, 0, 0, 0, 0, 0, 0], 0.5, null],
])('of %o exchanges by time, %d took no longer than %s ms', (took, share, ms) => {
  expect(quantileOf(took, share)).toBe(ms)
})
