import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MissedSchema, QueueSchema } from '../../src/admin/api/queues/queue-view.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createRegistry } from '../../src/storage/network/registry.ts'
import { createQueueAdmin } from '../../src/storage/push/admin.ts'
import { createCursorStore } from '../../src/storage/push/cursors.ts'
import { OPEN_ADMISSION } from '../support/admission.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type AdminHarness, asChanged, crawl, createAdminHarness, faultsIn } from './admin-harness.ts'

let test: TestDatabase
let database: Database
let hub: AdminHarness
let ids: string[]

beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase({ url: test.url, maxConnections: 3 })
  const { orm, sql } = database
  const registry = createRegistry({ orm, now: Date.now, admission: OPEN_ADMISSION, noteBound: () => {} })
  hub = createAdminHarness({
    registry: asChanged(registry),
    queues: createQueueAdmin(database),
  })
  const platforms = await Promise.all(['a', 'b', 'c'].map((name) => hub.addPlatform({ name })))
  ids = platforms.map(({ id }) => id).sort()
  await createCursorStore(sql).load(ids)
})
afterAll(async () => {
  await database.close()
  await test.drop()
})

const queuesIn = (body: unknown) => z.array(QueueSchema).parse(body)
const missedIn = (body: unknown) => z.array(MissedSchema).parse(body)

describe('the list of queues', () => {
  it('shows how each stands', async () => {
    await database.sql`
      update push_cursor set delivered = 7, collapsed = 3, failed = 2, missed = 1, cut = 4, withheld = 6, waiting = 5, in_flight = 1,
        oldest_at = ${hub.clock.now - 61_000}, pace_since = ${hub.clock.now - 15_000}, pace_from = 3, pace_before = 8,
        pause_cause = 'throttled' where platform_id = ${ids[1] ?? ''}`
    const { body } = await hub.call('GET', '/queues')
    expect(queuesIn(body)[1]).toEqual({
      platform_id: ids[1],
      platform_name: null,
      waiting: 5,
      in_flight: 1,
      oldest_age_seconds: 61,
      delivered: 7,
      delivered_last_minute: 10,
      collapsed: 3,
      failed: 2,
      missed: 5,
      withheld: 6,
      paused: true,
      pause_cause: 'throttled',
    })
    expect(queuesIn(body)[0]).toMatchObject({
      waiting: 0,
      delivered_last_minute: 0,
      oldest_age_seconds: null,
      paused: false,
      pause_cause: null,
    })
  })

  it('begins with those of which most waits, or of which it waits for longest, and leaves out those in another state', async () => {
    const { sql } = database
    await sql`update push_cursor set waiting = 9, oldest_at = ${hub.clock.now - 1000} where platform_id = ${ids[2] ?? ''}`
    const listed = async (query: string) =>
      queuesIn((await hub.call('GET', `/queues?${query}`)).body).map(({ platform_id }) => ids.indexOf(platform_id))
    expect(await listed('sort=waiting')).toEqual([2, 1, 0])
    expect(await listed('sort=oldest')).toEqual([1, 2, 0])
    expect(await listed('sort=waiting&state=waiting')).toEqual([2, 1])
    expect(await listed('state=paused')).toEqual([1])
    expect(await listed('state=lagging')).toEqual([])
    await sql`update push_cursor set oldest_at = ${hub.clock.now - 301_000} where platform_id = ${ids[2] ?? ''}`
    expect(await listed('state=lagging')).toEqual([2])
    for (const sort of ['waiting', 'oldest']) {
      const pages = await crawl((path) => hub.call('GET', path), `/queues?sort=${sort}&limit=1`)
      const found = pages.flatMap((page) => queuesIn(page.body))
      expect(found.map(({ platform_id }) => ids.indexOf(platform_id))).toEqual([2, 1, 0])
    }
    await sql`update push_cursor set waiting = 0, oldest_at = null where platform_id = ${ids[2] ?? ''}`
  })

  it('is read to its end along the Link headers, each queue once', async () => {
    const pages = await crawl((path) => hub.call('GET', path), '/queues?limit=1')
    expect(pages.flatMap(({ body }) => queuesIn(body).map((queue) => queue.platform_id))).toEqual(ids)
  })

  it.each(['limit=0', 'cursor=1', 'platform=x'])('refuses ?%s and names the parameter', async (query) => {
    const answer = await hub.call('GET', `/queues?${query}`)
    expect(answer.status).toBe(400)
    expect(faultsIn(answer)[0]?.parameter).toBe(query.split('=')[0])
  })
})

describe('an order for a queue', () => {
  it('shows in the answer, also while whoever drains the queue has not heard of it', async () => {
    const paused = await hub.call('POST', `/queues/${ids[0]}/pause`)
    expect(QueueSchema.parse(paused.body)).toMatchObject({ paused: true, pause_cause: 'administrator' })
    await database.sql`update push_cursor set pause_cause = 'administrator' where platform_id = ${ids[0] ?? ''}`
    const resumed = await hub.call('POST', `/queues/${ids[0]}/resume`)
    expect(QueueSchema.parse(resumed.body)).toMatchObject({ paused: false, pause_cause: null })
    expect((await hub.call('POST', `/queues/${ids[0]}/skip`)).status).toBe(200)
  })

  it.each(['pause', 'resume', 'skip'])('to %s a queue that nobody has is a problem', async (verb) => {
    const answer = await hub.call('POST', `/queues/${randomUUID()}/${verb}`)
    expect(answer.body).toMatchObject({ status: 404, type: 'urn:ocpi-hub:problem:unknown-queue' })
  })

  it('is none when only read', async () => {
    expect((await hub.call('GET', `/queues/${ids[0]}/pause`)).status).toBe(405)
  })
})

describe('the list of missed objects', () => {
  it('is read to its end, the latest first and each object once, though many were missed at one moment', async () => {
    const [id = ''] = ids
    for (let i = 0; i < 7; i++) {
      await database.sql`
        insert into push_missed (platform_id, chain_key, path_key, module, method, path, at, missed_at, cause, times)
        values (${id}, ${`locations NL*CPO loc${i}`}, ${`loc${i}`}, 'locations', 'PUT', ${`/NL/CPO/LOC${i}`}, 1000,
          ${i === 6 ? 3000 : 2000}, 'offline', ${i + 1})`
    }
    const pages = await crawl((path) => hub.call('GET', path), `/queues/${id}/missed?limit=2`)
    const missed = pages.flatMap(({ body }) => missedIn(body))
    expect(missed[0]).toEqual({
      module: 'locations',
      method: 'PUT',
      path: '/NL/CPO/LOC6',
      to_party: null,
      accepted_at: '1970-01-01T00:00:01.000Z',
      missed_at: '1970-01-01T00:00:03.000Z',
      cause: 'offline',
      times: 7,
    })
    expect(missed.map(({ path }) => path).sort()).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `/NL/CPO/LOC${i}`))
  })

  it('is empty for a queue that missed nothing, and a problem where there is no queue', async () => {
    expect((await hub.call('GET', `/queues/${ids[2]}/missed`)).body).toEqual([])
    expect((await hub.call('GET', `/queues/${randomUUID()}/missed`)).body).toMatchObject({ status: 404 })
  })

  it.each(['1', '1%0Aa%0Ab%00', 'x%0Aa%0Ab'])('refuses a cursor it did not give: %s', async (cursor) => {
    const answer = await hub.call('GET', `/queues/${ids[0]}/missed?cursor=${cursor}`)
    expect(faultsIn(answer)[0]?.parameter).toBe('cursor')
  })
})
