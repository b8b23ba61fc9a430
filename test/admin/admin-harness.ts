import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { OpenAPIHono, z } from '@hono/zod-openapi'
import { expect } from 'vitest'
import { CreatedPlatformSchema, PlatformSchema } from '../../src/admin/api/schemas.ts'
import { createAdminApp } from '../../src/admin/app.ts'
import type { AdminPorts, Changes, Handshakes, ProblemNote, RegistryViews } from '../../src/admin/ports.ts'
import { type AdminEnv, type InputError, ProblemSchema } from '../../src/admin/problem.ts'
import type { AccountChanges } from '../../src/hub/administration/accounts.ts'
import type { By } from '../../src/hub/administration/audit.ts'
import { BY_ADMIN } from '../../src/hub/administration/events.ts'
import type { MessageDetail, MessageFilter, MessagePage } from '../../src/hub/message/message-query.ts'
import type { AgreementStore } from '../../src/hub/network/agreement-store.ts'
import type { Registry, RegistryChanges } from '../../src/hub/network/registry.ts'
import type { HostedParty, Platform, RoutingTable } from '../../src/hub/network/routing-table.ts'
import type { SandboxChanges } from '../../src/hub/network/sandbox.ts'
import type { CheckOutcome } from '../../src/hub/presence/ask.ts'
import type { QueueAdmin } from '../../src/hub/push/drain/queue-admin.ts'
import type { SendAgainStore } from '../../src/hub/push/drain/send-again.ts'
import type { HandshakeOutcome } from '../../src/hub/registration/handshake-outcome.ts'
import type { WebhookChanges } from '../../src/hub/webhooks/webhook.ts'
import { keyOf, type PartyKey } from '../../src/ocpi/party.ts'
import { createInMemoryRegistry } from './in-memory-registry.ts'

export const ADMIN_TOKEN = 'the-administrator-s-token'
export const START = Date.parse('2026-11-22T12:00:00.000Z')

export type Call = {
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly rawBody?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
  /** Null sends none. @default the right one */
  readonly token?: string | null
}

export type AdminAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

export type PlatformBody = z.infer<typeof PlatformSchema>
export type CreatedPlatformBody = z.infer<typeof CreatedPlatformSchema>

type Stores = {
  readonly registry: AdminPorts['registry'] & Changes['registry']
  readonly agreements: AgreementStore
  readonly queues: QueueAdmin
}

/** The API over registry and partners held in memory; `call` also checks each answer against its description. */
const NOTHING_SENT_AGAIN: SendAgainStore = {
  find: async () => null,
  lastNumber: async () => 0,
  append: async () => ({ kind: 'stored', number: 1 }),
  pushedSince: async () => [],
  forgetMissed: async () => {},
}

const NO_CHECKS: Changes['checks'] = {
  ask: async () => ({ kind: 'unknown-platform' }),
  waive: async () => ({ kind: 'unknown-platform' }),
  unwaive: async () => ({ kind: 'unknown-platform' }),
}

const NO_SANDBOX: SandboxChanges = {
  attach: async () => ({ kind: 'too-many', most: 0 }),
  setMisbehaviour: async () => ({ kind: 'unknown' }),
  remove: async () => ({ kind: 'unknown' }),
  assign: async () => ({ kind: 'unknown-platform' }),
}

/** The registry of a hub as administrators change it, but without an audit trail. */
export function asChanged(registry: Registry): RegistryViews & RegistryChanges {
  return { ...registry, setStatus: (id, status, cause, from) => registry.setStatus(id, status, cause, from, BY_ADMIN) }
}

export function createAdminHarness(overrides: Partial<Omit<AdminPorts, keyof Stores> & Stores> = {}) {
  const clock = { now: START }
  const memory = createInMemoryRegistry(() => clock.now)
  const notes: ProblemNote[] = []
  const asked: { filter: MessageFilter; page: MessagePage }[] = []
  const log: MessageDetail[] = []
  const handshakes: unknown[][] = []
  const changedBy: By[] = []
  const partner: { outcome: HandshakeOutcome; found: CheckOutcome } = {
    outcome: { kind: 'done' },
    found: { kind: 'alive' },
  }
  const failures = new Map<string, number>()
  let afterChanges = 0

  function handshake(...call: unknown[]): Promise<HandshakeOutcome> {
    handshakes.push(call)
    if (!memory.records.has(String(call[1]))) return Promise.resolve({ kind: 'unknown-platform' })
    return Promise.resolve(partner.outcome)
  }

  async function check(id: string): Promise<CheckOutcome> {
    return memory.records.has(id) ? partner.found : { kind: 'unknown-platform' }
  }

  function table(): RoutingTable {
    const platforms = new Map<string, Platform>()
    const parties = new Map<PartyKey, readonly HostedParty[]>()
    for (const record of memory.records.values()) {
      const { id, name, status, statusCause, version } = record
      const hosted = record.parties.map((p) => {
        const told = { status: p.status, since: 0, revision: 1, announcedAt: 0, announcedRevision: 1 }
        return { ...p, key: keyOf(p), roles: [{ role: p.role, status: 'ACTIVE' as const, told }], platformId: id }
      })
      for (const party of hosted) parties.set(party.key, [...(parties.get(party.key) ?? []), party])
      platforms.set(id, {
        id,
        name,
        status,
        statusCause,
        version,
        parties: hosted,
        endpoints: new Map(),
        authorization: () => null,
        tokenEncoding: 'base64',
        isStrictAboutTokens: false,
        isStrict: false,
        isLeftOutOfGetAll: false,
        delivery: ports.deliveryDefaults,
        revision: 1,
      })
    }
    return {
      revision: 1,
      hub: { countryCode: 'NL', partyId: 'HUB' },
      credentials: new Map(),
      platforms,
      parties,
      policy: { kind: 'open', turns: [] },
      agreements: new Map(),
      departed: new Map(),
    }
  }

  const calls: Handshakes = {
    connect: (id, given) => handshake('connect', id, given),
    rotate: (id) => handshake('rotate', id),
    end: (id, cause) => handshake('end', id, cause),
  }
  const stores: Stores = {
    registry: memory.registry,
    agreements: { add: async () => {}, end: async () => 'unknown', find: async () => null, list: async () => [] },
    queues: {
      list: async () => [],
      find: async () => null,
      setPaused: async () => false,
      missedByModule: async () => [],
      skip: async () => false,
      missed: async () => null,
    },
    ...overrides,
  }
  const ports: AdminPorts = {
    ...stores,
    as(by) {
      changedBy.push(by)
      const { registry, agreements, queues } = stores
      const accounts: AccountChanges = {
        addAdmin: async () => 'added',
        changeAdmin: async () => null,
        removeAdmin: async () => false,
        addKey: async () => 'added',
        changeKey: async () => null,
        removeKey: async () => false,
      }
      const sendAgain = NOTHING_SENT_AGAIN
      const webhooks: WebhookChanges = {
        add: async () => 'added',
        change: async () => null,
        remove: async () => false,
        replaceSecret: async () => null,
      }
      return {
        accounts,
        partnerLinks: { add: async () => 'added', revoke: async () => false },
        lockOuts: { lift: async () => false },
        webhooks,
        registry,
        agreements: { ...agreements, import: agreements.add },
        queues,
        handshakes: calls,
        checks: NO_CHECKS,
        sendAgain,
        sandbox: NO_SANDBOX,
      }
    },
    audit: { list: async () => [] },
    check,
    messages: {
      async find(filter, page) {
        asked.push({ filter, page })
        const start = page.before === null ? 0 : log.findIndex((message) => message.id === page.before?.id) + 1
        return log.slice(start, start + page.limit)
      },
      one: async (id) => log.find((message) => message.id === id) ?? null,
      story: async (id) => (log.some((message) => message.id === id) ? [...log] : null),
      start: async () => log.at(-1)?.at ?? null,
    },
    sandbox: { tryOut: async () => ({ kind: 'unknown-platform' }), seal: (token) => `sealed ${token}` },
    traffic: async () => [],
    conversions: { remarks: async () => [], outcomes: async () => [], sent: async () => [] },
    platformFigures: async () => new Map(),
    sendAgain: {
      pushed: async () => {},
      ask: () => Promise.reject(new Error('Nobody can be asked')),
      timeoutMs: 1000,
    },
    events: {
      after: async () => [],
      before: async () => [],
      last: async () => 0,
      more: async () => {},
      isEnding: () => false,
      behind: (work) => void work(),
    },
    webhooks: {
      list: async () => [],
      find: async () => null,
      deliveries: async () => null,
      mayCall: () => ({ ok: true }),
      seal: (secret) => `sealed ${secret}`,
      test: async () => null,
    },
    partnerLinks: { list: async () => null },
    traces: {
      find: async () => null,
      attempts: async () => [],
      places: async () => new Map(),
      missed: async () => [],
      unread: async () => [],
      failures: async () => [],
    },
    concerns: {
      concerns: async () => [],
      overview: async () => ({
        platforms: { total: 0, connected: 0, offline: 0, planned: 0, suspended: 0 },
        newcomers: 0,
        queues: { total: 0, paused: 0, lagging: 0, waiting: 0 },
        pendingRoles: 0,
      }),
    },
    checks: { list: async () => [], find: async () => null, findBefore: async () => null, waivers: async () => [] },
    connectionCheck: 'advised',
    newcomers: async () => [],
    refusedCalls: { find: async () => [] },
    attempts: { find: async () => [], one: async () => null },
    async afterChange() {
      afterChanges++
    },
    currentTable: table,
    deliveryDefaults: {
      requestsPerSecond: 50,
      concurrency: 8,
      maxAgeSeconds: 900,
      afterOffline: 'none',
      broadcastTo: 'platform',
    },
    holdsNewPlatforms: false,
    mostRoles: 500,
    now: () => clock.now,
    after: () => () => undefined,
    random: { id: () => randomUUID(), token: () => randomBytes(32).toString('base64url') },
    digest: (token) => createHash('sha256').update(token).digest('base64url'),
    mac: (text) => createHmac('sha256', 'a key').update(text).digest('base64url'),
    mayCall: (url) => (url.startsWith('https://') ? { ok: true } : { ok: false, why: 'not https' }),
    publicUrl: 'https://hub.example',
    hubName: 'OCPI hub',
    readAsset: async () => new Uint8Array(),
    compressed: (_, next) => next(),
    isAdminToken: (token) => token === ADMIN_TOKEN,
    freshenAdminToken: async () => {},
    adminTokenMark: () => 'the-only-one',
    accounts: {
      findAdmin: async () => null,
      listAdmins: async () => [],
      findKey: async () => null,
      listKeys: async () => [],
    },
    credentials: {
      findKeyRights: async () => null,
      findPassword: async () => null,
      admitProvided: async () => null,
      openSession: async () => {},
      findSession: async () => null,
      endSession: async () => false,
    },
    provider: null,
    passwords: { digest: async (password) => password, matches: async (password, digest) => password === digest },
    lockOuts: {
      list: async () => [],
      hear: async () => {},
      mayTry: async (address) => (failures.get(address) ?? 0) < 3,
      async failed(address) {
        const failed = (failures.get(address) ?? 0) + 1
        failures.set(address, failed)
        return failed > 3 ? { kind: 'empty', retryAfterSeconds: 20 } : { kind: 'taken' }
      },
    },
    clientAddress: (c) => c.req.header('X-Test-Address') ?? '192.0.2.1',
    noteProblem: (note) => void notes.push(note),
    ...overrides,
  }
  const app = createAdminApp(ports)

  return {
    app,
    ports,
    memory,
    notes,
    asked,
    log,
    handshakes,
    changedBy,
    partner,
    clock,
    afterChanges: () => afterChanges,
    call: (method: string, path: string, call: Call = {}) => callAdmin(app, method, path, call),
    async addPlatform(body: Record<string, unknown> = {}): Promise<CreatedPlatformBody> {
      const answer = await callAdmin(app, 'POST', '/platforms', { body: { name: 'ACME', ...body } })
      expect(answer.status, answer.text).toBe(201)
      return CreatedPlatformSchema.parse(answer.body)
    },
  }
}

export type AdminHarness = ReturnType<typeof createAdminHarness>

/** The platform an answer shows. */
export function platformIn(answer: AdminAnswer): PlatformBody {
  return PlatformSchema.parse(answer.body)
}

/** The faults that a refusal names. */
export function faultsIn(answer: AdminAnswer): InputError[] {
  return ProblemSchema.parse(answer.body).errors ?? []
}

/** Reads a list to its end along the Link headers; the answers in their order. */
export async function crawl(call: (path: string) => Promise<AdminAnswer>, first: string): Promise<AdminAnswer[]> {
  const pages: AdminAnswer[] = []
  for (let next: string | undefined = first; next !== undefined; ) {
    const answer = await call(next)
    pages.push(answer)
    next = /^<\/admin\/api(.+)>; rel="next"$/.exec(answer.headers.get('Link') ?? '')?.[1]
    expect(pages.length).toBeLessThan(20)
  }
  return pages
}

/** Calls the API below `/admin/api` and holds the answer against the schema that its route declares for its status. */
export async function callAdmin(
  app: OpenAPIHono<AdminEnv>,
  method: string,
  path: string,
  { body, rawBody, headers = {}, token = ADMIN_TOKEN }: Call = {},
): Promise<AdminAnswer> {
  const content = rawBody ?? (body === undefined ? null : JSON.stringify(body))
  const response = await app.request(`/admin/api${path}`, {
    method,
    body: content,
    headers: {
      ...(content !== null && { 'Content-Type': 'application/json' }),
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
  })
  const text = await response.text()
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  }
  expectAsDescribed(app, method, path, answer)
  return answer
}

function expectAsDescribed(app: OpenAPIHono<AdminEnv>, method: string, path: string, answer: AdminAnswer): void {
  const mediaType = answer.headers.get('Content-Type')?.split(';')[0]
  if (answer.status >= 400) expect(mediaType, answer.text).toBe('application/problem+json')
  const route = routesOf(app).find((r) => r.method === method.toLowerCase() && templateMatches(r.path, path))
  if (!route) {
    expect([401, 404, 405, 429]).toContain(answer.status)
    return
  }
  const declared = route.responses[answer.status]
  expect(declared, `${method} ${path} answered an undeclared ${answer.status}: ${answer.text}`).toBeDefined()
  if (declared === undefined || !('content' in declared) || declared.content === undefined) {
    expect(answer.text).toBe('')
    return
  }
  const media = declared.content[mediaType as 'application/json']
  const schema = media && 'schema' in media ? media.schema : undefined
  if (!schema || !('safeParse' in schema)) {
    throw new Error(`${method} ${path} answered an undescribed ${answer.status} ${mediaType}`)
  }
  const parsed = schema.safeParse(answer.body)
  expect(parsed.error?.issues, answer.text).toBeUndefined()
  expect(answer.body, 'nothing beside what is described').toEqual(parsed.data)
}

export function routesOf(app: OpenAPIHono<AdminEnv>) {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route] : [],
  )
}

function templateMatches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path.split('?')[0] as string)
}
