// Rules: a rotation of the hub's locks nobody out, whenever the hub dies in it [credentials: PUT Method].
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/free-port.ts'
import { createHubClient, type HubClient } from '../../support/hub-client.ts'
import type { Partner } from '../../support/partner.ts'
import { type Started, startHubProcess } from '../../support/processes.ts'

const ADMIN_TOKEN = 'test-admin-token-0123456789'

let database: TestDatabase
let settings: Record<string, string>
let hub: HubClient
let running: Started
let partner: Partner & { readonly platformId: string }

beforeEach(async () => {
  database = await createTestDatabase()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  settings = {
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_URL: database.url,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    ADMIN_TOKEN,
    ALLOW_PRIVATE_NETWORKS: 'true',
    CONNECTION_CHECK: 'off',
    LOG_LEVEL: 'silent',
  }
  running = await startHubProcess(settings)
  hub = createHubClient(url, ADMIN_TOKEN)
  partner = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
})
afterEach(async () => {
  running.child.kill('SIGKILL')
  await running.ended
  await hub.closePartners()
  await database.drop()
})

async function kill(): Promise<void> {
  running.child.kill('SIGKILL')
  await running.ended
}

const written = (token: string | null | undefined) => `Token ${Buffer.from(token ?? '').toString('base64')}`

async function opens(authorization: string): Promise<boolean> {
  const answer = await partner.call('hubclientinfo', 'SENDER', { authorization })
  return answer.status === 200 && answer.statusCode === 1000
}

/** Ends the hub at a moment of its rotation, as the partner sees it; each gives how to take that back. */
const moments: Record<string, () => () => void> = {
  'while it reads the versions of the partner': () =>
    partner.onRequest(async ({ path }): Promise<'pass'> => {
      if (path === '/versions') await kill()
      return 'pass'
    }),
  'when the partner has its credentials': () =>
    partner.onRequest(async ({ method }): Promise<'pass'> => {
      if (method === 'PUT') await kill()
      return 'pass'
    }),
  'when the partner has taken them, before it answers': () =>
    partner.onRaw((incoming, response) => {
      if (incoming.method === 'PUT') response.end = () => void kill().then(() => response.destroy()) as never
      return false
    }),
  'when the partner has answered': () =>
    partner.onRaw((incoming, response) => {
      if (incoming.method === 'PUT') response.once('finish', () => void kill())
      return false
    }),
}

test.each(Object.keys(moments))(
  'a hub that dies %s takes the old token and the one that it offered',
  async (moment) => {
    const old = written(partner.tokenAtHub())
    partner.requests.length = 0
    const undo = moments[moment]?.()
    const rotated = hub.admin('POST', `/platforms/${partner.platformId}/rotate`).then(
      ({ status }) => status,
      () => null,
    )
    await running.ended
    await rotated
    undo?.()
    running = await startHubProcess(settings)

    const offered = partner.requests.find(({ method }) => method === 'PUT')?.json() as { token: string } | undefined
    expect(await opens(old)).toBe(true)
    if (offered) expect(await opens(written(offered.token))).toBe(true)
    expect(await opens(old)).toBe(true)
    expect(offered === undefined).toBe(moment.startsWith('while it reads'))

    // The partner can mend the rest: it took a token of its own in place of the one that the hub knows.
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/check`)).body.is_alive).toBe(true)
  },
)
