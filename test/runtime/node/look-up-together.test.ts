import { expect, it } from 'vitest'
import { lookUpTogether } from '../../../src/runtime/node/look-up-together.ts'

/** A store that answers when it is told to, and knows what is written in capitals. */
function createStore() {
  const asked: (readonly string[])[] = []
  const answers: (() => void)[] = []
  const find = lookUpTogether(async (keys) => {
    asked.push(keys)
    await new Promise<void>((resolve) => answers.push(resolve))
    if (keys.includes('broken')) throw new Error('the store is away')
    return new Map(keys.filter((key) => key === key.toUpperCase()).map((key) => [key, `${key}!`]))
  })
  return { find, asked, answer: () => answers.shift()?.() }
}

it('a flood of wrong keys is one statement at a time, and a good key among them is found', async () => {
  const { find, asked, answer } = createStore()
  const first = find('x0')
  const flood = Array.from({ length: 500 }, (_, i) => find(`x${i % 100}`))
  const good = find('GOOD')
  expect(asked).toHaveLength(1)
  answer()
  expect(await first).toBeNull()
  await Promise.resolve()
  expect(asked).toHaveLength(2)
  expect(asked[1]).toHaveLength(101)
  answer()
  expect(await good).toBe('GOOD!')
  expect(new Set(await Promise.all(flood))).toEqual(new Set([null]))
})

it('an error is told to those who asked, and to nobody after them', async () => {
  const { find, answer } = createStore()
  const failed = find('broken')
  answer()
  await expect(failed).rejects.toThrow('away')
  const found = find('A')
  await Promise.resolve()
  answer()
  expect(await found).toBe('A!')
})
