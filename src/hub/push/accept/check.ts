import { membersCalled } from '../../../ocpi/json-field.ts'
import { membersOf, readString } from '../../../ocpi/json-members.ts'
import { OPEN_BRACE, skipMark, skipSpace } from '../../../ocpi/json-skip.ts'
import { findSpelling } from '../../../ocpi/names.ts'
import { namesOtherOwner, ownerInBody, readObjectPath } from '../../../ocpi/object-path.ts'
import { keyOf, type Party, type PartyKey, showParty } from '../../../ocpi/party.ts'
import type { HostedParty, Platform } from '../../network/routing-table.ts'
import type { NewPush, SenderClass } from '../push.ts'

/**
 * Characters that the two keys of a push may have together. Lists of missed objects are indexed by them, and an entry of a
 * Postgres index holds at most some 2,700 bytes. OCPI's own ids have 36 characters [types: CiString].
 */
const LONGEST_KEYS = 800

/** A request on a RECEIVER interface that is addressed to the hub. */
export type BroadcastRequest = {
  readonly module: string
  readonly method: string
  /** What follows the module in the path, bytes as sent. */
  readonly path: string
  readonly query: string
  /** Valid JSON, not compressed; empty when there is no body. */
  readonly body: Uint8Array
}

/** What checking found out about a push, ready to be part of one. */
export type AllowedPush = { readonly kind: 'allowed' } & Pick<NewPush, 'owner' | 'senderClass' | 'chainKey' | 'pathKey'>

export type BroadcastCheck =
  | AllowedPush
  /** To be answered with 2001. */
  | { readonly kind: 'refused'; readonly detail: string }

/** How a module is broadcast. */
type Rule = {
  readonly methods: readonly string[]
  /** Names that may follow the party in a path: 3 for location, EVSE and connector; 0 when the object is posted. */
  readonly deepest: number
  /** The role that owns such objects. */
  readonly side: SenderClass
  /** Whether the administrator must allow it: the objects are about single drivers. */
  readonly isPrivate: boolean
}

const RULES: ReadonlyMap<string, Rule> = new Map([
  ['locations', { methods: ['PUT', 'PATCH'], deepest: 3, side: 'CPO', isPrivate: false }],
  ['tariffs', { methods: ['PUT', 'PATCH', 'DELETE'], deepest: 1, side: 'CPO', isPrivate: false }],
  ['tokens', { methods: ['PUT', 'PATCH'], deepest: 1, side: 'EMSP', isPrivate: false }],
  ['sessions', { methods: ['PUT', 'PATCH'], deepest: 1, side: 'CPO', isPrivate: true }],
  ['cdrs', { methods: ['POST'], deepest: 0, side: 'CPO', isPrivate: true }],
])

/** Modules that a broadcast can be about, whatever the settings. */
export const BROADCAST_MODULES: readonly string[] = [...RULES.keys()]

/**
 * Whether a request may go to every partner: the module and method are broadcast at all, and the object belongs to the
 * caller, in its path and in every spelling of its body, since receivers see the hub as sender and could not tell a forgery
 * [transport_and_format: Broadcast Push].
 *
 * @param allowsPrivate the administrator lets cdrs and sessions be broadcast
 */
export function checkBroadcast(caller: Platform, request: BroadcastRequest, allowsPrivate: boolean): BroadcastCheck {
  const { module, method, body } = request
  const rule = RULES.get(module)
  if (!rule?.methods.includes(method)) return refused(`${method} of ${module} is not broadcast; address one party`)
  if (rule.isPrivate && !allowsPrivate) return refused(`${module} are not broadcast by this hub; address one party`)
  const first = body[skipSpace(body, skipMark(body))]
  // Some clients send an empty object with whatever has no body.
  const isEmpty = first === undefined || (!caller.isStrict && membersOf(body)?.length === 0)
  if (method === 'DELETE' && !isEmpty) return refused('A broadcast DELETE has no body')
  if (method !== 'DELETE' && first !== OPEN_BRACE) return refused('The body of a broadcast is one JSON object')
  const object = rule.deepest === 0 ? readPosted(request) : readPathed(request, rule)
  if ('detail' in object) return refused(object.detail)

  const ownerKey = keyOf(object.owner)
  const owner = caller.parties.find((party) => party.key === ownerKey)
  if (!owner) return refused(`The object belongs to ${showParty(object.owner)}, which is no party of your platform`)
  if (namesOtherOwner(body, ownerKey)) return refused('country_code and party_id differ from those in the path')
  const senderClass = classOf(owner, rule.side)
  if (!senderClass) return refused(`${showParty(owner)} has no role whose ${module} are broadcast`)
  const chain = chainKey(module, ownerKey, object.names[0] as string)
  const pathKey = object.names.join('/')
  if (chain.length + pathKey.length > LONGEST_KEYS) return refused('The names in the path are too long')
  return {
    kind: 'allowed',
    owner: { countryCode: owner.countryCode, partyId: owner.partyId },
    senderClass,
    chainKey: chain,
    pathKey,
  }
}

type FoundObject = { readonly owner: Party; readonly names: readonly string[] } | { readonly detail: string }

function readPathed(request: BroadcastRequest, rule: Rule): FoundObject {
  const object = readObjectPath(request.path)
  if (!object || object.names.length > rule.deepest) {
    return { detail: `The path must name an object: /{country_code}/{party_id}/{id}, got ${request.path || 'nothing'}` }
  }
  const names = object.names.map(nameKey)
  // Tokens of two types may share a uid [mod_tokens: RECEIVER interface, type, default RFID].
  if (request.module === 'tokens') names[0] += `?${tokenType(request.query)}`
  return { owner: object.owner, names }
}

/** A posted CDR has no path: its owner and its chain are in its body [mod_cdrs: POST]. */
function readPosted(request: BroadcastRequest): FoundObject {
  if (request.path !== '' && request.path !== '/') return { detail: `POST of ${request.module} has no further path` }
  const owner = ownerInBody(request.body)
  if (!owner) return { detail: 'country_code and party_id must be in the body, once each' }
  const [member, second] = membersCalled(request.body, 'id') ?? []
  if (second) return { detail: 'id must be in the body once' }
  const id = member && readString(request.body, member.start)
  return id ? { owner, names: [nameKey(id.toLowerCase())] } : { detail: 'The object has no id' }
}

/** The chain of an object, `locations NL*CPO l1`: of a token with its type behind it, `tokens NL*EMS u1?RFID`. */
export function chainOf(module: string, owner: PartyKey, id: string, type: string | null = null): string {
  return chainKey(module, owner, nameKey(id.toLowerCase()) + (type === null ? '' : `?${nameKey(type.toUpperCase())}`))
}

/** A name as part of a key: what separates names, and what a database cannot keep as text, is percent-encoded. */
function nameKey(name: string): string {
  return name
    .toWellFormed()
    .replace(/[%/?\u0000-\u001f]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The token's type as receivers read the query, whatever its spelling: `RFID` when none is given, `APP_USER,RFID` when two are. */
function tokenType(query: string): string {
  const types = [...new URLSearchParams(query)].filter(([name]) => findSpelling(name, ['type']) === 0)
  return nameKey(types.map(([, type]) => type.toUpperCase()).join()) || 'RFID'
}

function chainKey(module: string, owner: string, rootName: string): string {
  return `${module} ${owner} ${rootName}`
}

function classOf(owner: HostedParty, side: SenderClass): SenderClass | null {
  const roles = owner.roles.filter((role) => role.status === 'ACTIVE').map((role) => role.role as string)
  if (roles.includes(side)) return side
  return roles.includes('OTHER') ? 'OTHER' : null
}

function refused(detail: string): BroadcastCheck {
  return { kind: 'refused', detail }
}
