import { expect, it } from 'vitest'
import { convertedStream } from '../../../src/hub/translate/converted-list.ts'
import type { Hand } from '../../../src/hub/translate/hand.ts'

const hand: Hand = {
  ahead: (objects) => objects.length,
  convert: (bytes) => ({ kind: 'converted', bytes, remarks: [] }),
  unread: () => undefined,
  turn: async () => undefined,
}

it('who goes away while the source of a list is still ends it at once', async () => {
  let isEnded = false
  const still = Promise.withResolvers<IteratorResult<Uint8Array>>()
  const source: AsyncIterator<Uint8Array> = {
    next: () => still.promise,
    async return() {
      isEnded = true
      still.resolve({ done: true, value: undefined })
      return { done: true, value: undefined }
    },
  }
  const list = convertedStream({ [Symbol.asyncIterator]: () => source }, '2.2.1', hand)[Symbol.asyncIterator]()
  const waiting = expect(list.next()).rejects.toThrow('ends too early')
  await list.return?.()
  expect(isEnded).toBe(true)
  await waiting
})
