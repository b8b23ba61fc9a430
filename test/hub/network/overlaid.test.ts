import { expect, test } from 'vitest'
import { overlaid } from '../../../src/hub/network/overlaid.ts'

test('a map in front of another reads as one, and copies none', () => {
  const base = new Map([
    ['a', 1],
    ['b', 2],
  ])
  const both = overlaid(
    base,
    new Map([
      ['b', 20],
      ['c', 30],
    ]),
  )
  const all = [
    ['a', 1],
    ['b', 20],
    ['c', 30],
  ]
  expect([...both]).toEqual(all)
  expect([...both.entries()]).toEqual(all)
  expect([[...both.keys()], [...both.values()]]).toEqual([
    ['a', 'b', 'c'],
    [1, 20, 30],
  ])
  expect([both.size, both.get('b'), both.get('a'), both.get('z'), both.has('c'), both.has('z')]).toEqual([
    ...[3, 20, 1, undefined, true, false],
  ])
  const seen: unknown[] = []
  both.forEach((value, key) => seen.push([key, value]))
  expect(seen).toEqual(all)
  expect(new Map(both)).toEqual(new Map(all as [string, number][]))
})
