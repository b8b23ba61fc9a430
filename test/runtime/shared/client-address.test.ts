import { describe, expect, it } from 'vitest'
import { clientAddress, parseTrustedProxies } from '../../../src/runtime/shared/client-address.ts'

const TRUSTED = parseTrustedProxies('10.0.0.0/8, 192.0.2.7, 2001:db8::/32') ?? []

describe("the client's address", () => {
  it.each([
    ['203.0.113.9', [], '203.0.113.9'],
    ['203.0.113.9', ['198.51.100.1'], '203.0.113.9'],
    ['10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
    ['::ffff:10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
    ['10.0.0.1', ['1.2.3.4, 198.51.100.1'], '198.51.100.1'],
    ['10.0.0.1', ['1.2.3.4', '198.51.100.1, 10.9.9.9'], '198.51.100.1'],
    ['10.0.0.1', ['198.51.100.1 ,192.0.2.7,10.2.3.4'], '198.51.100.1'],
    ['2001:db8::1', ['[2a00::1]:443'], '2a00::1'],
    ['10.0.0.1', ['198.51.100.1:5555'], '198.51.100.1'],
    ['10.0.0.1', ['::ffff:198.51.100.1'], '198.51.100.1'],
    ['10.0.0.1', [], '10.0.0.1'],
    ['10.0.0.1', ['10.0.0.2'], '10.0.0.2'],
    ['10.0.0.1', ['unknown'], '10.0.0.1'],
    ['10.0.0.1', ['198.51.100.1, unknown'], '10.0.0.1'],
    ['10.0.0.1', ['1, 2130706433'], '10.0.0.1'],
    ['10.0.0.1', [''], '10.0.0.1'],
  ])('from %s with X-Forwarded-For %j is %s', (socket, forwardedFor, expected) => {
    expect(clientAddress(socket, forwardedFor, TRUSTED)).toBe(expected)
  })

  it('is always the socket when no proxy is trusted', () => {
    expect(clientAddress('::ffff:10.0.0.1', ['198.51.100.1'], [])).toBe('10.0.0.1')
  })

  it.each(['10.0.0.0/33', '10.0.0', '10.0.0.1,', 'proxy.example', '2001:db8::/129', '0x0a.0.0.1'])(
    'comes from no proxy named %j',
    (text) => expect(parseTrustedProxies(text)).toBeNull(),
  )
})
