import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Carriage, TranslatedRequest } from '../../../src/hub/translate/carriage.ts'
import type { ConversionSettings } from '../../../src/ocpi/convert/conversion.ts'
import { DEFAULT_CONVERSION } from '../../../src/ocpi/convert/conversion.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { openRig, type Rig } from './rig.ts'

let database: TestDatabase
let rig: Rig
let like: Receiver
let unlike: Receiver
let asked: Carriage[] = []
let answer: (carriage: Carriage, body: string) => TranslatedRequest

const CPO = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://127.0.0.1:9' } as const
const encoder = new TextEncoder()
const LOST = { fate: 'lost', pointer: '/help_phone', reason: 'OCPI 9.0 has no such field' } as const

/** Stands in for the rules: wraps what it is given. */
function wrapped({ method, rest, query }: Carriage, body: string): TranslatedRequest {
  const conversion = '2.2.1 to 9.0, location: 1 lost'
  const bytes = encoder.encode(`{"was":${body}}`)
  return { kind: 'translated', method, rest: `${rest}/9`, query, body: bytes, conversion, remarks: [LOST] }
}

function emsp(n: number, version: string, conversion?: ConversionSettings) {
  const origin = version === '2.2.1' ? like.origin : unlike.origin
  const spec = { id: `emsp${version}${n}`, party: `DE*E${version[0]}${n}`, roles: ['EMSP'] as const, origin, version }
  return conversion ? { ...spec, conversion } : spec
}

function stateOf(id: string) {
  return rig.engine.states().find(({ platformId }) => platformId === id)
}

beforeAll(async () => {
  database = await createTestDatabase()
  rig = openRig(database.url, {
    translate: {
      request(carriage, body) {
        asked.push(carriage)
        return answer(carriage, new TextDecoder().decode(body))
      },
    },
  })
  like = await startReceiver()
  unlike = await startReceiver()
  await rig.put(
    CPO,
    emsp(1, '2.2.1'),
    emsp(1, '9.0'),
    emsp(2, '2.2.1'),
    emsp(2, '9.0'),
    emsp(3, '2.2.1'),
    emsp(3, '9.0'),
  )
  await rig.start()
})

beforeEach(() => {
  asked = []
  answer = wrapped
  like.received.length = 0
  unlike.received.length = 0
  rig.exchanges.length = 0
})

afterAll(async () => {
  await rig.close()
  await Promise.all([like.close(), unlike.close()])
  await database.drop()
})

test('a push reaches platforms of its own version as it came, and those of another converted, once for all of them', async () => {
  await rig.push('cpo', { path: '/NL/CPO/L1', query: '?a=b', body: { n: 1 } })
  await unlike.waitFor(() => like.received.length === 3 && unlike.received.length === 3, 'six deliveries')
  expect(new Set(like.received.map(({ body, target }) => `${target} ${body}`))).toEqual(
    new Set(['/ocpi/locations/NL/CPO/L1?a=b {"n":1}']),
  )
  expect(new Set(unlike.received.map(({ body, target }) => `${target} ${body}`))).toEqual(
    new Set(['/ocpi/locations/NL/CPO/L1/9?a=b {"was":{"n":1}}']),
  )
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({
    module: 'locations',
    version: '2.2.1',
    rest: '/NL/CPO/L1',
    from: { partyId: 'CPO' },
  })
  await unlike.waitFor(() => rig.exchanges.length === 6, 'six rows of the log')
  const logged = rig.exchanges.filter(({ toPlatformId }) => toPlatformId === 'emsp9.01')
  expect(logged).toMatchObject([
    {
      path: '/NL/CPO/L1?a=b',
      conversion: '2.2.1 to 9.0, location: 1 lost',
      requestBytes: 7,
      requestBody: null,
      secondLeg: { request: { body: encoder.encode('{"was":{"n":1}}'), bytes: 15, remarks: [LOST] }, response: null },
    },
  ])
  expect(rig.exchanges.filter(({ conversion, secondLeg }) => conversion === null && secondLeg === null)).toHaveLength(3)
})

test('a platform that wants it said otherwise has a conversion of its own', async () => {
  await rig.put(emsp(3, '9.0', { ...DEFAULT_CONVERSION, extras: 'keep' }))
  await rig.push('cpo', { path: '/NL/CPO/L2' })
  await unlike.waitFor(() => like.received.length === 3 && unlike.received.length === 3, 'six deliveries')
  expect(asked).toHaveLength(2)
  await rig.put(emsp(3, '9.0'))
})

test('what cannot be said, or is not to be had any more, is withheld: the queue is through and healthy', async () => {
  answer = ({ rest }) => ({ kind: rest.endsWith('W') ? 'withheld' : 'settled', why: 'It includes taxes' })
  const before = stateOf('emsp9.01')?.withheld ?? 0
  await rig.push('cpo', { module: 'tariffs', path: '/NL/CPO/W' })
  await rig.push('cpo', { module: 'locations', path: '/NL/CPO/S' })
  await like.waitFor(
    () => like.received.length === 6 && stateOf('emsp9.01')?.withheld === before + 2,
    'both everywhere',
  )
  expect(unlike.received).toEqual([])
  expect(stateOf('emsp9.01')).toMatchObject({ waiting: 0, missed: 0, failed: 0, pauseCause: null })
  expect(asked).toHaveLength(2)
  const logged = rig.exchanges.filter(({ toPlatformId }) => toPlatformId === 'emsp9.01')
  expect(logged[0]).toMatchObject({
    failure: 'withheld',
    detail: 'It includes taxes',
    conversion: '2.2.1 to 9.0: withheld',
  })
})

test('a conversion that fails parks the push, and others flow; once it works the push arrives', async () => {
  let isBroken = true
  answer = (carriage, body) => {
    if (isBroken && carriage.rest.endsWith('BAD')) throw new Error('a fault in the rules')
    return wrapped(carriage, body)
  }
  await rig.push('cpo', { path: '/NL/CPO/BAD' })
  for (let i = 0; i < 10; i++) await rig.push('cpo', { path: `/NL/CPO/G${i}` })
  await unlike.waitFor(() => like.received.length === 33 && unlike.received.length === 30, 'all others')
  expect(unlike.received.some(({ target }) => target.includes('BAD'))).toBe(false)
  expect(stateOf('emsp9.01')).toMatchObject({ waiting: 1, missed: 0, pauseCause: null })
  expect(rig.checks).toEqual([])
  isBroken = false
  await unlike.waitFor(() => unlike.received.length === 33, 'the push that waited')
})

test('a platform that registers at another version while pushes wait gets them in that version', async () => {
  await rig.engine.admin.setPaused('emsp2.2.11', true)
  for (let i = 0; i < 100; i++) await rig.push('cpo', { path: `/NL/CPO/WAIT${i}` })
  await like.waitFor(() => like.received.length === 200 && unlike.received.length === 300, 'all others')
  await rig.put({ ...emsp(1, '9.0'), id: 'emsp2.2.11', party: 'DE*NEW' })
  await rig.engine.admin.setPaused('emsp2.2.11', false)
  await unlike.waitFor(() => unlike.received.length === 400, 'what waited, in the new version')
  expect(like.received).toHaveLength(200)
  expect(asked).toHaveLength(100)
})
