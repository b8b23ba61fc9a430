import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { contradicted, type Headers, header } from '../../ocpi/headers.ts'
import { type InterfaceRole, isConfigurationModule, isFunctionalModule } from '../../ocpi/modules.ts'
import { ownerInBody, readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, type Party, sameParty, showParty } from '../../ocpi/party.ts'
import { isSafePath, type RelayPath, splitRelayPath, withMissingSlash } from '../../ocpi/path.ts'
import { type Side, sideHolding, sideOf } from '../../ocpi/sides.ts'
import type { Refusal } from '../message/refusal.ts'
import { findParty, partyOn } from '../network/find-party.ts'
import { endpointOf, type HostedParty, isLive, type Platform, type RoutingTable } from '../network/routing-table.ts'
import { classify211, ofAnotherSide } from './classify-211.ts'
import type { LedUrls } from './hub-urls.ts'
import type { Led } from './lead.ts'
import type { WholeBody } from './read-body.ts'
import { isLed } from './relayed.ts'
import { barredFromAll, type Trip } from './trip.ts'
import { ofAnotherVersion } from './url-version.ts'

/** What a functional request is aimed at: `/ocpi/2.2.1/receiver/locations/NL/ABC/1` taken apart. */
export type Target = RelayPath

/** What a request asks of the hub. Parties keep the spelling of the headers. */
export type Classified = Passage | Duty | Misfit

/** A request to another party. */
export type Passage =
  | { readonly kind: 'direct'; readonly from: Party; readonly to: Party; readonly target: Target }
  /** To a URL that the hub made, back to the party whose URL it stands for. */
  | { readonly kind: 'via'; readonly from: Party; readonly to: HostedParty; readonly target: Target; readonly led: Led }

/** What the hub does itself, if only to find the receiver [transport_and_format: Message Routing]. */
export type Duty =
  | { readonly kind: 'broadcast'; readonly from: Party; readonly target: Target }
  | { readonly kind: 'open'; readonly from: Party; readonly target: Target }
  /** `crawlId`: of a list that goes on by a next link, which reading of it the link is of. */
  | { readonly kind: 'get-all'; readonly from: Party; readonly target: Target; readonly crawlId: string | null }

/** What makes no sense, as far as it could be read. */
type Misfit = {
  readonly kind: 'refused'
  readonly refusal: Refusal
  readonly from: Party | null
  readonly target: Target | null
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const ALLOW = [...METHODS].join(', ')

export type Classify = (trip: Trip) => Classified | Promise<Classified>

/**
 * Tells what a request means, and notes it. Only a URL that the hub made may have to be looked up, and only a CDR of a platform
 * of several parties without `OCPI-from-*` has to be read.
 */
export function createClassify(ports: {
  readonly led: Pick<LedUrls, 'follow'>
  readonly readWhole: (trip: Trip) => Promise<WholeBody>
  /** OCPI versions served. */
  readonly versions: readonly string[]
}): Classify {
  return function classify(trip) {
    const { method, path, headers } = trip.message
    if (!METHODS.has(method)) return misfit({ kind: 'method-not-allowed', allow: ALLOW })
    if (!isSafePath(path)) return misfit({ kind: 'unknown-path', detail: 'Unknown path' })
    const twice = contradicted(headers)
    if (twice) return misfit(invalidBecause(`${twice} is given with different values`))
    if (isLed(path)) return follow(trip)
    const classified = classifyRouted(trip, ports.versions, 'unread')
    return classified === 'sender-in-body' ? classifyByBody(trip) : note(trip, classified)
  }

  /** What the body alone says who sends, the CDR's owner [mod_cdrs: POST]. */
  async function classifyByBody(trip: Trip): Promise<Classified> {
    const barred = barredFromAll(trip)
    if (barred) return misfit(barred)
    const body = await ports.readWhole(trip)
    if (body.kind === 'refused') return misfit(body.refusal)
    const classified = classifyRouted(trip, ports.versions, ownerInBody(body.plain))
    if (classified === 'sender-in-body') throw new Error('Expected the sender of a body that was read')
    return note(trip, classified)
  }

  async function follow(trip: Trip): Promise<Classified> {
    // What is barred costs no look at the database.
    const barred = barredFromAll(trip)
    if (barred) return misfit(barred)
    try {
      return note(trip, classifyLed(trip, await ports.led.follow(trip.message.path)))
    } catch {
      return misfit({ kind: 'hub-failure', detail: 'The hub cannot look this URL up now' })
    }
  }
}

function note(trip: Trip, classified: Classified): Classified {
  const { exchange } = trip
  const { kind, from, target } = classified
  if (kind !== 'refused') exchange.kind = kind
  if (target) {
    exchange.module = target.module
    exchange.interfaceRole = target.interfaceRole
  }
  trip.from = from
  trip.to = receiverOf(classified, trip.table.hub)
  return classified
}

/** Who answers, as far as that is decided: of what is addressed to the hub, the hub, also where it refuses. */
function receiverOf(classified: Classified, hub: Party): Party | null {
  if ('to' in classified) return classified.to
  return classified.kind === 'get-all' || classified.kind === 'broadcast' ? hub : null
}

/**
 * A functional request, `/ocpi/{version}/{sender|receiver}/{module}…`, by its routing headers. `OCPI-from-*` must name a party
 * of the calling platform; absent, it is filled in when only one can be meant. A list without a receiver is the list of all:
 * most client libraries cannot name one.
 *
 * @param bodyOwner the owner that the body names, or `unread`, where `sender-in-body` may come back
 */
function classifyRouted(
  trip: Trip,
  versions: readonly string[],
  bodyOwner: Party | null | 'unread',
): Classified | 'sender-in-body' {
  const { table, caller, message } = trip
  const { method, path, headers } = message
  const to = partyIn(headers, 'to')
  const written = splitRelayPath(path)
  const { isStrict } = caller.platform
  const isAsWritten = written !== null && (isStrict || isFunctionalModule(written.module))
  const target = isAsWritten ? written : written && understood(written, trip, to)
  if (!target || !isFunctional(target, versions)) return misfit(nowhere(path, versions))
  const ofAnother = ofAnotherVersion(caller.platform, target.version) ?? ofAnotherSide(caller.platform, target.side)
  if (ofAnother) return misfit(ofAnother, null, target)
  if (to === 'half') return invalid('OCPI-to-country-code and OCPI-to-party-id go together', target)
  if (target.side !== undefined) return classify211(trip, target, to)
  const sending = sender(caller.platform, target, message, bodyOwner)
  if (sending === 'sender-in-body') return sending
  if ('refusal' in sending) return misfit(sending.refusal, null, target)
  const from = sending.party
  if (to !== null && !sameParty(to, table.hub)) return { kind: 'direct', from, to, target }
  const { interfaceRole, rest } = target
  const isList = method === 'GET' && interfaceRole === 'SENDER' && (rest === '' || rest === '/')
  if (isList && (to !== null || !isStrict)) return { kind: 'get-all', from, target, crawlId: null }
  if (to === null) return { kind: 'open', from, target }
  if (method === 'GET') {
    return invalid(
      'A GET to the hub must ask for a list on a SENDER interface; leave OCPI-to-* out for open routing',
      target,
    )
  }
  if (interfaceRole === 'RECEIVER') return { kind: 'broadcast', from, target }
  return invalid(`${method} on a ${interfaceRole} interface cannot be addressed to the hub`, target)
}

/** Paths of 2.1.1 have a side, those of newer versions none. */
function isFunctional({ version, module, side }: Target, versions: readonly string[]): boolean {
  return (
    versions.includes(version) && (version === VERSION_211) === (side !== undefined) && !isConfigurationModule(module)
  )
}

/** Why a path leads nowhere, whoever asks; null for one of a functional module, and for a URL that the hub may have made. */
export function leadsNowhere(path: string, versions: readonly string[]): Refusal | null {
  const target = splitRelayPath(path)
  return isLed(path) || (target && isFunctional(target, versions)) ? null : nowhere(path, versions)
}

const VERSION_IN_PATH = /^\/ocpi\/(\d{1,3}(?:\.\d{1,3}){0,3})(?:\/|$)/

/** @param path of what the hub does not have; `/ocpi/2.0/credentials`, for one, is of a version that it does not serve */
function nowhere(path: string, versions: readonly string[]): Refusal {
  const version = VERSION_IN_PATH.exec(path)?.[1]
  const served = versions.filter((each) => each !== VERSION_211)
  if (version === undefined || served.includes(version)) return { kind: 'unknown-path', detail: 'Unknown path' }
  const where =
    version === VERSION_211 ? '; its versions are at /ocpi/cpo/versions for eMSPs, at /ocpi/emsp/versions for CPOs' : ''
  const detail = `OCPI ${version} is not served here, ${served.join(' and ')} ${served.length === 1 ? 'is' : 'are'}${where}`
  return { kind: 'unsupported-version', detail }
}

/** A custom module that caller or receiver announces; anything else that begins with a module's name lacks a slash there. */
function understood(written: Target, { table, caller }: Trip, to: Party | null | 'half'): Target {
  const receivers = (to !== null && to !== 'half' && table.parties.get(keyOf(to))) || []
  const isAnnounced = [caller.platform.id, ...receivers.map(({ platformId }) => platformId)].some((id) => {
    const platform = table.platforms.get(id)
    return platform && (['SENDER', 'RECEIVER'] as const).some((role) => endpointOf(platform, written.module, role))
  })
  return isAnnounced ? written : withMissingSlash(written)
}

const METHOD_OF = { next: 'GET', location: 'GET', response: 'POST' } as const

/**
 * A request to a URL that the hub made. Only the platform of the party it was made for may use it; to others it does not exist.
 */
function classifyLed({ table, caller, message }: Trip, led: Led | null): Classified {
  const { platform } = caller
  const from = led && userOf(table, platform, led)
  if (!led || !from) return misfit({ kind: 'unknown-path', detail: 'This URL leads nowhere for you' })
  const named = partyIn(message.headers, 'from')
  if (led.kind !== 'response' && named !== null && named !== 'half' && keyOf(named) !== led.forParty) {
    return misfit({ kind: 'unknown-path', detail: 'This URL was made for another party' }, named)
  }
  const method = METHOD_OF[led.kind]
  if (message.method !== method) return misfit({ kind: 'method-not-allowed', allow: method }, from)
  const { module, interfaceRole } = led
  const target: Target = { version: platform.version ?? '', interfaceRole, module, rest: '' }
  if (led.toParty === keyOf(table.hub)) return { kind: 'get-all', from, target, crawlId: led.crawlId }
  const to = 'ofPlatformId' in led.goes ? partyOn(table, led.toParty, led.goes.ofPlatformId) : undefined
  const found = to ?? findParty(table, led.toParty, module, interfaceRole)
  if (!found || found === 'several')
    return misfit({ kind: 'unknown-receiver', detail: 'The party this URL leads to is gone' }, from)
  return { kind: 'via', from, to: found, target, led }
}

/** The party of the caller's that a URL was made for. Where other platforms host it as well, it is the one in a role that calls. */
function userOf(table: RoutingTable, caller: Platform, { forParty, module, interfaceRole }: Led): HostedParty | null {
  const user = partyOn(table, forParty, caller.id)
  if (!user) return null
  const isOnlyHost = table.parties.get(forParty)?.length === 1
  return isOnlyHost || canCall(user, sideHolding(module, interfaceRole)) ? user : null
}

/** The caller's party: named in `OCPI-from-*`, the only one that could be meant, or of those the owner of what is pushed. */
function sender(
  caller: Platform,
  target: Target,
  { method, headers }: Trip['message'],
  bodyOwner: Party | null | 'unread',
): { readonly party: Party } | { readonly refusal: Refusal } | 'sender-in-body' {
  const from = partyIn(headers, 'from')
  if (from === 'half') return { refusal: invalidBecause('OCPI-from-country-code and OCPI-from-party-id go together') }
  if (from === null && caller.isStrict) return { refusal: invalidBecause('OCPI-from-* is missing') }
  if (from !== null) {
    const key = keyOf(from)
    const isHosted = caller.parties.some((party) => party.key === key && party.roles.some(isLive))
    if (isHosted) return { party: from }
    return { refusal: invalidBecause(`OCPI-from-* names ${showParty(from)}, which is no party of your platform`) }
  }
  const fitting = fittingParties(caller, target.module, target.interfaceRole)
  if (fitting.length === 1) return { party: fitting[0] as HostedParty }
  if (fitting.length === 0) {
    const detail = `OCPI-from-* is missing and no party of your platform can call the ${target.interfaceRole} interface of ${target.module}`
    return { refusal: invalidBecause(detail) }
  }
  const isPosted = target.module === 'cdrs' && target.interfaceRole === 'RECEIVER' && method === 'POST'
  if (isPosted && bodyOwner === 'unread') return 'sender-in-body'
  const owner = isPosted && bodyOwner !== 'unread' ? bodyOwner : ownerInPath(target)
  const party = owner && fitting.find(({ key }) => key === keyOf(owner))
  if (party) return { party }
  return { refusal: invalidBecause('OCPI-from-* is missing and your platform has several parties that could be meant') }
}

/** Modules whose objects lie at the receiver under the name of the party that sends them: `/NL/ABC/LOC1`. */
const CLIENT_OWNED = new Set(['locations', 'sessions', 'tariffs', 'tokens'])

function ownerInPath({ module, interfaceRole, rest }: Target): Party | null {
  return interfaceRole === 'RECEIVER' && CLIENT_OWNED.has(module) ? (readObjectPath(rest)?.owner ?? null) : null
}

/** Parties of the caller in a role that calls this interface: those of the side that does not hold it. */
function fittingParties(caller: Platform, module: string, interfaceRole: InterfaceRole): HostedParty[] {
  const holder = sideHolding(module, interfaceRole)
  return caller.parties.filter((party) => canCall(party, holder))
}

function canCall({ roles }: HostedParty, holder: Side | null): boolean {
  return roles.some((role) => isLive(role) && (holder === null || sideOf(role.role) !== holder))
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

function invalid(detail: string, target: Target): Misfit {
  return misfit(invalidBecause(detail), null, target)
}

function misfit(refusal: Refusal, from: Party | null = null, target: Target | null = null): Misfit {
  return { kind: 'refused', refusal, from, target }
}
