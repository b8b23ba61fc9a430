// Rules: Answers, one rule for every size: what is small and inflates to more than the buffer is a message that streams.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually, metric } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'

const MB = 1024 * 1024
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'FR', party_id: 'OTH', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const BR = ['Content-Type', 'application/json', 'Content-Encoding', 'br']

let hub: TestHub
let cpo: Partner
let emsp: Partner
let other: Partner
const undos: (() => void)[] = []

beforeAll(async () => {
  const settings = { BUFFER_BYTES: '65536', INFLATED_BYTES: String(MB), INBOUND_REQUESTS_PER_SECOND: '0' }
  hub = await startTestHub(settings)
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
  other = await hub.join({ name: 'other', parties: [OTHER], modules: routedModules([OTHER]) })
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
  cpo.requests.length = 0
})

/** Some dozens of bytes that become 31 MB. */
function bomb(beginning: string): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 }
  const text = Buffer.concat([Buffer.from(beginning), Buffer.alloc(31 * MB, 0x78)])
  return brotliCompressSync(text, { params })
}

const JSON_BOMB = bomb('{"status_code":1000,"data":"')
const HTML_BOMB = bomb('<html>')

const put = (body: Buffer, from = emsp) =>
  from.call('tokens', 'RECEIVER', { method: 'PUT', path: '/DE/EMS/1', to: CPO, headers: BR, body })

/** The most that array buffers of this process, partners included, grew to while `work` went on. */
async function grownBy(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }, 1)
  await work()
  clearInterval(watch)
  return most
}

describe('a body of some bytes that inflates to 31 MB', () => {
  test('goes on as it came when it begins like JSON, a hundred at once in no more memory than they may take', async () => {
    expect(JSON_BOMB.length).toBeLessThan(200)
    let answers: Awaited<ReturnType<typeof put>>[] = []
    const grown = await grownBy(async () => {
      answers = await Promise.all(Array.from({ length: 100 }, () => put(JSON_BOMB)))
    })
    // A single caller has a part of the receiver's places: the rest is refused.
    for (const { status, statusCode } of answers) expect(['200 1000', '200 4000']).toContain(`${status} ${statusCode}`)
    const reached = cpo.requests.filter(({ module }) => module === 'tokens')
    expect(reached.length).toBeGreaterThan(0)
    expect(reached.every(({ body }) => body.equals(JSON_BOMB))).toBe(true)
    expect(grown).toBeLessThan(32 * MB)
    expect(await put(JSON_BOMB)).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('and begins like a page of HTML: 400 and no call', async () => {
    expect(await put(HTML_BOMB)).toMatchObject({ status: 400, statusCode: 2001 })
    expect(cpo.requests).toEqual([])
  })

  test('where the hub has to read or keep it: 413 and no call', async () => {
    const command = { method: 'POST', path: '/START_SESSION', to: CPO, headers: BR, body: JSON_BOMB }
    expect(await emsp.call('commands', 'RECEIVER', command)).toMatchObject({ status: 413, statusCode: 2000 })
    const push = { method: 'PUT', path: '/DE/EMS/1', to: HUB, headers: BR, body: JSON_BOMB }
    expect(await emsp.call('tokens', 'RECEIVER', push)).toMatchObject({ status: 413, statusCode: 2000 })
    const credentials = emsp.hubEndpoints.get('credentials/RECEIVER') as string
    const handshake = { method: 'PUT', headers: BR, body: JSON_BOMB }
    expect(await emsp.callUrl(credentials, handshake)).toMatchObject({ status: 413, statusCode: 2000 })
    expect(cpo.requests).toEqual([])
  })

  test.each([
    ['goes back as it came', JSON_BOMB, 200, [200, null]],
    ['of HTML is no envelope', HTML_BOMB, 200, [200, 4000]],
    ['with 401 is about the token of the hub', JSON_BOMB, 401, [200, 4003]],
    ['with 404 in HTML keeps its status', HTML_BOMB, 404, [404, 2000]],
  ] as const)('as an answer %s', async (_, body, status, expected) => {
    undos.push(cpo.on('locations', 'SENDER', () => ({ isBare: true, status, headers: BR, body })))
    const answer = await emsp.call('locations', 'SENDER', { to: CPO })
    expect([answer.status, answer.statusCode]).toEqual(expected)
    expect(answer.bytes.equals(body)).toBe(expected[1] === null)
  })

  test('as the answer of a source fails the page of GET All, with its name', async () => {
    undos.push(cpo.on('locations', 'SENDER', () => ({ isBare: true, headers: BR, body: JSON_BOMB })))
    const answer = await emsp.call('locations', 'SENDER', { to: HUB })
    expect(answer).toMatchObject({ status: 200, statusCode: 4003 })
    expect(answer.envelope?.status_message).toContain('NL-CPO')
  })
})

describe('inflated bodies that are in hand', () => {
  test('are a bounded part of all for each platform: more get 429 with Retry-After, others are served', async () => {
    const release = Promise.withResolvers<void>()
    undos.push(
      cpo.on('commands', 'RECEIVER', async () => {
        await release.promise
        return { data: { result: 'ACCEPTED', timeout: 30 } }
      }),
    )
    const body = gzipSync(JSON.stringify({ filler: 'x'.repeat(60_000) }))
    const headers = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip']
    const start = (from: Partner) =>
      from.call('commands', 'RECEIVER', { method: 'POST', path: '/UNLOCK_CONNECTOR', to: CPO, headers, body })
    const refused: CallAnswer[] = []
    const all = Array.from({ length: 20 }, async () => {
      const answer = await start(emsp)
      if (answer.status !== 200) refused.push(answer)
      return answer
    })
    await eventually(
      () => cpo.requests.length + refused.length,
      (count) => count === 20,
    )
    expect(refused.length).toBeGreaterThan(4)
    for (const { status, statusCode, header } of refused)
      expect([status, statusCode, header('retry-after')]).toEqual([429, 2000, '1'])
    const ofOther = start(other)
    await eventually(
      () => cpo.requests.length + refused.length,
      (count) => count === 21,
    )
    release.resolve()
    expect(await ofOther).toMatchObject({ status: 200, statusCode: 1000 })
    const passed = (await Promise.all(all)).filter(({ status }) => status === 200)
    expect(passed.map(({ statusCode }) => statusCode)).toEqual(Array(20 - refused.length).fill(1000))
    expect(await start(emsp)).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await metric(hub, 'ocpi_hub_bounds_met_total', 'bound="inflated-bytes"')).toBeGreaterThan(0)
  })
})
