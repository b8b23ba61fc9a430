import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KEY_PREFIX } from '../../src/hub/administration/new-key.ts'
import { ADMIN_TOKEN, createAdminHarness } from './admin-harness.ts'

const hub = createAdminHarness()
let server: Server
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server = serve({ fetch: hub.app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve()) as Server
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin/api/platforms`
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

function post(body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json', ...headers },
    body: body ?? null,
    // What a stream as body asks for.
    ...{ duplex: 'half' },
  })
}

/** Goes out in chunks, without a length. */
function streamed(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream()
}

it('takes a body with a length and one in chunks', async () => {
  expect((await post('{"name":"ACME"}')).status).toBe(201)
  expect((await post(streamed('{"name":"ACME"}'))).status).toBe(201)
})

it('answers 413 to a body over 1 MB in either form', async () => {
  const text = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
  expect((await post(text)).status).toBe(413)
  expect((await post(streamed(text))).status).toBe(413)
})

it('answers 415 to a body without a type and 400 to no body at all', async () => {
  expect((await post(streamed('{"name":"ACME"}'), { 'Content-Type': '' })).status).toBe(415)
  expect((await post(null)).status).toBe(400)
})

it('acts on a POST that carries an empty body of type JSON where none is needed', async () => {
  const { id } = await hub.addPlatform()
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' }
  expect((await fetch(`${url}/${id}/suspend`, { method: 'POST', headers })).status).toBe(200)
})

it('answers HEAD and OPTIONS', async () => {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(200)
  expect((await fetch(url, { method: 'OPTIONS', headers })).status).toBe(405)
})

const KEY = { id: 'k', name: 'dashboard', role: 'operator', maySeeBodies: false } as const

it.each([
  ['goes on while the key of its client counts', KEY, 600_000, 600_000],
  ['ends once the key of its client is ended', null, 30_000, 50_000],
  ['ends once the key of its client has another role', { ...KEY, role: 'read-only' } as const, 30_000, 50_000],
])('a stream of events %s', async (_, after30s, least, most) => {
  const { ports, clock } = createAdminHarness()
  const began = clock.now
  const findKeyRights = async () => (clock.now - began < 30_000 ? KEY : after30s)
  // Time passes while the stream waits for more.
  const more = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    clock.now += 3_000
  }
  const { app } = createAdminHarness({
    now: ports.now,
    credentials: { ...ports.credentials, findKeyRights },
    events: { ...ports.events, more },
  })
  const own = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server)) as Server
  })
  try {
    const headers = { Authorization: `Bearer ${KEY_PREFIX}1`, Accept: 'text/event-stream' }
    const { port } = own.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/admin/api/events`, { headers })
    expect(answer.status).toBe(200)
    await answer.text()
    expect(clock.now - began).toBeGreaterThanOrEqual(least)
    expect(clock.now - began).toBeLessThanOrEqual(most)
  } finally {
    await new Promise((resolve) => own.close(resolve))
  }
})
