import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../support/hub.ts'
import { onNode } from '../../../support/only.ts'
import { type Partner, routedModules } from '../../../support/partner.ts'
import { until } from '../../../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPO' }
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cpo: Partner
let held: Partner & { platformId: string }
let other: Partner & { platformId: string }
let round = 0

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [{ ...CPO, role: 'CPO' }] })
  held = await joinEmsp('DE', 'HLD')
  other = await joinEmsp('FR', 'OTH')
})
afterAll(() => hub.close())
beforeEach(() => {
  round++
})

/** One that the hub itself has nothing to tell. */
function joinEmsp(country_code: string, party_id: string) {
  const parties = [{ country_code, party_id, role: 'EMSP' }] as const
  return hub.join({ name: party_id, parties, modules: routedModules(parties) })
}

/** A location of this test's own. */
const path = (n: number) => `/NL/CPO/R${round}L${n}`

async function push(n: number): Promise<void> {
  const answer = await cpo.call('locations', 'RECEIVER', { method: 'PUT', path: path(n), to: HUB, body: '{"id":"x"}' })
  expect(answer.statusCode).toBe(1000)
}

const has = (partner: Partner, n: number) => partner.requests.some((request) => request.path.endsWith(path(n)))

async function queueOf(platformId: string) {
  const { body } = await hub.admin('GET', '/queues')
  return body.find((queue: { platform_id: string }) => queue.platform_id === platformId)
}

const steer = (verb: string) => hub.admin('POST', `/queues/${held.platformId}/${verb}`)

test('a paused queue holds its pushes while others go on; resumed, it delivers them', async () => {
  expect((await steer('pause')).body).toMatchObject({ paused: true, pause_cause: 'administrator' })
  for (const n of [1, 2, 3]) await push(n)
  await until(() => [1, 2, 3].every((n) => has(other, n)), 'Expected the other eMSP to receive all')
  await until(async () => (await queueOf(held.platformId)).waiting === 3, 'Expected three to wait')
  expect(held.requests.filter(({ module }) => module === 'locations')).toEqual([])
  const before = (await queueOf(held.platformId)).delivered

  expect((await steer('resume')).body).toMatchObject({ paused: false })
  await until(() => [1, 2, 3].every((n) => has(held, n)), 'Expected all on resuming')
  await until(async () => (await queueOf(held.platformId)).delivered === before + 3, 'Expected them to be counted')
  expect(await queueOf(held.platformId)).toMatchObject({ waiting: 0, oldest_age_seconds: null, missed: 0 })
})

test('what is skipped is never sent, is listed as missed, and what comes after it is delivered', async () => {
  await steer('pause')
  for (const n of [1, 2]) await push(n)
  expect((await steer('skip')).status).toBe(200)
  await push(3)
  await steer('resume')
  await until(() => has(held, 3), 'Expected what came after')
  await until(async () => (await queueOf(held.platformId)).missed === 2, 'Expected two to be missed')
  const { body } = await hub.admin('GET', `/queues/${held.platformId}/missed`)
  expect(body).toMatchObject([{ cause: 'skipped' }, { cause: 'skipped' }])
  expect(body.map((each: { path: string }) => each.path).sort()).toEqual([path(1), path(2)])
  expect([has(held, 1), has(held, 2)]).toEqual([false, false])
})

test.runIf(onNode('Metrics'))('metrics tell by platform what its queue does', async () => {
  const line = (what: string, { platformId }: { platformId: string }, value: string) =>
    new RegExp(`^ocpi_hub_queue_${what}\\{platform="${platformId}"\\} ${value}`, 'm')
  const lines = [
    line('waiting', other, '0$'),
    line('in_flight', other, '0$'),
    line('delivered_total', other, '[1-9]'),
    line('paused', other, '0$'),
    line('missed_total', held, '2$'),
  ]
  // What came last is on its way to the other still, perhaps.
  await expect
    .poll(async () => {
      const { text } = await read('/metrics')
      return lines.filter((each) => !each.test(text))
    })
    .toEqual([])
  await steer('pause')
  const paused = line('paused', held, '1$')
  await until(async () => paused.test((await read('/metrics')).text), 'Expected the pause to show')
})

test('what waits for a platform that is suspended is listed as missed, read or not, and never sent', async () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
  await steer('pause')
  for (const n of numbers) await push(n)
  await until(async () => (await queueOf(held.platformId)).waiting === numbers.length, 'Expected all to wait')
  expect((await hub.admin('POST', `/platforms/${held.platformId}/suspend`)).status).toBe(200)
  const missed = async () => (await hub.admin('GET', `/queues/${held.platformId}/missed`)).body
  const isHere = ({ path: missedPath }: { path: string }) => numbers.some((n) => path(n) === missedPath)
  await until(async () => (await missed()).filter(isHere).length === numbers.length, 'Expected all to be missed')
  expect((await missed()).find(isHere)).toMatchObject({ cause: 'not-connected', times: 1 })

  expect((await hub.admin('POST', `/platforms/${held.platformId}/resume`)).status).toBe(200)
  await steer('resume')
  await push(9)
  await until(() => has(held, 9), 'Expected what came after')
  expect(numbers.filter((n) => has(held, n))).toEqual([])
})

async function read(path: string): Promise<{ text: string }> {
  return { text: await (await fetch(`${hub.url}${path}`)).text() }
}
