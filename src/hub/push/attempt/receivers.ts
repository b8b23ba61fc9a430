import { endpointKey } from '../../../ocpi/modules.ts'
import { keyOf, type PartyKey, type Role } from '../../../ocpi/party.ts'
import { isOpenTo } from '../../network/dedicated.ts'
import { mayTalk } from '../../network/policy.ts'
import type { HostedParty, Platform, RoutingTable } from '../../network/routing-table.ts'
import { addressedTo, type Push, type SenderClass } from '../push.ts'

/**
 * Roles a push is meant for [transport_and_format: Broadcast Push]. SCSPs count among a CPO's readers where they announce
 * the module's RECEIVER interface at all.
 */
const RECEIVING_ROLES: Record<SenderClass, ReadonlySet<Role>> = {
  CPO: new Set<Role>(['EMSP', 'NSP', 'NAP', 'SCSP', 'OTHER']),
  EMSP: new Set<Role>(['CPO']),
  OTHER: new Set<Role>(['CPO']),
}

/** The part of a push that decides who could receive it: all such pushes have the same audience, agreements aside. */
export type PushClass = Pick<Push, 'fromPlatformId' | 'senderClass' | 'module'>

export type ReceiverOptions = {
  /** Asks of a platform that is not connected as well: SUSPENDED or PLANNED. Such a platform misses the push. */
  readonly suspendedToo: boolean
}

const CONNECTED_ONLY: ReceiverOptions = { suspendedToo: false }

/**
 * The party that a push is addressed to at the platform; null when the push is not for this platform. Of several parties it is
 * the first that has a fitting role and may talk with the push's owner, unless the push names one.
 */
export function receiver(
  table: RoutingTable,
  platform: Platform,
  push: Push,
  at: number,
  { suspendedToo }: ReceiverOptions = CONNECTED_ONLY,
): HostedParty | null {
  if (!(suspendedToo || isConnected(platform)) || !concerns(platform, push)) return null
  if (push.onlyTo !== undefined && push.onlyTo !== platform.id) return null
  const owner = keyOf(push.owner)
  for (const party of platform.parties) {
    if (push.to !== undefined && party.key !== push.to) continue
    if (isFitting(party, push) && hears(table, platform, party, owner, push.module, at)) return party
  }
  return null
}

const NONE: readonly Push[] = []

/** A push as a platform gets it: once, or once for each party that it is meant for, as the platform is set; or not at all. */
export function addressed(
  table: RoutingTable,
  platform: Platform,
  push: Push,
  at: number,
  options?: ReceiverOptions,
): readonly Push[] {
  const first = receiver(table, platform, push, at, options)
  if (!first) return NONE
  if (platform.delivery.broadcastTo === 'platform') return [push]
  const owner = keyOf(push.owner)
  return platform.parties
    .filter((party) => isFitting(party, push) && hears(table, platform, party, owner, push.module, at))
    .map((party) => addressedTo(push, party.key))
}

/**
 * Why a platform does not get a push, by what it is set up for: it sent the push itself, has no party in a fitting role, announces no
 * RECEIVER interface of the module, or no agreement lets such a party hear the owner. Null: it does, once it is connected.
 */
export function whyNotFor(
  table: RoutingTable,
  platform: Platform,
  push: Push,
  at: number,
): 'sender' | 'role' | 'endpoint' | 'agreement' | null {
  if (platform.id === push.fromPlatformId) return 'sender'
  const fitting = platform.parties.filter((party) => isFitting(party, push))
  if (fitting.length === 0) return 'role'
  if (!concerns(platform, push)) return 'endpoint'
  const owner = keyOf(push.owner)
  return fitting.some((party) => hears(table, platform, party, owner, push.module, at)) ? null : 'agreement'
}

/** Whether a platform receives pushes of this class from every owner that agreements let it hear: needs no owner, no time. */
export function couldReceive(platform: Platform, push: PushClass): boolean {
  return isConnected(platform) && concerns(platform, push) && platform.parties.some((party) => isFitting(party, push))
}

/** An OFFLINE platform counts: its queue decides whether a push waits or is missed. */
function isConnected({ status }: Platform): boolean {
  return status === 'CONNECTED' || status === 'OFFLINE'
}

/** Whether the platform takes pushes of the module, and is not the sender itself. */
function concerns(platform: Platform, push: PushClass): boolean {
  return platform.id !== push.fromPlatformId && platform.endpoints.has(endpointKey(push.module, 'RECEIVER'))
}

/** Whether agreements let a party hear an owner, and its connection is not with another one alone. */
function hears(
  table: RoutingTable,
  platform: Platform,
  party: HostedParty,
  owner: PartyKey,
  module: string,
  at: number,
): boolean {
  return mayTalk(table, owner, party.key, module, at) && isOpenTo(platform, owner)
}

function isFitting(party: HostedParty, push: PushClass): boolean {
  for (const { role, status } of party.roles) {
    if (status === 'ACTIVE' && RECEIVING_ROLES[push.senderClass].has(role)) return true
  }
  return false
}
