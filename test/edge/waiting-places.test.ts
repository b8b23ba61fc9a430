import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Partner, WireParty } from '../support/partner.ts'
import type { CallAnswer } from '../support/partner-client.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const PLATFORMS = 12
/** An answer takes so long, so that requests meet. */
const ANSWER_MS = 50
const FORWARD_MS = 8_000

let hub: WorkersHub
let caller: Partner
const partners: Partner[] = []
/** Partners at these places of the list never answer. */
let hanging: ReadonlySet<number> = new Set()

beforeAll(async () => {
  hub = await startWorkersHub({
    FAN_OUTS_PER_MINUTE: '0',
    OPEN_AUTHORIZATION_MOST: '50',
    FORWARD_TIMEOUT_MS: String(FORWARD_MS),
    GET_ALL_PARTIAL: 'true',
    GET_ALL_SOURCE_TIMEOUT_MS: '2000',
  })
  caller = await hub.join({ name: 'caller', parties: bothRoles('CAL') })
  for (let i = 0; i < PLATFORMS; i++) {
    const partner = await hub.join({ name: partyAt(i), parties: bothRoles(partyAt(i)) })
    partner.on('locations', 'SENDER', ({ query }) => {
      const isBeginning = !/[?&]offset=[1-9]/.test(query)
      return answered(i, { headers: ['X-Total-Count', '1'], data: isBeginning ? [locationOf(i)] : [] })
    })
    // Of all only the last knows the token.
    const knows = i === PLATFORMS - 1
    const info = knows ? { data: { allowed: 'ALLOWED' } } : { status: 404, statusCode: 2004 }
    partner.on('tokens', 'SENDER', () => answered(i, info))
    partners.push(partner)
  }
}, 90_000)

beforeEach(async () => {
  await until(async () => (await hub.mostWaiting()) === 0, 'Expected that nobody waits any more')
  hanging = new Set()
  for (const partner of partners) partner.requests.length = 0
})

afterAll(() => hub?.close())

test('GET All has five requests waiting at most, and the lists of all twelve platforms', async () => {
  const answer = await getAll()
  expect(idsOf(answer)).toEqual(partners.map((_, i) => `L${i}`))
  expect(await hub.mostWaiting()).toBe(5)
})

test('of platforms that hang, even of more than may wait at once, GET All says so and has the lists of all others', async () => {
  hanging = new Set([0, 1, 2, 3, 4, 5])
  const answer = await getAll()
  expect(idsOf(answer)).toEqual(partners.map((_, i) => `L${i}`).slice(6))
  for (const i of hanging)
    expect(messageOf(answer)).toMatch(new RegExp(`NL-${partyAt(i)}: (did not answer|could not be asked) in time`))
  expect(await hub.mostWaiting()).toBe(5)
})

test('where so many hang that others cannot be asked, GET All says of these that they were not', async () => {
  hanging = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  const startedAt = performance.now()
  const answer = await getAll()
  expect(messageOf(answer)).toMatch(/could not be asked in time, behind others/)
  expect(performance.now() - startedAt).toBeLessThan(FORWARD_MS)
  expect(await hub.mostWaiting()).toBe(5)
})

test('a token that nobody is known to own is found past eMSPs that hang', async () => {
  hanging = new Set([0, 1, 2])
  const answer = await authorize('FOUND')
  expect(answer.data).toMatchObject({ allowed: 'ALLOWED' })
  expect(answer.header('ocpi-from-party-id')).toBe(partyAt(PLATFORMS - 1))
  expect(await hub.mostWaiting()).toBe(5)
})

test('where as many eMSPs hang as may wait at once nobody else is asked, and the hub says how many did not answer', async () => {
  hanging = new Set([0, 1, 2, 3, 4])
  const startedAt = performance.now()
  const answer = await authorize('held-up')
  expect(answer.statusCode).toBe(4002)
  expect(messageOf(answer)).toBe(`No eMSP knows token "held-up", but ${PLATFORMS} did not answer`)
  expect(performance.now() - startedAt).toBeLessThan(FORWARD_MS + 1_000)
  expect(await hub.mostWaiting()).toBe(5)
  expect(partners.filter(({ requests }) => requests.some(({ module }) => module === 'tokens'))).toHaveLength(5)
})

test('a platform that was not asked in time is not taken for one that is away', async () => {
  hanging = new Set([0, 1, 2, 3, 4])
  await authorize('NOT-ASKED')
  await setTimeout(500)
  const asked = partners.map(({ requests }) => requests.some(({ path }) => path === '/versions'))
  expect(asked.slice(5)).toEqual(asked.slice(5).map(() => false))
})

function partyAt(i: number): string {
  return `P${String(i).padStart(2, '0')}`
}

function bothRoles(party_id: string): WireParty[] {
  return (['CPO', 'EMSP'] as const).map((role) => ({ country_code: 'NL', party_id, role }))
}

function locationOf(i: number) {
  return { country_code: 'NL', party_id: partyAt(i), id: `L${i}` }
}

/** What a partner answers after a moment; never, where it hangs. */
async function answered<T>(i: number, reply: T): Promise<T | 'handled'> {
  if (hanging.has(i)) return 'handled'
  await setTimeout(ANSWER_MS)
  return reply
}

function getAll(): Promise<CallAnswer> {
  return caller.call('locations', 'SENDER', { to: HUB, query: '?limit=100' })
}

function authorize(uid: string): Promise<CallAnswer> {
  return caller.call('tokens', 'SENDER', { method: 'POST', path: `/${uid}/authorize` })
}

function idsOf(answer: CallAnswer): string[] {
  return (answer.data as { id: string }[])
    .map(({ id }) => id)
    .toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

function messageOf({ bytes }: CallAnswer): string {
  return (JSON.parse(bytes.toString()) as { status_message: string }).status_message
}
