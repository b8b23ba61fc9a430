import { afterEach, beforeEach, expect, test } from 'vitest'
import { leftBehind, lost, type Sent } from '../support/acknowledged.ts'
import type { Partner } from '../support/partner.ts'
import { BUSY_SECOND_MS, STAMPS, shortestOf } from '../support/stamps.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 8)
const OBJECTS = 6
const RATES = [200, 60, 30]

let hub: WorkersHub
let cpo: Partner
let partners: (Partner & { platformId: string })[]

beforeEach(async () => {
  hub = await startWorkersHub(STAMPS)
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  partners = []
  for (const [i, requests_per_second] of RATES.entries()) {
    const parties = [{ country_code: 'DE', party_id: `E0${i}`, role: 'EMSP' }] as const
    const partner = await hub.join({ name: `emsp${i}`, parties }, { delivery: { requests_per_second } })
    partner.on('locations', 'RECEIVER', () => ({}))
    partners.push(partner)
  }
}, 60_000)

afterEach(() => hub?.close())

test('objects and whole machines that end at any moment lose nothing that was answered, and keep to every rate', async () => {
  const sent: Sent[] = []
  let serial = 0
  let isOver = false
  const senders = Array.from({ length: OBJECTS }, async (_, i) => {
    while (!isOver) {
      const method = Math.random() < 0.1 ? 'PUT' : 'PATCH'
      const each: Sent = { object: `L${i}R${Math.floor(serial / 40)}`, serial: ++serial, method, isAnswered: false }
      sent.push(each)
      const answer = await push(each).catch(() => null)
      each.isAnswered = answer?.statusCode === 1000
      await pause(answer ? 30 : 100)
    }
  })
  for (let round = 0; round < ROUNDS; round++) {
    await pause(200 + Math.random() * 1_200)
    const [one] = partners.toSorted(() => Math.random() - 0.5)
    if (round % 4 === 3) {
      await hub.kill()
      await hub.restart()
    } else if (round % 4 === 1) await hub.end('LOG', 'log')
    else {
      await hub.end('QUEUE', one?.platformId ?? '')
      if (Math.random() < 0.5) await hub.end('LOG', 'log')
    }
  }
  await pause(500)
  isOver = true
  await Promise.all(senders)
  expect(sent.filter((each) => each.isAnswered).length).toBeGreaterThan(ROUNDS * OBJECTS)

  for (const [i, partner] of partners.entries()) {
    await until(() => lost(sent, serialsOf(partner)).length === 0, `Expected everything at partner ${i}`, 90_000)
    await until(() => leftBehind(sent, serialsOf(partner)).length === 0, `Expected partner ${i} to end with the latest`)
    expect(shortestOf(1 + (RATES[i] ?? 0), pushesOf(partner))).toBeGreaterThan(BUSY_SECOND_MS)
  }
}, 240_000)

function push({ method, object, serial }: Sent) {
  return cpo.call('locations', 'RECEIVER', { method, path: `/NL/CPO/${object}`, to: HUB, body: { serial } })
}

function serialsOf(partner: Partner): number[] {
  return pushesOf(partner).map((request) => (JSON.parse(request.body.toString()) as { serial: number }).serial)
}

function pushesOf(partner: Partner) {
  return partner.requests.filter((request) => request.suffix.startsWith('/NL/CPO/'))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
