import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { type Partner, routedModules } from '../../../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { until } from '../../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const OBJECTS = ['A', 'B', 'C', 'D', 'E', 'F']
/** Leases last 4 s. */
const WITHIN_LEASE_MS = 500
const BEYOND_LEASE_MS = 6_000

type Sent = { readonly object: string; readonly serial: number; readonly isAnswered: boolean }

let database: TestDatabase
let proxy: TcpProxy
let hub: TestHub
let cpo: Partner
let emsp: Partner & { platformId: string }

beforeEach(async () => {
  database = await createTestDatabase()
  proxy = await startTcpProxy(database.url)
  hub = await startTestHub({}, { databaseUrl: proxy.url })
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  const delivery = { requests_per_second: 1000, concurrency: 2 }
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) }, { delivery })
  // Slower than what comes in, so that pushes wait.
  emsp.on('locations', 'RECEIVER', async () => {
    await sleep(15)
    return {}
  })
})
afterEach(async () => {
  await proxy.restore()
  await hub.close()
  await proxy.close()
  await database.drop()
})

/** Patches each object again and again, nothing of which may replace another, until told to end. */
function startSenders() {
  const sent: Sent[] = []
  let isEnding = false
  let serial = 0
  const senders = OBJECTS.map(async (object) => {
    while (!isEnding) {
      const own = ++serial
      const push = { method: 'PATCH', path: `/NL/CPO/${object}`, to: HUB, body: { serial: own } }
      const answer = await cpo.call('locations', 'RECEIVER', push)
      expect(answer.status).toBe(200)
      sent.push({ object, serial: own, isAnswered: answer.statusCode === 1000 })
      await sleep(25)
    }
  })
  return {
    sent,
    answered: () => sent.filter(({ isAnswered }) => isAnswered),
    async end() {
      isEnding = true
      await Promise.all(senders)
    },
  }
}

/** Serial numbers of an object in the order in which they came. */
function received(object: string, from = 0): number[] {
  const requests = emsp.requests.slice(from).filter(({ suffix }) => suffix === `/NL/CPO/${object}`)
  return requests.map((request) => (request.json() as { serial: number }).serial)
}

function expectOrder(serials: readonly number[]): void {
  expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b))
}

async function queue(): Promise<Record<string, unknown>> {
  const { body } = await hub.admin('GET', '/queues')
  return body.find((each: { platform_id: string }) => each.platform_id === emsp.platformId)
}

/** Lets pushes flow before, during and after the time without a database; gives how many requests the eMSP had by its end. */
async function pushThrough(how: 'cut' | 'freeze', awayMs: number) {
  const senders = startSenders()
  await until(() => senders.answered().length >= 100, 'pushes to be taken')
  await proxy[how]()
  await sleep(awayMs)
  const before = emsp.requests.length
  const known = senders.answered().length
  await proxy.restore()
  await until(() => senders.answered().length >= known + 50, 'pushes to be taken again')
  await senders.end()
  const lost = () => {
    const got = new Set(OBJECTS.flatMap((object) => received(object)))
    return senders.answered().filter(({ serial }) => !got.has(serial))
  }
  await until(() => lost().length === 0, 'everything to come').catch(() => expect(lost()).toEqual([]))
  await until(async () => (await queue())['waiting'] === 0, 'nothing to wait any more')
  expect(await queue()).toMatchObject({ missed: 0, failed: 0, paused: false })
  return { before, answered: senders.answered() }
}

describe('While the database is away, pushes that were answered wait, and then reach the partner', () => {
  test('each once and in order, when it is back before the leases end', async () => {
    await pushThrough('cut', WITHIN_LEASE_MS)
    for (const object of OBJECTS) expectOrder(received(object))
  }, 60_000)

  test.each(['cut', 'freeze'] as const)(
    'at least once and in order, the latest last, when the leases ended meanwhile (%s)',
    async (how) => {
      const { before, answered } = await pushThrough(how, BEYOND_LEASE_MS)
      for (const object of OBJECTS) {
        const after = received(object, before)
        expectOrder(after)
        expectOrder(received(object).slice(0, -after.length))
        expect(received(object).at(-1)).toBeGreaterThanOrEqual(
          answered.findLast((each) => each.object === object)?.serial ?? 0,
        )
      }
    },
    60_000,
  )
})
