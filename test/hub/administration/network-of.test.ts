import { expect, test } from 'vitest'
import { networkOf } from '../../../src/hub/administration/network-of.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
  ['2001:db8:0:7:ffff:eeee:dddd:cccc', '2001:db8:0:7::/64'],
  ['2001:0db8:0000:0007::2', '2001:db8:0:7::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('failures of %s are counted for %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
