import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HubEvent } from '../../../src/hub/administration/events.ts'
import type { Tried } from '../../../src/hub/webhooks/attempt.ts'
import { conclude } from '../../../src/hub/webhooks/conclude.ts'
import { createTeller, type Outbox, type Taken } from '../../../src/hub/webhooks/teller.ts'
import type { WebhookKind } from '../../../src/hub/webhooks/webhook.ts'
import { createEventStore } from '../../../src/storage/administration/events.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { createOutbox } from '../../../src/storage/webhooks/outbox.ts'
import { resealWebhooks } from '../../../src/storage/webhooks/reseal.ts'
import {
  addWebhook,
  changeWebhook,
  createWebhookViews,
  removeWebhook,
  replaceSecret,
} from '../../../src/storage/webhooks/webhooks.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const HOUR_MS = 3_600_000

let testDatabase: TestDatabase
let database: Database
let outbox: Outbox

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ url: testDatabase.url, maxConnections: 4 })
  outbox = createOutbox(database.orm, 'NL-HUB')
})
beforeEach(() => database.orm.execute(sql`truncate webhooks, webhook_deliveries, events`))
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

async function hook(of: { kinds?: WebhookKind[]; platformId?: string } = {}): Promise<string> {
  const id = randomUUID()
  const { kinds = ['platform.status'], platformId = null } = of
  const about = { id, name: id, url: 'https://hooks.example/', kinds, platformId, createdAt: 1, createdBy: 'owner' }
  expect(await addWebhook(database.orm, { ...about, sealedSecret: 'sealed' })).toBe('added')
  return id
}

const happens = (...happened: Partial<HubEvent>[]) =>
  createEventStore(database.orm).append(
    happened.map((fields) => ({
      ...{ at: Date.now(), kind: 'platform.status', platformId: 'p1', correlationId: null, data: {} },
      ...fields,
    })),
  )

const taken = async (id: string): Promise<Taken> => {
  const found = await outbox.take(id)
  if (!found) throw new Error('Expected something to tell')
  return found
}

function settle(one: Taken, status: number | null): Promise<boolean> {
  const failure = status === 200 ? null : `HTTP ${status}`
  const tried: Tried = { at: Date.now(), ms: 1, status, failure, answer: '', retryAfterMs: null }
  return outbox.settle(one, tried, conclude(one, tried, Date.now()))
}

/** What is told, each taken at once, in its order. */
async function tellAll(id: string): Promise<Taken[]> {
  const told: Taken[] = []
  for (let next = await outbox.take(id); next; next = await outbox.take(id)) {
    told.push(next)
    await settle(next, 200)
  }
  return told
}

const detailsIn = (told: readonly Taken[]) => told.map(({ body }) => JSON.parse(body).data.details)
const found = async (id: string) => (await createWebhookViews(database.orm).find(id)) ?? expect.fail('It is gone')
const passes = (ms: number) =>
  database.orm.execute(
    sql`update webhook_deliveries set due_at = due_at - ${ms}::bigint, happened_at = happened_at - ${ms}::bigint`,
  )

describe('What a webhook is told', () => {
  test('is what was chosen of what happened since it was made, in its order', async () => {
    await happens({ data: { before: true } })
    const id = await hook({ kinds: ['platform.status', 'handshake.failed'], platformId: 'p1' })
    await happens(
      { data: { n: 1 } },
      { platformId: 'p2', data: { n: 'of another' } },
      { kind: 'alarm', data: { n: 'another kind' } },
      { kind: 'handshake.ended', data: { n: 'good', outcome: 'registered' } },
      { kind: 'handshake.ended', data: { n: 2, outcome: 'refused' } },
    )
    const told = await tellAll(id)
    expect(detailsIn(told)).toEqual([{ n: 1 }, { n: 2, outcome: 'refused' }])
    expect(JSON.parse(told[0]?.body ?? '')).toEqual({
      type: 'platform.status',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        hub: 'NL-HUB',
        event_id: expect.any(Number),
        platform: { id: 'p1', name: null },
        correlation_id: null,
        details: { n: 1 },
      },
    })
    expect(await outbox.due()).toEqual([])
    expect(await found(id)).toMatchObject({ delivered: 2, waiting: 0 })
  })

  test('is told again under the same id by another process where the first one ended within the attempt', async () => {
    const id = await hook()
    await happens({})
    const lost = await taken(id)
    expect(await outbox.take(id)).toBeNull()
    expect(await outbox.due()).toEqual([])
    await database.orm.execute(sql`update webhooks set taken_until = 1`)
    expect(await outbox.due()).toEqual([id])
    const again = await taken(id)
    expect([again.id, again.body]).toEqual([lost.id, lost.body])
    // The first one was only late: what it writes down counts no more.
    expect(await settle(lost, 500)).toBe(false)
    expect(await settle(again, 200)).toBe(true)
    expect(await found(id)).toMatchObject({ delivered: 1, failingSince: null })
  })

  test('keeps its order for each platform, and one that is refused keeps back no other platform', async () => {
    const id = await hook()
    await happens({ data: { n: 1 } }, { data: { n: 2 } }, { platformId: 'p2', data: { n: 3 } })
    const first = await taken(id)
    await settle(first, 400)
    expect(detailsIn(await tellAll(id))).toEqual([{ n: 3 }])
    await passes(10_000)
    expect(detailsIn(await tellAll(id))).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('rests while the receiver is away, and goes on with all of it once it is back', async () => {
    const id = await hook()
    await happens({}, { platformId: 'p2' })
    for (let n = 0; n < 3; n++) {
      await settle(await taken(id), 503)
      expect(await outbox.due()).toEqual([])
      await database.orm.execute(sql`update webhooks set rests_until = 0`)
      await passes(n === 2 ? 0 : HOUR_MS)
    }
    expect(await found(id)).toMatchObject({ failingSince: expect.any(Number), waiting: 2 })
    // The head of p1 has failed thrice, and p2's not once: once that is taken nothing waits any longer.
    const told = await tellAll(id)
    expect(told).toHaveLength(2)
    expect(await found(id)).toMatchObject({ failingSince: null, waiting: 0 })
  })

  test('is given up a day after it happened, and counted', async () => {
    const id = await hook()
    await happens({})
    await settle(await taken(id), 500)
    await passes(25 * HOUR_MS)
    await happens({ at: Date.now() - 25 * HOUR_MS }, { data: { n: 'new' } })
    await database.orm.execute(sql`update webhooks set rests_until = 0`)
    expect(detailsIn(await tellAll(id))).toEqual([{ n: 'new' }])
    expect(await found(id)).toMatchObject({ delivered: 1, givenUp: 2, waiting: 0 })
    const states = (await createWebhookViews(database.orm).deliveries(id))?.map(({ state }) => state)
    expect(states).toEqual(['delivered', 'given-up', 'given-up'])
  })

  test('does not pile up beyond a bound: further events wait where they are', async () => {
    const id = await hook()
    await database.orm.execute(sql`
      insert into events (number, at, kind, platform_id, data)
      select last + n, ${Date.now()}::bigint, 'platform.status', 'p1', json_build_object('n', n)
      from event_counter, generate_series(1, 1200) n`)
    await database.orm.execute(sql`update event_counter set last = last + 1200`)
    await settle(await taken(id), 400)
    expect((await found(id)).waiting).toBe(1000)
    await database.orm.execute(sql`
      update webhook_deliveries set state = 'delivered'
      where number in (select number from webhook_deliveries order by number limit 300)`)
    await outbox.take(id)
    const numbers = await database.orm.execute<{ last: number }>(
      sql`select max((body::json -> 'data' -> 'details' ->> 'n')::int) as last from webhook_deliveries`,
    )
    expect(numbers[0]?.last).toBe(1200)
  })

  test('is signed by the secret before as well, for as long as that was promised', async () => {
    const id = await hook()
    await happens({}, {})
    await database.orm.transaction((tx) => replaceSecret(tx, id, 'newer', Date.now() + HOUR_MS))
    const first = await taken(id)
    expect(first.sealedSecrets).toEqual(['newer', 'sealed'])
    await settle(first, 200)
    await database.orm.execute(sql`update webhooks set older_secret_ends_at = 1`)
    expect((await taken(id)).sealedSecrets).toEqual(['newer'])
  })

  test('is nothing while it is off, and nothing of that time afterwards', async () => {
    const id = await hook()
    await changeWebhook(database.orm, id, { isOn: false })
    await happens({ data: { n: 'off' } })
    expect(await outbox.due()).toEqual([])
    expect(await outbox.take(id)).toBeNull()
    expect(await changeWebhook(database.orm, id, { isOn: true })).toMatchObject({ whyOff: null })
    await happens({ data: { n: 'on' } })
    expect(detailsIn(await tellAll(id))).toEqual([{ n: 'on' }])
    await happens({})
    await settle(await taken(id), 410)
    expect(await found(id)).toMatchObject({ whyOff: 'gone' })
  })

  test('says nothing of its new address by what the one before answers', async () => {
    const id = await hook()
    await happens({})
    const before = await taken(id)
    await changeWebhook(database.orm, id, { url: 'https://elsewhere.example/' })
    expect(await settle(before, 410)).toBe(false)
    expect(await found(id)).toMatchObject({ whyOff: null })
    const again = await taken(id)
    expect([again.id, again.url]).toEqual([before.id, 'https://elsewhere.example/'])
  })

  test('is forgotten with it, also within an attempt', async () => {
    const id = await hook()
    await happens({})
    const last = await taken(id)
    await removeWebhook(database.orm, id)
    expect(await settle(last, 200)).toBe(false)
    expect(await createWebhookViews(database.orm).deliveries(id)).toBeNull()
  })
})

test('Secrets of webhooks, the one before included, are sealed anew with a new key of the hub', async () => {
  const id = await hook()
  await database.orm.transaction((tx) => replaceSecret(tx, id, 'newer', Date.now() + HOUR_MS))
  const anew = ({ sealed }: { sealed: string }) => (sealed.startsWith('anew') ? null : `anew ${sealed}`)
  expect(await resealWebhooks(database.orm, anew)).toBe(2)
  expect(await resealWebhooks(database.orm, anew)).toBe(0)
  await happens({})
  expect((await taken(id)).sealedSecrets).toEqual(['anew newer', 'anew sealed'])
})

describe('Two processes that tell webhooks', () => {
  test('tell each event once, and a receiver that is slow hinders no other', async () => {
    const [quick, slow] = [await hook(), await hook()]
    await happens({}, {}, {})
    const told: string[] = []
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const alarms: string[] = []
    const tellers = [1, 2].map(() =>
      createTeller({
        outbox,
        async tryLetter(letter) {
          const { webhookId } = letter as Taken
          told.push(`${webhookId} ${letter.id}`)
          if (webhookId === slow) await held
          return { at: Date.now(), ms: 1, status: 200, failure: null, answer: '', retryAfterMs: null }
        },
        alarm: ({ kind }) => alarms.push(kind),
        now: Date.now,
        onError: (error) => expect.fail(String(error)),
      }),
    )
    await Promise.all(tellers.map(({ round }) => round()))
    await until(async () => (await found(quick)).delivered === 3)
    expect((await found(slow)).delivered).toBe(0)
    letGo()
    await until(async () => (await found(slow)).delivered === 3)
    expect(new Set(told).size).toBe(6)
    expect(told).toHaveLength(6)
    expect(alarms).toEqual([])
    await Promise.all(tellers.map(({ stop }) => stop()))
  })

  test('raise an alarm where a webhook goes on failing, and another where it is turned off for that', async () => {
    const id = await hook()
    await happens({}, {})
    const alarms: string[] = []
    const teller = createTeller({
      outbox,
      async tryLetter() {
        return { at: Date.now(), ms: 1, status: 500, failure: 'HTTP 500', answer: '', retryAfterMs: null }
      },
      alarm: ({ kind }) => alarms.push(kind),
      now: Date.now,
      onError: (error) => expect.fail(String(error)),
    })
    const failsAfter = async (failures: number, days: number) => {
      const since = Date.now() - days * 24 * HOUR_MS
      await database.orm.execute(
        sql`update webhooks set failures = ${failures}, failing_since = ${since}, rests_until = 0`,
      )
      await passes(2 * HOUR_MS)
      await teller.round()
      const failed = async () =>
        (await database.orm.execute<{ failures: number }>(sql`select failures from webhooks`))[0]?.failures
      await until(async () => (await failed()) === failures + 1)
    }
    await failsAfter(3, 0)
    expect(alarms).toEqual([])
    await failsAfter(4, 0)
    await failsAfter(5, 4)
    expect(alarms).toEqual(['webhook-failing'])
    await failsAfter(500, 5)
    await until(() => alarms.length > 1)
    expect(alarms).toEqual(['webhook-failing', 'webhook-turned-off'])
    expect(await found(id)).toMatchObject({ whyOff: 'failing', waiting: 2 })
  })
})
