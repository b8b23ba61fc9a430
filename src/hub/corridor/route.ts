import { type Party, sameParty, showParty } from '../../ocpi/party.ts'
import { splitUrl } from '../../ocpi/url.ts'
import type { Refusal } from '../message/refusal.ts'
import { endpointOf, type Platform, pathAt } from '../network/routing-table.ts'
import type { Duty, Passage, Target } from './classify.ts'
import { destinationAt, findDestination, findEndpoint } from './destination.ts'
import type { Duties, DutyResult } from './duties.ts'
import type { WholeBody } from './read-body.ts'
import { barredFromAll, type Trip } from './trip.ts'

/** Where a request goes; or what the hub answers itself, where that is its duty. */
export type Routed = DutyResult

export type Route = (trip: Trip, classified: Passage | Duty) => Routed | Promise<Routed>

/**
 * Finds the address of a request's receiver, and notes it. A request that is barred gets one as well, for its row in the log, but
 * the hub does nothing for it.
 */
export function createRoute(ports: {
  readonly duties: Duties
  readonly readWhole: (trip: Trip) => Promise<WholeBody>
}): Route {
  const { duties, readWhole } = ports

  return function route(trip, classified) {
    switch (classified.kind) {
      case 'direct':
        return barredOr(trip, toParty(trip, classified.target, 'direct', classified.from, classified.to))
      case 'via':
        return barredOr(trip, toLed(trip, classified))
      default:
        return trip.barred ? { kind: 'refused', refusal: trip.barred } : act(trip, classified)
    }
  }

  function barredOr(trip: Trip, routed: Routed): Routed {
    note(trip, routed)
    const barred = trip.exchange.isTrial ? barredFromAll(trip) : trip.barred
    return barred ? { kind: 'refused', refusal: barred } : routed
  }

  async function act(trip: Trip, duty: Duty): Promise<Routed> {
    const { table, caller, message, ids } = trip
    let reading: Promise<WholeBody> | null = null
    const routed = await duties({
      ...duty,
      table,
      caller,
      message,
      ids,
      readWhole: () => (reading ??= readWhole(trip)),
    })
    note(trip, routed)
    return routed
  }
}

function note(trip: Trip, routed: Routed): void {
  if (routed.kind !== 'onward') return
  trip.onward = routed.onward
  trip.to = routed.onward.to
  const { platform } = routed.onward.destination
  trip.exchange.toPlatformId = platform.id
  if (platform.sandbox) trip.exchange.isTrial = true
}

/** To the endpoint of a party, for a functional request whose receiver is decided. */
export function toParty(
  { table, caller, message }: Pick<Trip, 'table' | 'caller' | 'message'>,
  { module, interfaceRole, rest }: Target,
  kind: 'direct' | 'open',
  from: Party,
  to: Party,
): Routed {
  const found = findDestination(table, from, to, module, interfaceRole, message.receivedAt)
  if (found.kind === 'refused') return { kind: 'refused', refusal: namingOneself(caller.platform, to, found.refusal) }
  const { destination } = found
  const endpoint = findEndpoint(destination, module, interfaceRole)
  if ('kind' in endpoint) return { kind: 'refused', refusal: namingOneself(caller.platform, to, endpoint) }
  const { origin } = endpoint
  const path = pathAt(endpoint, rest)
  const { query } = message
  const onward = { kind, from, to, module, interfaceRole, destination, origin, rest, path, query, announced: endpoint }
  return { kind: 'onward', onward }
}

/** The refusal of a request for a party of the caller's own, which mostly is `OCPI-from-*` and `OCPI-to-*` mistaken for each other. */
function namingOneself({ parties }: Platform, to: Party, refusal: Refusal): Refusal {
  if (refusal.kind !== 'unknown-receiver' || !parties.some((party) => sameParty(party, to))) return refusal
  const detail = `${refusal.detail}: ${showParty(to)} is a party of your own platform, and OCPI-to-* names who is to answer`
  return { kind: 'unknown-receiver', detail }
}

/**
 * To the address that a URL of the hub's stands for. Never does a platform's token go to a URL that another platform gave.
 */
function toLed({ table, message }: Trip, { from, to, target, led }: Extract<Passage, { kind: 'via' }>): Routed {
  const { module, interfaceRole } = target
  const found = destinationAt(table, from, to, to, module, message.receivedAt)
  if (found.kind === 'refused') return found
  const { destination } = found
  const announced = endpointOf(destination.platform, module, interfaceRole) ?? null
  const common = { kind: 'via', from, to, module, interfaceRole, destination, rest: '', announced } as const
  if ('trailing' in led.goes) {
    if (!announced) return unknownReceiver(`The owner has no more ${module}`)
    const path = announced.path + led.goes.trailing
    return { kind: 'onward', onward: { ...common, origin: announced.origin, path, query: message.query } }
  }
  const { url, ofPlatformId } = led.goes
  if (ofPlatformId !== destination.platform.id) {
    return unknownReceiver('The party this URL leads to has moved to another platform')
  }
  const { origin } = new URL(url)
  const { path, query } = splitUrl(url)
  // Of a next page the query stands in the hub's own URL, unless that could not show it.
  const asked = led.kind === 'next' && query === '' ? message.query : query
  return { kind: 'onward', onward: { ...common, origin, path: path || '/', query: asked } }
}

function unknownReceiver(detail: string): Routed {
  return { kind: 'refused', refusal: { kind: 'unknown-receiver', detail } }
}
