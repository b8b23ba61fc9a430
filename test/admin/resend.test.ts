import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { until } from '../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

type Joined = Awaited<ReturnType<TestHub['join']>>
type Missed = { readonly module: string; readonly path: string }
type Resent = { readonly object: Missed; readonly outcome: string; readonly detail: string | null }

let hub: TestHub
let cpo: Joined
let emsp: Joined
let isRefusing = true

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  for (const module of ['locations', 'tariffs']) {
    emsp.on(module, 'RECEIVER', () => (isRefusing ? { status: 400, statusCode: 2001, statusMessage: 'No' } : {}))
  }
  cpo.on('locations', 'SENDER', ({ path }) =>
    path.endsWith('/LOC1')
      ? { data: { country_code: 'NL', party_id: 'CPO', id: 'LOC1', name: 'as it is now' } }
      : { status: 404, statusCode: 2003, statusMessage: 'Unknown location' },
  )
  const tariffs = ['TA', 'TB'].map((id) => ({ country_code: 'NL', party_id: 'CPO', id, currency: 'EUR' }))
  cpo.on('tariffs', 'SENDER', () => ({ data: tariffs }))
})
afterAll(() => hub.close())

async function missed(): Promise<Missed[]> {
  return (await hub.admin('GET', `/queues/${emsp.platformId}/missed`)).body
}

/** A push that the eMSP refuses, once it is listed as missed. */
async function miss(module: string, path: string): Promise<void> {
  isRefusing = true
  const id = path.split('/')[3]
  const body = { country_code: 'NL', party_id: 'CPO', id, name: 'as it was' }
  expect((await cpo.call(module, 'RECEIVER', { method: 'PUT', path, to: HUB, body })).statusCode).toBe(1000)
  await until(async () => (await missed()).some((each) => each.path === path), `${path} to be missed`)
  isRefusing = false
}

async function resend(body: object = {}): Promise<Resent[]> {
  const answer = await hub.admin('POST', `/queues/${emsp.platformId}/missed/resend`, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body.objects
}

test('a location that was missed comes from its owner as it is now, and is off the list', async () => {
  await miss('locations', '/NL/CPO/LOC1')
  const reason = 'they lost a day'
  expect(await resend({ reason })).toMatchObject([{ object: { path: '/NL/CPO/LOC1' }, outcome: 'queued' }])
  const { body: audit } = await hub.admin('GET', `/audit?what=queue.send-again&platform=${emsp.platformId}`)
  const on = { kind: 'queue', id: emsp.platformId, name: 'emsp' }
  expect(audit).toMatchObject([{ reason, on, after: { module: 'locations', path: '/NL/CPO/LOC1' } }])
  const asked = cpo.requests.findLast((request) => request.method === 'GET' && request.path.endsWith('/LOC1'))
  expect(asked?.header('ocpi-from-party-id')).toBe('EMS')
  const put = await emsp.waitForRequest(
    ({ method, body }) => method === 'PUT' && body.toString().includes('as it is now'),
  )
  expect(put.path).toContain('/NL/CPO/LOC1')
  expect(await missed()).toEqual([])
  const correlationId = put.header('x-correlation-id')
  await until(async () => {
    const { body } = await hub.admin('GET', `/messages?correlation_id=${correlationId}`)
    return new Set(body.map(({ kind }: { kind: string }) => kind)).size === 2
  }, 'a message of the call to the owner and one of the delivery')
})

test('a tariff comes from the list of its owner, which has no tariffs by themselves', async () => {
  await miss('tariffs', '/NL/CPO/TB')
  expect(await resend()).toMatchObject([{ object: { path: '/NL/CPO/TB' }, outcome: 'queued' }])
  await emsp.waitForRequest(
    ({ method, path, body }) => method === 'PUT' && path.includes('TB') && body.toString().includes('EUR'),
  )
  const asked = cpo.requests.findLast(({ method, path }) => method === 'GET' && path.includes('tariffs'))
  expect(asked?.query).toContain('date_from=')
})

test('what its owner does not have any more stays listed, and so does what a rule forbids by now', async () => {
  await miss('locations', '/NL/CPO/GONE')
  expect(await resend()).toMatchObject([{ outcome: 'not-found', detail: expect.stringContaining('2003') }])
  const { body: rule } = await hub.admin('POST', '/agreements', { a: CPO_NAME, b: EMSP_NAME, effect: 'deny' })
  expect(await resend()).toMatchObject([{ outcome: 'not-entitled' }])
  await hub.admin('DELETE', `/agreements/${rule.id}`)
  expect(await missed()).toMatchObject([{ path: '/NL/CPO/GONE' }])
})

const CPO_NAME = { country_code: 'NL', party_id: 'CPO' }
const EMSP_NAME = { country_code: 'DE', party_id: 'EMS' }

test('a call takes so many and says where the rest begins; nothing is sent to a platform that is not connected', async () => {
  await miss('tariffs', '/NL/CPO/TA')
  const first = await hub.admin('POST', `/queues/${emsp.platformId}/missed/resend`, { limit: 1 })
  expect(first.body).toMatchObject({ objects: [{ object: { path: '/NL/CPO/TA' }, outcome: 'queued' }] })
  const rest = await hub.admin('POST', `/queues/${emsp.platformId}/missed/resend`, {
    limit: 1,
    cursor: first.body.next,
  })
  expect(rest.body).toMatchObject({ objects: [{ object: { path: '/NL/CPO/GONE' }, outcome: 'not-found' }], next: null })
  await hub.admin('POST', `/platforms/${emsp.platformId}/suspend`)
  expect((await hub.admin('POST', `/queues/${emsp.platformId}/missed/resend`, {})).status).toBe(409)
})
