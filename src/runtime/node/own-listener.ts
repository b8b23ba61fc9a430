import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/**
 * Says of an address and a port that were connected to whether the hub itself listens there, in whatever spelling: by name, as IPv4
 * within IPv6, or at any address of this machine where the hub listens at all of them.
 *
 * @param host where the hub listens: an address or a name
 */
export function createOwnListener(host: string, port: number): (address: string, port: number) => boolean {
  const listensAt = ipaddr.isValid(host) ? plain(host) : null
  const isEverywhere = listensAt === null || ipaddr.process(listensAt).range() === 'unspecified'
  return (address, connectedPort) => {
    if (connectedPort !== port || !ipaddr.isValid(address)) return false
    return isEverywhere ? isOfThisMachine(address) : plain(address) === listensAt
  }
}

function isOfThisMachine(address: string): boolean {
  if (ipaddr.process(address).range() === 'loopback') return true
  const own = plain(address)
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((each) => plain(each.address) === own))
}

/** `127.0.0.1` for `::ffff:127.0.0.1`. */
function plain(address: string): string {
  return ipaddr.process(address).toString()
}
