import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPartnerUrl, isPublicAddress } from '../../../src/runtime/shared/address-guard.ts'

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.216.34',
  '172.15.0.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::1',
]

const NOT_PUBLIC = [
  // This machine, private networks, shared address space.
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.127.255.255',
  // Clouds' metadata.
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  'fd00:ec2::254',
  // Special purposes.
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '192.88.99.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'fc00::1',
  'fdff::1',
  'ff02::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  '100::1',
  // IPv4 inside IPv6, private and public alike.
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001:0:53aa:64c::1',
  // Not addresses, or in spellings that parsers read differently.
  '',
  'example.com',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.1',
  '1',
  '8.8.8.8 ',
  '08.8.8.8',
]

describe('addresses the hub may call', () => {
  it.each(PUBLIC)('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))
  it.each(NOT_PUBLIC)('%s is not', (address) => expect(isPublicAddress(address)).toBe(false))

  it('never hold an IPv4 address of a private network, however IPv6 wraps it', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const hidden = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    )
    const hex = (a: number, b: number) => ((a << 8) | b).toString(16)
    fc.assert(
      fc.property(hidden, ([a, b, c, d]) => {
        const groups = `${hex(a, b)}:${hex(c, d)}`
        const spellings = [
          `${a}.${b}.${c}.${d}`,
          `::ffff:${a}.${b}.${c}.${d}`,
          `::ffff:${groups}`,
          `0:0:0:0:0:FFFF:${groups}`,
          `::${groups}`,
          `64:ff9b::${groups}`,
          `2002:${groups}::1`,
        ]
        expect(spellings.filter(isPublicAddress)).toEqual([])
      }),
    )
  })
})

describe('a URL that a partner gives', () => {
  it.each([
    'https://cpo.example/ocpi/versions',
    'https://cpo.example:8443/ocpi/2.2.1/locations?a=%2F',
    'https://8.8.8.8/x',
    'https://[2606:4700::1111]/x',
    'https://xn--bcher-kva.example/',
  ])('passes when it is https to a public place: %s', (text) => {
    expect(checkPartnerUrl(text, false)).toMatchObject({ ok: true })
  })

  it.each([
    ['http://cpo.example/', 'https'],
    ['ftp://cpo.example/', 'https'],
    ['file:///etc/passwd', 'https'],
    ['javascript:alert(1)', 'https'],
    ['/ocpi/versions', 'absolute'],
    ['', 'absolute'],
    ['https://', 'absolute'],
    ['https://user@cpo.example/', 'user name'],
    ['https://user:word@cpo.example/', 'user name'],
    ['https://cpo.example/#', 'fragment'],
    ['https://cpo.example/#part', 'fragment'],
    ['https://cpo.example/\n', 'ASCII'],
    ['https://cpo.example\\@10.0.0.1/', 'backslash'],
    [' https://cpo.example/', 'spaces'],
    ['https://cpo.example/a\u0000', 'ASCII'],
    [`https://cpo.example/${'a'.repeat(240)}`, '255'],
    ['https://localhost/', 'public'],
    ['https://LOCALHOST./', 'public'],
    ['https://hub.localhost/', 'public'],
    ['https://127.0.0.1/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://0x7f000001/', 'public'],
    ['https://0x7f.1/', 'public'],
    ['https://0177.0.0.1/', 'public'],
    ['https://127.1/', 'public'],
    ['https://0/', 'public'],
    ['https://①②⑦.0.0.1/', 'ASCII'],
    ['https://127.0.0.1./', 'public'],
    ['https://169.254.169.254/latest/meta-data', 'public'],
    ['https://[::1]/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public'],
    ['https://[fd00::1]/', 'public'],
  ])('is refused otherwise: %j', (text, why) => {
    expect(checkPartnerUrl(text, false)).toEqual({ ok: false, why: expect.stringContaining(why) })
  })

  it('may be http to any address where private networks are allowed, and keeps the other rules', () => {
    expect(checkPartnerUrl('http://127.0.0.1:3000/ocpi', true)).toMatchObject({ ok: true })
    expect(checkPartnerUrl('ftp://127.0.0.1/', true)).toMatchObject({ ok: false })
    expect(checkPartnerUrl('http://user@127.0.0.1/', true)).toMatchObject({ ok: false })
  })

  it('never leads to a non-public address, whatever number stands for the host', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(10, 16), (number, radix) => {
        const host = (radix === 16 ? '0x' : '') + number.toString(radix)
        const dotted = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
        expect(checkPartnerUrl(`https://${host}/`, false).ok).toBe(isPublicAddress(dotted))
      }),
    )
  })
})
