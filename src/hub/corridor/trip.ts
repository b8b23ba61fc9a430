import type { InterfaceRole } from '../../ocpi/modules.ts'
import type { Party } from '../../ocpi/party.ts'
import { exchangeOf, type OpenExchange } from '../message/exchange.ts'
import type { MessageIds } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import type { Message } from '../message.ts'
import type { EndpointAddress, RoutingTable } from '../network/routing-table.ts'
import type { OutboundRequest } from '../ports.ts'
import type { Caller } from './authenticate.ts'
import type { Destination } from './destination.ts'
import type { CheckedBody } from './read-body.ts'
import { isLed, ledIdOf } from './relayed.ts'

/** A request on its way down the corridor: what is known of it so far. */
export type Trip = {
  readonly table: RoutingTable
  readonly message: Message
  readonly ids: MessageIds
  readonly caller: Caller
  /** Why the caller may send nothing now; null when it may. */
  readonly barred: Refusal | null
  /** The request's row in the message log, in the making. */
  readonly exchange: OpenExchange
  /** Between whom it is, as far as its answer's headers may say. */
  from: Party | null
  to: Party | null
  /** Null until it is routed, and for what the hub answers itself. */
  onward: Onward | null
  /** Null until it is read. */
  body: CheckedBody | null
  /** What the receiver is sent; null until it is written. */
  request: OutboundRequest | null
}

/** Where a request goes whose receiver is known: between whom, and to which address. */
export type Onward = {
  readonly kind: 'direct' | 'via' | 'open'
  readonly from: Party
  readonly to: Party
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly destination: Destination
  readonly origin: string
  /** What follows the module, as the caller wrote it, without the query; empty where a led URL was called. */
  readonly rest: string
  /** The path to call, without the query. */
  readonly path: string
  readonly query: string
  /** The receiver's endpoint of this module, which next links usually stay on. */
  readonly announced: EndpointAddress | null
}

/** Of who has shaken hands and is held. Versions, credentials and HubClientInfo are open to it, and so are its sandbox partners. */
export const NOT_RELEASED: Refusal = {
  kind: 'not-connected',
  detail:
    'Your connection is not released yet: it waits for its connection check, or for the administrators of the hub',
}

/** Why the caller may send nothing at all now; null when it may, be it to sandbox partners only. */
export function barredFromAll({ barred, caller }: Pick<Trip, 'barred' | 'caller'>): Refusal | null {
  return barred === NOT_RELEASED && caller.platform.tries?.length ? null : barred
}

export function beginTrip(
  table: RoutingTable,
  message: Message,
  ids: MessageIds,
  caller: Caller,
  barred: Refusal | null,
): Trip {
  const { method, path, query, receivedAt, headers } = message
  const isVia = isLed(path)
  const exchange = exchangeOf(isVia ? 'via' : 'direct', receivedAt, ids, '', method, path + query)
  if (isVia) exchange.ledId = ledIdOf(path)
  exchange.fromPlatformId = caller.platform.id
  if (caller.platform.sandbox) exchange.isTrial = true
  exchange.requestHeaders = headers
  return {
    table,
    message,
    ids,
    caller,
    barred,
    exchange,
    from: null,
    to: null,
    onward: null,
    body: null,
    request: null,
  }
}
