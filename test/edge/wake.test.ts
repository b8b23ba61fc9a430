import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Partner, routedModules } from '../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
/** Handshakes at a time. */
const JOINING = 10
/** A queue is at rest two seconds after its last work. */
const AT_REST_MS = 4_000
/** Two hundred take minutes to join on a busy machine: `WAKE_QUEUES=200`. */
const QUEUES = Number(process.env['WAKE_QUEUES'] ?? 50)
/** However many partners there are. */
const MOST_STATEMENTS = 8
/** A statement as the driver sends it: a message of its own, without a name. */
const STATEMENT = /P[\s\S]{4}\0(\s*(?:with|select|insert|update|delete)[^\0]*)/g
/** What the hub asks at all times: leases, the routing table's revision, trimming. */
const ANYWAY =
  /push_process|routing_revision|push_log|push_missed where|PLANNED|message_log|platform_checks|queue_told|object_owners/

let hub: WorkersHub
let proxy: TcpProxy
let cpo: Partner
let statements: string[] = []
let emsps: Partner[] = []

describe.each([20, QUEUES])('With %i partners', (partners) => {
  beforeAll(async () => {
    const onSent = (chunk: Buffer) => {
      for (const [, statement = ''] of chunk.toString('latin1').matchAll(STATEMENT)) statements.push(statement.trim())
    }
    hub = await startWorkersHub({}, { through: async (url) => (proxy = await startTcpProxy(url, onSent)).url })
    cpo = await hub.join({ name: 'cpo', parties: [CPO] })
    emsps = []
    for (let i = 0; i < partners; i += JOINING) {
      emsps.push(...(await Promise.all(Array.from({ length: JOINING }, (_, j) => joinEmsp(i + j)))))
    }
    await pushToAll('first')
    await pause(AT_REST_MS)
  }, 240_000)

  afterAll(async () => {
    await hub?.close()
    await proxy?.close()
  }, 60_000)

  test('a push wakes the queues of all, and costs the database a few statements, up to their rest', async () => {
    const rounds: (readonly string[])[] = []
    for (const id of ['second', 'third', 'fourth']) {
      statements = []
      await pushToAll(id)
      await pause(AT_REST_MS)
      rounds.push(statements.filter((each) => each.includes('update push_counter') || !ANYWAY.test(each)))
      expect(emsps.map((emsp) => got(emsp, id))).toEqual(emsps.map(() => 1))
    }
    // The fewest of them: others have work for this machine as well.
    const [fewest] = rounds.toSorted((a, b) => a.length - b.length)
    expect(fewest?.length).toBeGreaterThan(2)
    expect(fewest?.length, fewest?.join('\n')).toBeLessThanOrEqual(MOST_STATEMENTS)
  }, 240_000)
})

async function joinEmsp(i: number): Promise<Partner> {
  const party_id = `E${i.toString(36).padStart(2, '0')}`.toUpperCase()
  const parties = [{ country_code: 'DE', party_id, role: 'EMSP' }] as const
  // Told nothing of others: so many newcomers would be news for each other for long.
  const emsp = await hub.join({ name: party_id, parties, modules: routedModules(parties) })
  emsp.on('locations', 'RECEIVER', () => ({}))
  return emsp
}

async function pushToAll(id: string): Promise<void> {
  const answer = await cpo.call('locations', 'RECEIVER', {
    method: 'PUT',
    path: `/NL/CPO/${id}`,
    to: { country_code: 'NL', party_id: 'HUB' },
    body: { id },
  })
  expect(answer.statusCode).toBe(1000)
  await until(() => emsps.every((emsp) => got(emsp, id) > 0), `Expected ${id} at every partner`, 60_000)
}

function got(emsp: Partner, id: string): number {
  return emsp.requests.filter((request) => request.suffix === `/NL/CPO/${id}`).length
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
