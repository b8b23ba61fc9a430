// Hubs on Node and on Workers on one database at the same time: partners notice nothing of who drains their queue.
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../src/hub/push/drain/leases.ts'
import { disorder, leftBehind, lost, type Sent } from '../support/acknowledged.ts'
import { freePort } from '../support/free-port.ts'
import { createHubClient, type HubClient } from '../support/hub-client.ts'
import type { Partner, WireParty } from '../support/partner.ts'
import { type Started, startHubProcess } from '../support/processes.ts'
import { BUSY_SECOND_MS, STAMPS, shortestOf } from '../support/stamps.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const OBJECTS = 5
const RATES = [100, 20]
/** Partners of each runtime, at least. */
const OF_EACH = 2
const MOVED_WITHIN_MS = 15_000
const STAMPING = new URL('../support/stamp-requests.ts', import.meta.url).href

type Emsp = Partner & { readonly platformId: string; readonly rate: number }

let workers: WorkersHub
let node: HubClient
let running: Started | null = null
let nodePort: number
let sql: postgres.Sql
let cpo: Partner
const emsps: Emsp[] = []
let serial = 0

beforeAll(async () => {
  workers = await startWorkersHub(STAMPS)
  sql = postgres(workers.databaseUrl, { max: 1 })
  nodePort = await freePort()
  node = createHubClient(`http://127.0.0.1:${nodePort}`, workers.adminToken)
  cpo = await workers.join({ name: 'cpo', parties: [CPO] })
  await until(async () => (await shards()).workers === 64, 'Expected Workers to hold all shards')
  await startNode()
  // Which runtime drains a platform follows from its id.
  for (const by of ['workers', 'node'] as const) while ((await drained(by)).length < OF_EACH) await addEmsp()
}, 90_000)

afterEach(async () => {
  for (const { requests } of emsps) requests.length = 0
})

afterAll(async () => {
  await endNode('SIGKILL')
  await node?.closePartners()
  await sql?.end()
  await workers?.close()
})

test('Workers count as one process: a hub on Node takes half of the shards, and gives them back when it stops', async () => {
  expect(await shards()).toEqual({ workers: 32, node: 32 })
  expect(await processes()).toBe(2)
  await endNode('SIGTERM')
  await until(async () => (await shards()).workers === 64, 'Expected Workers to take all', MOVED_WITHIN_MS)
  expect(await processes()).toBe(1)
  await startNode()
}, 60_000)

test('a push that either took reaches the partners of both, once and in order', async () => {
  const sent: Sent[] = []
  for (let i = 0; i < 40; i++) sent.push(await push(i % 2 === 0 ? workers : node, `L${i % OBJECTS}`, 'PATCH'))
  expect(sent.map(({ isAnswered }) => isAnswered)).toEqual(sent.map(() => true))
  for (const emsp of emsps) {
    await until(() => serialsOf(emsp).length >= sent.length, `Expected everything at ${emsp.name}`)
    expect(serialsOf(emsp).toSorted((a, b) => a - b)).toEqual(sent.map((each) => each.serial))
    expect(disorder(sent, serialsOf(emsp))).toEqual([])
  }
}, 60_000)

test('what one runtime was killed or stopped with the other delivers, at no more than the rate of each partner', async () => {
  const sent: Sent[] = []
  let isOver = false
  const senders = Array.from({ length: OBJECTS }, async (_, i) => {
    for (let n = 0; !isOver; n++) {
      const object = `M${i}R${Math.floor(n / 30)}`
      sent.push(await push(n % 2 === 0 ? workers : node, object, Math.random() < 0.1 ? 'PUT' : 'PATCH'))
      await pause(150)
    }
  })
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await endNode(signal)
    await until(
      async () => (await shards()).workers === 64,
      `Expected Workers to take over (${signal})`,
      MOVED_WITHIN_MS,
    )
    await startNode()
  }
  await workers.kill()
  await until(async () => (await shards()).node === 64, 'Expected Node to take over', MOVED_WITHIN_MS)
  await workers.restart()
  await until(isShared, 'Expected Workers to take their share again', MOVED_WITHIN_MS)
  isOver = true
  await Promise.all(senders)
  expect(sent.filter((each) => each.isAnswered).length).toBeGreaterThan(20 * OBJECTS)

  for (const emsp of emsps) {
    await until(() => lost(sent, serialsOf(emsp)).length === 0, `Expected everything at ${emsp.name}`, 60_000)
    await until(() => leftBehind(sent, serialsOf(emsp)).length === 0, `Expected ${emsp.name} to end with the latest`)
    expect(shortestOf(emsp.rate + 1, pushesOf(emsp)), emsp.name).toBeGreaterThan(BUSY_SECOND_MS)
  }
}, 180_000)

test('a queue that was paused at one runtime stands still at the other, and goes on when it is resumed', async () => {
  for (const [at, by] of [
    [node, 'workers'],
    [workers, 'node'],
  ] as const) {
    const [emsp] = await drained(by)
    if (!emsp) throw new Error(`No queue is drained by ${by}`)
    const steer = async (verb: string) => (await at.admin('POST', `/queues/${emsp.platformId}/${verb}`)).status
    // Its queue runs just now.
    const before = await push(at, 'P1', 'PUT')
    await until(() => serialsOf(emsp).includes(before.serial), `Expected a push drained by ${by}`)
    expect(await steer('pause')).toBe(200)
    await pause(2_000)
    const during = await push(at, 'P2', 'PUT')
    await until(() => emsps.every((each) => each === emsp || serialsOf(each).includes(during.serial)))
    await pause(3_000)
    expect(serialsOf(emsp)).not.toContain(during.serial)
    expect(await steer('resume')).toBe(200)
    await until(() => serialsOf(emsp).includes(during.serial), `Expected ${by} to go on`, 5_000)
  }
}, 60_000)

test('whoever registers at one runtime is served by the other, and a rule made at one holds at the other', async () => {
  for (const [made, asked, party_id] of [
    [node, workers, 'NEN'],
    [workers, node, 'NEW'],
  ] as const) {
    const party = { country_code: 'DE', party_id, role: 'EMSP' } as const
    const newcomer = await made.join({ name: party_id, parties: [party] })
    newcomer.on('locations', 'RECEIVER', () => ({}))
    expect((await tokensAt(asked, newcomer)).statusCode).toBe(1000)
    const first = await push(asked, 'N1', 'PUT')
    expect(first.isAnswered).toBe(true)
    await until(() => serialsOf(newcomer).includes(first.serial), `Expected a push at ${party_id}`)

    const rule = await made.admin('POST', '/agreements', { a: idOf(CPO), b: idOf(party), effect: 'deny' })
    expect(rule.status).toBe(201)
    await until(async () => (await tokensAt(asked, newcomer)).statusCode !== 1000, 'Expected the rule to hold')
    const { serial: second } = await push(asked, 'N2', 'PUT')
    await until(() => emsps.every((emsp) => serialsOf(emsp).includes(second)))
    expect(serialsOf(newcomer)).not.toContain(second)
  }
}, 60_000)

function idOf({ country_code, party_id }: WireParty) {
  return { country_code, party_id }
}

/** A request of a newcomer to the CPO, at either runtime. */
function tokensAt(hub: HubClient, newcomer: Partner) {
  return newcomer.callUrl(at(hub, newcomer.hubEndpoints.get('tokens/RECEIVER')), {
    method: 'PUT',
    path: '/DE/NEN/T1',
    to: CPO,
    body: {},
  })
}

async function push(hub: HubClient, object: string, method: Sent['method']): Promise<Sent> {
  const each = { object, serial: ++serial, method }
  const answer = await cpo
    .callUrl(at(hub, cpo.hubEndpoints.get('locations/RECEIVER')), {
      method,
      path: `/NL/CPO/${object}`,
      to: HUB,
      body: { serial: each.serial },
    })
    .catch(() => null)
  return { ...each, isAnswered: answer?.statusCode === 1000 }
}

/** An endpoint as one of the two has it: partners know either's. */
function at(hub: HubClient, url = ''): string {
  return url.replace(/^http:\/\/[^/]+/, hub.url)
}

function serialsOf(partner: Partner): number[] {
  return pushesOf(partner).map((request) => (request.json() as { serial: number }).serial)
}

function pushesOf({ requests }: Partner) {
  return requests.filter((request) => request.suffix.startsWith('/NL/CPO/'))
}

async function startNode(): Promise<void> {
  running = await startHubProcess({
    ...STAMPS,
    NODE_OPTIONS: `--import ${STAMPING}`,
    PORT: String(nodePort),
    PUBLIC_URL: workers.url,
    DATABASE_URL: workers.databaseUrl,
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    ADMIN_TOKEN: workers.adminToken,
    ALLOW_PRIVATE_NETWORKS: 'true',
    CONNECTION_CHECK: 'off',
    LOG_LEVEL: 'warn',
  })
  await until(isShared, 'Expected each to hold its share', MOVED_WITHIN_MS)
}

async function endNode(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  running?.child.kill(signal)
  await running?.ended
  running = null
}

async function addEmsp(): Promise<void> {
  const rate = RATES[emsps.length % RATES.length] ?? 0
  const party_id = `E${String(emsps.length).padStart(2, '0')}`
  const parties = [{ country_code: 'DE', party_id, role: 'EMSP' }] as const
  const delivery = { requests_per_second: rate }
  const emsp = Object.assign(await workers.join({ name: party_id, parties }, { delivery }), { rate })
  emsp.on('locations', 'RECEIVER', () => ({}))
  emsps.push(emsp)
}

/** Live shards by who holds them. */
async function shards(): Promise<{ workers: number; node: number }> {
  const rows = await sql<{ is_workers: boolean; count: number }[]>`
    select owner = 'workers' as is_workers, count(*)::int from push_shard
    where owner is not null and expires_at > now() group by 1`
  const count = (isWorkers: boolean) => rows.find((row) => row.is_workers === isWorkers)?.count ?? 0
  return { workers: count(true), node: count(false) }
}

async function isShared(): Promise<boolean> {
  const held = await shards()
  return held.workers === 32 && held.node === 32
}

async function processes(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int from push_process where expires_at > now()`
  return row?.count ?? 0
}

/** Emsps by who drains their queues now. */
async function drained(by: 'workers' | 'node'): Promise<Emsp[]> {
  const rows = await sql<
    { shard: number }[]
  >`select shard from push_shard where (owner = 'workers') = ${by === 'workers'}`
  const held = new Set(rows.map(({ shard }) => shard))
  return emsps.filter(({ platformId }) => held.has(shardOf(platformId)))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
