// Who poses as somebody else, or says that everything is its own, takes nothing from who it is: the honest pair finds each other as before.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import type { WireParty } from '../support/partner.ts'
import { broadcast, CPO, EMSP, HUB, type Joined, openStage, type Stage } from './stage.ts'

const HOSTILE = { country_code: 'BE', party_id: 'BAD' } as const
const UUID = '0ac5f7b4-6a0c-4d2b-9d0e-000000000001'
/** Times that the honest ones try; each takes one turn at the one that is meant, and none at another. */
const QUIET = 5

let stage: Stage<TestHub>
let hostile: Joined
/** What the hostile one brings in its credentials. */
const brought: WireParty[] = [
  { ...HOSTILE, role: 'CPO' },
  { ...HOSTILE, role: 'EMSP' },
]
beforeAll(async () => {
  stage = await openStage()
  await broadcast(stage.cpo, `/NL/CPO/${UUID}`)
  await broadcast(stage.emsp, '/DE/EMS/TOKEN1', { uid: 'TOKEN1' }, 'tokens')
  stage.emsp.on('tokens', 'SENDER', () => ({ data: { allowed: 'BLOCKED' } }))
  hostile = await stage.intrude(brought)
  hostile.on('tokens', 'SENDER', () => ({ data: { allowed: 'ALLOWED' } }))
})
afterAll(() => stage.hub.close())

const commandFor = (location_id: string) => {
  const body = { response_url: `${stage.emsp.endpointUrl('commands', 'SENDER')}/1`, location_id }
  return stage.emsp.call('commands', 'RECEIVER', { method: 'POST', path: '/UNLOCK_CONNECTOR', body })
}
const authorize = (uid: string) =>
  stage.cpo.call('tokens', 'SENDER', { method: 'POST', path: `/${uid}/authorize`, body: { location_id: UUID } })

function routedTo(partner: Joined, module: string): number {
  return partner.requests.filter((each) => each.module === module && each.method === 'POST').length
}

/** Open requests of each honest one reach the other, every time. */
async function findsEachOther(): Promise<void> {
  const before = [routedTo(stage.cpo, 'commands'), routedTo(stage.emsp, 'tokens'), routedTo(hostile, 'commands')]
  for (let i = 0; i < QUIET; i++) {
    expect((await commandFor(UUID)).statusCode).toBe(1000)
    expect((await authorize('TOKEN1')).data).toEqual({ allowed: 'BLOCKED' })
  }
  const after = [routedTo(stage.cpo, 'commands'), routedTo(stage.emsp, 'tokens'), routedTo(hostile, 'commands')]
  expect(after.map((count, i) => count - (before[i] ?? 0))).toEqual([QUIET, QUIET, 0])
}

test('Nobody is there but the honest ones: open requests reach them', async () => {
  await findsEachOther()
})

test("A CPO pushes a location with another's ID: commands for it still reach its owner", async () => {
  await broadcast(hostile, `/BE/BAD/${UUID}`)
  const direct = { method: 'PUT', path: `/BE/BAD/${UUID}`, to: EMSP, body: { id: UUID } }
  await hostile.call('locations', 'RECEIVER', direct)
  await findsEachOther()
})

test("An eMSP pushes another's token and allows every one: the owner is asked", async () => {
  await broadcast(hostile, '/BE/BAD/TOKEN1', { uid: 'TOKEN1' }, 'tokens')
  for (let i = 0; i < QUIET; i++) await authorize(`UNKNOWN${i}`)
  await findsEachOther()
})

test("A platform brings another's party: it is refused, and nothing changes", async () => {
  for (const role of [CPO, EMSP]) {
    brought.push(role)
    expect((await hostile.rotate()).statusCode).toBe(2001)
    brought.pop()
  }
  await findsEachOther()
  expect(await stage.ask(QUIET)).toEqual(Array(QUIET).fill(1000))
})

test("Pushes and requests in another's name are refused, in any letter case", async () => {
  const before = stage.deliveries().length
  for (const path of ['/NL/CPO/FORGED', '/nl/cpo/FORGED', '/NL/%43PO/FORGED']) {
    expect((await broadcast(hostile, path)).statusCode).toBe(2001)
    const call = { method: 'PUT', path, to: EMSP, from: { country_code: 'nl', party_id: 'Cpo' }, body: {} }
    expect((await hostile.call('locations', 'RECEIVER', call)).statusCode).toBe(2001)
  }
  const body = { id: 'FORGED', country_code: 'NL', party_id: 'CPO' }
  expect((await broadcast(hostile, '/BE/BAD/FORGED', body)).statusCode).toBe(2001)
  const paths = await stage.push(QUIET)
  expect(await stage.turnsOf(paths, before)).toBe(QUIET)
})

test('A list of objects that are said to be others’ adds nothing to what GET All gives', async () => {
  const mine = [{ country_code: 'NL', party_id: 'CPO', id: 'TRUE' }]
  const undo = [
    stage.cpo.on('locations', 'SENDER', () => ({ data: mine, headers: ['X-Total-Count', '1'] })),
    hostile.on('locations', 'SENDER', () => ({
      data: [{ country_code: 'NL', party_id: 'CPO', id: 'FORGED' }],
      headers: ['X-Total-Count', '1'],
    })),
  ]
  expect((await stage.emsp.call('locations', 'SENDER', { to: HUB })).data).toEqual(mine)
  for (const each of undo) each()
})
