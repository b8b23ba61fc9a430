import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ConversionNote } from '../../../src/hub/translate/carriage.ts'
import type { ConversionsCounted } from '../../../src/hub/translate/conversion-counts.ts'
import { NO_KNOWN_FIELD } from '../../../src/ocpi/convert/conversion.ts'
import { createConversionCounters } from '../../../src/runtime/metrics/conversions.ts'
import { createEventCounts } from '../../../src/runtime/metrics/events.ts'
import { createCountWriter } from '../../../src/runtime/wiring/count-writer.ts'
import { addConversions, trimConversions } from '../../../src/storage/conversions/counts.ts'
import { createConversionReader } from '../../../src/storage/conversions/read.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { conversionNote as note } from '../../support/conversions.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const START = Date.UTC(2026, 0, 1)
const ANY = { source: null, platform: null, from: null, to: null, kind: null, fate: null }

let own: TestDatabase
let database: Database

beforeAll(async () => {
  own = await createTestDatabase()
  database = openDatabase({ url: own.url, maxConnections: 4 })
})
beforeEach(async () => {
  await database.sql`truncate conversion_outcomes, conversion_remarks`
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

function counted(notes: readonly ConversionNote[], at = START): ConversionsCounted {
  const counters = createConversionCounters(() => at)
  notes.forEach(counters.note)
  return counters.take()
}

describe('what conversions did', () => {
  test('is counted once for each thing, with the first time and the last', async () => {
    await addConversions(database.orm, counted([note(), note({ sample: 'T2' })]))
    await addConversions(database.orm, counted([note({ sample: null })], START + 5_000))
    const { remarks, outcomes } = createConversionReader(database.orm)
    const times = { n: 3, firstAt: START, lastAt: START + 5_000, sample: 'T1' }
    const of = { platform: 'p1', from: '2.2.1', to: '2.3.0', kind: 'tariff' }
    const [remark] = note().remarks
    expect(await remarks(ANY, 0, 10)).toEqual([{ ...of, ...remark, ...times }])
    const { n: _, ...rest } = times
    expect(await outcomes(ANY, 0, 10)).toEqual([{ ...of, ...rest, converted: 3, withheld: 0, failed: 0 }])
  })

  test('is told apart by platform, versions, kind and outcome, and found by them', async () => {
    const remarks = [{ fate: 'withheld', pointer: '/tax_included', reason: 'prices are with taxes' }] as const
    const others = [
      note({ platformId: 'p2' }),
      note({ from: '2.3.0', to: '2.2.1', outcome: 'withheld', remarks }),
      note({ kind: 'location', remarks: [] }),
      note({ outcome: 'failed', remarks: [] }),
    ]
    await addConversions(database.orm, counted([note(), ...others]))
    const reader = createConversionReader(database.orm)
    expect(await reader.outcomes(ANY, 0, 10)).toHaveLength(4)
    expect(await reader.outcomes({ ...ANY, kind: 'tariff', platform: 'p1', to: '2.3.0' }, 0, 10)).toMatchObject([
      { converted: 1, withheld: 0, failed: 1 },
    ])
    expect(await reader.remarks({ ...ANY, fate: 'withheld' }, 0, 10)).toMatchObject([{ from: '2.3.0', ...remarks[0] }])
    expect(await reader.remarks(ANY, 2, 10)).toHaveLength(1)
  })

  test('of a platform is found by what it sent, in sum over all that got it', async () => {
    const notes = [note(), note({ platformId: 'p2' }), note({ sourceId: 's2' }), note({ sourceId: 's2', sample: 'T2' })]
    await addConversions(database.orm, counted(notes))
    const { remarks, outcomes, sent } = createConversionReader(database.orm)
    expect(await remarks(ANY, 0, 10)).toMatchObject([
      { platform: 'p1', n: 3 },
      { platform: 'p2', n: 1 },
    ])
    expect(await remarks({ ...ANY, source: 's2' }, 0, 10)).toMatchObject([{ platform: 'p1', n: 2 }])
    expect(await outcomes({ ...ANY, source: 's1' }, 0, 10)).toHaveLength(2)
    const [own, ...others] = await sent('s1', 10)
    expect([own, others]).toMatchObject([{ pointer: '/tax_included', n: 2 }, []])
    expect(own).not.toHaveProperty('platform')
  })

  test('is forgotten when it has not happened for long, and of a platform with too much the oldest', async () => {
    await addConversions(database.orm, counted([note({ kind: 'cdr' })], START - 1))
    for (const [index, pointer] of ['/a', '/b', '/c'].entries())
      await addConversions(
        database.orm,
        counted([note({ remarks: [{ fate: 'lost', pointer, reason: '' }] })], START + index),
      )
    const { remarks, outcomes } = createConversionReader(database.orm)
    expect(await trimConversions(database.orm, { since: START, mostOfPlatform: 2 })).toBe(true)
    expect((await remarks(ANY, 0, 10)).map(({ pointer }) => pointer).toSorted()).toEqual(['/b', '/c'])
    expect(await outcomes(ANY, 0, 10)).toMatchObject([{ kind: 'tariff' }])
    expect(await trimConversions(database.orm, { since: START, mostOfPlatform: 2 })).toBe(false)
  })

  test('names that partners make up without end push out nothing that rules say', async () => {
    const told = (pointer: string) =>
      note({ remarks: [{ fate: 'lost', pointer, reason: 'OCPI 2.2.1 has no such field' }] })
    const madeUp = Array.from({ length: 300 }, (_, i) =>
      note({ remarks: [{ fate: 'lost', pointer: `/x${i}`, reason: NO_KNOWN_FIELD }] }),
    )
    await addConversions(database.orm, counted([told('/help_phone')], START))
    await addConversions(database.orm, counted([...madeUp, told('/parking_places')], START + 1))
    await trimConversions(database.orm, { since: START, mostOfPlatform: 20 })
    const left = await createConversionReader(database.orm).remarks(ANY, 0, 100)
    expect(left).toHaveLength(20)
    expect(left.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/help_phone', '/parking_places']))
  })

  test('counts that cannot be stored are stored with the next', async () => {
    const counters = createConversionCounters(() => START)
    counters.note(note())
    const away = async () => Promise.reject(new Error('away'))
    await expect(createCountWriter(counters, away)()).rejects.toThrow('away')
    counters.note(note())
    await createCountWriter(counters, (all) => addConversions(database.orm, all))()
    expect(counters.isEmpty()).toBe(true)
    expect(await createConversionReader(database.orm).outcomes(ANY, 0, 10)).toMatchObject([{ converted: 2 }])
  })

  test('texts that partners made up are cut, and cleaned of what a database cannot hold', async () => {
    const pointer = `/x\0\ud800${'y'.repeat(300)}`
    const remarks = [{ fate: 'unknown', pointer, reason: 'a\nb' }] as const
    await addConversions(database.orm, counted([note({ remarks, sample: '\0'.repeat(100) }), note({ remarks })]))
    const [kept] = await createConversionReader(database.orm).remarks(ANY, 0, 10)
    expect(kept).toMatchObject({ n: 2, reason: 'a\uFFFDb' })
    expect(kept?.pointer).toMatch(/^\/x\uFFFD\uFFFDy+…$/)
    expect([kept?.pointer.length, kept?.sample?.length]).toEqual([200, 64])
  })

  test('of a platform that makes up ever more of them only so many are told apart, and nothing is left uncounted', () => {
    const notes = Array.from({ length: 500 }, (_, i) =>
      note({ remarks: [{ fate: 'lost', pointer: `/x${i}`, reason: 'no such member' }] }),
    )
    const { remarks } = counted([...notes, note({ platformId: 'p2' })])
    const ofOne = remarks.filter(({ platform }) => platform === 'p1')
    expect(ofOne.length).toBeLessThan(210)
    expect(ofOne.reduce((sum, { n }) => sum + n, 0)).toBe(500)
    expect(remarks.find(({ platform }) => platform === 'p2')).toMatchObject({ pointer: '/tax_included' })
  })

  test('goes with the events from one process to another, and stands in the metrics of both', () => {
    const isolate = createEventCounts()
    const object = createEventCounts()
    isolate.noteConversion(note())
    expect(isolate.isEmpty()).toBe(false)
    object.add(isolate.take())
    expect(isolate.isEmpty()).toBe(true)
    expect(object.text()).toContain(
      'ocpi_hub_conversion_total{from="2.2.1",to="2.3.0",kind="tariff",outcome="converted"} 1',
    )
    expect(object.conversions.take().outcomes).toMatchObject([{ platform: 'p1', n: 1 }])
  })
})
