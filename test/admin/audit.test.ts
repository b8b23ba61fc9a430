import { z } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuditEntrySchema } from '../../src/admin/api/audit/audit-view.ts'
import { parseCsv } from '../../src/admin/api/csv.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { HUB_RUNTIME } from '../support/only.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'

type Entry = z.infer<typeof AuditEntrySchema>

let hub: TestHub
let database: Database
const partners: Partner[] = []
/** Who calls from this machine; what stands before Workers would tell it, and nothing does here. */
const ADDRESS = HUB_RUNTIME === 'node' ? expect.stringContaining('127.0.0.1') : ''
let made = 0

beforeAll(async () => {
  hub = await startTestHub({ ANNOUNCED_ROLES_ONLY: 'true' })
  database = openDatabase({ url: hub.databaseUrl, maxConnections: 2 })
})
afterAll(async () => {
  await Promise.all(partners.map((partner) => partner.close()))
  await database.close()
  await hub.close()
})

const nextParty = () => ({
  country_code: 'NL',
  party_id: `A${(++made).toString(36).toUpperCase()}`,
  role: 'CPO' as const,
})

async function audit(query: string): Promise<Entry[]> {
  const { status, body } = await hub.admin('GET', `/audit?${query}`)
  expect(status).toBe(200)
  return z.array(AuditEntrySchema).parse(body)
}

const saying = (reason: string) => audit(`q=${encodeURIComponent(reason)}`)

async function planned(): Promise<string> {
  return (await hub.createPlatform({ name: 'ACME' })).id
}

/** A partner that is connected, with `waiting` of its roles unannounced. */
async function joined(waiting: ReturnType<typeof nextParty>[] = []): Promise<Partner & { platformId: string }> {
  const announced = nextParty()
  return hub.join({ name: 'ACME', parties: [announced, ...waiting] }, { parties: [announced] })
}

async function attached(): Promise<string> {
  return (await hub.admin('POST', '/sandbox', { role: 'CPO' })).body.id
}

async function stranger(): Promise<Partner> {
  const partner = await startPartner({ name: 'ACME', parties: [nextParty()] })
  partners.push(partner)
  return partner
}

type Change = {
  /** What is to stand in the audit trail, in this order. */
  readonly leaves: readonly string[]
  /** Makes the change for a reason and tells the status of the answer. */
  readonly make: (reason: string) => Promise<number>
}

const post = async (path: string, body: object) => (await hub.admin('POST', path, body)).status

/** Every operation of the API that changes something, by its id in the OpenAPI document. */
const CHANGES: Readonly<Record<string, Change>> = {
  createPlatform: { leaves: ['platform.create'], make: (reason) => post('/platforms', { name: 'ACME', reason }) },
  changePlatform: {
    leaves: ['platform.change'],
    make: async (reason) =>
      (await hub.admin('PATCH', `/platforms/${await planned()}`, { name: 'Other', reason })).status,
  },
  deletePlatform: {
    leaves: ['platform.delete'],
    make: async (reason) => (await hub.admin('DELETE', `/platforms/${await planned()}`, { reason })).status,
  },
  createRegistration: {
    leaves: ['registration.make'],
    make: async (reason) => post(`/platforms/${await planned()}/registration`, { reason }),
  },
  endOlderTokens: {
    leaves: ['tokens.end-older'],
    async make(reason) {
      const { platformId } = await joined()
      await hub.admin('POST', `/platforms/${platformId}/rotate`)
      return post(`/platforms/${platformId}/older-tokens/end`, { reason })
    },
  },
  connectPlatform: {
    leaves: ['platform.connect', 'platform.connect.ended'],
    async make(reason) {
      const partner = await stranger()
      const { id } = await hub.createPlatform({ name: 'ACME', parties: partner.parties })
      const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
      return post(`/platforms/${id}/connect`, { ...given, reason })
    },
  },
  rotateCredentials: {
    leaves: ['platform.rotate', 'platform.rotate.ended'],
    make: async (reason) => post(`/platforms/${(await joined()).platformId}/rotate`, { reason }),
  },
  disconnectPlatform: {
    leaves: ['platform.disconnect', 'platform.disconnect.ended'],
    make: async (reason) => post(`/platforms/${(await joined()).platformId}/disconnect`, { reason }),
  },
  suspendPlatform: {
    leaves: ['platform.suspend'],
    make: async (reason) => post(`/platforms/${await planned()}/suspend`, { reason }),
  },
  resumePlatform: {
    leaves: ['platform.resume'],
    async make(reason) {
      const id = await planned()
      await hub.admin('POST', `/platforms/${id}/suspend`)
      return post(`/platforms/${id}/resume`, { reason })
    },
  },
  releasePlatform: {
    leaves: ['platform.release'],
    async make(reason) {
      const { id } = await hub.createPlatform({ name: 'ACME', hold: true })
      return post(`/platforms/${id}/release`, { reason })
    },
  },
  askConnectionCheck: {
    leaves: ['check.ask'],
    make: async (reason) => post(`/platforms/${(await joined()).platformId}/checks`, { reason }),
  },
  waiveFault: {
    leaves: ['check.waive'],
    make: async (reason) =>
      (await hub.admin('PUT', `/platforms/${await planned()}/checks/waivers/speed`, { reason })).status,
  },
  unwaiveFault: {
    leaves: ['check.unwaive'],
    async make(reason) {
      const path = `/platforms/${await planned()}/checks/waivers/speed`
      await hub.admin('PUT', path, { reason: 'known' })
      return (await hub.admin('DELETE', `${path}?reason=${encodeURIComponent(reason)}`)).status
    },
  },
  moveParty: {
    leaves: ['party.move'],
    async make(reason) {
      const party = nextParty()
      await hub.createPlatform({ name: 'ACME', parties: [party] })
      return post(`/parties/NL/${party.party_id}/move`, { platform_id: await planned(), reason })
    },
  },
  freeParty: {
    leaves: ['party.free'],
    async make(reason) {
      const { platformId, parties } = await joined()
      await hub.admin('DELETE', `/platforms/${platformId}`)
      return post(`/parties/NL/${parties[0]?.party_id}/free`, { reason })
    },
  },
  confirmRoles: {
    leaves: ['roles.confirm'],
    async make(reason) {
      const roles = [nextParty()]
      return post(`/platforms/${(await joined(roles)).platformId}/pending-roles/confirm`, { roles, reason })
    },
  },
  refuseRoles: {
    leaves: ['roles.refuse'],
    async make(reason) {
      const roles = [nextParty()]
      return post(`/platforms/${(await joined(roles)).platformId}/pending-roles/refuse`, { roles, reason })
    },
  },
  addAgreement: { leaves: ['agreement.add'], make: (reason) => post('/agreements', { ...newRule(), reason }) },
  importAgreements: {
    leaves: ['agreement.import', 'agreement.import'],
    async make(reason) {
      const lines = ['a_country_code,a_party_id,b_country_code,b_party_id,effect', 'NL,X,DE,Y,deny', 'NL,X,DE,Z,deny']
      const answer = await fetch(`${hub.url}/admin/api/agreements/import?reason=${encodeURIComponent(reason)}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${hub.adminToken}`, 'Content-Type': 'text/csv' },
        body: lines.join('\n'),
      })
      return answer.status
    },
  },
  endAgreement: {
    leaves: ['agreement.end'],
    async make(reason) {
      const { body } = await hub.admin('POST', '/agreements', newRule())
      return (await hub.admin('DELETE', `/agreements/${body.id}?reason=${encodeURIComponent(reason)}`)).status
    },
  },
  addAdmin: { leaves: ['admin.add'], make: (reason) => post('/admins', { ...newAccount(), reason }) },
  changeAdmin: {
    leaves: ['admin.change'],
    make: (reason) => onAccount('admins', (path) => hub.admin('PATCH', path, { role: 'operator', reason })),
  },
  removeAdmin: {
    leaves: ['admin.remove'],
    make: (reason) => onAccount('admins', (path) => hub.admin('DELETE', path, { reason })),
  },
  addKey: { leaves: ['key.add'], make: (reason) => post('/keys', { ...newAccount(), expires_at: null, reason }) },
  changeKey: {
    leaves: ['key.change'],
    make: (reason) => onAccount('keys', (path) => hub.admin('PATCH', path, { disabled: true, reason })),
  },
  removeKey: {
    leaves: ['key.remove'],
    make: (reason) => onAccount('keys', (path) => hub.admin('DELETE', path, { reason })),
  },
  addWebhook: { leaves: ['webhook.add'], make: (reason) => post('/webhooks', { ...newWebhook(), reason }) },
  changeWebhook: {
    leaves: ['webhook.change'],
    make: (reason) => onWebhook((path) => hub.admin('PATCH', path, { on: false, reason })),
  },
  rotateWebhookSecret: {
    leaves: ['webhook.rotate-secret'],
    make: (reason) => onWebhook((path) => hub.admin('POST', `${path}/rotate-secret`, { reason })),
  },
  removeWebhook: {
    leaves: ['webhook.remove'],
    make: (reason) => onWebhook((path) => hub.admin('DELETE', path, { reason })),
  },
  addPartnerLink: {
    leaves: ['partner-link.add'],
    make: async (reason) => post(`/platforms/${(await joined()).platformId}/partner-links`, { reason }),
  },
  revokePartnerLink: {
    leaves: ['partner-link.revoke'],
    async make(reason) {
      const path = `/platforms/${(await joined()).platformId}/partner-links`
      const { body } = await hub.admin('POST', path, {})
      return (await hub.admin('DELETE', `${path}/${body.id}`, { reason })).status
    },
  },
  pauseQueue: { leaves: ['queue.pause'], make: (reason) => order('pause', reason) },
  resumeQueue: { leaves: ['queue.resume'], make: (reason) => order('resume', reason) },
  // Nothing was missed, and so nothing is sent: that is told of where something is.
  resendMissed: {
    leaves: [],
    make: async (reason) => post(`/queues/${(await joined()).platformId}/missed/resend`, { reason }),
  },
  replayMessage: {
    leaves: ['queue.send-again'],
    make: async (reason) => post(`/messages/${await refusedDelivery()}/replay`, { reason }),
  },
  skipQueue: { leaves: ['queue.skip'], make: (reason) => order('skip', reason) },
  liftLockOut: {
    leaves: ['lock-out.lift'],
    make: async (reason) => (await hub.admin('DELETE', `/lock-outs/${await lockedOut()}`, { reason })).status,
  },
  attachSandboxPartner: { leaves: ['sandbox.attach'], make: (reason) => post('/sandbox', { role: 'CPO', reason }) },
  changeSandboxPartner: {
    leaves: ['sandbox.change'],
    make: async (reason) =>
      (await hub.admin('PATCH', `/sandbox/${await attached()}`, { misbehaviour: 'slow', reason })).status,
  },
  removeSandboxPartner: {
    leaves: ['sandbox.remove'],
    make: async (reason) => (await hub.admin('DELETE', `/sandbox/${await attached()}`, { reason })).status,
  },
  assignSandboxPartners: {
    leaves: ['sandbox.assign'],
    make: async (reason) =>
      (await hub.admin('PUT', `/platforms/${await planned()}/sandbox`, { partners: [await attached()], reason }))
        .status,
  },
}

/** What is called by another method than GET and changes nothing by an administrator's will. */
const CHANGES_NOTHING = [
  'checkPlatform',
  'makeTicket',
  'signIn',
  'signOut',
  'testWebhook',
  'trySandboxPartner',
  'useTicket',
]

/** What somebody changes of themselves: test/admin/sessions.test.ts has their row. */
const CHANGES_ONESELF = ['changeOwnPassword']

/** The id of a lock-out of a name that nobody has. */
async function lockedOut(): Promise<string> {
  const body = JSON.stringify({ name: 'Nobody', password: 'not a password' })
  const headers = { 'Content-Type': 'application/json' }
  for (let guess = 0; guess < 10; guess++)
    await fetch(`${hub.url}/admin/api/session`, { method: 'POST', headers, body })
  return (await hub.admin('GET', '/lock-outs')).body[0].id
}

function newRule() {
  return { a: { country_code: 'NL', party_id: 'X' }, b: { country_code: 'DE', party_id: 'Y' }, effect: 'deny' }
}

/** The id of a delivery that its receiver refused. */
async function refusedDelivery(): Promise<string> {
  const cpo = await joined()
  const party = { ...nextParty(), role: 'EMSP' as const }
  const emsp = await hub.join({ name: 'EMSP', parties: [party] }, { parties: [party] })
  emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
  const { country_code, party_id } = cpo.parties[0] as typeof party
  const push = { method: 'PUT', path: `/${country_code}/${party_id}/L1`, to: { country_code: 'NL', party_id: 'HUB' } }
  await cpo.call('locations', 'RECEIVER', { ...push, body: { country_code, party_id, id: 'L1' } })
  let found: { readonly id: string }[] = []
  await until(async () => {
    found = (await hub.admin('GET', `/messages?kind=delivery&platform_id=${emsp.platformId}`)).body
    return found.length > 0
  })
  return found[0]?.id as string
}

const newAccount = () => ({ name: `Account ${++made}`, role: 'read-only' })

async function onAccount(
  kind: 'admins' | 'keys',
  change: (path: string) => Promise<{ readonly status: number }>,
): Promise<number> {
  const account = { ...newAccount(), ...(kind === 'keys' && { expires_at: null }) }
  const { body } = await hub.admin('POST', `/${kind}`, account)
  return (await change(`/${kind}/${body.id}`)).status
}

/** Nothing is told of alone, so that nothing is sent. */
const newWebhook = () => ({
  name: `Webhook ${++made}`,
  url: 'http://127.0.0.1:9/secret',
  kinds: ['token.expires-soon'],
})

async function onWebhook(change: (path: string) => Promise<{ readonly status: number }>): Promise<number> {
  const { body } = await hub.admin('POST', '/webhooks', newWebhook())
  return (await change(`/webhooks/${body.id}`)).status
}

async function order(verb: string, reason: string): Promise<number> {
  return post(`/queues/${(await joined()).platformId}/${verb}`, { reason })
}

describe('who changed what, and why', () => {
  it('is asked of every operation that changes something', async () => {
    const { body } = await hub.admin('GET', '/openapi.json')
    const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap((item) => Object.entries(item))
      .filter(([method]) => method !== 'get')
      .map(([, { operationId }]) => operationId)
    expect(operations.sort()).toEqual([...Object.keys(CHANGES), ...CHANGES_NOTHING, ...CHANGES_ONESELF].sort())
  })

  it.each(Object.keys(CHANGES))('is told of %s', async (operation) => {
    const { leaves, make } = CHANGES[operation] as Change
    const reason = `because of ${operation}`
    expect(await make(reason)).toBeLessThan(300)
    const rows = (await saying(reason)).reverse()
    expect(rows.map(({ action }) => action)).toEqual(leaves)
    for (const row of rows) {
      expect(row.who).toEqual({
        name: 'owner',
        id: null,
        way: 'admin-token',
        address: ADDRESS,
      })
      expect(row.reason).toBe(reason)
      expect(Math.abs(Date.parse(row.at) - Date.now())).toBeLessThan(60_000)
    }
  })

  it('shows what changed and nothing else', async () => {
    const { id } = await hub.createPlatform({ name: 'ACME', parties: [nextParty()] })
    const [kept, come] = [nextParty(), nextParty()]
    await hub.admin('PATCH', `/platforms/${id}`, { parties: [kept] })
    await hub.admin('PATCH', `/platforms/${id}`, { delivery: { concurrency: 3 }, parties: [kept, come] })
    const [row] = await audit(`platform=${id}`)
    expect(row).toMatchObject({ on: { kind: 'platform', id, name: 'ACME' }, platform_id: id, reason: null })
    expect(row?.before).toEqual({ delivery: { concurrency: null }, parties: [] })
    expect(row?.after).toEqual({ delivery: { concurrency: 3 }, parties: [`NL-${come.party_id} CPO`] })
  })

  it('stays when the platform is gone, and is found by its id', async () => {
    const id = await planned()
    await hub.admin('DELETE', `/platforms/${id}?reason=left`)
    const rows = await audit(`platform=${id}`)
    expect(rows.map(({ action }) => action)).toEqual(['platform.delete', 'platform.create'])
    expect(rows[0]).toMatchObject({ before: { name: 'ACME', status: 'PLANNED' }, after: null, reason: 'left' })
  })

  it('tells of a party that was moved to whoever asks for the platform that lost it', async () => {
    const party = nextParty()
    const { id } = await hub.createPlatform({ name: 'Loser', parties: [party] })
    const winner = await planned()
    await hub.admin('POST', `/parties/NL/${party.party_id}/move`, { platform_id: winner })
    const [row] = await audit(`platform=${id}&what=party`)
    expect(row).toMatchObject({ action: 'party.move', platform_id: winner })
    expect(row).toMatchObject({ before: { platform_ids: { CPO: id } }, after: { platform_ids: { CPO: winner } } })
  })

  it('tells what a handshake came to that the partner refused', async () => {
    const partner = await stranger()
    const { id } = await hub.createPlatform({ name: 'ACME' })
    const given = { versions_url: partner.versionsUrl, token: 'nobody-s-token' }
    expect(await post(`/platforms/${id}/connect`, given)).toBe(502)
    const rows = (await audit(`platform=${id}&what=platform.connect`)).reverse()
    expect(rows.map(({ action, after }) => [action, after])).toEqual([
      ['platform.connect', { versions_url: partner.versionsUrl }],
      ['platform.connect.ended', { outcome: 'partner-refused', detail: expect.any(String) }],
    ])
  })

  it('names who made it, with the key that they brought', async () => {
    const { body: key } = await hub.admin('POST', '/keys', { name: 'A script', role: 'operator', expires_at: null })
    const { id } = await hub.createPlatform({ name: 'ACME' })
    const answer = await fetch(`${hub.url}/admin/api/platforms/${id}/suspend`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key.key}` },
    })
    expect(answer.status).toBe(200)
    expect((await audit(`who=${key.id}`)).map(({ action, who }) => [action, who])).toEqual([
      ['platform.suspend', { name: 'A script', id: key.id, way: 'key', address: ADDRESS }],
    ])
  })

  it('says that a password was changed, and not to what', async () => {
    const given = { ...newAccount(), password: 'a password that is long' }
    const { body } = await hub.admin('POST', '/admins', given)
    await hub.admin('PATCH', `/admins/${body.id}`, { password: 'another that is long too' })
    const [row] = await audit(`what=admin.change&q=${body.id}`)
    expect([row?.before, row?.after]).toEqual([{}, { password_changed: true }])
    const telling = await database.sql`
      select number from audit where audit::text like '%that is long%' or audit::text like '%scrypt%'`
    expect(telling).toHaveLength(0)
  })

  it('has no row of what was refused', async () => {
    const party = nextParty()
    await hub.createPlatform({ name: 'ACME', parties: [party] })
    expect(await post('/platforms', { name: 'Another', parties: [party], reason: 'a role that is taken' })).toBe(409)
    expect(await post(`/parties/NL/${party.party_id}/free`, { reason: 'of a party that nobody gave up' })).toBe(404)
    expect(await saying('a role that is taken')).toEqual([])
    expect(await saying('of a party that nobody gave up')).toEqual([])
  })
})

describe('a reason', () => {
  it.each([
    ['a field that is no reason', { cause: 'fraud' }],
    ['text that is too long', { reason: 'x'.repeat(501) }],
    ['text with control characters', { reason: 'a\u0000b' }],
    ['an empty text', { reason: ' ' }],
  ])('is never ignored: %s is refused, and nothing changes', async (_, body) => {
    const id = await planned()
    const { status, body: problem } = await hub.admin('POST', `/platforms/${id}/suspend`, body)
    expect(status).toBe(400)
    expect(problem.errors[0].pointer).toBe(`#/${Object.keys(body)[0]}`)
    expect((await hub.admin('GET', `/platforms/${id}`)).body.status).toBe('PLANNED')
  })

  it('is not read from a form, which is refused', async () => {
    const answer = await fetch(`${hub.url}/admin/api/platforms/${await planned()}/suspend`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${hub.adminToken}` },
      body: new URLSearchParams({ reason: 'fraud' }),
    })
    expect(answer.status).toBe(415)
  })

  it('may be left out, with an empty body of any type', async () => {
    const answer = await fetch(`${hub.url}/admin/api/platforms/${await planned()}/suspend`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${hub.adminToken}`, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: '',
    })
    expect(answer.status).toBe(200)
  })
})

describe('the audit trail', () => {
  it('cannot be kept from being written: what it cannot tell of does not happen', async () => {
    const partner = await stranger()
    const { id } = await hub.createPlatform({ name: 'ACME', parties: partner.parties })
    const { platformId } = await joined()
    const asked: string[] = []
    partner.onRequest(({ path }) => {
      asked.push(path)
      return 'pass'
    })
    await database.sql`alter table audit add constraint broken check (false) not valid`
    try {
      expect((await hub.admin('PATCH', `/platforms/${id}`, { name: 'Other' })).status).toBe(500)
      expect(await post(`/platforms/${id}/suspend`, {})).toBe(500)
      expect((await hub.admin('DELETE', `/platforms/${id}`)).status).toBe(500)
      expect(await post('/agreements', newRule())).toBe(500)
      expect(await post(`/queues/${platformId}/pause`, {})).toBe(500)
      const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
      expect(await post(`/platforms/${id}/connect`, given)).toBe(500)
    } finally {
      await database.sql`alter table audit drop constraint broken`
    }
    expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({ name: 'ACME', status: 'PLANNED' })
    expect(asked).toEqual([])
    const { body: queues } = await hub.admin('GET', '/queues')
    expect(queues.find((queue: { platform_id: string }) => queue.platform_id === platformId).paused).toBe(false)
  })

  it('is changed by nobody', async () => {
    for (const method of ['DELETE', 'POST', 'PUT', 'PATCH']) {
      expect((await hub.admin(method, '/audit', {})).status).toBe(405)
    }
  })

  it('holds no tokens', async () => {
    const partner = await stranger()
    const { body: platform } = await hub.admin('POST', '/platforms', { name: 'ACME', parties: partner.parties })
    const registration = partner.issueRegistrationToken()
    const url = partner.versionsUrl.replace('//', '//user:pass-in-url@')
    const given = { versions_url: `${url}?key=key-in-url`, token: registration }
    await post(`/platforms/${platform.id}/connect`, given)
    await post(`/platforms/${platform.id}/connect`, { ...given, versions_url: partner.versionsUrl })
    await hub.admin('PATCH', `/platforms/${platform.id}`, {
      endpoint_overrides: [
        { identifier: 'tariffs', role: 'SENDER', url: `${partner.versionsUrl}/tariffs?key=key-in-override` },
      ],
    })
    const { body: made } = await hub.admin('POST', `/platforms/${platform.id}/registration`)
    const rows = await database.sql`select audit::text from audit where platform_id = ${platform.id}`
    expect(rows.length).toBeGreaterThan(5)
    const text = JSON.stringify(rows)
    const tokens = [platform.registration.token, made.token, registration, partner.tokenForHub(), partner.tokenAtHub()]
    for (const secret of [...tokens, 'pass-in-url', 'key-in-url', 'key-in-override']) {
      expect(secret).toEqual(expect.any(String))
      expect(text).not.toContain(secret)
    }
    const digests = await database.sql`select digest from credentials_tokens where platform_id = ${platform.id}`
    expect(digests.length).toBeGreaterThan(0)
    for (const { digest } of digests) expect(text).not.toContain(digest)
  })

  it('is searched by who, what, platform, text and period, and read to its end page by page', async () => {
    const { id } = await hub.createPlatform({ name: 'Searched for' })
    for (const verb of ['suspend', 'resume', 'suspend']) await hub.admin('POST', `/platforms/${id}/${verb}`)
    const actions = async (query: string) => (await audit(`platform=${id}&${query}`)).map(({ action }) => action)
    expect(await actions('who=OWNER&what=platform.suspend')).toEqual(['platform.suspend', 'platform.suspend'])
    expect(await actions('who=somebody')).toEqual([])
    expect(await actions('what=platform')).toHaveLength(4)
    expect(await actions('what=plat')).toEqual([])
    expect(await actions('q=searched%20FOR&what=platform.create')).toEqual(['platform.create'])
    expect(await actions('q=%25')).toEqual([])
    const [, , resumed] = (await audit(`platform=${id}`)).reverse()
    const at = encodeURIComponent(resumed?.at ?? '')
    expect(await actions(`since=${at}`)).not.toContain('platform.create')
    expect(await actions(`until=${at}`)).toEqual(['platform.suspend', 'platform.create'])
    const pages: string[] = []
    for (let path: string | undefined = `/audit?platform=${id}&limit=3`; path; ) {
      const { headers, body } = await hub.admin('GET', path)
      pages.push(body.map(({ action }: Entry) => action).join(' '))
      path = /^<\/admin\/api(.+)>; rel="next"$/.exec(String(headers['link']))?.[1]
    }
    expect(pages).toEqual(['platform.suspend platform.resume platform.suspend', 'platform.create'])
  })

  it('tells who is read-only who it was, and neither their address nor their e-mail', async () => {
    const { body: ada } = await hub.admin('POST', '/admins', {
      name: 'Ada L',
      email: 'ada@hub.example',
      role: 'operator',
    })
    await hub.admin('PATCH', `/admins/${ada.id}`, { email: 'new@hub.example' })
    const keyOf = async (role: string) => (await hub.admin('POST', '/keys', { name: `of ${role}`, role })).body.key
    const readWith = async (key: string, query: string, Accept = 'application/json') => {
      const headers = { Authorization: `Bearer ${key}`, Accept }
      return (await fetch(`${hub.url}/admin/api/audit?${query}`, { headers })).text()
    }
    const [reader, operator] = [await keyOf('read-only'), await keyOf('operator')]
    const about = `what=admin&q=${ada.id}`
    expect(JSON.parse(await readWith(reader, about))).toMatchObject([
      { who: { name: 'owner', address: '' }, before: { email: '***' }, after: { email: '***' } },
      { who: { name: 'owner', address: '' }, on: { name: 'Ada L' }, after: { email: '***', role: 'operator' } },
    ])
    for (const Accept of ['application/json', 'text/csv'])
      expect(await readWith(reader, 'what=admin', Accept)).not.toMatch(/@hub\.example|127\.0\.0\.1/)
    for (const guess of ['ada@hub', 'new@hub', '127.0.0'])
      expect(await readWith(reader, `what=admin&q=${guess}`)).toBe('[]')
    expect(await readWith(operator, 'what=admin&q=ada@hub')).not.toBe('[]')
    expect(JSON.parse(await readWith(operator, about))).toMatchObject([
      { who: { address: ADDRESS }, before: { email: 'ada@hub.example' } },
      { after: { email: 'ada@hub.example' } },
    ])
  })

  it('is exported as CSV in which no cell is a formula', async () => {
    const name = '=HYPERLINK("http://evil.example";"click")'
    const { id } = await hub.createPlatform({ name })
    const reasons = ['=1+1', '+1', '-1', '@SUM(A1)', 'plain, "quoted"']
    for (const [index, reason] of reasons.entries())
      await hub.admin('POST', `/platforms/${id}/${index % 2 ? 'resume' : 'suspend'}`, { reason })
    const answer = await fetch(`${hub.url}/admin/api/audit?platform=${id}`, {
      headers: { Authorization: `Bearer ${hub.adminToken}`, Accept: 'text/csv' },
    })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const text = await answer.text()
    expect(text).not.toMatch(/(^|,)"?[=+\-@\t]/m)
    expect(text).toContain(`"'=HYPERLINK`)
    const [header, ...rows] = (parseCsv(text) ?? []).map(({ fields }) => fields)
    const column = (of: string) => rows.map((fields) => fields[header?.indexOf(of) ?? -1])
    expect(column('on_name')).toEqual(rows.map(() => name))
    expect(column('reason').reverse()).toEqual(['', ...reasons])
    expect(JSON.parse(column('after').at(-1) ?? '')).toMatchObject({ name })
  })
})
