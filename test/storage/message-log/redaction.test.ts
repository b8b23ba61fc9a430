import { describe, expect, test } from 'vitest'
import { keptValue, withoutSecrets } from '../../../src/storage/message-log/redaction.ts'

describe('Of a header the message log keeps', () => {
  test.each([
    ...['Authorization', 'Proxy-Authorization', 'Cookie', 'Set-Cookie', 'X-Api-Key', 'api-key', 'APIKEY'],
    ...['X-Auth-Token', 'X-Access-Token', 'Ocp-Apim-Subscription-Key', 'X-Functions-Key', 'Authentication'],
    ...['X-Amz-Security-Token', 'X-Client-Secret', 'X_Auth_Token', 'Password', 'X-Hub-Signature', 'X-Credentials'],
  ])('no value of %s', (name) => {
    expect(keptValue([name, 'of-secret-content'], 0)).toBe('[redacted]')
  })

  test.each([
    ...['Content-Type', 'X-Request-ID', 'OCPI-from-party-id', 'Keep-Alive', 'WWW-Authenticate', 'Idempotency-Key'],
    ...['X-Total-Count', 'Link', 'User-Agent', 'Retry-After', 'X-OCPI-Loop', 'traceparent'],
  ])('the value of %s', (name) => {
    expect(keptValue(['Accept', '*/*', name, 'as it came'], 2)).toBe('as it came')
  })

  test('of a URL in it no secret', () => {
    expect(keptValue(['Location', 'https://cpo.example/1?token=abc&v=2'], 0)).toBe(
      'https://cpo.example/1?token=***&v=2',
    )
    expect(keptValue(['Link', '<https://cpo.example/?limit=5&apikey=abc>; rel="next"'], 0)).toBe(
      '<https://cpo.example/?limit=5&apikey=***>; rel="next"',
    )
  })
})

test.each([
  [
    '/locations?limit=5&offset=10&date_from=2026-01-01T00:00:00Z',
    '/locations?limit=5&offset=10&date_from=2026-01-01T00:00:00Z',
  ],
  ['/tokens/KEY/authorize?type=RFID', '/tokens/KEY/authorize?type=RFID'],
  ['/x?token=abc', '/x?token=***'],
  ['/x?limit=1&access_token=a%2Fb&offset=2', '/x?limit=1&access_token=*****&offset=2'],
  ['/x?API-Key=abc;sig=a=b', '/x?API-Key=***;sig=***'],
  ['/x?%74oken=abc', '/x?%74oken=***'],
  [
    '/x?response_url=https://emsp.example/cb?token=abc&duration=9',
    '/x?response_url=https://emsp.example/cb?token=***&duration=9',
  ],
  [
    '/x?response_url=https%3A%2F%2Femsp.example%2Fcb%3Ftoken%3Dabc%26n%3D1',
    '/x?response_url=https%3A%2F%2Femsp.example%2Fcb%3Ftoken%3D***%26n%3D1',
  ],
  ['/x?token=&%ZZ=1&=2', '/x?token=&%ZZ=1&=2'],
])('of the path %s the message log keeps %s', (path, kept) => {
  expect(withoutSecrets(path)).toBe(kept)
})
