import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { firstTimes, unknownToken } from '../../support/misbehave.ts'
import type { Partner, WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

type Joined = Partner & { readonly platformId: string }

const HUB = { country_code: 'NL', party_id: 'HUB' }
const role = (party_id: string, name: WireParty['role']): WireParty => ({ country_code: 'NL', party_id, role: name })
const EMS = role('EMS', 'EMSP')

let hub: TestHub
let cpo: Joined
let emsp: Joined

beforeEach(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [role('CPO', 'CPO')] })
  emsp = await hub.join({ name: 'emsp', parties: [EMS] })
})
afterEach(() => hub.close())

async function push(count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) {
    const put = { method: 'PUT', path: `/NL/CPO/L${i}`, to: HUB, body: { id: `L${i}` } }
    expect((await cpo.call('locations', 'RECEIVER', put)).statusCode).toBe(1000)
  }
}

async function platform() {
  return (await hub.admin('GET', `/platforms/${emsp.platformId}`)).body
}

async function queue() {
  const { body } = await hub.admin('GET', '/queues')
  return body.find((each: { platform_id: string }) => each.platform_id === emsp.platformId)
}

/** Asks again where the check joined one under way, which began before the platform refused the token. */
async function failsCheck(): Promise<void> {
  const check = () => hub.admin('POST', `/platforms/${emsp.platformId}/check`)
  await until(async () => !(await check()).body.is_alive, 'a check to fail')
  expect((await platform()).status).toBe('OFFLINE')
}

async function missed(): Promise<string[]> {
  const { body } = await hub.admin('GET', `/queues/${emsp.platformId}/missed`)
  return body.map((each: { path: string; cause: string }) => `${each.path} ${each.cause}`).sort()
}

async function alarms(): Promise<number> {
  const text = await (await fetch(`${hub.url}/metrics`)).text()
  return Number(/ocpi_hub_alarms_total\{kind="receiver-rejects-our-token"\} (\d+)/.exec(text)?.[1] ?? 0)
}

/** What the CPO was told of the eMSP. */
function told(): string[] {
  return cpo.told
    .filter(({ suffix }) => suffix === '/NL/EMS')
    .map((request) => (request.json() as { status: string }).status)
}

describe("A platform that does not take the hub's token any more", () => {
  test('is OFFLINE, with its cause, though it sends: others are told, and what it does not get is listed', async () => {
    emsp.onRequest(unknownToken())
    await push(20)
    await until(async () => (await queue()).pause_cause === 'token-refused', 'the queue to be held')
    expect(await alarms()).toBeGreaterThan(0)
    const sending = setInterval(() => void emsp.call('hubclientinfo', 'SENDER'), 100)
    try {
      await until(async () => (await platform()).status === 'OFFLINE', 'the platform to be OFFLINE')
      expect((await platform()).status_cause).toMatch(/^refuses the hub's token: .* HTTP 401 with 2001: Unknown token$/)
      await until(async () => (await queue()).missed === 20, 'its pushes to be missed')
      await setTimeout(1_500)
      expect((await platform()).status).toBe('OFFLINE')
    } finally {
      clearInterval(sending)
    }
    expect(await missed()).toHaveLength(20)
    expect((await missed()).every((each) => each.endsWith(' offline'))).toBe(true)
    await until(() => told().at(-1) === 'OFFLINE', 'others to be told')
    expect(told()).toEqual(['CONNECTED', 'OFFLINE'])
    expect(emsp.requests.filter(({ module }) => module === 'locations').length).toBeLessThan(10)
  })

  test('is CONNECTED again once it takes it, or has given a new one', async () => {
    const takeAgain = emsp.onRequest(unknownToken())
    await failsCheck()
    takeAgain()
    await emsp.call('hubclientinfo', 'SENDER')
    await until(async () => (await platform()).status === 'CONNECTED', 'a check to succeed')

    const restore = emsp.onRequest(unknownToken())
    await failsCheck()
    restore()
    expect((await emsp.rotate()).statusCode).toBe(1000)
    expect((await platform()).status).toBe('CONNECTED')
    await push(1)
    await emsp.waitForRequest(({ module }) => module === 'locations')
  })

  test('is found by a direct request as well', async () => {
    emsp.onRequest(unknownToken())
    const answer = await cpo.call('tokens', 'SENDER', { to: EMS })
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    await until(async () => (await platform()).status === 'OFFLINE', 'the platform to be OFFLINE')
  })

  test('and takes it again after thirty pushes, loses none of them and stays CONNECTED', async () => {
    emsp.onRequest(firstTimes(30, ({ module }) => module === 'locations', unknownToken()))
    await push(30)
    await until(async () => (await queue()).delivered >= 30, 'all to arrive')
    expect(await queue()).toMatchObject({ failed: 0, missed: 0, waiting: 0 })
    expect((await platform()).status).toBe('CONNECTED')
    const objects = emsp.requests.filter(({ module }) => module === 'locations').slice(30)
    expect(new Set(objects.map(({ suffix }) => suffix)).size).toBe(30)
  })
})

describe('A platform that takes the hub for its versions, and never for pushes', () => {
  test('is not asked all the time, and misses them at their maximum age', async () => {
    const restless = await hub.join(
      { name: 'restless', parties: [role('RES', 'EMSP')] },
      { delivery: { max_age_seconds: 2 } },
    )
    restless.on('locations', 'RECEIVER', unknownToken())
    await push(3)
    const find = async () => (await hub.admin('GET', `/queues/${restless.platformId}/missed`)).body
    await until(async () => (await find()).length === 3, 'all to be missed')
    expect((await find()).map(({ cause }: { cause: string }) => cause)).toEqual(['expired', 'expired', 'expired'])
    expect(restless.requests.filter(({ module }) => module === 'locations').length).toBeLessThan(3 * 6)
    expect((await hub.admin('GET', `/platforms/${restless.platformId}`)).body.status).toBe('CONNECTED')
  })
})
