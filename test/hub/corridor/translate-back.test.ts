import { expect, it } from 'vitest'
import { createTranslateBack } from '../../../src/hub/corridor/translate-back.ts'
import type { Trip } from '../../../src/hub/corridor/trip.ts'
import type { ByteStream } from '../../../src/hub/message.ts'
import type { Carriage } from '../../../src/hub/translate/carriage.ts'
import { createTranslate } from '../../../src/hub/translate/translate.ts'
import { platformOf } from '../translate/platform.ts'

const CPO = { countryCode: 'NL', partyId: 'CPO' }
const EMSP = { countryCode: 'DE', partyId: 'EMS' }

const carriage: Carriage = {
  ...{ module: 'locations', interfaceRole: 'SENDER', method: 'GET', rest: '/L1', query: '', isLed: false },
  ...{ version: '2.2.1', caller: platformOf('emsp', '2.2.1'), receiver: platformOf('cpo', '2.3.0') },
  ...{ from: EMSP, to: CPO },
}

it('an object that breaks off while it comes is answered as such, and its sender is let go', async () => {
  let isEnded = false
  let given = 0
  const body: AsyncIterableIterator<Uint8Array> & ByteStream = {
    async next() {
      if (given++ > 0) throw new Error('connection reset')
      return { done: false, value: new TextEncoder().encode('{"data":{"id":"L1"') }
    },
    async return() {
      isEnded = true
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => body,
  }
  const translate = createTranslate({
    now: () => 0,
    noteConversion: () => undefined,
    onError: () => undefined,
    bufferBytes: 1_000,
  })
  const back = createTranslateBack({
    translate,
    inflate: () => Promise.reject(new Error('Expected nothing to inflate')),
    inflateStream: () => 'unreadable',
    limits: { bufferBytes: 1_000 },
  })
  const trip = { exchange: {} } as Trip
  const forwarded = { kind: 'answered', status: 200, headers: [], body, ocpiStatus: null, receiverMs: 1 } as const
  const came = await back(trip, carriage, forwarded, null)
  expect(came).toMatchObject({ kind: 'refused', refusal: { kind: 'hub-failure' } })
  expect(trip.exchange.conversion).toBe('2.3.0 to 2.2.1: failed')
  expect(isEnded).toBe(true)
})
