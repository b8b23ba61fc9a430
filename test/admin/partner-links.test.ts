import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import { startTestHub } from '../support/hub.ts'

// Links to partners' pages, as administrators make and revoke them. What they open stands in test/partner.

const DAY_MS = 86_400_000

let hub: TestHub
let path: string

beforeAll(async () => {
  hub = await startTestHub()
  const { body } = await hub.admin('POST', '/platforms', { name: 'Newcomer' })
  path = `/platforms/${body.platform?.id ?? body.id}/partner-links`
})
afterAll(() => hub.close())

test('a link is shown once, lasts 30 days, and says who made it', async () => {
  const { status, body } = await hub.admin('POST', path, {})
  expect(status).toBe(201)
  expect(body.link).toMatch(/^http:\/\/[^/]+\/partner\/enter\/[\w-]{43}$/)
  expect(Math.round((Date.parse(body.expires_at) - Date.now()) / DAY_MS)).toBe(30)
  const listed = (await hub.admin('GET', path)).body
  expect(listed).toHaveLength(1)
  expect(listed[0]).toMatchObject({ id: body.id, made_by: 'owner', revoked_at: null, last_used_at: null, sessions: 0 })
  expect(JSON.stringify(listed)).not.toContain(body.link.split('/').at(-1))
})

test('it ends when it is said to, in the future and within 90 days', async () => {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
  expect((await hub.admin('POST', path, { expires_at: inDays(89) })).status).toBe(201)
  for (const expires_at of [inDays(91), inDays(-1), 'tomorrow'])
    expect((await hub.admin('POST', path, { expires_at })).status).toBe(400)
})

test('there are ten at most that are open; one that is revoked makes room, and is listed as such', async () => {
  const made: { readonly status: number; readonly body: { readonly id: string; readonly type?: string } }[] = []
  for (let n = 0; n < 9; n++) made.push(await hub.admin('POST', path, {}))
  expect(made.map(({ status }) => status)).toEqual([...Array(8).fill(201), 409])
  expect(made.at(-1)?.body.type).toBe('urn:ocpi-hub:problem:too-many-links')
  const revoke = () => hub.admin('DELETE', `${path}/${made[0]?.body.id}`)
  expect((await revoke()).status).toBe(204)
  expect((await revoke()).status).toBe(404)
  expect((await hub.admin('POST', path, {})).status).toBe(201)
  const { body } = await hub.admin('GET', path)
  expect(body.find(({ id }: { id: string }) => id === made[0]?.body.id).revoked_at).not.toBeNull()
})

test("of another platform's links nothing is revoked, and an unknown platform has none", async () => {
  const other = (await hub.admin('POST', '/platforms', { name: 'Other' })).body
  const otherPath = `/platforms/${other.platform?.id ?? other.id}/partner-links`
  const { body } = await hub.admin('POST', otherPath, {})
  expect((await hub.admin('DELETE', `${path}/${body.id}`)).status).toBe(404)
  expect((await hub.admin('GET', otherPath)).body[0].revoked_at).toBeNull()
  const nowhere = '/platforms/00000000-0000-4000-8000-000000000000/partner-links'
  expect((await hub.admin('GET', nowhere)).status).toBe(404)
  expect((await hub.admin('POST', nowhere, {})).status).toBe(404)
  // It goes with its platform.
  expect((await hub.admin('DELETE', otherPath.replace('/partner-links', ''))).status).toBe(204)
  expect((await hub.admin('GET', otherPath)).status).toBe(404)
})
