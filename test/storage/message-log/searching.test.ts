import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { type MessageFilter, SearchTooLong } from '../../../src/hub/message/message-query.ts'
import { OUTCOMES, type Outcome, outcomeOf } from '../../../src/hub/message/outcome.ts'
import { HOUR_MS } from '../../../src/hub/message/traffic.ts'
import { createTrafficCounts } from '../../../src/runtime/metrics/traffic.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createMessageSearch } from '../../../src/storage/message-log/search.ts'
import { maintainMessageLog, summariseNewRows } from '../../../src/storage/message-log/segments.ts'
import { createMessageWriter, type MessageWriter } from '../../../src/storage/message-log/writer.ts'
import { addTraffic } from '../../../src/storage/traffic/counts.ts'
import { ANY_MESSAGE } from '../../support/any-message.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { exchange } from '../../support/exchange.ts'

const HUB = { countryCode: 'NL', partyId: 'HUB' }
const START = Date.UTC(2026, 0, 1)

let own: TestDatabase
let database: Database
let writer: MessageWriter

beforeAll(async () => {
  own = await createTestDatabase()
  database = openDatabase({ url: own.url, maxConnections: 3 })
  writer = createMessageWriter(() => openDatabase({ url: own.url, maxConnections: 1, commitsLater: true }))
})
afterEach(async () => {
  await database.sql`truncate message_log, traffic_hour, traffic_minute, parties, platforms cascade`
})
afterAll(async () => {
  await writer.close()
  await database.close()
  await own.drop()
})

/** @param isCounted false: as an older hub stored them, or one that was killed */
async function store(exchanges: readonly Exchange[], { isCounted = true } = {}): Promise<void> {
  const batch = writer.open()
  const counts = createTrafficCounts()
  for (const one of exchanges) {
    batch.add(one)
    counts.observe(one)
  }
  await writer.append(batch)
  if (isCounted) await addTraffic(database.orm, counts.take())
}

async function found(filter: Partial<MessageFilter>, limit = 1_000, before: { at: number; id: string } | null = null) {
  return createMessageSearch(database.orm, HUB).find({ ...ANY_MESSAGE, ...filter }, { limit, before })
}

async function ids(filter: Partial<MessageFilter>): Promise<string> {
  return (await found(filter)).map((row) => row.requestId).join('')
}

describe('by what it is about', () => {
  test('an exchange is found by its object, kind, caller and either request ID', async () => {
    await store([
      exchange({ requestId: 'a', forwardedRequestId: 'sent-a', at: START + 1 }),
      exchange({ requestId: 'b', forwardedRequestId: 'sent-b', kind: 'open', at: START + 2 }),
      exchange({ requestId: 'c', forwardedRequestId: null, kind: 'configuration', at: START + 3 }),
    ])
    await database.sql`update message_log set object_key = 'LOC1' where request_id = 'b'`
    await database.sql`update message_log set client = '192.0.2.7' where request_id = 'c'`
    expect(await ids({ objectKey: 'LOC1' })).toBe('b')
    expect(await ids({ objectKey: 'LOC' })).toBe('')
    expect(await ids({ requestId: 'a' })).toBe('a')
    expect(await ids({ requestId: 'sent-b' })).toBe('b')
    expect(await ids({ kind: 'open' })).toBe('b')
    expect(await ids({ client: '192.0.2.7' })).toBe('c')
    expect(await ids({ objectKey: 'LOC1', since: START + 3 })).toBe('')
    expect(await ids({ objectKey: 'LOC1', platformId: 'cpo-platform', party: 'nl-cpo' })).toBe('b')
  })

  test.each([
    ['ok', { httpStatus: 200, ocpiStatus: 1000 }],
    ['ok', { httpStatus: 201, ocpiStatus: null }],
    ['refused', { httpStatus: 404, ocpiStatus: null }],
    ['refused', { httpStatus: 200, ocpiStatus: 2001 }],
    ['refused', { httpStatus: 200, ocpiStatus: 3003, failure: 'invalid' }],
    ['refused', { httpStatus: 429, ocpiStatus: 2000, failure: 'too-many' }],
    ['failed', { httpStatus: 0, ocpiStatus: null, failure: 'unreachable' }],
    ['failed', { httpStatus: 502, ocpiStatus: 1000 }],
    ['failed', { httpStatus: 404, ocpiStatus: 4003 }],
    ['failed', { httpStatus: 200, ocpiStatus: 1000, failure: 'cut' }],
    ['failed', { httpStatus: 200, ocpiStatus: null, failure: 'cut' }],
  ] satisfies [Outcome, Partial<Exchange>][])(
    '%s is said of %o by the counts and by the search',
    async (said, parts) => {
      const one = exchange({ ...parts, requestId: 'x' })
      expect(outcomeOf(one)).toBe(said)
      await store([one])
      for (const outcome of OUTCOMES)
        expect([outcome, await ids({ outcome })]).toEqual([outcome, outcome === said ? 'x' : ''])
    },
  )
})

describe('of a platform', () => {
  const busy = (hours: number, each: number) =>
    Array.from({ length: hours * each }, (_, i) =>
      exchange({ requestId: `${i}`, at: START + Math.floor(i / each) * HOUR_MS + (i % each), toPlatformId: 'busy' }),
    )

  test.each([
    ['rare', 1],
    ['busy', 700],
  ])('that is %s every exchange is found, newest first, page by page', async (_, each) => {
    const exchanges = busy(4, each)
    await store([...exchanges, exchange({ requestId: 'other', toPlatformId: 'other', at: START })])
    const limit = Math.ceil(each / 2)
    const pages: string[] = []
    for (let before: { at: number; id: string } | null = null; ; ) {
      const page = await found({ platformId: 'busy' }, limit, before)
      const last = page.at(-1)
      if (!last) break
      pages.push(...page.map((row) => row.requestId))
      before = { at: last.at, id: last.id }
    }
    expect(pages).toEqual(exchanges.map((one) => one.requestId).toReversed())
  })

  test('that is busy the other filters hold as well', async () => {
    await store([
      ...busy(4, 700),
      exchange({ requestId: 'tokens', toPlatformId: 'busy', module: 'tokens', at: START + HOUR_MS + 5_000 }),
      exchange({ requestId: 'failed', toPlatformId: 'busy', httpStatus: 502, at: START + 5_000 }),
    ])
    expect(await ids({ platformId: 'busy', module: 'tokens' })).toBe('tokens')
    expect(await ids({ platformId: 'busy', outcome: 'failed' })).toBe('failed')
    expect(await ids({ platformId: 'busy', outcome: 'failed', module: 'tokens' })).toBe('')
    expect(await ids({ platformId: 'busy', since: START + HOUR_MS + 4_000, until: START + 2 * HOUR_MS })).toBe('tokens')
  })

  test('what was not counted is found: lately, and before there were counts', async () => {
    await store([exchange({ requestId: 'old', toPlatformId: 'busy', at: START - 50 * HOUR_MS })], { isCounted: false })
    await store(busy(4, 700))
    await store([exchange({ requestId: 'new', toPlatformId: 'busy', at: START + 9 * HOUR_MS })], { isCounted: false })
    const rows = await found({ platformId: 'busy' }, 5_000)
    expect(rows).toHaveLength(2_802)
    expect([rows[0]?.requestId, rows.at(-1)?.requestId]).toEqual(['new', 'old'])
  })
})

describe('of a party', () => {
  test('what its platforms sent and got is found, in any spelling, and what was refused elsewhere', async () => {
    await database.sql`
      insert into platforms (id, name, status, status_cause, status_since, endpoints, delivery, token_encoding,
        is_strict_about_tokens, created_at, revision)
      values ('cpo-platform', 'CPO', 'CONNECTED', '', 0, '[]', '{}', 'base64', false, 0, 1)`
    await database.sql`insert into parties values ('NL*CPO', 'NL', 'CPO')`
    await database.sql`
      insert into party_roles (party_key, role, platform_id, state, status, last_updated)
      values ('NL*CPO', 'CPO', 'cpo-platform', 'ACTIVE', 'CONNECTED', 0)`
    await store([
      exchange({ requestId: 'a', fromParty: 'nl-Cpo', at: START + 1 }),
      exchange({ requestId: 'b', fromParty: 'NL-TWO', at: START + 2 }),
      exchange({
        requestId: 'c',
        fromPlatformId: 'msp',
        fromParty: 'DE-MSP',
        toPlatformId: null,
        toParty: 'NL-CPO',
        ocpiStatus: 2000,
        at: START + 3,
      }),
      exchange({
        requestId: 'd',
        fromPlatformId: 'msp',
        fromParty: 'DE-MSP',
        toPlatformId: null,
        toParty: 'NL-TYP',
        ocpiStatus: 2000,
        at: START + 4,
      }),
    ])
    expect(await ids({ party: 'NL-cpo' })).toBe('ca')
    expect(await ids({ party: 'NL-cpo', outcome: 'ok' })).toBe('a')
    expect(await ids({ party: 'nl-typ' })).toBe('d')
    expect(await ids({ party: 'NL-NON' })).toBe('')
  })

  test("what came to the hub itself is found by the hub's party", async () => {
    await store([
      exchange({ requestId: 'a', kind: 'broadcast', toPlatformId: null, toParty: 'nl-hub', at: START + 1 }),
      exchange({ requestId: 'b', at: START + 2 }),
    ])
    expect(await ids({ party: 'NL-HUB' })).toBe('a')
  })
})

describe('the indexes', () => {
  test('are those of each segment, opened before or after, with all that was set for them', async () => {
    await maintainMessageLog(database.orm, Date.now() + 2 * 86_400_000)
    const indexes = await database.sql<{ table: string; name: string; options: string; filters: string }[]>`
      select c.relname as table, i.relname as name, i.reloptions::text as options,
          (select string_agg(distinct attoptions::text, ' ') from pg_attribute where attrelid = i.oid) as filters
        from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
          join pg_am a on a.oid = i.relam
        where c.relname ~ '^message_log_[0-9]+$' and a.amname = 'brin'`
    expect(indexes.length).toBeGreaterThanOrEqual(8)
    expect(new Set(indexes.map((index) => `${index.options} ${index.filters}`))).toEqual(
      new Set(['{pages_per_range=32} {n_distinct_per_range=256}']),
    )
    const partial = await database.sql`
      select from pg_indexes where tablename ~ '^message_log_[0-9]+$' and indexdef like '%WHERE%'`
    // Of each segment four BRIN indexes, and five of some rows only.
    expect(partial.count).toBe((indexes.length / 4) * 5)
  })

  test('sum up what was written lately, also twice at a time', async () => {
    await store(
      Array.from({ length: 1_000 }, (_, i) => exchange({ requestId: `${i}`, requestBody: new Uint8Array(500) })),
    )
    await Promise.all([summariseNewRows(database.orm), summariseNewRows(database.orm)])
    const [left] = await database.sql`
      select sum(brin_summarize_new_values(i.oid)) as ranges from pg_class i join pg_am a on a.oid = i.relam
        where a.amname = 'brin' and i.relkind = 'i'`
    expect(Number(left?.ranges)).toBe(0)
    expect(await ids({ requestId: '7' })).toBe('7')
  })
})

test('a search that reads for too long is ended by the server, and called so', async () => {
  const { orm } = database
  const slow: typeof orm = Object.create(orm, {
    transaction: {
      value: (work: Parameters<typeof orm.transaction>[0]) =>
        orm.transaction(async (tx) => {
          await tx.execute(`set local statement_timeout = 10`)
          await tx.execute(`select pg_sleep(1)`)
          return work(tx)
        }),
    },
  })
  await expect(createMessageSearch(slow, HUB).find(ANY_MESSAGE, { limit: 1, before: null })).rejects.toThrow(
    SearchTooLong,
  )
})
