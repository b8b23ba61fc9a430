import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { onNode } from '../../support/only.ts'
import type { Partner } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

type Joined = Partner & { readonly platformId: string }

const KEEPALIVE = { KEEPALIVE_AFTER_S: '1' }

function party(i: number) {
  return { country_code: 'NL', party_id: `P${i.toString(36).toUpperCase()}`.padEnd(3, 'X') }
}

function join(hub: TestHub, i: number): Promise<Joined> {
  return hub.join({ name: `p${i}`, parties: [{ ...party(i), role: i % 2 ? 'CPO' : 'EMSP' }] })
}

async function platformOf(hub: TestHub, partner: Joined) {
  return (await hub.admin('GET', `/platforms/${partner.platformId}`)).body
}

async function statusOf(hub: TestHub, partner: Joined): Promise<string> {
  return (await platformOf(hub, partner)).status
}

function checksOf(partner: Joined): number {
  return partner.requests.filter((request) => request.path === '/versions').length
}

/** As long as a platform may be silent. */
const SILENT_MS = 1_000

/** A message every 150 ms, fifteen times: again where this machine held one up for as long as a platform may be silent. */
async function keepBusy(partner: Joined, send: () => Promise<{ readonly status: number }>): Promise<void> {
  for (let longest = SILENT_MS; longest >= SILENT_MS; ) {
    longest = 0
    expect((await send()).status).toBe(200)
    partner.requests.length = 0
    for (let i = 0; i < 15; i++) {
      const before = performance.now()
      await setTimeout(150)
      expect((await send()).status).toBe(200)
      longest = Math.max(longest, performance.now() - before)
    }
  }
}

describe('Still alive check [mod_hub_client_info: Still alive check]', () => {
  let hub: TestHub
  let partners: Joined[]

  beforeAll(async () => {
    hub = await startTestHub(KEEPALIVE)
    partners = []
    for (let i = 0; i < 6; i++) partners.push(await join(hub, i))
  })
  afterAll(() => hub.close())
  afterEach(async () => {
    for (const partner of partners) {
      await partner.listenAgain().catch(() => {})
      await until(async () => (await statusOf(hub, partner)) === 'CONNECTED', `${partner.name} to be CONNECTED again`)
    }
  })

  const at = (i: number) => partners[i] as Joined

  test("a silent platform is asked for its versions, with the hub's token, about once per period", async () => {
    // On Workers a newcomer is known to who asks a few seconds later.
    await until(() => partners.every((partner) => checksOf(partner) > 0), 'all to be asked')
    for (const partner of partners) partner.requests.length = 0
    const begun = Date.now()
    await setTimeout(3_500)
    await until(() => partners.every((partner) => checksOf(partner) >= 2), 'all to be asked twice')
    const periods = (Date.now() - begun) / SILENT_MS
    for (const partner of partners) {
      expect(checksOf(partner), partner.name).toBeGreaterThanOrEqual(periods / 2 - 1)
      expect(checksOf(partner), partner.name).toBeLessThanOrEqual(periods + 1)
      expect(await statusOf(hub, partner)).toBe('CONNECTED')
    }
  })

  test('a platform that sends messages is not asked', async () => {
    const [busy] = partners as [Joined]
    await keepBusy(busy, () => busy.call('hubclientinfo', 'SENDER'))
    expect(checksOf(busy)).toBe(0)
  })

  test('checks that fail twice make it OFFLINE, with cause and time; the next success makes it CONNECTED', async () => {
    await at(0).refuse()
    await until(async () => (await statusOf(hub, at(0))) === 'OFFLINE', 'the platform to be OFFLINE')
    const offline = await platformOf(hub, at(0))
    expect(offline.status_cause).toMatch(/still-alive check/)
    expect(Date.now() - Date.parse(offline.status_since)).toBeLessThan(5_000)
    expect(offline.parties[0].status).toBe('OFFLINE')
    expect((await at(1).call('tokens', 'SENDER', { to: party(0) })).statusCode).toBe(4003)
    await at(0).listenAgain()
    await until(async () => (await statusOf(hub, at(0))) === 'CONNECTED', 'the platform to be CONNECTED')
    expect((await platformOf(hub, at(0))).status_cause).toMatch(/still-alive check/)
  })

  test('one failed check is repeated before anybody is told', async () => {
    let refused = 0
    const restore = at(2).onRequest((request) => {
      if (request.path !== '/versions' || refused > 0) return 'pass'
      refused++
      return { status: 503, body: 'busy', isBare: true }
    })
    await until(() => refused === 1)
    const asked = checksOf(at(2))
    await until(() => checksOf(at(2)) > asked)
    restore()
    const { status, status_since } = await platformOf(hub, at(2))
    expect(status).toBe('CONNECTED')
    expect(Date.parse(status_since)).toBeLessThan(Date.now() - 2_000)
  })

  test('a failure seen while routing asks for a check at once', async () => {
    await at(0).refuse()
    const asked = Date.now()
    expect((await at(1).call('tokens', 'SENDER', { to: party(0) })).statusCode).toBe(4003)
    await until(async () => (await statusOf(hub, at(0))) === 'OFFLINE')
    expect(Date.parse((await platformOf(hub, at(0))).status_since) - asked).toBeLessThan(3_000)
  })

  test('a message from an OFFLINE platform makes it CONNECTED at once', async () => {
    // Deaf, not mute: whatever the hub asks is answered with an error.
    const restore = at(3).onRequest(() => ({ status: 503, body: 'down', isBare: true }))
    await until(async () => (await statusOf(hub, at(3))) === 'OFFLINE')
    restore()
    await at(3).call('hubclientinfo', 'SENDER')
    await until(async () => (await statusOf(hub, at(3))) === 'CONNECTED')
    expect((await platformOf(hub, at(3))).status_cause).toMatch(/message|still-alive/)
  })

  test('"too many requests" is a sign of life; an unknown token is not', async () => {
    const throttle = at(4).onRequest(() => ({ status: 429, body: '', isBare: true, headers: ['Retry-After', '1'] }))
    const asked = checksOf(at(4))
    await until(() => checksOf(at(4)) >= asked + 2)
    expect(await statusOf(hub, at(4))).toBe('CONNECTED')
    throttle()
    const forget = at(5).onRequest(() => ({ status: 401, statusCode: 2001 }))
    await until(async () => (await statusOf(hub, at(5))) === 'OFFLINE')
    forget()
  })

  test('what a partner says to it goes into the cause in one line, whatever characters it holds', async () => {
    const restore = at(2).onRequest(() => ({ statusCode: 2001, statusMessage: 'no\u0000t\r\nnow' }))
    const answer = await hub.admin('POST', `/platforms/${at(2).platformId}/check`)
    restore()
    const { status, status_cause } = answer.body.platform
    expect([status, status_cause]).toEqual(['OFFLINE', expect.stringMatching(/ with 2001: no t now$/)])
  })

  test('an administrator can ask now', async () => {
    expect((await hub.admin('POST', `/platforms/${at(1).platformId}/check`)).body).toMatchObject({ is_alive: true })
    await at(1).refuse()
    const answer = await hub.admin('POST', `/platforms/${at(1).platformId}/check`)
    expect(answer.body).toMatchObject({ is_alive: false, platform: { status: 'OFFLINE' } })
  })

  test('a suspended platform is not asked', async () => {
    const partner = await join(hub, 6)
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/suspend`)).status).toBe(200)
    partner.requests.length = 0
    await setTimeout(2_500)
    expect(checksOf(partner)).toBe(0)
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/check`)).status).toBe(409)
  })

  test('when everybody is silent at once the hub doubts its own network: nobody goes OFFLINE, and an alarm says so', async () => {
    for (const partner of partners) await partner.refuse()
    const alarms = async () => {
      const text = await (await fetch(`${hub.url}/metrics`)).text()
      return Number(/ocpi_hub_alarms_total\{kind="own-network-suspect"\} (\d+)/.exec(text)?.[1] ?? 0)
    }
    if (onNode('Metrics')) await until(async () => (await alarms()) > 0, 'an alarm')
    await setTimeout(4_000)
    for (const partner of partners) expect(await statusOf(hub, partner), partner.name).toBe('CONNECTED')
  })
})

test.runIf(onNode('One hub a database'))(
  'hubs that share a database ask each platform once per period together',
  async () => {
    const hub = await startTestHub(KEEPALIVE)
    const others = [1, 2].map(() => startTestHub(KEEPALIVE, { databaseUrl: hub.databaseUrl }))
    await Promise.all(others)
    const partners: Joined[] = []
    for (let i = 0; i < 8; i++) partners.push(await join(hub, i))
    for (const partner of partners) partner.requests.length = 0
    const begun = Date.now()
    await setTimeout(4_000)
    await until(() => partners.every((partner) => checksOf(partner) >= 2), 'all to be asked twice')
    const periods = (Date.now() - begun) / SILENT_MS
    for (const partner of partners) {
      const asked = partner.requests.filter((request) => request.path === '/versions').map((request) => request.at)
      expect(asked.length, partner.name).toBeGreaterThanOrEqual(periods / 2 - 1)
      expect(asked.length, partner.name).toBeLessThanOrEqual(periods + 1)
      for (let i = 1; i < asked.length; i++)
        // Half of it is for a busy machine, which delays one request more than another.
        expect((asked[i] as number) - (asked[i - 1] as number)).toBeGreaterThan(SILENT_MS / 2)
    }
    for (const other of await Promise.all(others)) await other.close()
    await hub.close()
  },
)

test.runIf(onNode('One hub a database'))(
  'a message heard by one process spares the platform the check of another',
  async () => {
    const hub = await startTestHub(KEEPALIVE)
    const other = await startTestHub(KEEPALIVE, { databaseUrl: hub.databaseUrl })
    const partner = await join(hub, 0)
    const url = (partner.hubEndpoints.get('hubclientinfo/SENDER') ?? '').replace(hub.url, other.url)
    await until(async () => (await partner.callUrl(url)).status === 200, 'the other process to know the partner')
    await keepBusy(partner, () => partner.callUrl(url))
    expect(checksOf(partner)).toBe(0)
    await other.close()
    await hub.close()
  },
)
