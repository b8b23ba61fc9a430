import { parseJson } from '../../ocpi/envelope.ts'
import { namesOtherOwner, readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, type Party, type PartyKey, showParty } from '../../ocpi/party.ts'
import { sideHolding, sideOf } from '../../ocpi/sides.ts'
import type { Duties, DutyRequest, DutyResult } from '../corridor/duties.ts'
import { toParty } from '../corridor/route.ts'
import { findParty, partyOn } from '../network/find-party.ts'
import { mayTalk } from '../network/policy.ts'
import { endpointOf, type HostedParty } from '../network/routing-table.ts'
import { BROADCAST_MODULES, checkBroadcast } from '../push/accept/check.ts'
import type { BroadcastDuty } from '../push/accept/duty.ts'
import type { Contracts } from '../translate/edge-ports.ts'
import { type Clue, cluesInBody, cluesInPath, isOfOne, mayBeOfSeveral, repeatedClue } from './clues.ts'
import { cluesIn211, cluesInIds } from './clues-211.ts'
import type { ObjectOwners } from './object-owners.ts'

/*
 * Open routing [transport_and_format: Open Routing Request]: the receiver of a request without OCPI-to headers is found
 *
 * 1. by a party that the path or the body names: a CDR with a `cdr_token` of NL-MSP goes to NL-MSP
 * 2. by an object that it names, where earlier traffic taught whose it is: a CDR with the uid of a token that NL-MSP pushed goes
 *    to NL-MSP. Of an id that only one party may have (of a token, a UUID) the party counts that was seen with it first; any other id
 *    leads nowhere when it was seen of several parties, nor when another could have it too: STOP_SESSION of `S1` among two CPOs.
 *
 * Two kinds of request need no clue: a push of locations, tariffs or tokens goes to all, as one that is addressed to the hub,
 * and for a token that nobody is known to own every eMSP is asked. What leads nowhere is refused with 4001, what could go to
 * several with 2001, saying what was looked for.
 */

export type OpenRoutingPorts = {
  readonly owners: Pick<ObjectOwners, 'find'>
  readonly contracts: Pick<Contracts, 'lookUp' | 'known'>
  /** Takes a push that goes to all. */
  readonly broadcast: BroadcastDuty
  /** The administrator lets cdrs and sessions be broadcast. */
  readonly allowsPrivateBroadcast: boolean
  /** Asks every eMSP about a token that nobody is known to own. The uid is in lower case. */
  readonly authorizeEverywhere: (request: DutyRequest, uid: string) => Promise<DutyResult>
}

/**
 * What following clues came to. `why` says of each clue why it led nowhere, `isUnclear` that one of them could mean several
 * parties; `away`: the store could not be asked.
 */
type Followed =
  | { readonly kind: 'found'; readonly to: Party }
  | { readonly kind: 'lost'; readonly why: readonly string[]; readonly isUnclear: boolean }
  | { readonly kind: 'away' }

const NOTHING: Followed = { kind: 'lost', why: [], isUnclear: false }

/** Finds the receiver, never on the caller's own platform: its pushes name its own parties as owners. */
export function createOpenRouting(ports: OpenRoutingPorts): Duties {
  const { owners, contracts, broadcast, allowsPrivateBroadcast, authorizeEverywhere } = ports

  return async function open(request) {
    const { target, from, message } = request
    const isWrite = message.method !== 'GET'
    if (isWrite && target.interfaceRole === 'RECEIVER') {
      if (isPrivate211(target)) return push211(request)
      if (BROADCAST_MODULES.includes(target.module)) return push(request)
      const forged = namesStranger(request)
      if (forged) return invalid(forged)
    }
    const inPath = [...cluesInIds(request.caller, target, null), ...cluesInPath(target, message.method, from)]
    const byPath = await follow(request, inPath)
    if (byPath.kind !== 'lost') return conclude(request, byPath)
    for (const clue of inPath) {
      if (clue.kind === 'object' && clue.fact === 'token') return authorizeEverywhere(request, clue.key)
    }
    if (!isWrite || message.method === 'DELETE') return conclude(request, byPath)
    const body = await request.readWhole()
    if (body.kind === 'refused') return body
    const problem = problemIn(request, body.plain)
    if (problem) return invalid(problem)
    const byBody = await follow(request, bodyClues(request, body.plain))
    if (byBody.kind !== 'lost') return conclude(request, byBody)
    const isUnclear = byPath.isUnclear || byBody.isUnclear
    return conclude(request, { kind: 'lost', why: [...byPath.why, ...byBody.why], isUnclear })
  }

  /** A push: checked as a broadcast is, since here too the hub chooses who receives and answers for the owner that is named. */
  async function push(request: DutyRequest): Promise<DutyResult> {
    const { target, from, message, caller } = request
    const { module, rest } = target
    const { method, query } = message
    const body = await request.readWhole()
    if (body.kind === 'refused') return body
    const check = checkBroadcast(caller.platform, { module, method, path: rest, query, body: body.plain }, true)
    if (check.kind === 'refused') return invalid(check.detail)
    if (module === 'cdrs' || module === 'sessions') {
      // The body first: a session may have got another token than the hub remembers.
      const problem = problemIn(request, body.plain)
      if (problem) return invalid(problem)
      const inBody = bodyClues(request, body.plain)
      const followed = await follow(request, [...inBody, ...cluesInPath(target, method, from)])
      if (followed.kind !== 'lost' || !allowsPrivateBroadcast) return conclude(request, followed)
    }
    return broadcast(request, check)
  }

  /** A session or a CDR of 2.1.1, whose eMSP only the contract in it tells. It is nobody else's. */
  async function push211(request: DutyRequest): Promise<DutyResult> {
    const { target, from, message, caller } = request
    const body = await request.readWhole()
    if (body.kind === 'refused') return body
    const object = readObjectPath(target.rest)
    if (target.module === 'cdrs' ? message.method !== 'POST' || target.rest.length > 1 : !object)
      return invalid(`${message.method} of ${target.module} is not at ${target.rest || '/'}`)
    if (object && !partyOn(request.table, keyOf(object.owner), caller.platform.id))
      return invalid(`The object belongs to ${showParty(object.owner)}, which is no party of your platform`)
    const problem = problemIn(request, body.plain)
    if (problem) return invalid(problem)
    const followed = await follow(request, cluesIn211(target, parseJson(body.plain), from))
    return conclude(request, followed.kind === 'lost' ? { ...followed, isUnclear: true } : followed)
  }

  /** Follows clues in their order to the first that leads anywhere. */
  async function follow(request: DutyRequest, clues: readonly Clue[]): Promise<Followed> {
    const why: string[] = []
    let isUnclear = false
    for (const clue of clues) {
      const followed = clue.kind === 'party' ? followName(request, clue) : await followObject(request, clue)
      if (followed.kind !== 'lost') return followed
      why.push(...followed.why)
      isUnclear ||= followed.isUnclear
    }
    return { kind: 'lost', why, isUnclear }
  }

  function followName(request: DutyRequest, { party, where }: Extract<Clue, { kind: 'party' }>): Followed {
    const { table, caller, target } = request
    const key = keyOf(party)
    // A path or body names the owner of an object, a token's that of the token: of one party they may be on two platforms.
    const isOwner = where !== 'cdr_token' && where !== 'token' && where !== 'auth_id'
    if (isOwner && partyOn(table, key, caller.platform.id)) return NOTHING
    const hosted = findParty(table, key, target.module, target.interfaceRole)
    if (hosted === 'several') return unclear(`${showParty(party)}, named in ${where}, is on several platforms`)
    if (hosted?.platformId === caller.platform.id) return NOTHING
    if (where === 'auth_id' && !(hosted && isPossible(request, hosted)))
      return lost(`${showParty(party)}, by which auth_id begins, is no eMSP that has to do with you`)
    // The owner of a token is who must get this, known to the hub or not.
    if (hosted ? isHolder(request, hosted) : where === 'cdr_token') return { kind: 'found', to: party }
    return lost(`${showParty(party)}, named in ${where}, is no receiver of this`)
  }

  async function followObject(request: DutyRequest, clue: Extract<Clue, { kind: 'object' }>): Promise<Followed> {
    const { table } = request
    let known: readonly PartyKey[]
    try {
      if (clue.fact === 'contract') await contracts.lookUp([clue.key])
      known = clue.fact === 'contract' ? [] : await owners.find(clue.fact, clue.key)
    } catch {
      return { kind: 'away' }
    }
    if (clue.fact === 'contract') return followContract(request, clue)
    const fitting = known
      .map((key) => findParty(table, key, request.target.module, request.target.interfaceRole))
      .filter((party) => party !== undefined && party !== 'several')
      .filter((party) => isPossible(request, party))
    const [first, ...others] = fitting
    if (!first) return lost(`${clue.what} is not known here`)
    // Of an object that only one may have, who was seen with it first has it: another that names its own so shuts nobody out.
    if (isOfOne(clue.fact, clue.key))
      return { kind: 'found', to: fitting.find((party) => isHere(request, party)) ?? first }
    if (others.length > 0) return unclear(`${clue.what} is known of several parties`)
    const other = mayBeOfSeveral(clue.fact, clue.key) && findOther(request, first)
    if (other)
      return unclear(`${clue.what} was seen of ${showParty(first)}, but ${showParty(other)} could have one of that id`)
    return { kind: 'found', to: first }
  }

  /** Who else claims a contract gets nothing of it, whoever may have to do with the caller. */
  function followContract({ table }: DutyRequest, { key, what }: Extract<Clue, { kind: 'object' }>): Followed {
    const contract = contracts.known(key)
    const holder = contract && table.parties.get(contract.party)?.[0]
    return holder ? { kind: 'found', to: holder } : lost(`${what} is not known here`)
  }

  function conclude(request: DutyRequest, followed: Followed): DutyResult {
    switch (followed.kind) {
      case 'found':
        return toParty(request, request.target, 'open', request.from, followed.to)
      case 'away':
        return { kind: 'refused', refusal: { kind: 'hub-failure', detail: 'The hub cannot look up the receiver now' } }
      case 'lost':
        return {
          kind: 'refused',
          refusal: {
            kind: followed.isUnclear ? 'invalid' : 'unknown-receiver',
            detail:
              followed.why.length > 0
                ? `No receiver found: ${followed.why.join('; ')}${hint(request)}`
                : `No receiver found: nothing in the request names one${hint(request)}`,
          },
        }
    }
  }
}

function isPrivate211({ side, module }: DutyRequest['target']): boolean {
  return side !== undefined && (module === 'sessions' || module === 'cdrs')
}

/** A strict platform has to name the party of a token. */
function bodyClues({ target, caller, from }: DutyRequest, body: Uint8Array): Clue[] {
  const parsed = parseJson(body)
  const clues = [...cluesInIds(caller, target, parsed), ...cluesInBody(target, parsed, from)]
  return caller.platform.isStrict ? clues.filter((clue) => clue.kind === 'party' || clue.fact !== 'token') : clues
}

/** What the caller can do about it, in a version that has routing headers. */
function hint({ target }: DutyRequest): string {
  return target.side === undefined ? '. Add OCPI-to-*' : ''
}

function lost(why: string): Followed {
  return { kind: 'lost', why: [why], isUnclear: false }
}

function unclear(why: string): Followed {
  return { kind: 'lost', why: [why], isUnclear: true }
}

/** Another party than `only` that the request could be meant for, if there is one. */
function findOther(request: DutyRequest, only: HostedParty): HostedParty | undefined {
  const { module, interfaceRole } = request.target
  for (const party of [...request.table.parties.values()].flat()) {
    if (party === only || !isPossible(request, party)) continue
    const platform = request.table.platforms.get(party.platformId)
    if (platform && endpointOf(platform, module, interfaceRole)) return party
  }
  return undefined
}

/** Whether a request may go to a party: of another platform, of the right side, and one that its sender may talk to. */
function isPossible(request: DutyRequest, party: HostedParty): boolean {
  const { table, caller, from, target, message } = request
  if (party.platformId === caller.platform.id || !isHolder(request, party)) return false
  return mayTalk(table, keyOf(from), party.key, target.module, message.receivedAt)
}

/** Whether a party's platform has a connection, though it may be OFFLINE now. */
function isHere({ table }: DutyRequest, { platformId }: HostedParty): boolean {
  const status = table.platforms.get(platformId)?.status
  return status === 'CONNECTED' || status === 'OFFLINE'
}

/** Whether a party is of the side that holds the interface called. */
function isHolder({ target }: DutyRequest, party: HostedParty): boolean {
  const side = sideHolding(target.module, target.interfaceRole)
  return party.roles.some((role) => role.status === 'ACTIVE' && (side === null || sideOf(role.role) === side))
}

/** Why a write to a custom module is refused: its path names a party of another platform, and its receiver could not tell. */
function namesStranger({ target, table, caller }: DutyRequest): string | null {
  const object = readObjectPath(target.rest)
  if (!object || partyOn(table, keyOf(object.owner), caller.platform.id)) return null
  return `The object belongs to ${showParty(object.owner)}, which is no party of your platform`
}

/** Why no receiver can be found by a body: it says one thing twice, or names another owner than the path does. */
function problemIn({ target }: DutyRequest, body: Uint8Array): string | null {
  const repeated = repeatedClue(body)
  if (repeated) return `${repeated} is given more than once`
  const object = readObjectPath(target.rest)
  if (!object || !namesOtherOwner(body, keyOf(object.owner))) return null
  return 'country_code and party_id differ from those in the path'
}

function invalid(detail: string): DutyResult {
  return { kind: 'refused', refusal: { kind: 'invalid', detail } }
}
