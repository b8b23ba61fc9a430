import { type Headers, header } from '../../ocpi/headers.ts'
import type { InterfaceRole } from '../../ocpi/modules.ts'
import { keyOf, type Party, sameParty, showParty } from '../../ocpi/party.ts'
import type { Refusal } from '../message/refusal.ts'
import type { HostedParty, Platform, RoutingTable } from '../network/routing-table.ts'
import { sideHolding, sideOf } from '../network/sides.ts'

/** What a functional request is aimed at: `/ocpi/2.2.1/receiver/locations/NL/ABC/1` taken apart. */
export type Target = {
  readonly version: string
  readonly interfaceRole: InterfaceRole
  readonly module: string
  /** What follows the module, byte for byte; empty or from the slash. */
  readonly rest: string
}

/** The four arrangements of message routing [transport_and_format: Message Routing]. */
export type Classified =
  | { readonly kind: 'direct'; readonly from: Party; readonly to: Party }
  | { readonly kind: 'broadcast'; readonly from: Party }
  /** `crawlId`: of a list that goes on by a next link, which reading of it the link is of. */
  | { readonly kind: 'get-all'; readonly from: Party; readonly crawlId: string | null }
  | { readonly kind: 'open'; readonly from: Party }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * Tells what a request means by its routing headers. Parties keep the spelling of the headers. `OCPI-from-*` must name a
 * party of the calling platform; absent, it is filled in when only one can be meant.
 */
export function classify(
  table: RoutingTable,
  caller: Platform,
  target: Target,
  method: string,
  headers: Headers,
): Classified {
  const to = partyIn(headers, 'to')
  if (to === 'half') return invalid('OCPI-to-country-code and OCPI-to-party-id go together')
  const from = sender(caller, target, headers)
  if ('refusal' in from) return { kind: 'refused', refusal: from.refusal }
  if (to === null) return { kind: 'open', from: from.party }
  if (!sameParty(to, table.hub)) return { kind: 'direct', from: from.party, to }
  if (method === 'GET') {
    const isList = target.interfaceRole === 'SENDER' && (target.rest === '' || target.rest === '/')
    return isList
      ? { kind: 'get-all', from: from.party, crawlId: null }
      : invalid('A GET to the hub must ask for a list on a SENDER interface; leave OCPI-to-* out for open routing')
  }
  if (target.interfaceRole === 'RECEIVER' && method !== 'GET') return { kind: 'broadcast', from: from.party }
  return invalid(`${method} on a ${target.interfaceRole} interface cannot be addressed to the hub`)
}

/** The caller's party: named in `OCPI-from-*`, or the only one that could be meant. */
function sender(
  caller: Platform,
  target: Pick<Target, 'module' | 'interfaceRole'>,
  headers: Headers,
): { readonly party: Party } | { readonly refusal: Refusal } {
  const from = partyIn(headers, 'from')
  if (from === 'half') return { refusal: invalidBecause('OCPI-from-country-code and OCPI-from-party-id go together') }
  if (from !== null) {
    const key = keyOf(from)
    const isHosted = caller.parties.some((party) => party.key === key && party.roles.some(isLive))
    if (isHosted) return { party: from }
    return { refusal: invalidBecause(`OCPI-from-* names ${showParty(from)}, which is no party of your platform`) }
  }
  const fitting = fittingParties(caller, target.module, target.interfaceRole)
  if (fitting.length === 1) return { party: fitting[0] as HostedParty }
  return {
    refusal: invalidBecause(
      fitting.length === 0
        ? `OCPI-from-* is missing and no party of your platform can call the ${target.interfaceRole} interface of ${target.module}`
        : 'OCPI-from-* is missing and your platform has several parties that could be meant',
    ),
  }
}

/** Parties of the caller in a role that calls this interface: those of the side that does not hold it. */
function fittingParties(caller: Platform, module: string, interfaceRole: InterfaceRole): HostedParty[] {
  const holder = sideHolding(module, interfaceRole)
  return caller.parties.filter((party) =>
    party.roles.some((role) => isLive(role) && (holder === null || sideOf(role.role) !== holder)),
  )
}

/** The party named in `OCPI-from-*`, when both halves are there. */
export function namedSender(headers: Headers): Party | null {
  const from = partyIn(headers, 'from')
  return from === 'half' ? null : from
}

function isLive(role: HostedParty['roles'][number]): boolean {
  return role.status === 'ACTIVE'
}

function partyIn(headers: Headers, end: 'to' | 'from'): Party | null | 'half' {
  const countryCode = header(headers, end === 'to' ? 'ocpi-to-country-code' : 'ocpi-from-country-code')?.trim()
  const partyId = header(headers, end === 'to' ? 'ocpi-to-party-id' : 'ocpi-from-party-id')?.trim()
  if (!countryCode && !partyId) return null
  if (!countryCode || !partyId) return 'half'
  return { countryCode, partyId }
}

function invalidBecause(detail: string): Refusal {
  return { kind: 'invalid', detail }
}

function invalid(detail: string): Classified {
  return { kind: 'refused', refusal: invalidBecause(detail) }
}
