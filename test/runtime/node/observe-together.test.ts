import { expect, test } from 'vitest'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { observeTogether } from '../../../src/runtime/node/observe-together.ts'
import { exchange } from '../../support/exchange.ts'

test('exchanges of one turn are kept in order behind it, and one that fails takes none of the others with it', async () => {
  const kept: string[] = []
  const faults: unknown[] = []
  const { observe } = observeTogether(
    ({ requestId }: Exchange) => {
      if (requestId === 'bad') throw new Error('bad')
      kept.push(requestId)
    },
    (error) => faults.push(error),
  )
  for (const requestId of ['a', 'bad', 'b']) observe(exchange({ requestId }))
  expect(kept).toEqual([])
  await new Promise(setImmediate)
  expect(kept).toEqual(['a', 'b'])
  expect(faults).toHaveLength(1)
})
