import type { InterfaceRole } from '../modules.ts'
import type { Carried, Kind } from './conversion.ts'

/** What an answer holds: one object of a kind, or a list of them; `dropped`: whatever it is, it is not carried between versions. */
export type AnswerKind = { readonly kind: Kind; readonly isList: boolean } | 'dropped'

/** Objects at each depth of the locations module. */
const LOCATION_KINDS: readonly Kind[] = ['location', 'evse', 'connector']

const OBJECT_KINDS: ReadonlyMap<string, Kind> = new Map([
  ['tariffs', 'tariff'],
  ['tokens', 'token'],
  ['sessions', 'session'],
  ['cdrs', 'cdr'],
])

const COMMAND_KINDS: ReadonlyMap<string, Kind> = new Map([
  ['RESERVE_NOW', 'reserve-now'],
  ['START_SESSION', 'start-session'],
  ['STOP_SESSION', 'stop-session'],
  ['UNLOCK_CONNECTOR', 'unlock-connector'],
  ['CANCEL_RESERVATION', 'cancel-reservation'],
])

/**
 * What a request's body holds; null: nothing that differs between versions.
 *
 * @param interfaceRole of the interface that is called
 * @param rest what follows the module in the path, without the query: `/NL/CPO/LOC1`
 */
export function requestKind(
  module: string,
  interfaceRole: InterfaceRole,
  method: string,
  rest: string,
): Carried | null {
  const names = namesIn(rest)
  if (interfaceRole === 'SENDER') return senderRequest(module, method, names)
  if (module === 'commands') return method === 'POST' ? whole(COMMAND_KINDS.get(names[0]?.toUpperCase() ?? '')) : null
  if (module === 'cdrs') return method === 'POST' ? whole('cdr') : null
  if (method !== 'PUT' && method !== 'PATCH') return null
  const kind = objectKind(module, names.length - OWNER_NAMES)
  return kind === undefined ? null : { kind, isPatch: method === 'PATCH' }
}

/** What the `data` of an answer holds that tells of success; null: nothing that differs between versions. */
export function answerKind(
  module: string,
  interfaceRole: InterfaceRole,
  method: string,
  rest: string,
): AnswerKind | null {
  const names = namesIn(rest)
  if (module === 'commands') {
    if (method !== 'POST') return null
    return interfaceRole === 'RECEIVER' ? { kind: 'command-response', isList: false } : 'dropped'
  }
  if (module !== 'locations' && !OBJECT_KINDS.has(module)) return null
  if (method === 'GET') {
    // Where a CDR is, its receiver says: any path.
    if (module === 'cdrs' && interfaceRole === 'RECEIVER') return { kind: 'cdr', isList: false }
    const depth = interfaceRole === 'RECEIVER' ? names.length - OWNER_NAMES : names.length
    const kind = objectKind(module, Math.max(1, depth))
    return kind === undefined ? null : { kind, isList: interfaceRole === 'SENDER' && depth === 0 }
  }
  if (interfaceRole === 'SENDER') {
    return isAuthorize(module, method, names) ? { kind: 'authorization', isList: false } : null
  }
  return 'dropped'
}

function senderRequest(module: string, method: string, names: readonly string[]): Carried | null {
  // What comes of a command is posted to a URL of the sender's own.
  if (module === 'commands') return method === 'POST' ? whole('command-result') : null
  return isAuthorize(module, method, names) ? whole('location-references') : null
}

function isAuthorize(module: string, method: string, names: readonly string[]): boolean {
  return module === 'tokens' && method === 'POST' && names.at(-1) === 'authorize'
}

function whole(kind: Kind | undefined): Carried | null {
  return kind === undefined ? null : { kind, isPatch: false }
}

/** Country code and party ID before an object's own names. */
const OWNER_NAMES = 2

/** @param depth of an object in its module: 2 for the EVSE of a Location, 1 for everything else */
function objectKind(module: string, depth: number): Kind | undefined {
  if (module === 'locations') return LOCATION_KINDS[depth - 1]
  return depth === 1 ? OBJECT_KINDS.get(module) : undefined
}

function namesIn(rest: string): readonly string[] {
  return rest.split('/').filter((name) => name !== '')
}
