// The room that an inflated answer takes is free again whatever becomes of reading it.
import { expect, test } from 'vitest'
import { createForward } from '../../../src/hub/corridor/forward.ts'
import { createPlaces, createRoom } from '../../../src/hub/limits.ts'
import type { OutboundRequest } from '../../../src/hub/ports.ts'

test('An answer that fails while it is read gives back its room and its place', async () => {
  const room = createRoom(100)
  const places = createPlaces(1)
  const forward = createForward({
    send: async () => ({
      kind: 'answer',
      status: 200,
      headers: ['Content-Encoding', 'gzip'],
      body: new Uint8Array(10),
    }),
    inflate: async () => {
      expect(room.take('receiver', 100)).toBe(true)
      return { kind: 'whole', bytes: new Uint8Array(100), letGo: () => room.give('receiver', 100) }
    },
    places,
    leastSpeed: { bytesPerSecond: 0, windowMs: 1 },
    newerToken: async () => null,
    table: () => {
      throw new Error('Expected nobody to look at the table')
    },
    now: () => 0,
    alarm: () => {},
    noteBound: () => {},
    onUnreachable: () => {},
  })
  const request: OutboundRequest = {
    origin: 'http://receiver.test',
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 1_000,
    bufferBytes: 1_000,
  }
  const fail = () => {
    throw new Error('cannot be read')
  }
  for (let i = 0; i < 3; i++)
    await expect(forward('receiver', 'caller', request, fail)).rejects.toThrow('cannot be read')
  expect(room.take('receiver', 100)).toBe(true)
  expect(places.enter('receiver', 'caller')).toBe(true)
})
