import { describe, expect, it } from 'vitest'
import { inParallelByGroup } from '../../src/hub/in-parallel.ts'

const MOST = { groups: 10, inEach: 2 }

describe('Work for many partners at once', () => {
  it('goes on with one partner though more work than may be at once hangs with another', async () => {
    const begun: string[] = []
    const work = (item: string) => {
      begun.push(item)
      return item.startsWith('a') ? new Promise<string>(() => {}) : Promise.resolve(item.toUpperCase())
    }
    const items = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3']
    const results = await inParallelByGroup(
      items,
      ([first]) => first,
      MOST,
      work,
      (result) => result === 'B3',
    )
    expect(results).toEqual([undefined, undefined, undefined, 'B1', 'B2', 'B3'])
    expect(begun).not.toContain('a3')
  })

  it('gives all results in order, and begins nothing more once one is enough', async () => {
    const items = [5, 1, 4, 2, 3]
    const double = (n: number) => Promise.resolve(2 * n)
    expect(
      await inParallelByGroup(
        items,
        (n) => n % 2,
        MOST,
        double,
        () => false,
      ),
    ).toEqual([10, 2, 8, 4, 6])
    const begun: number[] = []
    const note = (n: number) => {
      begun.push(n)
      return Promise.resolve(n)
    }
    await inParallelByGroup(
      items,
      () => 'one',
      { groups: 1, inEach: 1 },
      note,
      (n) => n === 1,
    )
    expect(begun).toEqual([5, 1])
  })
})
