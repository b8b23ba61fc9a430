import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'

type Callback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** Finds all addresses of a host, as `dns.lookup` does. */
export type Lookup = (hostname: string, options: LookupAllOptions, callback: Callback) => void

/**
 * Looks each name up once at a time and tells all who asked meanwhile. The system's lookups share few threads, and a dead name
 * server holds one for ten seconds: the requests to one platform would take them all, and with them everybody's connections.
 */
export function createSharedLookup(lookup: Lookup = systemLookup): Lookup {
  const waiting = new Map<string, Callback[]>()
  return (hostname, options, callback) => {
    const key = `${hostname} ${options.family ?? 0} ${options.hints ?? 0}`
    const others = waiting.get(key)
    if (others) {
      others.push(callback)
      return
    }
    const callbacks = [callback]
    waiting.set(key, callbacks)
    lookup(hostname, options, (error, addresses) => {
      waiting.delete(key)
      for (const tell of callbacks) tell(error, addresses)
    })
  }
}
