import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange } from '../../../../src/hub/message/exchange.ts'
import { putExchange, readExchange } from '../../../../src/runtime/node/message-log/exchange-frame.ts'
import { createLogMemory } from '../../../../src/runtime/node/message-log/log-memory.ts'
import { createRingReader, createRingWriter, ringMemory } from '../../../../src/runtime/node/message-log/ring.ts'
import { bytes, exchange } from '../../../support/exchange.ts'

const BODY_BYTES = 1_000
const memory = ringMemory(100_000, 0)
const writer = createRingWriter(memory)
const reader = createRingReader(memory)

function throughRing(exchanges: readonly Exchange[], bodyBytes = BODY_BYTES): Exchange[] {
  const read: Exchange[] = []
  for (const one of exchanges) expect(putExchange(writer, one, bodyBytes)).toBe(true)
  reader.drain((from, start) => {
    // Copied: the ring is written to again.
    read.push(copied(readExchange(from, start)))
  })
  return read
}

function copied<T>(value: T): T {
  if (value instanceof Uint8Array) return new Uint8Array(value) as T
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member as unknown)])) as T
}

/** Short and long, and with characters of one to four bytes. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\0', 'é', '…', '😀', 'a'.repeat(23) + '…', '…'.repeat(25), 'x'.repeat(3_000)),
)
const line = text.map((one) => one.replaceAll('\n', ' '))
const headers = fc.array(fc.tuple(line, line), { maxLength: 6 }).map((pairs) => pairs.flat())
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one)
const number = fc.oneof(
  fc.nat(2 ** 31 - 1),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.double({ noNaN: true }),
)
const body = fc.uint8Array({ maxLength: BODY_BYTES })
const headerChanges = fc.array(fc.tuple(text, orNull(text), orNull(text)), { maxLength: 3 })
const changes = fc.record(
  {
    request: fc.record({ headers: headerChanges, responseUrl: fc.tuple(text, text) }, { requiredKeys: [] }),
    response: fc.record({ headers: headerChanges }),
  },
  { requiredKeys: [] },
)

const remark = fc.record({
  fate: fc.constantFrom('lost', 'invented'),
  pointer: fc.string({ maxLength: 200 }),
  reason: fc.string({ maxLength: 200 }),
})
const legBody = fc.record({
  body: orNull(body),
  bytes: orNull(fc.nat()),
  remarks: fc.array(remark, { maxLength: 5 }),
})
/** A side on which the bodies are alike has none. */
const secondLeg = fc.record({ request: orNull(legBody), response: orNull(legBody) })

const anyExchange: fc.Arbitrary<Exchange> = fc.record({
  at: fc.nat(Number.MAX_SAFE_INTEGER),
  kind: fc.constantFrom(
    'direct',
    'via',
    'broadcast',
    'delivery',
    'open',
    'get-all',
    'configuration',
    'hub-call',
    'check',
  ),
  correlationId: text,
  requestId: text,
  forwardedRequestId: orNull(text),
  fromPlatformId: orNull(text),
  toPlatformId: orNull(text),
  fromParty: orNull(text),
  toParty: orNull(text),
  module: text,
  interfaceRole: orNull(fc.constantFrom('SENDER', 'RECEIVER')),
  method: text,
  path: text,
  forwardedUrl: orNull(text),
  httpStatus: number,
  receiverStatus: orNull(number),
  ocpiStatus: orNull(number),
  durationMs: number,
  receiverMs: orNull(number),
  requestBytes: number,
  responseBytes: number,
  requestHeaders: headers,
  responseHeaders: headers,
  requestBody: orNull(body),
  responseBody: orNull(body),
  failure: orNull(text),
  detail: orNull(text),
  changes: orNull(changes),
  conversion: orNull(text),
  secondLeg: orNull(secondLeg),
  ledId: orNull(text),
  client: orNull(text),
})

test('every field of an exchange survives, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.array(anyExchange, { maxLength: 2 }), (exchanges) => {
      expect(throughRing(exchanges)).toEqual(exchanges)
    }),
  )
})

test('what is unknown stays unknown, and what is empty empty', () => {
  const unknown = exchange({ toParty: null, receiverMs: null, ocpiStatus: null, requestBody: null, failure: null })
  const empty = exchange({ toParty: '', receiverMs: 0, ocpiStatus: 0, requestBody: new Uint8Array(0), failure: '' })
  expect(throughRing([unknown, empty])).toEqual([unknown, empty])
})

test('of a body as much goes in as the log keeps, and no more of a large one takes up room', () => {
  const large = exchange({ requestBody: bytes('0123456789'), responseBody: new Uint8Array(200_000).fill(65) })
  const [kept] = throughRing([large], 4)
  expect(kept).toEqual({ ...large, requestBody: bytes('0123'), responseBody: bytes('AAAA') })
})

test('the longest URL that a hub can be set to take, with whole bodies, finds room wherever the ring stands', () => {
  const { ring } = createLogMemory(BODY_BYTES)
  const [puts, takes] = [createRingWriter(ring), createRingReader(ring)]
  const path = `/${'x'.repeat(1024 * 1024)}`
  const leg = { body: new Uint8Array(BODY_BYTES), bytes: BODY_BYTES, remarks: [] }
  const longest = exchange({
    ...{ path, forwardedUrl: `https://partner.example${path}`, responseHeaders: ['X-Long', 'é'.repeat(32 * 1024)] },
    ...{ requestBody: leg.body, responseBody: leg.body, secondLeg: { request: leg, response: leg } },
  })
  for (let i = 0; i < 20; i++) {
    expect(putExchange(puts, longest, BODY_BYTES)).toBe(true)
    takes.drain((from, start) => expect(readExchange(from, start).path).toBe(path))
    // So that the ring stands elsewhere the next time.
    for (let j = 0; j <= i; j++) putExchange(puts, exchange({ path: path.slice(0, 50_000) }), BODY_BYTES)
    takes.drain(() => {})
  }
})

test('an exchange that finds no room is refused', () => {
  const small = createRingWriter(ringMemory(1_000, 0))
  expect(putExchange(small, exchange(), BODY_BYTES)).toBe(true)
  expect(putExchange(small, exchange(), BODY_BYTES)).toBe(false)
})
