/**
 * Who shares one count of failures: an IPv4 address, or the first 64 bits of an IPv6 address. Whoever has one address of those has them
 * all: a count of each would never shut anybody out.
 *
 * @param address as the runtime tells it: IPv6 in its short form, without brackets and port
 * @example networkOf('2001:db8:0:7::1') // '2001:db8:0:7::/64'
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = groupsOf(head)
  const last = tail === undefined ? [] : groupsOf(tail)
  const missing = Math.max(0, 8 - groups.length - last.length)
  const all = [...groups, ...Array<string>(missing).fill('0'), ...last].slice(0, 4)
  return `${all.join(':')}::/64`
}

/** An IPv4 address at the end counts as two groups, and is in the last 64 bits anyway. */
function groupsOf(text: string): string[] {
  return text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group.replace(/^0+(?=.)/, '')]))
}
