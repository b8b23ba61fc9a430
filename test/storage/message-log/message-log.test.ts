import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { keptOf } from '../../../src/hub/message/message-log.ts'
import type { MessageDetail, MessageFilter } from '../../../src/hub/message/message-query.ts'
import { ALIKE } from '../../../src/hub/message/second-leg.ts'
import { createOpenSocket } from '../../../src/runtime/node/database-socket.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createMessageSearch } from '../../../src/storage/message-log/search.ts'
import { maintainMessageLog } from '../../../src/storage/message-log/segments.ts'
import { createMessageWriter, type MessageWriter } from '../../../src/storage/message-log/writer.ts'
import { ANY_MESSAGE } from '../../support/any-message.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { bytes, exchange } from '../../support/exchange.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

const HUB = { countryCode: 'NL', partyId: 'HUB' }
const pushed = { interfaceRole: 'RECEIVER' } as const
const command = {
  module: 'commands',
  method: 'POST',
  interfaceRole: 'RECEIVER',
  path: '/ocpi/2.2.1/receiver/commands/X',
} as const
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 0, 1)

let own: TestDatabase
let database: Database
let writer: MessageWriter

const openLogDatabase = (url = own.url) =>
  openDatabase({ url, maxConnections: 1, commitsLater: true, openSocket: createOpenSocket() })

function store(into: MessageWriter, exchanges: readonly Exchange[]): Promise<void> {
  const batch = into.open()
  for (const one of exchanges) batch.add(one)
  return into.append(batch)
}

beforeAll(async () => {
  own = await createTestDatabase()
  database = openDatabase({ url: own.url, maxConnections: 3 })
})
beforeEach(() => {
  writer = createMessageWriter(() => openLogDatabase())
})
afterEach(async () => {
  await writer.close()
  await database.sql`truncate message_log`
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

const all = (filter: Partial<MessageFilter> = {}) =>
  createMessageSearch(database.orm, HUB).find({ ...ANY_MESSAGE, ...filter }, { limit: 1_000, before: null })

async function logged() {
  const [summary] = await all()
  const detail = summary && (await createMessageSearch(database.orm, HUB).one(summary.id))
  if (!detail) throw new Error('Expected a logged message')
  return detail
}

describe('what is kept', () => {
  test('an exchange comes back as it was, headers and bodies byte for byte', async () => {
    const full = exchange({
      requestHeaders: ['X-Request-ID', 'é1', 'Accept', '', 'Accept', 'b'],
      requestBody: new Uint8Array([0, 255, 10, 123]),
      responseBody: new Uint8Array(0),
      requestBytes: 2 ** 40,
      path: `/ocpi/${'x'.repeat(5_000)}?ü=%2F`,
      failure: 'unreachable: ECONNREFUSED',
      detail: 'connect ECONNREFUSED 192.0.2.1:443',
      changes: {
        request: {
          headers: [['OCPI-from-party-id', null, 'EMS']],
          responseUrl: ['https://a.example', 'https://b.example'],
        },
        response: { headers: [['Link', '<a>', '<b>']] },
      },
      conversion: '2.2.1 to 2.3.0, tariff: 1 invented',
      secondLeg: ALIKE,
      ledId: 'x'.repeat(22),
      client: '2001:db8::1',
    })
    await store(writer, [full])
    const { id, secondLeg, ...kept } = await logged()
    expect(secondLeg).toEqual(ALIKE)
    expect({ ...kept, secondLeg, requestBody: kept.requestBody && new Uint8Array(kept.requestBody) }).toEqual({
      ...full,
      objectKey: null,
      bodyOf: null,
      responseBody: expect.objectContaining({ byteLength: 0 }),
    })
    expect(id).toMatch(/^[\w-]+$/)
  })

  test('what is unknown stays unknown', async () => {
    const empty = exchange({
      forwardedRequestId: null,
      fromPlatformId: null,
      toPlatformId: null,
      fromParty: null,
      toParty: null,
      interfaceRole: null,
      forwardedUrl: null,
      ocpiStatus: null,
      receiverMs: null,
      requestHeaders: [],
      responseHeaders: [],
      responseBody: null,
    })
    await store(writer, [empty])
    expect(await logged()).toMatchObject(empty)
  })

  test('a NUL character, which Postgres refuses in text, costs no batch', async () => {
    const long = `${'y'.repeat(100)}\0`
    await store(writer, [
      exchange(),
      exchange({ correlationId: 'a\0b', path: long, module: '\0', responseBody: bytes('\0') }),
    ])
    expect(await all({ correlationId: 'ab' })).toMatchObject([{ module: '', path: 'y'.repeat(100) }])
    expect(await all({ correlationId: 'a\0b' })).toEqual([])
  })

  test('large batches arrive whole', async () => {
    const body = new Uint8Array(16 * 1024).fill(65)
    await store(
      writer,
      Array.from({ length: 500 }, (_, i) => exchange({ at: START + i, requestBody: body, responseBody: body })),
    )
    expect(await all()).toHaveLength(500)
    expect((await logged()).responseBody?.byteLength).toBe(16 * 1024)
  })

  test('no credential reaches the log', async () => {
    const secret = 'c2VjcmV0LXRva2Vu"\\é'
    const credentials = { token: secret, url: 'https://x.example', roles: [{ token: secret }] }
    await store(writer, [
      exchange({
        module: 'credentials',
        requestHeaders: ['Authorization', `Token ${secret}`, 'COOKIE', secret, 'X-Api-Key', secret, 'Accept', 'x'],
        responseHeaders: ['Set-Cookie', secret],
        requestBody: bytes(JSON.stringify(credentials, null, 1)),
        responseBody: bytes(JSON.stringify({ data: credentials, status_code: 1000 })),
      }),
    ])
    const { requestHeaders, responseHeaders, requestBody, responseBody } = await logged()
    const shown = [
      requestHeaders,
      responseHeaders,
      ...[requestBody, responseBody].map((b) => new TextDecoder().decode(b ?? undefined)),
    ]
    expect(JSON.stringify(shown)).not.toContain('c2VjcmV0')
    expect(requestHeaders?.slice(-2)).toEqual(['Accept', 'x'])
    expect(JSON.parse(new TextDecoder().decode(requestBody ?? undefined))).toMatchObject({ url: 'https://x.example' })
  })

  test('no secret is in what is told of a message', async () => {
    const url = 'https://emsp.example/results?access_token=c2VjcmV0&n=1'
    await store(writer, [
      exchange({
        detail: `response_url cannot be used: ${url}`,
        changes: {
          request: {
            headers: [
              ['Cookie', 'c2VjcmV0', null],
              ['X-Api-Key', 'c2VjcmV0', 'c2VjcmV0'],
              ['Referer', url, null],
            ],
            responseUrl: [url, `https://hub.example/ocpi/via/x?token=c2VjcmV0`],
          },
          response: { headers: [['Link', `<${url}>; rel="next"`, null]] },
        },
      }),
    ])
    const { detail, changes } = await logged()
    expect(JSON.stringify([detail, changes])).not.toContain('c2VjcmV0')
    expect(changes?.request?.headers?.[0]).toEqual(['Cookie', '[redacted]', null])
    expect(detail).toContain('&n=1')
  })

  test('what a partner sends makes a row no larger than its bound', async () => {
    const headers = Array.from({ length: 1_000 }, (_, i) => [`X-${i}`, 'é\0'.repeat(2_000), null] as const)
    await store(writer, [exchange({ changes: { request: { headers } } }), exchange({ requestId: 'next' })])
    const kept = (await all()).find(({ changes }) => changes !== null)?.changes?.request?.headers
    expect(kept?.length).toBe(40)
    expect(kept?.[0]?.[1]?.length).toBe(1_000)
  })

  test('of what was converted both bodies come back, cut as all are, with the first 40 remarks, cut too', async () => {
    const remark = { fate: 'lost', pointer: `/${'é'.repeat(900)}`, reason: 'no such field' } as const
    const request = { body: bytes('{"é":1}'), bytes: 8, remarks: Array.from({ length: 100 }, () => remark) }
    const response = { body: bytes('[1,2]'), bytes: 5, remarks: [] }
    await store(writer, [keptOf(exchange({ secondLeg: { request, response } }), 4), exchange({ requestId: 'next' })])
    const leg = (await all()).find(({ requestId }) => requestId === 'request')
    const { secondLeg } = (await createMessageSearch(database.orm, HUB).one(leg?.id ?? '')) as MessageDetail
    expect(secondLeg).toMatchObject({ request: { bytes: 8 }, response: { bytes: 5, remarks: [] } })
    const textOf = (body: Uint8Array | null | undefined) => new TextDecoder().decode(body ?? undefined)
    expect([textOf(secondLeg?.request?.body), textOf(secondLeg?.response?.body)]).toEqual(['{"é', '[1,2'])
    expect(secondLeg?.request?.remarks).toHaveLength(40)
    expect(secondLeg?.request?.remarks[0]?.pointer).toHaveLength(200)
  })

  const about: [string, Partial<Exchange>, string | null][] = [
    ['an EVSE that is pushed', { path: '/ocpi/2.2.1/receiver/locations/NL/CPO/LOC%2F1/EVSE', ...pushed }, 'LOC/1'],
    ['a delivery', { kind: 'delivery', path: '/NL/CPO/LOC1', ...pushed }, 'LOC1'],
    [
      'an object that is asked for',
      { path: '/ocpi/2.2.1/sender/locations/LOC1?x=/y', interfaceRole: 'SENDER' },
      'LOC1',
    ],
    ['a list', { path: '/ocpi/2.2.1/sender/locations?date_from=1/2/3', interfaceRole: 'SENDER' }, null],
    ['a call of the hub', { kind: 'hub-call', path: '?limit=1', interfaceRole: 'SENDER' }, null],
    ['a next page', { kind: 'via', path: '/ocpi/next/locations/NL-A/NL-B/1/2/3', interfaceRole: 'SENDER' }, null],
    ['a path that is none', { path: '/ocpi/2.2.1/receiver/locations/NL/CPO/%zz', ...pushed }, null],
    ['an id too long to be one', { path: `/ocpi/2.2.1/receiver/locations/NL/CPO/${'x'.repeat(256)}`, ...pushed }, null],
    [
      'a CDR',
      { module: 'cdrs', method: 'POST', interfaceRole: 'RECEIVER', requestBody: bytes('{"a":{"id":"x"},"id":"C1"') },
      'C1',
    ],
    [
      'a CDR that is none',
      { module: 'cdrs', method: 'POST', interfaceRole: 'RECEIVER', requestBody: bytes('{"id":1}') },
      null,
    ],
    ['a command about a session', { ...command, requestBody: bytes('{"session_id":"S1"}') }, 'S1'],
    ['a command about a location', { ...command, requestBody: bytes('{"location_id":"L1"}') }, 'L1'],
    ['a command without a body', { ...command, requestBody: null }, null],
  ]
  test.each(about)('the object it is about: %s', async (_, parts, key) => {
    await store(writer, [exchange(parts)])
    expect((await logged()).objectKey).toBe(key)
  })

  test('a credentials body whose tokens cannot be found for sure is not kept', async () => {
    for (const body of [
      '{"token":"sec',
      '\u001f\u008b',
      '{"\\u0074oken":"\\u0073ecret"}',
      '{"token":{"a":"secret"}}',
    ]) {
      await store(writer, [exchange({ module: 'credentials', requestBody: bytes(body) })])
      expect((await logged()).requestBody).toBeNull()
      await database.sql`truncate message_log`
    }
  })
})

describe('searching', () => {
  test('messages are found by each filter', async () => {
    await store(writer, [
      exchange({ requestId: 'a', correlationId: 'c1', at: START + 1 }),
      exchange({
        requestId: 'b',
        module: 'tokens',
        toPlatformId: 'p9',
        at: START + 2,
      }),
      exchange({ requestId: 'c', httpStatus: 404, ocpiStatus: null, at: START + 3 }),
      exchange({ requestId: 'd', ocpiStatus: 2001, at: START + 4 }),
    ])
    const ids = async (filter: Partial<MessageFilter>) => (await all(filter)).map((row) => row.requestId).join('')
    expect(await ids({})).toBe('dcba')
    expect(await ids({ correlationId: 'c1' })).toBe('a')
    expect(await ids({ platformId: 'p9' })).toBe('b')
    expect(await ids({ platformId: 'cpo-platform' })).toBe('dcba')
    expect(await ids({ module: 'tokens' })).toBe('b')
    expect(await ids({ httpStatus: 404 })).toBe('c')
    expect(await ids({ ocpiStatus: 2001 })).toBe('d')
    expect(await ids({ since: START + 2, until: START + 4 })).toBe('cb')
  })

  test('pages neither repeat nor leave out a message while newer ones come in', async () => {
    const { find } = createMessageSearch(database.orm, HUB)
    await store(
      writer,
      Array.from({ length: 25 }, (_, i) => exchange({ requestId: `${i}`, at: START + (i >> 2) })),
    )
    const seen: string[] = []
    let now = Date.now()
    for (let before: { at: number; id: string } | null = null; ; ) {
      const page = await find(ANY_MESSAGE, { limit: 7, before })
      const last = page.at(-1)
      if (!last) break
      seen.push(...page.map((row) => row.requestId))
      before = { at: last.at, id: last.id }
      await store(writer, [exchange({ requestId: 'new', at: START + 100 })])
      now += 200 * DAY_MS
      expect(await maintainMessageLog(database.orm, now, { days: 1_000 })).toMatchObject({ opened: expect.any(Number) })
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `${24 - i}`))
  })

  test('a story has 200 messages at most, the one that was asked about among them, oldest first, of a day around it', async () => {
    await store(
      writer,
      Array.from({ length: 250 }, (_, i) => exchange({ at: START + i })),
    )
    await store(writer, [exchange({ at: START - 2 * DAY_MS }), exchange({ at: START + 2 * DAY_MS })])
    const rows = (await all()).filter(({ at }) => at >= START && at < START + DAY_MS)
    const { story } = createMessageSearch(database.orm, HUB)
    for (const asked of [rows.at(-1), rows[100], rows[0]]) {
      const told = (await story(asked?.id ?? '')) ?? []
      expect(told).toHaveLength(200)
      expect(told.some(({ id }) => id === asked?.id)).toBe(true)
      expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((x, y) => x - y))
      expect(told.every(({ at }) => Math.abs(at - START) < DAY_MS)).toBe(true)
    }
    for (const id of ['', 'x', '1-1']) expect(await story(id)).toBeNull()
  })

  test('an id that the log never made finds nothing', async () => {
    const { one, find } = createMessageSearch(database.orm, HUB)
    for (const id of ['', 'x', '1-1', 'zzzzzzzzzz-zzzzzzzzzz', "'; drop table message_log"])
      expect(await one(id)).toBeNull()
    expect(await find(ANY_MESSAGE, { limit: 5, before: { at: 1, id: '%' } })).toEqual([])
  })
})

describe('retention', () => {
  const segments = async () =>
    (await database.sql`select segment from message_log_segments order by segment`).map((row) => row.segment as number)
  const fill = async (rows: number) => {
    await store(
      writer,
      Array.from({ length: rows }, () => exchange({ responseBody: new Uint8Array(1_000) })),
    )
    return (await segments()).at(-1) as number
  }

  beforeEach(async () => {
    await database.sql`update message_log_segments set opened_at = ${START}`
  })

  test('the log stays within its bytes: it goes on in new segments, and the oldest are dropped', async () => {
    const retention = { bytes: 4_000_000, days: 7 }
    const [first] = [await fill(100)]
    let bytes = 0
    for (let round = 0; round < 30; round++) {
      await fill(300)
      ;({ bytes } = await maintainMessageLog(database.orm, START, retention))
      expect(bytes).toBeLessThan(retention.bytes + 1_000_000)
    }
    const left = await segments()
    expect(left.length).toBeGreaterThan(3)
    expect(left.length).toBeLessThan(18)
    expect(left).not.toContain(first)
    expect((await all()).length).toBeGreaterThan(500)
    const tables = await database.sql`
      select count(*)::int as n from pg_inherits where inhparent = 'message_log'::regclass`
    expect(tables[0]?.n).toBe(left.length)
  })

  test('a message is kept for the days set and dropped not much later', async () => {
    const retention = { bytes: 10 ** 9, days: 7 }
    await fill(1)
    const day = (n: number) => maintainMessageLog(database.orm, START + n * DAY_MS, retention)
    expect(await day(0.5)).toMatchObject({ opened: null, dropped: [] })
    for (let n = 1; n <= 7; n++) expect(await day(n)).toMatchObject({ opened: expect.any(Number) })
    expect(await all()).toHaveLength(1)
    await day(8.1)
    expect(await all()).toHaveLength(0)
  })

  test('a message is kept no longer though the clock was a year ahead for a while', async () => {
    const retention = { bytes: 10 ** 9, days: 7 }
    const day = (n: number) => maintainMessageLog(database.orm, START + n * DAY_MS, retention)
    await database.sql`update message_log_segments set opened_at = ${START + 365 * DAY_MS}`
    await day(0)
    await fill(1)
    for (let n = 1; n <= 7; n++) await day(n)
    expect(await all()).toHaveLength(1)
    await day(8.1)
    expect(await all()).toHaveLength(0)
  })

  test('processes that maintain the log at the same time open one segment, while others write', async () => {
    const before = await segments()
    const results = await Promise.all([
      ...[1, 2, 3].map(() => maintainMessageLog(database.orm, START + 2 * DAY_MS)),
      fill(100),
    ])
    expect(results.filter((result) => typeof result === 'object' && result.opened !== null)).toHaveLength(1)
    expect(await segments()).toHaveLength(before.length + 1)
    expect(await all()).toHaveLength(100)
  })
})

describe('with the database away', () => {
  test('a batch is refused within seconds and stored on a later attempt', async () => {
    let url = 'postgres://hub@127.0.0.1:1/postgres'
    const away = createMessageWriter(() => openLogDatabase(url))
    await expect(store(away, [exchange()])).rejects.toThrow(/ECONNREFUSED/)
    url = own.url
    await store(away, [exchange()])
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'copy %'`
    const results = [await outcome(store(away, [exchange()])), await outcome(store(away, [exchange()]))]
    expect(results.at(-1)).toBe('stored')
    await away.close()
    expect(await all()).toHaveLength(1 + results.filter((result) => result === 'stored').length)
  })

  test('a batch whose connection breaks while its rows are stored is in the log once', async () => {
    await database.sql`
      create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return new; end $$`
    await database.sql`create trigger dawdle before insert on message_log for each row execute function dawdle()`
    const proxy = await startTcpProxy(own.url)
    const cut = createMessageWriter(() => openLogDatabase(proxy.url), { deadlineMs: 5_000 })
    const batch = cut.open()
    batch.add(exchange({ forwardedRequestId: 'the-only-one' }))
    const refused = expect(cut.append(batch)).rejects.toThrow()
    const isDawdling = async () => {
      const asleep = await database.sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
      return asleep.count > 0
    }
    await until(isDawdling)
    await proxy.cut()
    await refused
    await until(async () => (await all()).length > 0)
    await proxy.restore()
    await cut.append(batch)
    await cut.close()
    expect(await all()).toHaveLength(1)
    await proxy.close()
    await database.sql`drop function dawdle cascade`
  })

  test('a batch the database cannot take is refused, and the next one is stored', async () => {
    await database.sql`alter table message_log add constraint refused check (module <> 'refused')`
    const impatient = createMessageWriter(() => openLogDatabase(), { deadlineMs: 2_500 })
    await expect(store(impatient, [exchange({ module: 'refused' })])).rejects.toThrow()
    await store(impatient, [exchange()])
    await impatient.close()
    expect(await all()).toHaveLength(1)
    await database.sql`alter table message_log drop constraint refused`
  })
})

function outcome(stored: Promise<void>): Promise<string> {
  return stored.then(
    () => 'stored',
    () => 'refused',
  )
}
