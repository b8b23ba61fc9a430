import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { RecordedRequest } from '../support/partner-server.ts'
import { until } from '../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const EMSP = { country_code: 'DE', party_id: 'BAD', role: 'EMSP' } as const

type Joined = Awaited<ReturnType<TestHub['join']>>

let hub: TestHub
let sql: postgres.Sql
let cpo: Joined
let good: Joined
let bad: Joined
let isRefusing = true
let pushes = 0

beforeAll(async () => {
  hub = await startTestHub({ BROADCAST_CDRS_AND_SESSIONS: 'true' })
  sql = postgres(hub.databaseUrl, { max: 1 })
  cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  good = await hub.join({ name: 'good', parties: [{ country_code: 'DE', party_id: 'GUT', role: 'EMSP' }] })
  bad = await hub.join({ name: 'bad', parties: [EMSP] })
  for (const module of ['locations', 'cdrs', 'commands']) {
    bad.on(module, 'RECEIVER', () => (isRefusing ? { status: 400, statusCode: 2001, statusMessage: 'No' } : {}))
  }
})
afterAll(async () => {
  await sql.end()
  await hub.close()
})

type Row = {
  readonly id: string
  readonly kind: string
  readonly to_platform_id: string | null
  readonly failure: string | null
}

async function rowsOf(correlationId: string): Promise<Row[]> {
  return (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body
}

/** A push that the partner refuses: the ids of its rows, by what they are. */
async function refusedPush(path: string, module = 'locations', method: 'PUT' | 'POST' = 'PUT') {
  isRefusing = true
  const correlationId = `push-${++pushes}`
  const body = JSON.stringify({ country_code: 'NL', party_id: 'CPO', id: `O${pushes}`, push: correlationId })
  expect((await cpo.call(module, 'RECEIVER', { method, path, to: HUB, body, correlationId })).statusCode).toBe(1000)
  let failed: Row | undefined
  let pushed: Row | undefined
  await until(async () => {
    const rows = await rowsOf(correlationId)
    failed = rows.find((row) => row.kind === 'delivery' && row.to_platform_id === bad.platformId)
    pushed = rows.find((row) => row.kind === 'broadcast')
    return failed !== undefined && pushed !== undefined
  }, 'the rows of a refused delivery')
  isRefusing = false
  return { correlationId, body, failed: failed?.id as string, pushed: pushed?.id as string }
}

function replay(id: string, body: object = {}) {
  return hub.admin('POST', `/messages/${id}/replay`, body)
}

test('a delivery that failed is sent again to that partner alone, byte by byte', async () => {
  const { failed, body, correlationId } = await refusedPush('/NL/CPO/LOC1')
  const isOfIt = (request: RecordedRequest) => request.header('x-correlation-id') === correlationId
  await good.waitForRequest(isOfIt)
  const answer = await replay(failed)
  expect(answer).toMatchObject({ status: 202, body: { platform_id: bad.platformId, correlation_id: correlationId } })
  await until(async () =>
    (await rowsOf(correlationId)).some(
      (row) => row.kind === 'delivery' && row.to_platform_id === bad.platformId && row.failure === null,
    ),
  )
  expect(bad.requests.filter(isOfIt).map((request) => request.body.toString())).toEqual([body, body])
  expect(good.requests.filter(isOfIt)).toHaveLength(1)
})

test('what was delivered is not sent again, unless that is asked for', async () => {
  const { correlationId } = await refusedPush('/NL/CPO/LOC2')
  await until(async () => (await rowsOf(correlationId)).some((row) => row.to_platform_id === good.platformId))
  const delivered = (await rowsOf(correlationId)).find((row) => row.to_platform_id === good.platformId)?.id as string
  expect(await replay(delivered)).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:not-replayable' } })
  // To name the same platform asks for no more than to name none.
  expect((await replay(delivered, { platform_id: good.platformId })).status).toBe(409)
  expect((await replay(delivered, { force: true })).status).toBe(202)
})

test('of a sender whose pushes all have the same IDs, the push that is meant is sent again', async () => {
  isRefusing = true
  const ids = { correlationId: 'all-the-same', requestId: 'all-the-same' }
  for (const id of ['LOC10', 'LOC11']) {
    const push = { method: 'PUT', path: `/NL/CPO/${id}`, to: HUB, body: `{"id":"${id}"}` } as const
    await cpo.call('locations', 'RECEIVER', { ...push, ...ids })
  }
  const failedOf = async (id: string) =>
    ((await rowsOf('all-the-same')) as (Row & { readonly path: string })[]).find(
      (row) => row.kind === 'delivery' && row.to_platform_id === bad.platformId && row.path.endsWith(id),
    )
  await until(async () => (await failedOf('LOC10')) !== undefined && (await failedOf('LOC11')) !== undefined)
  isRefusing = false
  const failed = await failedOf('LOC11')
  expect((await replay(failed?.id as string)).status).toBe(202)
  const got = (id: string) => bad.requests.filter((request) => request.body.toString() === `{"id":"${id}"}`).length
  await until(() => got('LOC11') === 2)
  expect(got('LOC10')).toBe(1)
})

test('never an old state over a newer one: not once a newer push of the object was accepted', async () => {
  const { failed } = await refusedPush('/NL/CPO/LOC3')
  const newer = {
    method: 'PATCH',
    path: '/NL/CPO/LOC3/EVSE1',
    to: HUB,
    body: '{"status":"CHARGING"}',
    correlationId: 'newer',
  } as const
  await cpo.call('locations', 'RECEIVER', newer)
  const answer = await replay(failed)
  expect(answer).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:newer-push' } })
  expect(answer.body.detail).toContain('newer')
})

test('nor once the partner was sent a newer state by its owner', async () => {
  const { failed } = await refusedPush('/NL/CPO/LOC4')
  const direct = {
    method: 'PUT',
    path: '/NL/CPO/LOC4',
    to: EMSP,
    body: '{"id":"LOC4"}',
    correlationId: 'addressed',
  } as const
  expect((await cpo.call('locations', 'RECEIVER', direct)).statusCode).toBe(1000)
  await until(async () => (await rowsOf('addressed')).length > 0)
  expect(await replay(failed)).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:newer-push' } })
})

test('what is sent again to one takes nothing from another for whom the push still waits', async () => {
  await hub.admin('POST', `/queues/${good.platformId}/pause`)
  await until(async () => {
    const { body } = await hub.admin('GET', '/queues')
    return body.some(
      (queue: { platform_name: string; paused: boolean }) => queue.platform_name === 'good' && queue.paused,
    )
  }, 'the pause, under the name of the platform')
  const { failed, correlationId } = await refusedPush('/NL/CPO/LOC9')
  expect((await replay(failed)).status).toBe(202)
  await hub.admin('POST', `/queues/${good.platformId}/resume`)
  await until(() => good.requests.some((request) => request.header('x-correlation-id') === correlationId))
  await until(() => bad.requests.filter((request) => request.header('x-correlation-id') === correlationId).length === 2)
  expect(good.requests.filter((request) => request.header('x-correlation-id') === correlationId).length).toBe(1)
})

test('a broadcast is sent again to the platform that is named, if it is to get it', async () => {
  const { pushed } = await refusedPush('/NL/CPO/LOC5')
  expect(await replay(pushed)).toMatchObject({ status: 400, body: { errors: [{ pointer: '#/platform_id' }] } })
  expect(await replay(pushed, { platform_id: cpo.platformId })).toMatchObject({
    status: 409,
    body: { type: 'urn:ocpi-hub:problem:not-entitled' },
  })
  expect((await replay(pushed, { platform_id: good.platformId })).status).toBe(202)
})

test('a CDR only where it is asked for, and never a command', async () => {
  const { failed } = await refusedPush('', 'cdrs', 'POST')
  expect((await replay(failed)).status).toBe(409)
  expect((await replay(failed, { cdr: true })).status).toBe(202)
  const start = {
    method: 'POST',
    path: '/START_SESSION',
    to: { country_code: 'NL', party_id: 'CPO' },
    correlationId: 'start',
  } as const
  await good.call('commands', 'RECEIVER', { ...start, body: '{"response_url":"https://emsp.example/1"}' })
  await until(async () => (await rowsOf('start')).length > 0)
  const [command] = await rowsOf('start')
  const answer = await replay(command?.id as string, { force: true, platform_id: cpo.platformId })
  expect(answer).toMatchObject({ status: 409, body: { type: 'urn:ocpi-hub:problem:not-replayable' } })
})

test('once the push log does not hold it any more, what the message log kept whole is sent, or it is told to be gone', async () => {
  const { failed, body, correlationId } = await refusedPush('/NL/CPO/LOC6')
  const other = await refusedPush('/NL/CPO/LOC7')
  await sql`delete from push_log`
  expect(await replay(failed)).toMatchObject({ status: 202, body: { source: 'message-log' } })
  await until(() => bad.requests.filter((request) => request.header('x-correlation-id') === correlationId).length === 2)
  expect(
    bad.requests.findLast((request) => request.header('x-correlation-id') === correlationId)?.body.toString(),
  ).toBe(body)
  await sql`update message_log set request_body = null where correlation_id = ${other.correlationId}`
  expect(await replay(other.failed)).toMatchObject({ status: 410, body: { type: 'urn:ocpi-hub:problem:push-gone' } })
})

test('a message that there is not, and a platform that there is not, are told apart', async () => {
  expect(await replay('nothing')).toMatchObject({ status: 404, body: { type: 'urn:ocpi-hub:problem:unknown-message' } })
  const { pushed } = await refusedPush('/NL/CPO/LOC8')
  const nobody = { platform_id: '6f2b2c64-6f0c-4f3e-9d3c-0c6d2f6f1a01' }
  expect(await replay(pushed, nobody)).toMatchObject({
    status: 404,
    body: { type: 'urn:ocpi-hub:problem:unknown-platform' },
  })
})
