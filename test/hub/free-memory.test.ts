import { expect, test } from 'vitest'
import { freeMemory } from '../../src/hub/free-memory.ts'

const canTransfer = 'transfer' in ArrayBuffer.prototype

test.runIf(canTransfer)('bytes that have their memory to themselves are empty once it is given back', () => {
  const bytes = new Uint8Array(100_000)
  freeMemory(bytes)
  expect(bytes.length).toBe(0)
  freeMemory(bytes)
})

test('bytes that share their memory with others stay, and so do the others', () => {
  const whole = Uint8Array.of(1, 2, 3)
  freeMemory(whole.subarray(0, 2))
  expect([...whole]).toEqual([1, 2, 3])
  const pooled = [Buffer.from('one'), Buffer.from('two')]
  for (const bytes of pooled) freeMemory(bytes)
  expect(pooled.map(String)).toEqual(['one', 'two'])
})
