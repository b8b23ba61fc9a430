import { endpointKey } from '../../../ocpi/modules.ts'
import { keyOf, type Role } from '../../../ocpi/party.ts'
import { mayTalk } from '../../network/policy.ts'
import type { HostedParty, Platform, RoutingTable } from '../../network/routing-table.ts'
import type { Push, SenderClass } from '../push.ts'

/**
 * Roles a push is meant for [transport_and_format: Broadcast Push]. SCSPs count among a CPO's readers where they announce
 * the module's RECEIVER interface at all.
 */
const RECEIVING_ROLES: Record<SenderClass, ReadonlySet<Role>> = {
  CPO: new Set<Role>(['EMSP', 'NSP', 'NAP', 'SCSP', 'OTHER']),
  EMSP: new Set<Role>(['CPO']),
  OTHER: new Set<Role>(['CPO']),
}

/** What of a push decides who may receive it. */
export type PushClass = Pick<Push, 'fromPlatformId' | 'senderClass' | 'module'>

/** An OFFLINE platform still counts: its queue decides whether a push waits or is missed. */
function isConnected({ status }: Platform): boolean {
  return status === 'CONNECTED' || status === 'OFFLINE'
}

/** Whether a push is for a platform at all. */
function concerns(platform: Platform, push: PushClass): boolean {
  return platform.id !== push.fromPlatformId && platform.endpoints.has(endpointKey(push.module, 'RECEIVER'))
}

function isFitting(party: HostedParty, push: PushClass): boolean {
  for (const { role, status } of party.roles) {
    if (status === 'ACTIVE' && RECEIVING_ROLES[push.senderClass].has(role)) return true
  }
  return false
}

/** Whether a platform has a party that a push may be addressed to, agreements aside. */
export function mayReceive(platform: Platform, push: PushClass): boolean {
  return isConnected(platform) && concerns(platform, push) && platform.parties.some((party) => isFitting(party, push))
}

/** The party of the platform that a push is addressed to now; null when it is not for this platform. Once per platform. */
export function receives(table: RoutingTable, platform: Platform, push: Push, at: number): HostedParty | null {
  return isConnected(platform) ? addressee(table, platform, push, at) : null
}

/** As `receives`, of a platform that is suspended as well: the party that would be told. */
export function addressee(table: RoutingTable, platform: Platform, push: Push, at: number): HostedParty | null {
  if (!concerns(platform, push)) return null
  for (const party of platform.parties) {
    if (isFitting(party, push) && mayTalk(table, keyOf(push.owner), party.key, push.module, at)) return party
  }
  return null
}
