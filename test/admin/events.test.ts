import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_OF_CALLER } from '../../src/admin/api/events/streams.ts'
import { followEvents } from '../support/follow-events.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { Partner } from '../support/partner.ts'
import { until } from '../support/until.ts'

let hub: TestHub
let cpo: Partner & { readonly platformId: string }

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
})
afterAll(() => hub.close())

async function historyOf(platformId: string, query = '') {
  const { status, body, headers } = await hub.admin('GET', `/platforms/${platformId}/history${query}`)
  expect(status).toBe(200)
  return { spans: body as Record<string, unknown>[], headers }
}

/** Suspends the platform and lets it back: two changes of its status. */
async function suspendAndResume(platformId: string) {
  for (const verb of ['suspend', 'resume'])
    expect((await hub.admin('POST', `/platforms/${platformId}/${verb}`)).status).toBe(200)
}

describe('Why is it OFFLINE, since when, how often', () => {
  test('is in the history of a platform: each status with its time, its cause, and who brought it about', async () => {
    const away = cpo.onRequest(() => ({ status: 503 }))
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    away()
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    await suspendAndResume(cpo.platformId)
    const { spans } = await historyOf(cpo.platformId)
    expect(spans.map(({ from, to, by }) => `${from} ${to} ${by}`)).toEqual([
      'SUSPENDED CONNECTED admin:owner',
      'CONNECTED SUSPENDED admin:owner',
      'OFFLINE CONNECTED still-alive',
      'CONNECTED OFFLINE still-alive',
      'PLANNED CONNECTED partner',
      'null PLANNED admin:owner',
    ])
    const offline = spans[3]
    const [begun, over] = [offline, spans[2]].map((span) => Date.parse(String(span?.['at']))) as [number, number]
    expect(offline).toMatchObject({
      cause: expect.stringContaining('503'),
      until: spans[2]?.['at'],
      duration_seconds: (over - begun) / 1000,
    })
    expect(spans[0]).toMatchObject({ until: null })
    expect(spans[4]).toMatchObject({ correlation_id: expect.any(String) })
  })

  test('is read to its end along the Link headers, with no status cut in two', async () => {
    const all = (await historyOf(cpo.platformId)).spans
    const pages: Record<string, unknown>[] = []
    for (let query: string | undefined = '?limit=2'; query !== undefined; ) {
      const { spans, headers } = await historyOf(cpo.platformId, query)
      pages.push(...spans)
      query = /\/history(\?[^>]+)>; rel="next"$/.exec(typeof headers['link'] === 'string' ? headers['link'] : '')?.[1]
    }
    // How long the last one lasts depends on when one asks.
    const withoutLength = (span: Record<string, unknown>) => ({ ...span, duration_seconds: null })
    expect(pages.map(withoutLength)).toEqual(all.map(withoutLength))
  })

  test('is told of a platform that was removed, too, but of none that never was', async () => {
    const { id } = await hub.createPlatform({ name: 'brief' })
    expect((await hub.admin('DELETE', `/platforms/${id}`)).status).toBe(204)
    const { spans } = await historyOf(id)
    expect(spans.map(({ from, to }) => `${from} ${to}`)).toEqual(['PLANNED null', 'null PLANNED'])
    expect(spans.map(({ by }) => by)).toEqual(['admin:owner', 'admin:owner'])
    expect(spans[0]).toMatchObject({ duration_seconds: null })
    expect((await hub.admin('GET', `/platforms/${randomUUID()}/history`)).status).toBe(404)
  })
})

describe('Tell me when', () => {
  test('a stream tells what happens while it happens', async () => {
    const stream = await followEvents(hub, `?platform=${cpo.platformId}&kinds=platform.status`)
    await suspendAndResume(cpo.platformId)
    await until(() => stream.events.length === 2)
    expect(stream.events.map(({ kind, data }) => `${kind} ${data['to']}`)).toEqual([
      'platform.status SUSPENDED',
      'platform.status CONNECTED',
    ])
    stream.close()
  })

  test('who comes back after a break misses nothing and gets nothing twice', async () => {
    // Its queue tells as well where it pauses for so long.
    const query = `?platform=${cpo.platformId}&kinds=platform.status`
    const first = await followEvents(hub, query)
    await suspendAndResume(cpo.platformId)
    await until(() => first.events.length === 2)
    first.close()
    await suspendAndResume(cpo.platformId)
    const second = await followEvents(hub, query, first.lastEventId())
    await suspendAndResume(cpo.platformId)
    await until(() => second.events.length === 4)
    second.close()
    const told = [...first.events, ...second.events].map(({ id }) => id)
    const { body } = await hub.admin('GET', `/events${query}&limit=6`)
    expect(told).toEqual(body.map(({ id }: { id: number }) => id).reverse())
  })

  test('who was told of nothing yet comes back to what happened since it began', async () => {
    const query = `?platform=${cpo.platformId}&kinds=platform.status`
    const silent = await followEvents(hub, query)
    silent.close()
    await suspendAndResume(cpo.platformId)
    const back = await followEvents(hub, query, silent.lastEventId())
    await until(() => back.events.length === 2)
    back.close()
  })

  test('a queue that is paused, and one that goes on, is an event', async () => {
    const stream = await followEvents(hub, '?kinds=queue.paused,queue.resumed')
    for (const [i, verb] of ['pause', 'resume'].entries()) {
      await hub.admin('POST', `/queues/${cpo.platformId}/${verb}`)
      await until(() => stream.events.length > i, 'Expected to be told')
    }
    expect(stream.events.map(({ kind, data }) => `${kind} ${data['cause']}`)).toEqual([
      'queue.paused administrator',
      'queue.resumed administrator',
    ])
    stream.close()
  })

  test('who asks for the head alone holds no stream open, and who has too many is told so', async () => {
    const { body: made } = await hub.admin('POST', '/keys', { name: 'many streams', role: 'read-only' })
    const headers = { Authorization: `Bearer ${made.key}`, Accept: 'text/event-stream' }
    const url = `${hub.url}/admin/api/events`
    for (let i = 0; i < MOST_OF_CALLER + 1; i++) {
      const head = await fetch(url, { method: 'HEAD', headers })
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    }
    const streams = await Promise.all(
      Array.from({ length: MOST_OF_CALLER }, () => followEvents({ url: hub.url, adminToken: made.key })),
    )
    const refused = await fetch(url, { headers })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    expect(await refused.text()).toContain('close one of them')
    for (const stream of streams) stream.close()
  })

  test('an alarm of the log is an event', async () => {
    const stream = await followEvents(hub, '?kinds=alarm')
    const refuses = cpo.onRequest(() => ({ status: 401 }))
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    refuses()
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    await until(() => stream.events.length > 0)
    expect(stream.events[0]).toMatchObject({
      kind: 'alarm',
      platform_id: cpo.platformId,
      data: { alarm: 'receiver-rejects-our-token', detail: expect.any(String) },
    })
    stream.close()
  })
})
