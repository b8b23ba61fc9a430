import type { InterfaceRole } from '../../ocpi/modules.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import type { Refusal } from '../message/refusal.ts'
import { isOpenTo } from '../network/dedicated.ts'
import { findParty } from '../network/find-party.ts'
import { mayTalk } from '../network/policy.ts'
import {
  type EndpointAddress,
  endpointOf,
  type HostedParty,
  type Platform,
  type RoutingTable,
} from '../network/routing-table.ts'

/** A party that can be called now, and how. */
export type Destination = {
  readonly party: HostedParty
  readonly platform: Platform
  /** The Authorization header to send. */
  readonly authorization: string
}

export type FoundDestination =
  | { readonly kind: 'found'; readonly destination: Destination }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Finds the platform of the party that holds an interface, and whether it can be called now [status_codes: 4001, 4003]. */
export function findDestination(
  table: RoutingTable,
  from: Party,
  to: Party,
  module: string,
  interfaceRole: InterfaceRole,
  now: number,
): FoundDestination {
  const party = findParty(table, keyOf(to), module, interfaceRole)
  if (party === undefined) return unknown(to)
  return party === 'several' ? ambiguous(to, module) : destinationAt(table, from, to, party, module, now)
}

/** Whether a party can be called now on the platform where it was found. */
export function destinationAt(
  table: RoutingTable,
  from: Party,
  to: Party,
  party: HostedParty,
  module: string,
  now: number,
): FoundDestination {
  const platform = table.platforms.get(party.platformId)
  if (!platform || !mayTalk(table, keyOf(from), party.key, module, now) || !isOpenTo(platform, keyOf(from)))
    return unknown(to)
  if (platform.status !== 'CONNECTED') return notConnected(to, platform.status)
  if (!party.roles.some((role) => role.status === 'ACTIVE')) return notConnected(to, 'not active')
  const authorization = platform.authorization()
  if (authorization === null) return notConnected(to, 'PLANNED')
  return { kind: 'found', destination: { party, platform, authorization } }
}

/** The receiver's endpoint for a module, custom ones included: the caller need not announce what it only calls. */
export function findEndpoint(
  destination: Destination,
  module: string,
  interfaceRole: InterfaceRole,
): EndpointAddress | Refusal {
  return (
    endpointOf(destination.platform, module, interfaceRole) ?? {
      kind: 'unknown-receiver',
      detail: `${showParty(destination.party)} has no ${interfaceRole} interface of ${module}`,
    }
  )
}

function unknown(to: Party): FoundDestination {
  return { kind: 'refused', refusal: { kind: 'unknown-receiver', detail: `Unknown receiver ${showParty(to)}` } }
}

function ambiguous(to: Party, module: string): FoundDestination {
  const detail = `${showParty(to)} has roles on several platforms, and nothing tells which of them is meant by ${module}`
  return { kind: 'refused', refusal: { kind: 'invalid', detail } }
}

function notConnected(to: Party, status: string): FoundDestination {
  return {
    kind: 'refused',
    refusal: { kind: 'not-connected', detail: `${showParty(to)} is not connected (${status})` },
  }
}
