import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { until } from '../support/until.ts'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '0' })
})
afterAll(() => hub.close())

type Answer = { readonly status: number; readonly body: Record<string, never> & { readonly [field: string]: unknown } }

async function call(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${hub.url}/admin/api${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}

let count = 0

async function makeKey(fields: Record<string, unknown>): Promise<{ id: string; key: string; name: string }> {
  const { status, body } = await hub.admin('POST', '/keys', { name: `key ${++count}`, ...fields })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

describe('people', () => {
  it('are added, shown, changed and removed; two with one name are not', async () => {
    const ada = { name: 'Ada', email: 'ada@hub.example', role: 'operator', password: 'correct horse battery' }
    const added = await hub.admin('POST', '/admins', ada)
    expect(added).toMatchObject({
      status: 201,
      body: { name: 'Ada', role: 'operator', may_see_bodies: false, has_password: true, disabled_at: null },
    })
    expect(JSON.stringify(added.body)).not.toContain('correct horse')
    const path = `/admins/${added.body.id}`
    expect(await hub.admin('POST', '/admins', { name: 'ADA', role: 'owner' })).toMatchObject({
      status: 409,
      body: { type: 'urn:ocpi-hub:problem:name-taken' },
    })
    expect(await hub.admin('PATCH', path, { role: 'read-only', disabled: true, email: null })).toMatchObject({
      status: 200,
      body: { role: 'read-only', email: null, disabled_at: expect.any(String) },
    })
    const { body: listed } = await hub.admin('GET', '/admins')
    expect(listed).toEqual([(await hub.admin('GET', path)).body])
    expect((await hub.admin('DELETE', path)).status).toBe(204)
    expect((await hub.admin('DELETE', path)).status).toBe(404)
    expect((await hub.admin('PATCH', path, { role: 'owner' })).status).toBe(404)
    expect((await hub.admin('GET', '/admins')).body).toEqual([])
  })

  it('do not get passwords that are short', async () => {
    const short = await hub.admin('POST', '/admins', { name: 'Bob', role: 'owner', password: 'eleven char' })
    expect(short).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/password' }] } })
  })
})

describe('an API key', () => {
  it('is shown once, opens the API, and is known by its beginning and its last use', async () => {
    const made = await makeKey({ role: 'operator' })
    expect(made.key).toMatch(/^ohk_[\w-]{43}$/)
    const unused = await hub.admin('GET', `/keys/${made.id}`)
    expect(unused.body).toMatchObject({ prefix: made.key.slice(0, 10), created_by: 'owner', last_used_at: null })
    expect(JSON.stringify((await hub.admin('GET', '/keys')).body)).not.toContain(made.key.slice(10))
    expect(await call(made.key, 'GET', '/platforms')).toMatchObject({ status: 200 })
    const { body: first } = await hub.admin('GET', `/keys/${made.id}`)
    expect(Date.now() - Date.parse(first.last_used_at)).toBeLessThan(60_000)
    await call(made.key, 'GET', '/platforms')
    expect((await hub.admin('GET', `/keys/${made.id}`)).body.last_used_at).toBe(first.last_used_at)
  })

  it('says who it is', async () => {
    const { key, name } = await makeKey({ role: 'read-only' })
    const { body } = await call(key, 'GET', '/session')
    expect(body).toEqual({
      name,
      role: 'read-only',
      may_see_bodies: false,
      way: 'key',
      has_password: false,
      expires_at: null,
    })
    expect((await call(hub.adminToken, 'GET', '/session')).body).toMatchObject({ name: 'owner', way: 'admin-token' })
  })

  it('of an operator makes no owner: neither a person nor a key, nor a better role for itself', async () => {
    const { id, key } = await makeKey({ role: 'operator' })
    expect((await call(key, 'POST', '/admins', { name: 'Mallory', role: 'owner' })).status).toBe(403)
    expect((await call(key, 'POST', '/keys', { name: 'mine', role: 'owner' })).status).toBe(403)
    expect((await call(key, 'PATCH', `/keys/${id}`, { role: 'owner' })).status).toBe(403)
    expect((await call(key, 'GET', '/admins')).status).toBe(403)
    expect((await hub.admin('GET', `/keys/${id}`)).body.role).toBe('operator')
  })

  it('read-only changes nothing', async () => {
    const { key } = await makeKey({ role: 'read-only' })
    expect((await call(key, 'POST', '/platforms', { name: 'mine' })).status).toBe(403)
    expect((await call(key, 'GET', '/platforms')).body).toEqual([])
  })

  it('has the rights of the moment: another role, disabled, over and removed hold for the very next request', async () => {
    const { id, key } = await makeKey({ role: 'owner' })
    const change = (fields: unknown) => hub.admin('PATCH', `/keys/${id}`, fields)
    const status = async (path = '/platforms') => (await call(key, 'GET', path)).status
    expect(await status('/keys')).toBe(200)
    await change({ role: 'operator' })
    expect(await status('/keys')).toBe(403)
    await change({ disabled: true })
    expect(await status()).toBe(401)
    await change({ disabled: false })
    expect(await status()).toBe(200)
    const expires_at = new Date(Date.now() + 2_000).toISOString()
    await change({ expires_at })
    await until(async () => (await status()) === 401, 'Expected the key to be over')
    expect((await change({ expires_at, role: 'read-only' })).status, 'an end that it has is no new one').toBe(200)
    await change({ expires_at: null })
    expect(await status()).toBe(200)
    expect((await hub.admin('DELETE', `/keys/${id}`)).status).toBe(204)
    expect(await status()).toBe(401)
  })

  it('is not made, nor changed, to have ended already', async () => {
    const expires_at = new Date(Date.now() - 1_000).toISOString()
    const errors = [{ pointer: '#/expires_at', detail: 'Expected a moment in the future' }]
    const made = await hub.admin('POST', '/keys', { name: 'too late', role: 'operator', expires_at })
    expect([made.status, made.body.errors]).toEqual([400, errors])
    const { id, key } = await makeKey({ role: 'operator' })
    const changed = await hub.admin('PATCH', `/keys/${id}`, { expires_at })
    expect([changed.status, changed.body.errors]).toEqual([400, errors])
    expect((await call(key, 'GET', '/platforms')).status).toBe(200)
  })
})
