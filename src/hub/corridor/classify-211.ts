import { type Party, sameParty } from '../../ocpi/party.ts'
import type { RelayPath } from '../../ocpi/path.ts'
import { otherSide } from '../../ocpi/sides.ts'
import type { Refusal } from '../message/refusal.ts'
import { dedicatedTo } from '../network/dedicated.ts'
import { type HostedParty, isLive, type Platform } from '../network/routing-table.ts'
import { soleSide } from '../network/sole-side.ts'
import type { Trip } from './trip.ts'

type Target = RelayPath

/** What a request asks of the hub, of what `Classified` has. */
type Meant =
  | { readonly kind: 'direct'; readonly from: Party; readonly to: Party; readonly target: Target }
  | { readonly kind: 'broadcast' | 'open'; readonly from: Party; readonly target: Target }
  | { readonly kind: 'get-all'; readonly from: Party; readonly target: Target; readonly crawlId: null }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly from: Party | null; readonly target: Target }

/** Objects that go to everybody who may have to do with their owner. Sessions and CDRs are one eMSP's. */
const FOR_ALL = new Set(['locations', 'tariffs', 'tokens'])

/**
 * Tells what a request of 2.1.1 means, which knows no routing headers: to a partner the hub is the CPO, or the eMSP, of all.
 *
 * | Request | Meaning |
 * |---|---|
 * | GET of a list that the hub holds | the list of all |
 * | GET of one object there, authorisation, commands | for whom the request itself shows |
 * | PUT, PATCH, DELETE of locations, tariffs, tokens | for all |
 * | GET of an object that it sent | what it said last |
 * | sessions and cdrs of the partner | for the eMSP whose driver it was |
 *
 * `OCPI-to-*` of a partner that sends it all the same is honoured. On a dedicated connection everything is its counterparty's.
 */
export function classify211({ table, caller, message }: Trip, target: Target, to: Party | null): Meant {
  const from = soleParty(caller.platform)
  if (!from) return refused({ kind: 'invalid', detail: 'No party of your platform takes part yet' }, null, target)
  const receiver = dedicatedTo(caller.platform) ?? (to !== null && !sameParty(to, table.hub) ? to : null)
  if (receiver) return { kind: 'direct', from, to: receiver, target }
  const { module, interfaceRole, rest } = target
  const isRead = message.method === 'GET'
  if (interfaceRole === 'SENDER') {
    const isList = isRead && (rest === '' || rest === '/')
    return isList ? { kind: 'get-all', from, target, crawlId: null } : { kind: 'open', from, target }
  }
  return FOR_ALL.has(module) && !isRead ? { kind: 'broadcast', from, target } : { kind: 'open', from, target }
}

/**
 * Why a platform may not call a URL: it is of the side that the platform stands on itself. Null: it may, or has no side yet.
 *
 * @param hubSide as which the hub is called there; undefined: at a URL without sides
 */
export function ofAnotherSide(platform: Platform, hubSide: Target['side']): Refusal | null {
  if (hubSide === undefined) return null
  const side = soleSide(platform)
  if (side === null || hubSide === otherSide(side)) return null
  const detail = `Your platform is connected as ${side === 'cpo' ? 'CPO' : 'eMSP'}: the hub's URLs for it begin with /ocpi/${otherSide(side)}`
  return { kind: 'unknown-path', detail }
}

/** A platform of 2.1.1 has one party, with one role. */
function soleParty({ parties }: Platform): HostedParty | null {
  return parties.find(({ roles }) => roles.some(isLive)) ?? null
}

function refused(refusal: Refusal, from: Party | null, target: Target): Meant {
  return { kind: 'refused', refusal, from, target }
}
