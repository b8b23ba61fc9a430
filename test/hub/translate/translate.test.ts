import { describe, expect, test } from 'vitest'
import { createShadowFacts } from '../../../src/hub/shadow/facts.ts'
import type { ShadowStore } from '../../../src/hub/shadow/shadow.ts'
import type { Carriage, ConversionNote } from '../../../src/hub/translate/carriage.ts'
import { createTranslate, type Rules, type TranslatePorts } from '../../../src/hub/translate/translate.ts'
import {
  type Context,
  type ConversionSettings,
  type Converted,
  DEFAULT_CONVERSION,
} from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { partyKey } from '../../../src/ocpi/party.ts'
import { platformOf } from './platform.ts'

// What the hub makes of messages between versions, whatever the rules of an object are.

const NOW = Date.parse('2026-01-01T00:00:00Z')
const CPO = { countryCode: 'NL', partyId: 'CPO' }
const EMSP = { countryCode: 'DE', partyId: 'EMS' }

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function textOf(bytes: unknown): string {
  return new TextDecoder().decode(bytes as Uint8Array)
}

/** A CPO's PUT of a tariff to an eMSP. */
function carriage(
  from: string,
  to: string,
  of: Partial<Carriage> = {},
  settings: Partial<ConversionSettings> = {},
): Carriage {
  const conversion = { ...DEFAULT_CONVERSION, ...settings }
  return {
    ...{ module: 'tariffs', interfaceRole: 'RECEIVER', method: 'PUT', rest: '/NL/CPO/T1', query: '' },
    ...{ version: from, from: CPO, to: EMSP, isLed: false },
    caller: { ...platformOf('cpo', from), conversion },
    receiver: platformOf('emsp', to),
    ...of,
  }
}

/** A seam whose rules do one thing with whatever they get. */
function seamOf(convertObject: Rules['convertObject'], more: Partial<TranslatePorts> = {}) {
  const notes: ConversionNote[] = []
  const errors: unknown[] = []
  const translate = createTranslate({
    now: () => NOW,
    noteConversion: (note) => void notes.push(note),
    onError: (error) => void errors.push(error),
    bufferBytes: 1_000_000,
    rules: { convertObject, bridges: () => true },
    ...more,
  })
  return { translate, notes, errors }
}

const asItIs = (bytes: Uint8Array): Converted => ({ kind: 'converted', bytes, remarks: [] })
const OBJECT = bytesOf('{"id":"T1","price":1.10}')

describe('between equal versions', () => {
  test('nothing is made: a request is the same, and answers and lists are the very same bytes', () => {
    const { translate, notes } = seamOf(() => {
      throw new Error('asked to convert')
    })
    const same = carriage('2.2.1', '2.2.1')
    expect(translate.gap(same)).toBe(null)
    expect(translate.request(same, OBJECT)).toBe(translate.request(same, OBJECT))
    expect(translate.request(same, OBJECT)).toEqual({ kind: 'same' })
    expect(translate.answer(same, { status: 200, ocpiStatus: 1000, body: OBJECT })).toEqual({ kind: 'same' })
    const piece = { bytes: OBJECT, objects: [{ start: 0, end: OBJECT.length, owner: null }] }
    expect(translate.list(same, piece)).toBe(piece)
    expect(notes).toEqual([])
  })
})

describe('an id of 2.1.1', () => {
  test('that differs from another of its kind and owner in letter case alone stays as it is, and is noted', () => {
    const { translate, notes } = seamOf(convertObject)
    const push = (id: string, of: Partial<Carriage> = {}) =>
      translate.request(carriage('2.1.1', '2.2.1', of), bytesOf(`{"id":"${id}","currency":"EUR","elements":[]}`))
    const noted = () => notes.splice(0).flatMap(({ remarks }) => remarks.filter(({ pointer }) => pointer === '/id'))
    void push('Tariff')
    void push('Tariff')
    void push('TARIFF', { rest: '/NL/OTH/T1' })
    expect(noted()).toEqual([])
    const { body } = push('TARIFF') as { body: Uint8Array }
    expect(JSON.parse(textOf(body))).toMatchObject({ id: 'TARIFF' })
    expect(noted()).toMatchObject([{ fate: 'unknown', reason: expect.stringContaining('letter case') }])
  })
})

describe('a request', () => {
  test('that cannot be converted because the rules fail goes nowhere, and the original never does', () => {
    const { translate, notes, errors } = seamOf(() => {
      throw new Error('secret of the rules')
    })
    const failed = translate.request(carriage('2.2.1', '2.3.0'), OBJECT)
    expect(failed).toEqual({ kind: 'failed', why: 'The hub failed to convert a tariff from OCPI 2.2.1 to 2.3.0' })
    expect(notes).toMatchObject([{ outcome: 'failed', kind: 'tariff', platformId: 'emsp', sample: 'T1' }])
    expect(errors).toHaveLength(1)
  })

  test('is noted with what was lost, for the log in words', () => {
    const lost = { fate: 'lost', pointer: '/help_phone', reason: 'no such field' } as const
    const { translate, notes } = seamOf((bytes) => ({ kind: 'converted', bytes, remarks: [lost] }))
    const done = translate.request(carriage('2.3.0', '2.2.1'), OBJECT)
    expect(done).toMatchObject({ kind: 'translated', conversion: '2.3.0 to 2.2.1, tariff: 1 lost', losses: null })
    expect(notes).toEqual([
      ...[{ from: '2.3.0', to: '2.2.1', kind: 'tariff', outcome: 'converted', remarks: [lost] }].map((note) => ({
        ...note,
        sourceId: 'cpo',
        platformId: 'emsp',
        sample: 'T1',
      })),
    ])
  })

  test('that changes a part which needs the whole is refused with what to do', () => {
    const { translate } = seamOf(() => ({ kind: 'needs-rest', members: ['elements'] }))
    const refused = translate.request(carriage('2.1.1', '2.2.1', { method: 'PATCH' }), OBJECT)
    expect(refused).toEqual({
      kind: 'withheld',
      why: 'elements cannot be changed alone in OCPI 2.2.1: send the whole object with PUT',
    })
  })

  test('of a session whose Location nobody knows fails, so that it is sent again, and says so', () => {
    const { translate } = seamOf(() => ({ kind: 'needs-rest', members: ['location'] }))
    const session = carriage('2.2.1', '2.1.1', { module: 'sessions', rest: '/NL/CPO/S1' })
    expect(translate.request(session, OBJECT)).toEqual({
      kind: 'failed',
      why: 'A session of OCPI 2.1.1 holds its Location, which the hub does not know',
    })
  })

  test('to have a Location not published is done where the Location is not carried', () => {
    const remarks = [{ fate: 'withheld', pointer: '/publish', reason: 'not published' }] as const
    const { translate } = seamOf(() => ({ kind: 'withheld', why: 'not published', remarks }))
    const path = { module: 'locations', rest: '/NL/CPO/L1' }
    expect(translate.request(carriage('2.2.1', '2.1.1', path), OBJECT)).toEqual({
      kind: 'settled',
      why: 'not published',
    })
    expect(translate.request(carriage('2.2.1', '2.1.1'), OBJECT)).toEqual({ kind: 'withheld', why: 'not published' })
  })

  test('to cancel a reservation is answered in the place of a CPO of 2.1.1', () => {
    const { translate } = seamOf(asItIs)
    const cancel = carriage('2.2.1', '2.1.1', { module: 'commands', method: 'POST', rest: '/CANCEL_RESERVATION' })
    expect(translate.request(cancel, OBJECT)).toMatchObject({
      kind: 'settled',
      data: { result: 'NOT_SUPPORTED', timeout: 0 },
    })
  })

  test('of 2.1.1 that changes something and does not say when, gets the time it came; any other keeps its bytes', () => {
    const { translate } = seamOf(asItIs)
    const status = bytesOf('{"status":"CHARGING"}')
    const path = { module: 'locations', rest: '/NL/CPO/L1/E1', method: 'PATCH', receivedAt: NOW - 1_000 }
    const dated = translate.request(carriage('2.1.1', '2.2.1', path), status)
    expect(JSON.parse(textOf('body' in dated && dated.body))).toEqual({
      status: 'CHARGING',
      last_updated: '2025-12-31T23:59:59.000Z',
    })
    expect(translate.request(carriage('2.2.1', '2.3.0', path), status)).toMatchObject({ body: status })
  })

  test.each([
    ['2.3.0', '2.2.1', 'PUT', '/NL/CPO/U1', '?type=EMAID&x=1', '?type=OTHER&x=1'],
    ['2.3.0', '2.2.1', 'PUT', '/NL/CPO/U1', '?type=APP_USER', '?type=APP_USER'],
    ['2.2.1', '2.1.1', 'PUT', '/NL/CPO/U1', '?type=APP_USER', ''],
    ['2.2.1', '2.1.1', 'POST', '/U1/authorize', '?type=APP_USER', '?type=OTHER'],
    ['2.2.1', '2.3.0', 'PUT', '/NL/CPO/U1', '?type=APP_USER', '?type=APP_USER'],
  ])('about a token of %s goes to %s with a type that it has: %s %s%s', (from, to, method, rest, query, expected) => {
    const { translate } = seamOf(asItIs)
    const interfaceRole = method === 'POST' ? 'SENDER' : 'RECEIVER'
    const of = { module: 'tokens', method, rest, query, interfaceRole } as const
    expect(translate.request(carriage(from, to, of), new Uint8Array(0))).toMatchObject({ query: expected })
  })

  test('waits for what has to be looked up, and is refused where it cannot be', async () => {
    const known = { uid: 'U1', type: 'RFID', ...EMSP }
    const look = seamOf(
      (bytes, _carried, _from, _to, context) => ({
        kind: 'converted',
        bytes: bytesOf(`${textOf(bytes)} of ${context.tokenOf?.('A1')?.uid}`),
        remarks: [],
      }),
      { factsFor: async () => [{ tokenOf: () => known }] },
    )
    const found = await look.translate.request(carriage('2.1.1', '2.2.1'), OBJECT)
    expect(textOf('body' in found && found.body)).toMatch(/ of U1$/)
    const away = seamOf(asItIs, { factsFor: () => Promise.reject(new Error('away')) })
    expect(await away.translate.request(carriage('2.1.1', '2.2.1'), OBJECT)).toMatchObject({ kind: 'failed' })
  })
})

describe('an answer', () => {
  const list = carriage('2.1.1', '2.2.1', { interfaceRole: 'SENDER', method: 'GET', rest: '' })
  const read = carriage('2.2.1', '2.3.0', { method: 'GET' })

  describe('with sessions that need their Locations', () => {
    const sessions = Array.from({ length: 250 }, (_, i) => ({ id: `S${i}`, location_id: `L${i % 7}` }))
    const body = bytesOf(JSON.stringify({ status_code: 1000, data: [{ id: 'S' }, ...sessions] }))
    const asked = { module: 'sessions', interfaceRole: 'SENDER', method: 'GET', rest: '', from: EMSP, to: CPO } as const
    const withLocation = (
      bytes: Uint8Array,
      _: unknown,
      __: string,
      ___: string,
      { locationOf }: Context,
    ): Converted => {
      const { id, location_id = '' } = JSON.parse(textOf(bytes)) as { id: string; location_id?: string }
      const location = locationOf?.(location_id) ?? bytesOf('none')
      return asItIs(bytesOf(JSON.stringify({ id, location: textOf(location) })))
    }
    const EXPECTED = [
      { id: 'S', location: 'none' },
      ...sessions.map(({ id, location_id: of }) => ({ id, location: of })),
    ]

    async function* inPieces() {
      for (let at = 0; at < body.length; at += 1000) yield body.subarray(at, at + 1000)
    }
    async function dataOf(answer: unknown): Promise<unknown> {
      const { body: made } = answer as { body: Uint8Array | AsyncIterable<Uint8Array> }
      let text = ''
      if (made instanceof Uint8Array) text = textOf(made)
      else for await (const piece of made) text += textOf(piece)
      return (JSON.parse(text) as { data: unknown }).data
    }

    test.each(['whole', 'in pieces'] as const)('is looked up for many of them at once: %s', async (how) => {
      let looks = 0
      const findMany: ShadowStore['findMany'] = async (_, refs) => {
        looks++
        // As if there were room for three.
        const names = [...new Set(refs.map(({ id }) => id))].slice(0, 3)
        const end = refs.findIndex(({ id }) => !names.includes(id))
        const found = refs.slice(0, end === -1 ? refs.length : end)
        return found.map(({ id }) => ({ bytes: bytesOf(id), version: '2.2.1', wasShown: true }))
      }
      const factsFor = createShadowFacts(
        { find: async () => null, findMany },
        async () => null,
        () => NOW,
      )
      const { translate } = seamOf(withLocation, { factsFor })
      const answer = { status: 200, ocpiStatus: null, body: how === 'whole' ? body : inPieces() }
      expect(await dataOf(await translate.answer(carriage('2.1.1', '2.2.1', asked), answer))).toEqual(EXPECTED)
      expect(looks).toBe(3)
    })

    test('is given to nobody where they cannot be looked up', async () => {
      const away = () => Promise.reject(new Error('away'))
      const factsFor = createShadowFacts({ find: away, findMany: away }, away, () => NOW)
      const { translate, errors } = seamOf(withLocation, { factsFor })
      const way = carriage('2.1.1', '2.2.1', asked)
      expect(await translate.answer(way, { status: 200, ocpiStatus: 1000, body })).toMatchObject({ kind: 'failed' })
      const streamed = await translate.answer(way, { status: 200, ocpiStatus: null, body: inPieces() })
      await expect(dataOf(streamed)).rejects.toThrow('look up')
      expect(errors).toHaveLength(2)
    })
  })

  test('that is a list and becomes many times as long is not put together', async () => {
    const { translate } = seamOf(() => ({ kind: 'converted', bytes: new Uint8Array(10_000), remarks: [] }))
    const body = bytesOf(JSON.stringify({ status_code: 1000, data: Array(1_000).fill({}) }))
    const asked = { interfaceRole: 'SENDER', method: 'GET', rest: '' } as const
    const answer = await translate.answer(carriage('2.3.0', '2.2.1', asked), { status: 200, ocpiStatus: 1000, body })
    expect(answer).toMatchObject({ kind: 'failed', why: expect.stringContaining('too long') })
  })

  test('of the hub or a partner comes with a code that 2.1.1 has, the HTTP status as it was', async () => {
    const { translate } = seamOf(asItIs)
    const body = bytesOf('{"status_code":4003,"status_message":"DE-EMS is OFFLINE","timestamp":"2026-01-01T00:00:00Z"}')
    const answer = await translate.answer(list, { status: 200, ocpiStatus: 4003, body })
    expect(answer).toMatchObject({ kind: 'translated', ocpiStatus: 3000 })
    expect(JSON.parse(textOf('body' in answer && answer.body))).toMatchObject({
      status_code: 3000,
      status_message: expect.stringMatching(/DE-EMS is OFFLINE/),
    })
    expect(await translate.answer(read, { status: 200, ocpiStatus: 4003, body })).toEqual({ kind: 'same' })
  })

  test('keeps each byte beside its objects, whether or not something is looked up for one of them', async () => {
    const rules = (bytes: Uint8Array): Converted =>
      textOf(bytes).includes('no')
        ? { kind: 'withheld', why: 'no', remarks: [] }
        : { kind: 'converted', bytes: bytesOf(textOf(bytes).toUpperCase()), remarks: [] }
    const text = (data: string) => `{ "status_code" : 1e3, "data": ${data},\n "x": 1.10 }`
    for (const looks of [null, 'a', 'no', 'b']) {
      const { translate } = seamOf(rules, {
        factsFor: (_carriage, objects) =>
          looks !== null && objects.some((object) => textOf(object).includes(looks))
            ? Promise.resolve(objects.map(() => ({})))
            : null,
      })
      const answered = async (data: string) => {
        const answer = await translate.answer(list, { status: 200, ocpiStatus: 1000, body: bytesOf(text(data)) })
        return textOf('body' in answer && answer.body)
      }
      expect(await answered('[ "a", "no" , "b" ]')).toBe(text('["A","B"]'))
      expect(await answered('["no"]')).toBe(text('[]'))
      expect(await answered('["a"], "data": ["b"]')).toBe(text('["B"]'))
    }
  })

  test('is passed on in the very bytes it came in where nothing has to change', async () => {
    const { translate, notes } = seamOf(asItIs)
    const body = bytesOf('{ "data": [ {"id":"1"} , {"id":"2"} ], "status_code": 1000 }')
    const answer = await translate.answer(list, { status: 200, ocpiStatus: 1000, body })
    expect('body' in answer && answer.body).toBe(body)
    expect(answer).toMatchObject({ kind: 'translated', conversion: '2.2.1 to 2.1.1, 2 of tariff' })
    expect(notes).toHaveLength(2)
  })

  test('tells what was lost where its caller wants to know', async () => {
    const lost = { fate: 'lost', pointer: '/evses/*/parking', reason: 'no such field' } as const
    const { translate } = seamOf((bytes) => ({ kind: 'converted', bytes, remarks: [lost] }))
    const body = bytesOf(
      '{"data":{"id":"T1"},"status_code":1000,"status_message":"Done","timestamp":"2026-01-01T00:00:00Z"}',
    )
    const of = { method: 'GET' }
    const told = await translate.answer(carriage('2.2.1', '2.3.0', of, { tellsLosses: true }), {
      ...{ status: 200, ocpiStatus: 1000, body },
    })
    const said = JSON.parse(textOf('body' in told && told.body)) as { status_message: string }
    expect(said.status_message).toBe('Done; Not carried to OCPI 2.2.1: /evses/*/parking')
    const silent = await translate.answer(read, { status: 200, ocpiStatus: 1000, body })
    expect(textOf('body' in silent && silent.body)).toContain('"status_message":"Done"')
    const put = carriage('2.2.1', '2.3.0', {}, { tellsLosses: true })
    const request = await translate.request(put, OBJECT)
    const losses = 'losses' in request ? (request.losses ?? null) : null
    const done = await translate.answer(
      put,
      { status: 200, ocpiStatus: 1000, body: bytesOf('{"status_code":1000}') },
      losses,
    )
    expect(textOf('body' in done && done.body)).toContain('Not carried to OCPI 2.3.0')
  })

  test('of a source of a list of all has only what can be said, each with its owner', async () => {
    const { translate } = seamOf((bytes) =>
      textOf(bytes).includes('no')
        ? { kind: 'withheld', why: 'no', remarks: [] }
        : { kind: 'converted', bytes, remarks: [] },
    )
    const bytes = bytesOf('[{"id":"1"},{"id":"no"},{"id":"3"}]')
    const objects = [
      { start: 1, end: 11, owner: null },
      { start: 12, end: 23, owner: null },
      { start: 24, end: 34, owner: null },
    ]
    const asked = { interfaceRole: 'SENDER', method: 'GET', rest: '', from: EMSP, to: CPO } as const
    const piece = await translate.list(carriage('2.3.0', '2.1.1', asked), { bytes, objects })
    const owner = partyKey('NL', 'CPO')
    expect(piece.objects.map(({ start, end, owner }) => [textOf(piece.bytes.subarray(start, end)), owner])).toEqual([
      ['{"id":"1"}', owner],
      ['{"id":"3"}', owner],
    ])
  })
})
