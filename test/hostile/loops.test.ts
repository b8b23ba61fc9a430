// A partner that sends the hub to itself, and who knocks at doors that are not its own, take no turns from others.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import { EMSP, type Joined, manyTimes, openStage, type Stage } from './stage.ts'

const HOSTILE = { country_code: 'BE', party_id: 'BAD', role: 'CPO' } as const
const QUIET = 10

let stage: Stage<TestHub>
let hostile: Joined
beforeAll(async () => {
  stage = await openStage()
  hostile = await stage.intrude([HOSTILE])
})
afterAll(() => stage.hub.close())

/** Exchanges that the hub has had, of any kind. */
async function exchanges(): Promise<number> {
  const text = await (await fetch(`${stage.hub.url}/metrics`, { headers: adminHeader() })).text()
  const counts = [...text.matchAll(/^ocpi_hub_requests_total\{[^}]*\} (\d+)$/gm)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

const adminHeader = () => ({ Authorization: `Bearer ${stage.hub.adminToken}` })

test.each(['127.0.0.1', 'localhost', '127.1', '[::ffff:127.0.0.1]', '2130706433'])(
  'An endpoint at the hub itself, as %s, makes no message go round',
  async (host) => {
    const { port } = new URL(stage.hub.url)
    const endpoint = `http://${host}:${port}/ocpi/2.2.1/sender/locations`
    const endpoints = [
      { identifier: 'credentials', role: 'RECEIVER', url: `${hostile.origin}/credentials` },
      { identifier: 'locations', role: 'SENDER', url: endpoint },
    ]
    const undo = hostile.onRequest(({ path }) =>
      path === '/v/2.2.1' ? { data: { version: '2.2.1', endpoints } } : 'pass',
    )
    // Such an endpoint may be refused at once; else it is called.
    expect([1000, 3001]).toContain((await hostile.rotate()).statusCode)
    undo()
    const before = await exchanges()
    await manyTimes(QUIET, QUIET, () => stage.emsp.call('locations', 'SENDER', { to: HOSTILE, from: EMSP }))
    // One each of the eMSP's, and at most one that came back to the hub.
    expect((await exchanges()) - before).toBeLessThanOrEqual(2 * QUIET)
    expect(await stage.ask(QUIET)).toEqual(Array(QUIET).fill(1000))
  },
)

test('Sixty wrong logins from the address of the honest and of the administrator shut out neither', async () => {
  const guess = { authorization: 'Token Z3Vlc3M=' }
  await manyTimes(70, 10, () => hostile.callUrl(stage.hub.versionsUrl, guess))
  await manyTimes(70, 10, () =>
    fetch(`${stage.hub.url}/admin/api/platforms`, { headers: { Authorization: 'Bearer guess' } }),
  )
  expect((await hostile.callUrl(stage.hub.versionsUrl, guess)).status).toBe(429)
  expect(await stage.ask(QUIET)).toEqual(Array(QUIET).fill(1000))
  expect((await stage.hub.admin('GET', '/platforms')).status).toBe(200)
  expect((await stage.emsp.rotate()).statusCode).toBe(1000)
})
