import { describe, expect, test } from 'vitest'
import { beyondShare } from '../../../../src/hub/push/drain/shares.ts'

const beyond = (bytesOf: Record<string, number>, most: number) =>
  Object.fromEntries(beyondShare(new Map(Object.entries(bytesOf)), most))

describe('What senders have beyond their share of the log', () => {
  test('is nothing as long as there is room for all', () => {
    expect(beyond({ a: 10, b: 90 }, 100)).toEqual({})
  })

  test('leaves one that is alone all there is', () => {
    expect(beyond({ a: 130 }, 100)).toEqual({ a: 30 })
  })

  test('is measured by an equal share and by what others leave of theirs', () => {
    expect(beyond({ c: 90, a: 10, b: 40 }, 100)).toEqual({ c: 40 })
    expect(beyond({ a: 10, b: 80, c: 90 }, 100)).toEqual({ b: 35, c: 45 })
    expect(beyond({ a: 50, b: 50, c: 50, d: 50 }, 100)).toEqual({ a: 25, b: 25, c: 25, d: 25 })
  })
})
