import { expect, test } from 'vitest'
import { contradicted, headerAll, singleHeader } from '../../../src/ocpi/headers.ts'
import { readWebMessage } from '../../../src/runtime/workers/web-exchange.ts'

/** The headers of a request as Workers give it, which join those of one name. */
function headersOf(...pairs: [string, string][]) {
  const request = new Request('https://hub.example/ocpi/versions', { headers: pairs })
  return readWebMessage(request, () => '', 0, { idleMs: 1, totalMs: 1, leastBytesPerSecond: 0 }).headers
}

test('a header that can be there once is seen to be there twice', () => {
  const two = headersOf(['OCPI-to-party-id', 'ABC'], ['OCPI-to-party-id', 'XYZ'], ['X-A', '1'], ['X-A', '2'])
  expect(contradicted(two)).toBe('ocpi-to-party-id')
  expect(headerAll(two, 'x-a')).toEqual(['1, 2'])
  expect(contradicted(headersOf(['OCPI-to-party-id', 'ABC'], ['OCPI-to-party-id', 'abc']))).toBeNull()
  const tokens = (second: string) => headersOf(['Authorization', 'Token a'], ['Authorization', second])
  expect(singleHeader(tokens('Token b'), 'authorization')).toBeUndefined()
  expect(singleHeader(tokens('Token a'), 'authorization')).toBe('Token a')
})
