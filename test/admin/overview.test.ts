// Is all well, and what needs me? Where does each newcomer stand?

import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { nextPage } from '../support/hub-client.ts'
import { startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'

type Joined = Awaited<ReturnType<TestHub['join']>>
type Concern = { readonly kind: string; readonly tone: string; readonly why: string; readonly since: string }
type Step = { readonly state: string; readonly at: string | null; readonly why: string | null }

const DAY_MS = 86_400_000

let hub: TestHub
let sql: postgres.Sql
let cpo: Joined

beforeAll(async () => {
  hub = await startTestHub()
  sql = postgres(hub.databaseUrl, { max: 1, onnotice: () => {} })
  cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
})
afterAll(async () => {
  await sql.end()
  await hub.close()
})

async function concernsOf(platformId: string): Promise<Concern[]> {
  const { status, body } = await hub.admin('GET', '/attention')
  expect(status).toBe(200)
  return body.filter(({ platform_id }: { platform_id: string }) => platform_id === platformId)
}

async function newcomer(platformId: string) {
  const { status, body } = await hub.admin('GET', '/onboarding')
  expect(status).toBe(200)
  return body.find(({ platform_id }: { platform_id: string }) => platform_id === platformId)
}

/** The state of each step, in order. */
async function stepsOf(platformId: string): Promise<string[]> {
  const { steps } = await newcomer(platformId)
  return Object.entries(steps as Record<string, Step>).map(([name, { state }]) => `${name} ${state}`)
}

/** Has the hub begin a handshake with a partner that is not there. */
async function failToConnect(platformId: string): Promise<void> {
  const versions_url = `http://127.0.0.1:${await freePort()}/versions`
  const body = { versions_url, token: 'no-partner-gave-this' }
  expect((await hub.admin('POST', `/platforms/${platformId}/connect`, body)).status).toBe(502)
}

describe('what needs an administrator', () => {
  test('is nothing while all is well', async () => {
    expect((await hub.admin('GET', '/attention')).body).toEqual([])
  })

  test('is a platform that went OFFLINE, until it is back', async () => {
    const back = cpo.onRequest(() => ({ status: 503 }))
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    const { body: platform } = await hub.admin('GET', `/platforms/${cpo.platformId}`)
    expect(await concernsOf(cpo.platformId)).toEqual([
      {
        kind: 'platform-offline',
        tone: 'bad',
        why: `OFFLINE: ${platform.status_cause}`,
        platform_id: cpo.platformId,
        platform_name: 'cpo',
        since: platform.status_since,
      },
    ])
    back()
    await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
    expect(await concernsOf(cpo.platformId)).toEqual([])
  })

  test('is a queue that an administrator paused and forgot', async () => {
    await hub.admin('POST', `/queues/${cpo.platformId}/pause`)
    expect(await concernsOf(cpo.platformId)).toMatchObject([
      { kind: 'queue-paused', tone: 'warn', why: 'Its queue is paused by an administrator; 0 pushes wait' },
    ])
    await hub.admin('POST', `/queues/${cpo.platformId}/resume`)
    expect(await concernsOf(cpo.platformId)).toEqual([])
  })

  test('is a queue whose oldest push waits for long, and objects that were missed', async () => {
    const { platformId } = await hub.join({
      name: 'slow',
      parties: [{ country_code: 'DE', party_id: 'SLO', role: 'EMSP' }],
    })
    const oldest = Date.now() - 7 * 60_000 - 5_000
    const missedAt = Date.now() - 1_000
    await sql`
      insert into push_missed (platform_id, chain_key, path_key, module, method, path, at, missed_at, cause, times)
      values (${platformId}, 'locations NL*CPO l', 'l', 'locations', 'PUT', '/NL/CPO/L', ${missedAt}, ${missedAt}, 'refused', 1)`
    // The queue, which is new, may still save how it stands.
    let found: Concern[] = []
    await until(async () => {
      await sql`update push_cursor set oldest_at = ${oldest}, waiting = 12, failed = 1 where platform_id = ${platformId}`
      found = await concernsOf(platformId)
      return found.length === 2
    }, 'both')
    expect(found).toMatchObject([
      { kind: 'objects-missed', tone: 'warn', why: '1 object missed, the last one: refused' },
      {
        kind: 'queue-lags',
        tone: 'warn',
        why: 'Its queue lags: 12 pushes wait, the oldest for 7 minutes',
        since: new Date(oldest).toISOString(),
      },
    ])
    await sql`update push_cursor set oldest_at = null, waiting = 0 where platform_id = ${platformId}`
    await sql`update push_missed set missed_at = ${Date.now() - 8 * DAY_MS} where platform_id = ${platformId}`
    expect(await concernsOf(platformId)).toEqual([])
  })

  test('is a handshake that failed, until one succeeds', async () => {
    const { id } = await hub.createPlatform({ name: 'newcomer' })
    await failToConnect(id)
    expect(await concernsOf(id)).toMatchObject([
      { kind: 'handshake-failed', tone: 'bad', why: expect.stringMatching(/^Its handshake failed: ./) },
    ])
    const partner = await startPartner({
      name: 'newcomer',
      parties: [{ country_code: 'NL', party_id: 'NEW', role: 'CPO' }],
    })
    const body = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    expect((await hub.admin('POST', `/platforms/${id}/connect`, body)).status).toBe(200)
    expect(await concernsOf(id)).toEqual([])
    await partner.close()
  })

  test('is a registration token that ends within a week', async () => {
    const { id } = await hub.createPlatform({ name: 'late' })
    expect(await concernsOf(id)).toEqual([])
    const endsAt = Date.now() + 2.5 * DAY_MS
    await sql`update credentials_tokens set expires_at = ${Math.round(endsAt)} where platform_id = ${id}`
    expect(await concernsOf(id)).toMatchObject([
      { kind: 'token-ends', tone: 'info', why: 'Its registration token ends in 2 days' },
    ])
  })

  test('comes with the worst first, as many as are asked for', async () => {
    const { id } = await hub.createPlatform({ name: 'unlucky' })
    await failToConnect(id)
    const { body } = await hub.admin('GET', '/attention?limit=1')
    expect(body).toMatchObject([{ kind: 'handshake-failed', platform_id: id }])
    expect((await hub.admin('GET', '/attention')).body.map(({ tone }: Concern) => tone)).toEqual(['bad', 'info'])
    expect((await hub.admin('GET', '/attention?limit=101')).status).toBe(400)
  })
})

test('the overview counts platforms by status, newcomers, queues that do not go on and roles that wait', async () => {
  const { body: before } = await hub.admin('GET', '/overview')
  await hub.createPlatform({ name: 'planned' })
  await hub.admin('POST', `/queues/${cpo.platformId}/pause`)
  const { status, body } = await hub.admin('GET', '/overview')
  expect(status).toBe(200)
  expect(body).toEqual({
    ...before,
    platforms: { ...before.platforms, total: before.platforms.total + 1, planned: before.platforms.planned + 1 },
    newcomers: before.newcomers + 1,
    queues: { ...before.queues, paused: before.queues.paused + 1 },
  })
  expect(body.platforms.connected).toBeGreaterThanOrEqual(2)
  await hub.admin('POST', `/queues/${cpo.platformId}/resume`)
})

describe('where a newcomer stands', () => {
  test('each step from its name to its first day, with its time', async () => {
    const { id, token } = await hub.createPlatform({
      name: 'on its way',
      parties: [{ country_code: 'BE', party_id: 'WAY', role: 'CPO' }],
    })
    expect(await newcomer(id)).toMatchObject({
      platform_name: 'on its way',
      status: 'PLANNED',
      parties: ['BE-WAY'],
      handshake_id: null,
      days: 0,
      last_heard_at: null,
      token_days_left: 29,
    })
    expect(await stepsOf(id)).toEqual([
      'named done',
      'invited done',
      'handshake open',
      'check not-needed',
      'agreements not-needed',
      'live open',
    ])
    await failToConnect(id)
    const failed = await newcomer(id)
    expect(failed.steps.handshake).toMatchObject({ state: 'failed', why: expect.any(String) })
    expect((await hub.admin('GET', `/handshakes/${failed.handshake_id}`)).status).toBe(200)
    expect(failed.last_heard_at).not.toBeNull()

    const partner = await startPartner({
      name: 'way',
      parties: [{ country_code: 'BE', party_id: 'WAY', role: 'CPO' }],
    })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    await until(async () => (await stepsOf(id))[2] === 'handshake done')
    const live = await newcomer(id)
    expect(live.status).toBe('CONNECTED')
    expect(live.token_ends_at).toBeNull()
    expect(live.steps.live).toMatchObject({ state: 'done', at: expect.any(String), why: null })
    await sql`update platforms set first_live_at = ${Date.now() - 8 * DAY_MS} where id = ${id}`
    expect(await newcomer(id)).toBeUndefined()
    // A rotation makes nobody a newcomer again.
    expect((await partner.rotate()).statusCode).toBe(1000)
    expect(await newcomer(id)).toBeUndefined()
    await partner.close()
  })

  test('one that is held waits to be released, and goes live with that', async () => {
    const { id, token } = await hub.createPlatform({ name: 'held', hold: true })
    const partner = await startPartner({
      name: 'held',
      parties: [{ country_code: 'BE', party_id: 'HLD', role: 'CPO' }],
    })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    expect((await newcomer(id)).steps.live).toMatchObject({
      state: 'under-way',
      why: expect.stringContaining('released'),
    })
    await hub.admin('POST', `/platforms/${id}/release`)
    expect((await newcomer(id)).steps.live).toMatchObject({ state: 'done', at: expect.any(String) })
    await partner.close()
  })

  test('the one added last comes first, and pages lead to all of them', async () => {
    const { body: all } = await hub.admin('GET', '/onboarding')
    expect(all.length).toBeGreaterThan(2)
    const found: string[] = []
    for (let path: string | undefined = '/onboarding?limit=2'; path !== undefined; ) {
      const page: Awaited<ReturnType<TestHub['admin']>> = await hub.admin('GET', path)
      found.push(...page.body.map(({ platform_id }: { platform_id: string }) => platform_id))
      path = nextPage(page)
    }
    expect(found).toEqual(all.map(({ platform_id }: { platform_id: string }) => platform_id))
  })
})

test('how far one platform is can be asked for however long it is live', async () => {
  const { body } = await hub.admin('GET', `/onboarding?platform=${cpo.platformId}`)
  expect(body.map(({ platform_id }: { platform_id: string }) => platform_id)).toEqual([cpo.platformId])
  await sql`update platforms set first_live_at = 1 where id = ${cpo.platformId}`
  expect(await newcomer(cpo.platformId)).toBeUndefined()
  const { body: old } = await hub.admin('GET', `/onboarding?platform=${cpo.platformId}`)
  expect(old[0].steps.live).toEqual({ state: 'done', at: '1970-01-01T00:00:00.001Z', why: null })
})

test('under agreements a newcomer is told apart by whether a rule lets it talk', async () => {
  const strict = await startTestHub({ ROUTING_POLICY: 'agreements' })
  try {
    const { id } = await strict.createPlatform({
      name: 'silent',
      parties: [{ country_code: 'NL', party_id: 'SIL', role: 'CPO' }],
    })
    const step = async () => (await strict.admin('GET', '/onboarding')).body[0].steps.agreements
    expect(await step()).toMatchObject({ state: 'open', why: 'No rule lets one of its parties talk' })
    const a = { country_code: 'nl', party_id: 'sil' }
    const rule = { a, b: { country_code: 'DE', party_id: 'EMS' }, effect: 'allow' }
    const { body } = await strict.admin('POST', '/agreements', rule)
    expect(await step()).toEqual({ state: 'done', at: body.created_at, why: null })
    expect((await strict.admin('GET', '/onboarding')).body[0].platform_id).toBe(id)
  } finally {
    await strict.close()
  }
})
