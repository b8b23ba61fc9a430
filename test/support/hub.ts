import { createServer } from 'node:net'
import { request } from 'undici'
import { startHub } from '../../src/runtime/compose.ts'
import { createLog } from '../../src/runtime/log.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { createTestDatabase } from './database.ts'
import { type Partner, type PartnerOptions, startPartner } from './partner.ts'

const ADMIN_TOKEN = 'test-admin-token-0123456789'

export type TestHub = {
  readonly url: string
  readonly versionsUrl: string
  readonly databaseUrl: string
  /** Calls the admin API under `/admin/api`. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<AdminAnswer>
  /** Makes a platform and returns its id and registration token. */
  readonly createPlatform: (body: Record<string, unknown>) => Promise<{ id: string; token: string }>
  /** Starts a scripted partner, makes its platform and registers it as a partner would. */
  readonly join: (
    options: PartnerOptions,
    platform?: Record<string, unknown>,
  ) => Promise<Partner & { platformId: string }>
  readonly close: () => Promise<void>
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read as JSON by tests that assert on them
export type AdminAnswer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: any }

/** A whole hub in this process, on a database of its own (or the one given), on loopback. */
export async function startTestHub(
  environment: Record<string, string> = {},
  { databaseUrl }: { databaseUrl?: string } = {},
): Promise<TestHub> {
  const database = databaseUrl ? { url: databaseUrl, drop: async () => {} } : await createTestDatabase()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const secretKey = Buffer.alloc(32, 7)
  const { settings, problems } = readSettings({
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_URL: database.url,
    SECRET_KEY: secretKey.toString('base64'),
    ADMIN_TOKEN,
    ALLOW_PRIVATE_NETWORKS: 'true',
    LOG_LEVEL: 'silent',
    ...environment,
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const hub = await startHub(settings, database.url, secretKey, createLog(settings.logLevel))
  await hub.listen()
  const partners: Partner[] = []

  async function admin(method: string, path: string, body?: unknown): Promise<AdminAnswer> {
    const answer = await request(`${url}/admin/api${path}`, {
      method: method as 'GET',
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
  }

  async function createPlatform(body: Record<string, unknown>): Promise<{ id: string; token: string }> {
    const answer = await admin('POST', '/platforms', body)
    if (answer.status !== 201) throw new Error(`creating a platform: ${answer.status} ${JSON.stringify(answer.body)}`)
    return { id: answer.body.id, token: answer.body.registration.token }
  }

  return {
    url,
    versionsUrl: `${url}/ocpi/versions`,
    databaseUrl: database.url,
    admin,
    createPlatform,
    async join(options, platform = {}) {
      const partner = await startPartner(options)
      partners.push(partner)
      const { id, token } = await createPlatform({ name: options.name, ...platform })
      await partner.register({ versionsUrl: `${url}/ocpi/versions`, token })
      return Object.assign(partner, { platformId: id })
    },
    async close() {
      await Promise.all(partners.map((partner) => partner.close()))
      await hub.drain(1000)
      await hub.close()
      await database.drop()
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
