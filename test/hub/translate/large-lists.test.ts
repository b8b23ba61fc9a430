import { pipeline, Readable } from 'node:stream'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules } from '../../support/partner.ts'

// Lists that are larger than what is read whole, between platforms of unlike OCPI versions: converted as they stream by.

const CPO = { country_code: 'BE', party_id: 'CPX', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const MB = 1024 * 1024

let hub: TestHub
let cpo: Partner
let emsp: Partner

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]), versions: ['2.3.0'] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
})
afterAll(() => hub.close())

const OBJECT = `{"id":"L1","name":"${'x'.repeat(9_900)}","help_phone":"+32 9"}`
const HUNDRED = Buffer.from(Array.from({ length: 100 }, () => `,${OBJECT}`).join(''))

/** A CPO's list that is sent as fast as it is taken, a megabyte after the other; how much of it went out by now. */
function listOf(megabytes: number) {
  const sent = { bytes: 0, isOver: false }
  function* pieces() {
    yield Buffer.from(`{"data":[${OBJECT}`)
    for (let i = 0; i < megabytes; i++) {
      yield HUNDRED
      sent.bytes += HUNDRED.length
    }
    yield Buffer.from('],"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}')
    sent.isOver = true
  }
  const undo = cpo.on('locations', 'SENDER', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    pipeline(Readable.from(pieces()), response, () => undefined)
    return 'handled'
  })
  return { sent, undo }
}

function ask() {
  const token = Buffer.from(emsp.tokenAtHub() as string).toString('base64')
  return request(emsp.hubEndpoints.get('locations/SENDER') as string, {
    headers: {
      ...{ Authorization: `Token ${token}`, 'OCPI-to-country-code': 'BE', 'OCPI-to-party-id': 'CPX' },
      ...{ 'OCPI-from-country-code': 'DE', 'OCPI-from-party-id': 'EMS' },
    },
  })
}

test('a list of 30 MB begins before it has ended at its source, is whole, and takes up little memory', async () => {
  // Room that V8 takes for what streams by, however much it is, it takes once.
  const first = listOf(30)
  for await (const _ of (await ask()).body);
  first.undo()
  const { sent, undo } = listOf(30)
  const { body } = await ask()
  const before = process.memoryUsage().rss
  let most = before
  let bytes = 0
  let objects = 0
  let phones = 0
  let wasOverAtFirst: boolean | null = null
  for await (const chunk of body) {
    wasOverAtFirst ??= sent.isOver
    const text = chunk as Buffer
    bytes += text.length
    for (let at = text.indexOf('"id"'); at !== -1; at = text.indexOf('"id"', at + 1)) objects++
    if (text.includes('help_phone')) phones++
    most = Math.max(most, process.memoryUsage().rss)
  }
  undo()
  expect(wasOverAtFirst).toBe(false)
  expect([bytes > 28 * MB, phones]).toEqual([true, 0])
  // An id may be cut where two chunks meet.
  expect(objects).toBeGreaterThan(2_900)
  expect(most - before).toBeLessThan(40 * MB)
})

test('who reads slowly holds the source back', async () => {
  const { sent, undo } = listOf(100)
  const { body } = await ask()
  const iterator = body[Symbol.asyncIterator]()
  await iterator.next()
  // Until nothing moves any more.
  for (let was = -1; was !== sent.bytes; ) {
    was = sent.bytes
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  expect(sent.isOver).toBe(false)
  expect(sent.bytes).toBeLessThan(50 * MB)
  await iterator.return?.()
  undo()
})
