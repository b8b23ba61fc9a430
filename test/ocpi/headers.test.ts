import { describe, expect, test } from 'vitest'
import { contradicted, singleHeader } from '../../src/ocpi/headers.ts'

describe('a header that can be there once only', () => {
  test.each([
    'OCPI-to-party-id',
    'ocpi-to-country-code',
    'OCPI-FROM-PARTY-ID',
    'OCPI-from-country-code',
    'Content-Type',
    'Content-Encoding',
  ])('%s with two values contradicts itself; twice with one value it does not', (name) => {
    expect(contradicted([name, 'AB', 'X-A', '1', name.toLowerCase(), 'CD'])).toBe(name.toLowerCase())
    expect(contradicted([name, 'AB', name, ' ab', name, 'CD'])).toBe(name)
    expect(contradicted([name, 'AB', 'X-A', '1', name.toUpperCase(), ' ab '])).toBeNull()
  })

  test('others may differ', () => {
    expect(contradicted(['X-A', '1', 'X-A', '2', 'X-Request-ID', 'a', 'x-request-id', 'b'])).toBeNull()
    expect(contradicted(['OCPI-to-party-id', 'AB', 'OCPI-from-party-id', 'CD'])).toBeNull()
  })

  test('has a value only where all of them are the same', () => {
    const name = 'authorization'
    expect(singleHeader(['Authorization', 'a', 'X', '1', 'AUTHORIZATION', 'a'], name)).toBe('a')
    expect(singleHeader(['Authorization', 'a', 'X', '1', 'AUTHORIZATION', 'A'], name)).toBeUndefined()
    expect(singleHeader(['X', '1'], name)).toBeUndefined()
  })
})
