import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCertificateWatch } from '../../../src/hub/network/certificates.ts'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createUndiciSend, type UndiciSend } from '../../../src/runtime/node/undici-send.ts'
import { noteCertificatesThatEnd } from '../../../src/storage/administration/certificate-events.ts'
import { createConcernStore } from '../../../src/storage/administration/concerns.ts'
import { createEventStore } from '../../../src/storage/administration/events.ts'
import { noteCertificates } from '../../../src/storage/network/certificates.ts'
import { GOOD, KEY } from '../../support/certificates.ts'
import { DAY_MS, newPlatform, openTestRegistry } from '../../support/registry.ts'

const HOUR_MS = 3_600_000
/** Of the certificate in `GOOD`. */
const ENDS_AT = Date.UTC(2120, 0, 1)

const trusted = getCACertificates('default')
let hub: Awaited<ReturnType<typeof openTestRegistry>>
let server: Server
let sending: UndiciSend
let id: string
let host: string
let now: number

beforeAll(async () => {
  setDefaultCACertificates([...trusted, GOOD])
  hub = await openTestRegistry()
  now = hub.clock.at
  server = createServer({ cert: GOOD, key: KEY }, (_, response) => void response.end('{}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const platform = newPlatform()
  id = platform.id
  await hub.registry.createPlatform(platform)
  await hub.database.sql`update platforms set sealed_token = 'sealed'`
  sending = createUndiciSend({ isAddressAllowed: () => true, onCertificate: watch.note })
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await sending.close()
  server.close()
  await hub.close()
})

/** The one platform, with endpoints at these origins. */
function tableWith(...origins: string[]): RoutingTable {
  const endpoints = new Map(origins.map((origin, at) => [String(at), { origin, path: '', ownPath: '' }]))
  return { platforms: new Map([[id, { id, endpoints }]]) } as unknown as RoutingTable
}

let table: RoutingTable = tableWith()
let storedTimes = 0
const watch = createCertificateWatch({
  table: () => table,
  async store(shown) {
    if (shown.length > 0) storedTimes++
    await noteCertificates(hub.database.orm, shown, now)
  },
  now: () => now,
})

const ask = () =>
  sending.send({
    origin: `https://${host}`,
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 5_000,
    bufferBytes: 1_000,
  })
const endShown = async () => (await hub.registry.findPlatform(id))?.certificateEndsAt

async function told(): Promise<unknown[]> {
  const store = createEventStore(hub.database.orm)
  const before = await store.last()
  await noteCertificatesThatEnd(hub.database.orm, now)
  const events = await store.after(before, { platformId: id, kinds: ['certificate.expires-soon'] }, 10)
  return events.map(({ data }) => data)
}

async function concerns(): Promise<unknown[]> {
  const found = await createConcernStore(hub.database.orm).concerns(now, 10)
  return found.filter(({ kind }) => kind === 'certificate-ends')
}

describe('When a partner’s certificate ends', () => {
  test('is read where the hub connects, and kept once it is known whose endpoint that is', async () => {
    expect(await ask()).toMatchObject({ kind: 'answer', status: 200 })
    await watch.store()
    expect(await endShown()).toBeNull()
    table = tableWith(`https://${host}`, 'https://elsewhere.example')
    await watch.store()
    expect(await endShown()).toBe(ENDS_AT)
  })

  test('is not stored again within the hour while it is the same', async () => {
    const before = storedTimes
    watch.note(`https://${host}`, { beganAt: 0, endsAt: ENDS_AT })
    await watch.store()
    expect(storedTimes).toBe(before)
    now += HOUR_MS
    watch.note(`https://${host}`, { beganAt: 0, endsAt: ENDS_AT })
    await watch.store()
    expect(storedTimes).toBe(before + 1)
  })

  test('waits for a database that is away, and for its platform no longer than a minute', async () => {
    const kept: unknown[] = []
    let isAway = true
    let at = 0
    const own = createCertificateWatch({
      table: () => tableWith('https://one.example'),
      store: (shown) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(void kept.push(shown.length))),
      now: () => at,
    })
    for (const origin of ['https://one.example', 'https://nobodys.example']) own.note(origin, { beganAt: 0, endsAt: 9 })
    await expect(own.store()).rejects.toThrow('away')
    isAway = false
    await own.store()
    at = 60_000
    for (let time = 0; time < 3; time++) await own.store()
    expect(kept, 'the one, then none for nobody, and then nothing').toEqual([1, 0])
  })

  test('is told 30 days before and 7 days before, once each, and stands in what needs an administrator', async () => {
    now = ENDS_AT - 31 * DAY_MS
    expect([await told(), await concerns()]).toEqual([[], []])
    now = ENDS_AT - 30 * DAY_MS
    const expires_at = new Date(ENDS_AT).toISOString()
    expect(await told()).toEqual([{ days: 30, host, expires_at }])
    expect(await told()).toEqual([])
    expect(await concerns()).toMatchObject([{ tone: 'info', platformId: id, host, endsAt: ENDS_AT, since: now }])
    now = ENDS_AT - 7 * DAY_MS
    await hub.database.sql`update platforms set status = 'SUSPENDED'`
    expect([await told(), await concerns()], 'nobody would see the one that takes its place').toEqual([[], []])
    await hub.database.sql`update platforms set status = 'PLANNED'`
    expect(await told()).toEqual([{ days: 7, host, expires_at }])
    expect(await told()).toEqual([])
    expect(await concerns()).toMatchObject([{ tone: 'warn' }])
  })

  test('is told anew of the one that takes its place, of a short one later', async () => {
    const endsAt = now + 90 * DAY_MS
    watch.note(`https://${host}`, { beganAt: now, endsAt })
    await watch.store()
    expect(await endShown()).toBe(endsAt)
    now = endsAt - 23 * DAY_MS
    expect(await told()).toEqual([])
    now = endsAt - 22 * DAY_MS
    expect(await told()).toMatchObject([{ days: 22, host }])
  })

  test('of several machines behind one name, or of several hosts, the first to end counts', async () => {
    table = tableWith(`https://${host}`, 'https://elsewhere.example')
    watch.note('https://elsewhere.example', { beganAt: now, endsAt: now + 10 * DAY_MS })
    await watch.store()
    watch.note(`https://${host}`, { beganAt: now, endsAt: now + 9 * DAY_MS })
    await watch.store()
    watch.note(`https://${host}`, { beganAt: now, endsAt: now + 80 * DAY_MS })
    await watch.store()
    expect(await endShown()).toBe(now + 9 * DAY_MS)
  })

  test('is forgotten with a host that is its no more', async () => {
    table = tableWith('https://elsewhere.example')
    watch.note('https://elsewhere.example', { beganAt: now, endsAt: now + 12 * DAY_MS })
    await watch.store()
    expect(await endShown()).toBe(now + 10 * DAY_MS)
    now += 3 * HOUR_MS
    watch.note('https://elsewhere.example', { beganAt: now, endsAt: now + 12 * DAY_MS })
    await watch.store()
    expect(await endShown()).toBe(now + 12 * DAY_MS)
  })
})
