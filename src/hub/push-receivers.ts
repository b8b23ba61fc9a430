import { endpointKey } from '../ocpi/modules.ts'
import { keyOf, type Role } from '../ocpi/party.ts'
import type { Push, SenderClass } from './push.ts'
import type { MayTalk } from './route.ts'
import type { HostedParty, Platform, RoutingTable } from './routing-table.ts'

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

/**
 * The parties of a platform that a push may be addressed to; empty when it is not for this platform. An OFFLINE platform
 * still counts: its queue decides whether the push waits or is missed.
 */
export function fittingParties(platform: Platform, push: PushClass): readonly HostedParty[] {
  if (platform.id === push.fromPlatformId) return NOBODY
  if (platform.status !== 'CONNECTED' && platform.status !== 'OFFLINE') return NOBODY
  if (!platform.endpoints.has(endpointKey(push.module, 'RECEIVER'))) return NOBODY
  const roles = RECEIVING_ROLES[push.senderClass]
  return platform.parties.filter((party) =>
    party.roles.some((role) => role.status === 'ACTIVE' && roles.has(role.role)),
  )
}

const NOBODY: readonly HostedParty[] = []

/** The party of the platform that a push is addressed to now; null when it is not for this platform. Once per platform. */
export function receives(
  table: RoutingTable,
  platform: Platform,
  push: Push,
  mayTalk: MayTalk,
  at: number,
): HostedParty | null {
  for (const party of fittingParties(platform, push)) {
    if (mayTalk(table, keyOf(push.owner), party.key, push.module, at)) return party
  }
  return null
}

/**
 * Finds the platforms that a push may be for, once per kind of push and table. The sending platform may be among them.
 */
export function createReceiverIndex() {
  let of: RoutingTable | null = null
  let index = new Map<string, readonly string[]>()
  return function platformIdsFor(table: RoutingTable, push: PushClass): readonly string[] {
    if (of !== table) {
      of = table
      index = new Map()
    }
    const key = `${push.senderClass} ${push.module}`
    let ids = index.get(key)
    if (!ids) {
      const anyone = { ...push, fromPlatformId: '' }
      const platforms = [...table.platforms.values()]
      ids = platforms.filter((platform) => fittingParties(platform, anyone).length > 0).map((platform) => platform.id)
      index.set(key, ids)
    }
    return ids
  }
}
