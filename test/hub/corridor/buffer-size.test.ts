// Rules: Answers, one rule for every size. Each body is sent twice: within the buffer size and beyond it.
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const BUFFER_BYTES = 65_536

let hub: TestHub
let cpo: Partner
let emsp: Partner
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ BUFFER_BYTES: String(BUFFER_BYTES), INBOUND_REQUESTS_PER_SECOND: '0' })
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
  cpo.requests.length = 0
})

/** A body of about this many bytes that hardly compresses, so that it is beyond the buffer compressed too. */
type Make = (bytes: number) => string | Buffer

const SIZES = [BUFFER_BYTES / 4, BUFFER_BYTES * 4] as const

/** Letters without an order that a compressor would find, the same each time. */
function noise(bytes: number): string {
  let state = 1
  const letters = Array.from({ length: bytes }, () => {
    state = (state * 48_271) % 2_147_483_647
    return String.fromCharCode(0x61 + (state % 26))
  })
  return letters.join('')
}

const envelope = (bytes: number) => `{"status_code":1000,"data":["${noise(bytes)}"],"timestamp":"2026-01-01T00:00:00Z"}`
const html = (bytes: number) => `<html>${noise(bytes)}</html>`
const type = (value: string) => ['Content-Type', value]
const coding = (value: string) => [...type('application/json'), 'Content-Encoding', value]

/** `200 1000`: the status code as a reader finds it, behind a byte order mark and compressed as well. */
function outcome({ status, bytes, header }: CallAnswer): string {
  const inflate = INFLATERS[header('content-encoding')?.toLowerCase() ?? 'identity'] as (bytes: Buffer) => Buffer
  const { status_code } = JSON.parse(new TextDecoder().decode(inflate(bytes))) as { status_code: number }
  return `${status} ${status_code}`
}

const INFLATERS: Record<string, (bytes: Buffer) => Buffer> = {
  identity: (bytes) => bytes,
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  br: brotliDecompressSync,
  deflate: (bytes) => ((bytes[0] as number) % 16 === 8 ? inflateSync(bytes) : inflateRawSync(bytes)),
}

const JSON_TYPE = type('application/json')

describe('an answer', () => {
  const answers: readonly (readonly [string, string, readonly string[], Make, number?])[] = [
    ['JSON', '200 1000', JSON_TYPE, envelope],
    ['JSON as text/plain', '200 1000', type('text/plain'), envelope],
    ['JSON as text/html', '200 1000', type('text/html'), envelope],
    ['JSON of no type', '200 1000', [], envelope],
    [
      'JSON behind a byte order mark and white space',
      '200 1000',
      JSON_TYPE,
      (bytes) => `\ufeff \r\n\t${envelope(bytes)}`,
    ],
    ['JSON behind much white space', '200 1000', JSON_TYPE, (bytes) => ' '.repeat(9_000) + envelope(bytes)],
    ['a list in no envelope', '200 4000', JSON_TYPE, (bytes) => `["${noise(bytes)}"]`],
    ['a text in quotes', '200 4000', JSON_TYPE, (bytes) => `"${noise(bytes)}"`],
    ['HTML', '200 4000', type('text/html'), html],
    ['HTML as JSON', '200 4000', JSON_TYPE, html],
    ['text', '200 4000', type('text/plain'), noise],
    ['white space', '200 1000', JSON_TYPE, (bytes) => ' '.repeat(bytes)],
    ['404 with JSON', '404 1000', type('text/plain'), envelope, 404],
    ['500 with JSON', '500 1000', JSON_TYPE, envelope, 500],
    ['403 with JSON', '403 1000', JSON_TYPE, envelope, 403],
    ['403 with text', '200 4003', type('text/plain'), noise, 403],
    ['403 with HTML', '200 4003', type('text/html'), html, 403],
    ['401 with JSON', '200 4003', JSON_TYPE, envelope, 401],
    ['401 with text', '200 4003', type('text/plain'), noise, 401],
    ['404 with HTML', '404 2000', type('text/html'), html, 404],
    ['422 with text', '422 2000', type('text/plain'), noise, 422],
    ['422 with HTML', '200 4000', type('text/html'), html, 422],
    ['503 with text', '200 4000', type('text/plain'), noise, 503],
    ['gzip', '200 1000', coding('gzip'), (bytes) => gzipSync(envelope(bytes))],
    ['x-gzip', '200 1000', coding('X-GZip'), (bytes) => gzipSync(envelope(bytes))],
    ['deflate', '200 1000', coding('deflate'), (bytes) => deflateSync(envelope(bytes))],
    ['deflate without its head', '200 1000', coding('deflate'), (bytes) => deflateRawSync(envelope(bytes))],
    ['br', '200 1000', coding('br'), (bytes) => brotliCompressSync(envelope(bytes))],
    ['identity', '200 1000', coding('identity'), envelope],
    ['gzip of HTML', '200 4000', coding('gzip'), (bytes) => gzipSync(html(bytes))],
    ['br of HTML', '200 4000', coding('br'), (bytes) => brotliCompressSync(html(bytes))],
    ['422 with gzip of text', '422 2000', coding('gzip'), (bytes) => gzipSync(noise(bytes)), 422],
    ['no gzip that claims to be', '200 4000', coding('gzip'), envelope],
    ['a coding that the hub cannot read', '200 4000', coding('zstd'), envelope],
  ]

  test.each(
    answers.map(([what, expected, headers, make, status = 200]) => ({ what, expected, headers, make, status })),
  )('$what: $expected', async ({ expected, headers, make, status }) => {
    for (const size of SIZES) {
      const body = make(size)
      undos.push(cpo.on('locations', 'SENDER', () => ({ isBare: true, status, headers, body })))
      const answer = await emsp.call('locations', 'SENDER', { to: CPO })
      expect(outcome(answer)).toBe(expected)
      // Either the receiver's bytes, or an envelope of the hub's.
      const isTheHubs = answer.envelope?.status_message !== undefined
      expect(answer.bytes.equals(Buffer.from(body))).toBe(!isTheHubs)
    }
  })

  test('whose first chunks hold nothing but a byte order mark and a line break passes', async () => {
    undos.push(
      cpo.on('locations', 'SENDER', (_, response) => {
        response.writeHead(200, type('text/plain') as string[])
        const pieces = [
          Buffer.from([0xef]),
          Buffer.from([0xbb, 0xbf]),
          Buffer.from('\n'),
          Buffer.from(envelope(SIZES[1])),
        ]
        const next = () => {
          const piece = pieces.shift()
          if (piece) response.write(piece, () => setImmediate(next))
          else response.end()
        }
        next()
        return 'handled'
      }),
    )
    expect(outcome(await emsp.call('locations', 'SENDER', { to: CPO }))).toBe('200 1000')
  })
})

describe('a request', () => {
  const json = (bytes: number) => `{"a":"${noise(bytes)}"}`

  const requests: readonly (readonly [string, string, readonly string[], Make, string?])[] = [
    ['PUT of JSON', '200 1000', JSON_TYPE, json],
    ['PATCH of JSON', '200 1000', JSON_TYPE, json, 'PATCH'],
    ['POST of JSON', '200 1000', JSON_TYPE, json, 'POST'],
    ['PUT of JSON as text/plain', '200 1000', type('text/plain'), json],
    ['PUT of JSON as a form', '200 1000', type('application/x-www-form-urlencoded'), json],
    ['PUT of a list', '200 1000', JSON_TYPE, (bytes) => `["${noise(bytes)}"]`],
    ['PUT of a text in quotes', '200 1000', JSON_TYPE, (bytes) => `"${noise(bytes)}"`],
    ['PUT behind a byte order mark', '200 1000', JSON_TYPE, (bytes) => `\ufeff\n${json(bytes)}`],
    ['PUT of HTML', '400 2001', type('text/html'), html],
    ['PUT of HTML as JSON', '400 2001', JSON_TYPE, html],
    ['PATCH of text', '400 2001', JSON_TYPE, (bytes) => `x${noise(bytes)}`, 'PATCH'],
    ['POST of text', '400 2001', JSON_TYPE, (bytes) => `x${noise(bytes)}`, 'POST'],
    ['PUT of white space', '400 2001', JSON_TYPE, (bytes) => ' '.repeat(bytes)],
    ['DELETE with text', '200 1000', type('text/plain'), (bytes) => `x${noise(bytes)}`, 'DELETE'],
    ['DELETE with JSON', '200 1000', JSON_TYPE, json, 'DELETE'],
    ['PUT of gzip', '200 1000', coding('gzip'), (bytes) => gzipSync(json(bytes))],
    ['PUT of br', '200 1000', coding('br'), (bytes) => brotliCompressSync(json(bytes))],
    ['PUT of gzip of HTML', '400 2001', coding('gzip'), (bytes) => gzipSync(html(bytes))],
    ['PUT of no gzip that claims to be', '400 2001', coding('gzip'), json],
    ['PUT in a coding that the hub cannot read', '400 2001', coding('zstd'), json],
    ['DELETE in a coding that the hub cannot read', '400 2001', coding('zstd'), json, 'DELETE'],
  ]

  test.each(
    requests.map(([what, expected, headers, make, method = 'PUT']) => ({ what, expected, headers, make, method })),
  )('$what: $expected', async ({ expected, headers, make, method }) => {
    for (const size of SIZES) {
      cpo.requests.length = 0
      const body = Buffer.from(make(size))
      const answer = await emsp.call('tokens', 'RECEIVER', { method, path: '/DE/EMS/1', to: CPO, headers, body })
      expect(outcome(answer)).toBe(expected)
      expect(cpo.requests.map((request) => request.body.equals(body))).toEqual(expected === '200 1000' ? [true] : [])
    }
  })
})
