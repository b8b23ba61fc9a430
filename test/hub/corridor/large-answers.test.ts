import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules } from '../../support/partner.ts'
import { locationsOf } from '../get-all/lists.ts'

// Answers that are read whole and are too large to be copied: their memory is given back once they are sent.

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'FR', party_id: 'OTH', role: 'CPO' } as const

let hub: TestHub
let cpo: Partner
let emsp: Partner

beforeAll(async () => {
  hub = await startTestHub()
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
})
afterAll(() => hub.close())

/** 350 KB or more, another for each number. */
function page(number: number): Buffer {
  const objects = locationsOf(CPO, 2_500, `P${number}-`)
  return Buffer.from(`{"status_code":1000,"data":[${objects.join(',')}],"timestamp":"2026-01-01T00:00:00Z"}`)
}

it.each(['with a length', 'in chunks', 'compressed'])(
  'large answers %s arrive byte for byte, many at once, and the log has the beginning of each',
  async (how) => {
    const undo = cpo.on('locations', 'SENDER', ({ query }, response) => {
      const body = page(Number(new URLSearchParams(query).get('offset')))
      response.writeHead(200, {
        'Content-Type': 'application/json',
        ...(how === 'with a length' && { 'Content-Length': body.length }),
        ...(how === 'compressed' && { 'Content-Encoding': 'gzip' }),
      })
      if (how === 'in chunks')
        for (let at = 0; at < body.length; at += 30_000) response.write(body.subarray(at, at + 30_000))
      response.end(how === 'compressed' ? gzipSync(body, { level: 0 }) : how === 'in chunks' ? '' : body)
      return 'handled' as const
    })
    const numbers = Array.from({ length: 12 }, (_, i) => i)
    const answers = await Promise.all(
      numbers.map((number) =>
        emsp.call('locations', 'SENDER', { to: CPO, query: `?offset=${number}`, correlationId: `${how}-${number}` }),
      ),
    )
    undo()
    for (const [number, { bytes, header }] of answers.entries()) {
      const plain = header('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes
      expect(plain.equals(page(number))).toBe(true)
      const [message] = await eventually(
        async () => (await hub.admin('GET', `/messages?correlation_id=${encodeURIComponent(`${how}-${number}`)}`)).body,
        (found) => found.length === 1,
      )
      const { body } = await hub.admin('GET', `/messages/${message.id}`)
      expect(body.response_bytes).toBe(bytes.length)
      const kept = Buffer.from(body.response.body, body.response.body_encoding === 'base64' ? 'base64' : 'utf-8')
      expect(kept.equals(bytes.subarray(0, 16_384))).toBe(true)
    }
  },
)

it('what the hub learns from a large answer it learns before the memory is given back', async () => {
  const other = await hub.join({ name: 'other', parties: [OTHER], modules: routedModules([OTHER]) })
  const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
  const { country_code, party_id } = CPO
  const location = { id, country_code, party_id, x_padding: 'x'.repeat(200_000) }
  const undo = cpo.on('locations', 'SENDER', () => ({ data: location }))
  const read = (to: typeof CPO | null) => emsp.call('locations', 'SENDER', { path: `/${id}`, to, from: EMSP })
  expect((await read(CPO)).data).toEqual(location)
  expect((await read(null)).data).toEqual(location)
  expect(other.requests.filter(({ path }) => path.includes(id))).toEqual([])
  undo()
})

it('messages that stream by are in the log with their bytes', async () => {
  const body = Buffer.from(`{"status_code":1000,"data":"${'x'.repeat(3_000_000)}","timestamp":"2026-01-01T00:00:00Z"}`)
  const undo = cpo.on('tokens', 'RECEIVER', () => ({ body: body.toString() }))
  async function* inChunks() {
    for (let at = 0; at < body.length; at += 100_000) yield body.subarray(at, at + 100_000)
  }
  for (const [correlationId, sent] of [
    ['with a length', body],
    ['in chunks', inChunks()],
  ] as const) {
    const headers = ['Content-Type', 'application/json']
    const options = { method: 'PUT', path: '/DE/EMS/T1', to: CPO, correlationId, body: sent, headers }
    expect((await emsp.call('tokens', 'RECEIVER', options)).bytes.equals(body)).toBe(true)
    const [message] = await eventually(
      async () => (await hub.admin('GET', `/messages?correlation_id=${encodeURIComponent(correlationId)}`)).body,
      (found) => found.length === 1,
    )
    expect(message).toMatchObject({ request_bytes: body.length, response_bytes: body.length })
  }
  undo()
})
