import { type Headers, header } from '../../ocpi/headers.ts'
import type { HeaderChange } from '../message/exchange.ts'

/** They name the two ends of a message; the hub fills in what its caller left out. */
const ROUTING = ['OCPI-to-country-code', 'OCPI-to-party-id', 'OCPI-from-country-code', 'OCPI-from-party-id']

/**
 * What became of headers that did not go through as they came, for the log. Example: `['Cookie', 'a=1']` that was left behind is
 * `['Cookie', 'a=1', null]`.
 *
 * @param unlike names and values that came and did not go through as they are
 * @param sent all headers that were sent instead
 */
export function changesOf(unlike: Headers, sent: Headers): HeaderChange[] {
  const changes: HeaderChange[] = []
  for (let i = 0; i < unlike.length; i += 2) {
    const name = unlike[i] as string
    const was = unlike[i + 1] as string
    const is = header(sent, name.toLowerCase()) ?? null
    if (was !== is) changes.push([name, was, is])
  }
  return changes
}

/** Routing headers that the receiver got otherwise than the caller gave them, or that the caller gave none of. */
export function routingChanges(received: Headers, sent: Headers): HeaderChange[] {
  const changes: HeaderChange[] = []
  for (const name of ROUTING) {
    const was = header(received, name.toLowerCase()) ?? null
    const is = header(sent, name.toLowerCase()) ?? null
    if (was !== is) changes.push([name, was, is])
  }
  return changes
}
