import { expect, test } from 'vitest'
import { createBetweenVersions } from '../../../src/hub/corridor/between-versions.ts'
import type { Onward, Trip } from '../../../src/hub/corridor/trip.ts'
import type { TranslatedRequest } from '../../../src/hub/translate/carriage.ts'
import type { Translate } from '../../../src/hub/translate/translate.ts'
import { platformOf } from '../translate/platform.ts'

// What the corridor makes of what conversion says, without a hub.

const BODY = new TextEncoder().encode('{"id":"T1"}')
const CPO = { countryCode: 'NL', partyId: 'CPO' }
const EMSP = { countryCode: 'DE', partyId: 'EMS' }

/** A way whose conversions come to these. Counts what the receiver gets. */
function wayOf(translate: Partial<Translate>) {
  const sent: unknown[] = []
  const walk = createBetweenVersions({
    translate: {
      gap: () => null,
      request: () => ({ kind: 'same' }),
      answer: () => ({ kind: 'same' }),
      list: (_, piece) => piece,
      ...translate,
    },
    read: async () => ({ kind: 'whole', bytes: BODY, plain: BODY }),
    rewrite: () => ({
      kind: 'rewritten',
      request: {
        ...{ origin: 'http://emsp.example', path: '/tariffs/NL/CPO/T1', method: 'PUT', headers: [], body: BODY },
        ...{ timeoutMs: 1, bufferBytes: 1 },
      },
    }),
    async forward(_platformId, _callerId, request) {
      sent.push(request)
      const body = new TextEncoder().encode('{"data":{"id":"T1"},"status_code":1000}')
      return { kind: 'answered', status: 200, headers: ['ETag', '"1"'], body, ocpiStatus: 1000, receiverMs: 1 }
    },
    inflate: async () => ({ kind: 'unreadable' }),
    inflateStream: () => 'unreadable',
    limits: { bufferBytes: 1_000 },
    now: () => 0,
  })
  const trip = {
    ...{ caller: { platform: platformOf('cpo', '2.2.1') }, ids: { requestId: 'r', correlationId: 'c' } },
    ...{ message: { method: 'PUT', receivedAt: 0 }, exchange: {}, from: CPO, to: EMSP },
  } as unknown as Trip
  const onward = {
    ...{ kind: 'direct', from: CPO, to: EMSP, module: 'tariffs', interfaceRole: 'RECEIVER', rest: '/NL/CPO/T1' },
    ...{ destination: { platform: platformOf('emsp', '2.3.0') }, origin: 'http://emsp.example' },
    ...{ path: '/tariffs/NL/CPO/T1', query: '', announced: { path: '/tariffs', ownPath: '/tariffs', origin: '' } },
  } as unknown as Onward
  return { sent, walk: () => walk(trip, onward) }
}

test('where a conversion fails the caller gets 4000 and the receiver nothing, least of all the original', async () => {
  const { sent, walk } = wayOf({ request: () => ({ kind: 'failed', why: 'The hub failed to convert it' }) })
  expect(await walk()).toEqual({
    kind: 'refused',
    refusal: { kind: 'hub-failure', detail: 'The hub failed to convert it' },
  })
  expect(sent).toEqual([])
})

test('where the way back fails the caller gets 4000 in place of what it could not read', async () => {
  const path = { method: 'PUT', rest: '/NL/CPO/T1', query: '?x=1' }
  const translated: TranslatedRequest = { kind: 'translated', body: BODY, ...path, conversion: '', remarks: [] }
  const { sent, walk } = wayOf({ request: () => translated, answer: () => ({ kind: 'failed', why: 'no JSON' }) })
  expect(await walk()).toMatchObject({ kind: 'refused', refusal: { kind: 'hub-failure', detail: 'no JSON' } })
  expect(sent).toMatchObject([{ path: '/tariffs/NL/CPO/T1?x=1', method: 'PUT' }])
})

test('what the receiver need not get is answered in its place', async () => {
  const data = { result: 'NOT_SUPPORTED', timeout: 0 }
  const { sent, walk } = wayOf({ request: () => ({ kind: 'settled', why: 'no such command', data }) })
  const answer = await walk()
  expect(answer).toMatchObject({ kind: 'answer', status: 200, ocpiStatus: 1000 })
  expect(JSON.parse(new TextDecoder().decode('body' in answer ? (answer.body as Uint8Array) : BODY))).toMatchObject({
    data,
    status_code: 1000,
    status_message: 'no such command',
  })
  expect(sent).toEqual([])
})
