import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRingReader, createRingWriter, ringMemory } from '../../../../src/runtime/node/message-log/ring.ts'

const MOST = 100

function openRing(bytes = 2_000) {
  const memory = ringMemory(bytes, MOST)
  const writer = createRingWriter(memory)
  const reader = createRingReader(memory)
  return {
    /** Whether a frame of so many bytes, each the same, found room. More may have been asked for than it takes. */
    put: (size: number, value: number, asked = size): boolean => {
      const start = writer.begin(asked)
      if (start === -1) return false
      writer.bytes.fill(value, start, start + size)
      writer.end(start + size)
      return true
    },
    /** The frames, each as its size and the values that stand in it. */
    taken: (): (readonly [size: number, values: readonly number[]])[] => {
      const frames: (readonly [number, readonly number[]])[] = []
      reader.drain((from, start, end) => frames.push([end - start, [...new Set(from.subarray(start, end))]]))
      return frames
    },
  }
}

test('frames come out as they went in, in their order, however often the ring turns', () => {
  const sizes = fc.tuple(fc.nat(MOST), fc.nat(MOST)).map(([a, b]) => ({ size: Math.min(a, b), asked: Math.max(a, b) }))
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: sizes }, fc.constant('drain'))), (steps) => {
      const { put, taken } = openRing(300)
      const due: [number, number[]][] = []
      let count = 0
      for (const step of [...steps, 'drain' as const]) {
        if (typeof step === 'string') expect(taken()).toEqual(due.splice(0))
        else if (put(step.size, ++count % 256, step.asked)) due.push([step.size, step.size === 0 ? [] : [count % 256]])
        else expect(due).not.toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})

test('an empty ring has room for the largest frame, wherever it stands', () => {
  for (let before = 0; before <= 2 * MOST; before += 3) {
    const { put, taken } = openRing(0)
    for (let left = before; left > 0; left -= 60) {
      put(Math.min(left, 60), 1)
      taken()
    }
    expect(put(MOST, 7), `${before} bytes went before`).toBe(true)
    expect(taken()).toEqual([[MOST, [7]]])
  }
})

test('a full ring refuses, loses nothing of what it holds, and has room again once that is taken', () => {
  const { put, taken } = openRing()
  let held = 0
  while (put(50, held % 256)) held += 1
  expect(held).toBeGreaterThan(30)
  expect(put(50, 255)).toBe(false)
  expect(taken()).toEqual(Array.from({ length: held }, (_, i) => [50, [i % 256]]))
  expect(put(50, 1)).toBe(true)
  expect(taken()).toEqual([[50, [1]]])
})
