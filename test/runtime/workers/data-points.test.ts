import { expect, test } from 'vitest'
import { createPointWriter } from '../../../src/runtime/workers/data-points.ts'
import { createRequestScope } from '../../../src/runtime/workers/request-scope.ts'
import { exchange } from '../../support/exchange.ts'

test('of a request that asks many platforms the point of its caller is written, however many it asked', () => {
  const kinds: unknown[] = []
  const scope = createRequestScope('postgres://nobody@127.0.0.1:1/none')
  const write = createPointWriter({ writeDataPoint: (point) => kinds.push(point?.blobs?.[0]) }, scope.mayWritePoint)
  for (let i = 0; i < 200; i++) write(exchange({ kind: 'hub-call' }))
  write(exchange({ kind: 'get-all' }))
  expect(kinds).toEqual([...Array(24).fill('hub-call'), 'get-all'])
})

test('a platform that takes no point fails no request', () => {
  const refusing = () => {
    throw new Error('too many')
  }
  const write = createPointWriter({ writeDataPoint: refusing }, () => true)
  expect(() => write(exchange({ kind: 'direct' }))).not.toThrow()
})
