import { type InterfaceRole, isConfigurationModule } from '../../ocpi/modules.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import { splitRelayPath } from '../../ocpi/path.ts'
import { splitUrl } from '../../ocpi/url.ts'
import type { Refusal } from '../message/refusal.ts'
import type { Message } from '../message.ts'
import { type EndpointAddress, type Platform, pathAt, type RoutingTable } from '../network/routing-table.ts'
import { type Classified, classify, type Target } from './classify.ts'
import type { Led } from './hub-urls.ts'
import { type Destination, findDestination, findEndpoint } from './route.ts'

/** A request whose receiver is known: between whom, and to which address. */
export type Onward = {
  readonly kind: 'direct' | 'via' | 'open'
  readonly from: Party
  readonly to: Party
  readonly module: string
  readonly interfaceRole: InterfaceRole
  readonly destination: Destination
  readonly origin: string
  /** The path to call, without the query. */
  readonly path: string
  readonly query: string
  /** The receiver's endpoint of this module, which next links usually stay on. */
  readonly announced: EndpointAddress | null
}

export type Resolved =
  | { readonly kind: 'onward'; readonly onward: Onward }
  | {
      readonly kind: 'hub'
      readonly target: Target
      readonly classified: Exclude<Classified, { kind: 'direct' | 'refused' }>
    }
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly from: Party | null
      readonly to: Party | null
      readonly target: Target | null
    }

/** A functional request, `/ocpi/{version}/{sender|receiver}/{module}…`, taken to its receiver or to the hub's own duties. */
export function resolveRouted(
  table: RoutingTable,
  caller: Platform,
  message: Message,
  versions: readonly string[],
): Resolved {
  const target = splitRelayPath(message.path)
  if (!target || !versions.includes(target.version) || isConfigurationModule(target.module)) {
    return refused({ kind: 'unknown-path', detail: 'Unknown path' })
  }
  const classified = classify(table, caller, target, message.method, message.headers)
  if (classified.kind === 'refused') return refused(classified.refusal, null, null, target)
  if (classified.kind !== 'direct') return { kind: 'hub', target, classified }
  const { from, to } = classified
  return toParty(table, caller, target, message, 'direct', from, to)
}

/** A functional request whose receiver is decided, taken to its address. */
export function toParty(
  table: RoutingTable,
  caller: Platform,
  target: Target,
  message: Message,
  kind: 'direct' | 'open',
  from: Party,
  to: Party,
): Resolved {
  const routed = findDestination(table, from, to, target.module, message.receivedAt)
  if (routed.kind === 'refused') return refused(routed.refusal, from, to, target)
  const { module, interfaceRole, rest } = target
  const endpoint = findEndpoint(caller, routed.destination, module, interfaceRole)
  if ('kind' in endpoint) return refused(endpoint, from, to, target)
  const { destination } = routed
  const { query } = message
  const path = pathAt(endpoint, rest)
  return {
    kind: 'onward',
    onward: {
      kind,
      from,
      to,
      module,
      interfaceRole,
      destination,
      origin: endpoint.origin,
      path,
      query,
      announced: endpoint,
    },
  }
}

const METHOD_OF = { next: 'GET', location: 'GET', response: 'POST' } as const

/**
 * A request to a URL that the hub made, taken to the address it stands for. Only a platform that hosts the party it was made
 * for may use it; to others it does not exist. Never does a platform's token go to a URL that another platform gave.
 */
export function resolveLed(
  table: RoutingTable,
  caller: Platform,
  message: Message,
  led: Led | null,
  namedFrom: Party | null,
): Resolved {
  const from = led && caller.parties.find((party) => party.key === led.forParty)
  if (!led || !from) return refused({ kind: 'unknown-path', detail: 'This URL leads nowhere for you' })
  if (led.kind !== 'response' && namedFrom && keyOf(namedFrom) !== led.forParty) {
    return refused({ kind: 'unknown-path', detail: 'This URL was made for another party' }, namedFrom)
  }
  if (message.method !== METHOD_OF[led.kind])
    return refused({ kind: 'method-not-allowed', allow: METHOD_OF[led.kind] }, from)
  if (led.toParty === keyOf(table.hub)) {
    const target: Target = { version: caller.version ?? '', interfaceRole: 'SENDER', module: led.module, rest: '' }
    return { kind: 'hub', target, classified: { kind: 'get-all', from, crawlId: led.crawlId } }
  }
  const to = table.parties.get(led.toParty)
  if (!to) return refused({ kind: 'unknown-receiver', detail: 'The party this URL leads to is gone' }, from)
  const routed = findDestination(table, from, to, led.module, message.receivedAt)
  if (routed.kind === 'refused') return refused(routed.refusal, from, to)
  const { module, interfaceRole } = led
  const { destination } = routed
  const announced = destination.platform.endpoints.get(`${module}/${interfaceRole}`) ?? null
  const common = { kind: 'via', from, to, module, interfaceRole, destination, announced } as const
  if ('trailing' in led.goes) {
    if (!announced) return refused({ kind: 'unknown-receiver', detail: `The owner has no more ${module}` }, from, to)
    const path = announced.path + led.goes.trailing
    return { kind: 'onward', onward: { ...common, origin: announced.origin, path, query: message.query } }
  }
  if (led.goes.ofPlatformId !== destination.platform.id) {
    const detail = 'The party this URL leads to has moved to another platform'
    return refused({ kind: 'unknown-receiver', detail }, from, to)
  }
  const { url } = led.goes
  const { path, query } = splitUrl(url)
  return {
    kind: 'onward',
    onward: {
      ...common,
      origin: new URL(url).origin,
      path: path || '/',
      query: led.kind === 'next' ? message.query : query,
    },
  }
}

function refused(
  refusal: Refusal,
  from: Party | null = null,
  to: Party | null = null,
  target: Target | null = null,
): Resolved {
  return { kind: 'refused', refusal, from, to, target }
}
