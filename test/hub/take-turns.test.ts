import { describe, expect, test } from 'vitest'
import { createTurns } from '../../src/hub/take-turns.ts'

/** Work that ends when it is told to, and the order in which each was begun. */
function stage(bounds = { most: 2, mostOfOne: 1, mostWaitingOfOne: 3 }) {
  const takeTurn = createTurns(bounds)
  const begun: string[] = []
  const ends = new Map<string, (fails?: boolean) => void>()
  const add = (name: string) =>
    takeTurn(name[0] as string, () => {
      begun.push(name)
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (fails) => (fails ? reject(new Error(name)) : resolve(name)))
      })
    })
  return { begun, add, end: (name: string, fails = false) => ends.get(name)?.(fails) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('taking turns', () => {
  test('a caller with much waiting has one in turn, and who comes with one is next', async () => {
    const { begun, add, end } = stage({ most: 1, mostOfOne: 1, mostWaitingOfOne: 3 })
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1']) void add(name)
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'a4']) {
      expect(begun.at(-1)).toBe(name)
      end(name)
      await settled()
    }
  })

  test('one caller leaves places to others, however much of its waits', async () => {
    const { begun, add, end } = stage()
    for (const name of ['a1', 'a2', 'b1', 'b2']) void add(name)
    expect(begun).toEqual(['a1', 'b1'])
    end('b1')
    await settled()
    expect(begun).toEqual(['a1', 'b1', 'b2'])
  })

  test('what fails makes way like what ends well', async () => {
    const { begun, add, end } = stage()
    const failing = add('a1')
    const next = add('a2')
    end('a1', true)
    await expect(failing).rejects.toThrow('a1')
    expect(begun).toEqual(['a1', 'a2'])
    end('a2')
    expect(await next).toBe('a2')
  })

  test('more than may wait of one caller is refused, and of another it may', async () => {
    const { add } = stage()
    expect(['a1', 'a2', 'a3', 'a4', 'a5', 'b1'].map((name) => add(name) === null)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ])
  })
})
