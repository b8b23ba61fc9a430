import { describe, expect, it } from 'vitest'
import { createAdminHarness, routesOf } from './admin-harness.ts'

describe('who may use the API', () => {
  it('lets nobody in without the token, on any route, and says how to log in', async () => {
    const hub = createAdminHarness()
    const routes = routesOf(hub.app).filter(({ security }) => security === undefined)
    expect(routes.length).toBeGreaterThan(10)
    for (const route of routes) {
      const path = route.path.replace(/\{[^}]+\}/g, 'x')
      const answer = await hub.call(route.method.toUpperCase(), path, { token: null })
      expect(answer.status, `${route.method} ${path}`).toBe(401)
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Bearer realm=/)
    }
  })

  it('does not tell a stranger which addresses exist', async () => {
    const hub = createAdminHarness()
    expect((await hub.call('GET', '/nothing', { token: null })).status).toBe(401)
    expect((await hub.call('PUT', '/platforms', { token: null })).status).toBe(401)
  })

  it.each([
    'Bearer',
    'Bearer ',
    'Basic YWRtaW46YWRtaW4=',
    'Token the-administrator-s-token',
    'the-administrator-s-token',
  ])('refuses Authorization: %s', async (Authorization) => {
    const hub = createAdminHarness()
    expect((await hub.call('GET', '/platforms', { token: null, headers: { Authorization } })).status).toBe(401)
  })

  it('takes the scheme in any letter case [RFC 9110]', async () => {
    const hub = createAdminHarness()
    const headers = { Authorization: 'bearer the-administrator-s-token' }
    expect((await hub.call('GET', '/platforms', { token: null, headers })).status).toBe(200)
  })

  it('makes an address that fails too often wait, and no other address', async () => {
    const hub = createAdminHarness()
    for (let i = 0; i < 3; i++) expect((await hub.call('GET', '/platforms', { token: 'wrong' })).status).toBe(401)
    const answer = await hub.call('GET', '/platforms', { token: 'wrong' })
    expect(answer.status).toBe(429)
    expect(answer.headers.get('Retry-After')).toBe('20')
    const headers = { 'X-Test-Address': '192.0.2.2' }
    expect((await hub.call('GET', '/platforms', { headers, token: 'wrong' })).status).toBe(401)
  })

  it('lets the right token in whatever its address failed at before', async () => {
    const hub = createAdminHarness()
    for (let i = 0; i < 60; i++) await hub.call('GET', '/platforms', { token: 'wrong' })
    expect((await hub.call('GET', '/platforms')).status).toBe(200)
  })

  it('takes a token that another process made a moment ago, at once', async () => {
    let made = 'the-one-before'
    const hub = createAdminHarness({
      isAdminToken: (token) => token === made,
      freshenAdminToken: async () => void (made = 'the-new-one'),
    })
    expect((await hub.call('GET', '/platforms', { token: 'the-new-one' })).status).toBe(200)
    expect((await hub.call('GET', '/platforms', { token: 'the-one-before' })).status).toBe(401)
  })

  it('says 503 of a token that it cannot look up now, and counts no failed login', async () => {
    const hub = createAdminHarness({ freshenAdminToken: () => Promise.reject(new Error('away')) })
    for (let i = 0; i < 5; i++) {
      const answer = await hub.call('GET', '/platforms', { token: 'unknown-here' })
      expect(answer.status).toBe(503)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
    expect((await hub.call('GET', '/platforms')).status).toBe(200)
  })

  it('counts only tokens that are wrong as failed logins', async () => {
    const hub = createAdminHarness()
    for (let i = 0; i < 5; i++) await hub.call('GET', '/platforms', { token: null })
    for (let i = 0; i < 5; i++) await hub.call('GET', '/nothing')
    expect((await hub.call('GET', '/platforms', { token: 'wrong' })).status).toBe(401)
  })
})

describe('requests that fit no route', () => {
  it('answers an unknown path with 404', async () => {
    const answer = await createAdminHarness().call('GET', '/nothing')
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 })
  })

  it('answers what is beside the API in the same way', async () => {
    const hub = createAdminHarness()
    const response = await hub.app.request('/admin')
    expect(response.status).toBe(404)
    expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ instance: `urn:uuid:${hub.notes[0]?.id}` })
  })

  it.each([
    ['PUT', '/platforms', 'GET, HEAD, POST'],
    ['OPTIONS', '/platforms/x', 'DELETE, GET, HEAD, PATCH'],
    ['GET', '/platforms/x/connect', 'POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
    const answer = await createAdminHarness().call(method, path)
    expect(answer.status).toBe(405)
    expect(answer.headers.get('Allow')?.split(', ').sort().join(', ')).toBe(allow)
  })

  it('answers HEAD like GET, without the body', async () => {
    const hub = createAdminHarness()
    const headers = { Authorization: 'Bearer the-administrator-s-token' }
    const response = await hub.app.request('/admin/api/platforms', { method: 'HEAD', headers })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })
})

describe('bodies that cannot be read', () => {
  it.each(['', '{', '{"name":"a"', 'name=a', '{"name":"a"} x'])('answers 400 to %j', async (rawBody) => {
    const hub = createAdminHarness()
    const answer = await hub.call('POST', '/platforms', { rawBody })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ title: 'Bad Request' })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application/json-seq', ''])(
    'answers 415 to a body of type %j',
    async (type) => {
      const hub = createAdminHarness()
      const rawBody = new TextEncoder().encode('{"name":"ACME"}')
      const answer = await hub.call('POST', '/platforms', { rawBody, headers: { 'Content-Type': type } })
      expect(answer.status).toBe(415)
      expect(hub.memory.records.size).toBe(0)
    },
  )

  it('takes JSON with a charset', async () => {
    const hub = createAdminHarness()
    const headers = { 'Content-Type': 'application/json; charset=utf-8' }
    expect((await hub.call('POST', '/platforms', { body: { name: 'ACME' }, headers })).status).toBe(201)
  })

  it('answers 413 to a body over 1 MB, whether its length is declared or not', async () => {
    const hub = createAdminHarness()
    const rawBody = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    expect((await hub.call('POST', '/platforms', { rawBody })).status).toBe(413)
    const headers = { 'Content-Length': String(rawBody.length) }
    expect((await hub.call('POST', '/platforms', { rawBody, headers })).status).toBe(413)
  })
})

describe('failures of the hub', () => {
  it('keeps the reason for the log, under the id that the answer names', async () => {
    const hub = createAdminHarness()
    const error = new Error('password of the database: hunter2')
    const broken = createAdminHarness({
      registry: { ...hub.memory.registry, listPlatforms: () => Promise.reject(error) },
    })
    const answer = await broken.call('GET', '/platforms')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('hunter2')
    const [note] = broken.notes
    expect(note).toMatchObject({ method: 'GET', path: '/admin/api/platforms', status: 500, error })
    expect(answer.body).toMatchObject({ instance: `urn:uuid:${note?.id}` })
  })

  it('notes refusals too, and no successes', async () => {
    const hub = createAdminHarness()
    await hub.call('GET', '/platforms')
    await hub.call('GET', '/nothing')
    await hub.call('GET', '/platforms', { token: null })
    await hub.call('POST', '/platforms', { body: {} })
    expect(hub.notes.map((note) => note.status)).toEqual([404, 401, 400])
  })
})

it('tells caches to keep nothing, tokens least of all', async () => {
  const hub = createAdminHarness()
  for (const [method, path] of [
    ['GET', '/platforms'],
    ['GET', '/nothing'],
    ['PUT', '/platforms'],
    ['GET', '/openapi.json'],
  ] as const) {
    expect((await hub.call(method, path)).headers.get('Cache-Control')).toBe('no-store')
  }
})
