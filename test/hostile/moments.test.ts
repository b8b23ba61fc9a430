// Bad moments that a partner can bring about, or make use of: the honest pair is served on, by whichever process is there.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { createHubClient } from '../support/hub-client.ts'
import { type Started, startHubProcess } from '../support/processes.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, CPO, type Joined, processSettings, setStage } from './stage.ts'

const HOSTILE = { country_code: 'BE', party_id: 'BAD', role: 'CPO' } as const

let database: TestDatabase
/** Between the second process and the database. */
let proxy: TcpProxy
let hubs: Started[]
let urls: string[]
beforeEach(async () => {
  database = await createTestDatabase()
  proxy = await startTcpProxy(database.url)
  const ports = [await freePort(), await freePort()]
  urls = ports.map((port) => `http://127.0.0.1:${port}`)
  hubs = await Promise.all(
    ports.map((port, i) =>
      startHubProcess({ ...processSettings(i === 0 ? database.url : proxy.url, port), PUBLIC_URL: urls[0] as string }),
    ),
  )
}, 60_000)
afterEach(async () => {
  for (const { child } of hubs) child.kill('SIGKILL')
  await Promise.all(hubs.map(({ ended }) => ended))
  await proxy.close()
  await database.drop()
})

/** Calls at the second process what the partner knows at the first. */
function askAtSecond(emsp: Joined) {
  const url = (emsp.hubEndpoints.get('locations/SENDER') as string).replace(urls[0] as string, urls[1] as string)
  return emsp.callUrl(url, { to: CPO })
}

test('A partner holds the hub in a rotation until it is killed: it is not locked out, and the honest ones lose nothing', async () => {
  const client = createHubClient(urls[1] as string, ADMIN_TOKEN)
  const stage = await setStage(createHubClient(urls[0] as string, ADMIN_TOKEN))
  const hostile = await stage.intrude([HOSTILE])
  const offered = hostile.waitForRequest(({ method, path }) => method === 'PUT' && path === '/credentials')
  const undo = hostile.onRequest(({ method, path }) =>
    method === 'PUT' && path === '/credentials' ? 'handled' : 'pass',
  )
  client.admin('POST', `/platforms/${hostile.platformId}/rotate`).catch(() => {})
  const { token } = (await offered).json() as { token: string }
  const paths = await stage.push(10)
  hubs[1]?.child.kill('SIGKILL')
  await hubs[1]?.ended
  undo()

  expect(await stage.ask(5)).toEqual(Array(5).fill(1000))
  await stage.turnsOf(paths, 0)
  const authorization = `Token ${Buffer.from(token).toString('base64')}`
  const versions = await hostile.callUrl(`${urls[0]}/ocpi/versions`, { authorization })
  expect(versions.statusCode).toBe(1000)
  await stage.hub.closePartners()
}, 60_000)

test('A process without a database tells nobody that a good token is dead, however many bad ones it is asked about', async () => {
  const stage = await setStage(createHubClient(urls[0] as string, ADMIN_TOKEN))
  await until(
    async () => (await askAtSecond(stage.emsp)).statusCode === 1000,
    'Expected both processes to know the eMSP',
  )
  await proxy.cut()
  expect((await stage.emsp.rotate()).statusCode).toBe(1000)
  const guesses = Array.from({ length: 30 }, (_, i) =>
    stage.emsp.callUrl(`${urls[1]}/ocpi/versions`, { authorization: `Token guess${i}` }),
  )
  const answer = await askAtSecond(stage.emsp)
  expect([answer.status, answer.statusCode]).toEqual([200, 4000])
  await Promise.all(guesses)
  expect(await stage.ask(5)).toEqual(Array(5).fill(1000))
  await proxy.restore()
  await until(async () => (await askAtSecond(stage.emsp)).statusCode === 1000, 'Expected it to be known again')
  await stage.hub.closePartners()
}, 60_000)
