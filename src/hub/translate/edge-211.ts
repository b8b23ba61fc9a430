import type { Kind } from '../../ocpi/convert/conversion.ts'
import { answerKind, requestKind } from '../../ocpi/convert/kind.ts'
import { convertWholeData } from '../../ocpi/convert/list.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { quote } from '../../ocpi/parsed.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import { hasPrefixedIds, isAggregated, isAtEdge } from '../network/edge.ts'
import { isPartyOf } from '../network/find-party.ts'
import type { Turn } from '../turn.ts'
import type { Carriage, NoteConversion, TranslatedRequest } from './carriage.ts'
import { convertedStream, convertedWhole } from './converted-list.ts'
import { aliasesIn, contractsIn, type LookAhead, operatorsToward } from './edge-ahead.ts'
import { insteadOf, isSuccess, translatedOf } from './edge-answers.ts'
import { createEdgeCommands, withOwnNumber } from './edge-commands.ts'
import { type AtEdge, contractsShown, createEdgeObjects } from './edge-objects.ts'
import { ownerIn, ownerInPath, whyForged } from './edge-owner.ts'
import { namesInPath, underParty, withOtherId } from './edge-path.ts'
import { pieceOf, textOf } from './edge-pieces.ts'
import type { Aliases, Contracts, Drivers, Operators } from './edge-ports.ts'
import type { Hand } from './hand.ts'
import type { Translate } from './translate.ts'
import type { ReceivedAnswer, TranslatedAnswer } from './translate-answer.ts'
import type { ListPiece } from './translate-list.ts'

/*
 * The edge of a connection of 2.1.1 that stands for all parties of the other side. Nothing in that version says whose an object is:
 *
 * - A CPO takes the hub for one eMSP, and gives it the sessions and CDRs of all. Each eMSP gets those whose `auth_id` is of its tokens; what
 *   is of nobody known nobody gets.
 * - An eMSP takes the hub for one CPO, and would take two Locations `1` for one. It gets ids with their owner's party in them, in pushes,
 *   lists and paths alike, and what it sends of them comes to their owner by the owner's id.
 * - Objects get `country_code` and `party_id`, for who wants to know.
 * - A CPO would do with any session what any eMSP asks: see `createEdgeCommands`.
 *
 * That is done beside what is converted between versions: what comes from 2.1.1 is sorted before it, what goes to 2.1.1 is named behind it.
 */

export type EdgePorts = {
  readonly hub: Party
  readonly contracts: Contracts
  readonly drivers: Drivers
  readonly aliases: Aliases
  readonly operators: Operators
  readonly noteConversion: NoteConversion
  readonly onError: (error: unknown) => void
  readonly turn: Turn
}

const SAME = { kind: 'same' } as const
const FAILED = { kind: 'failed', why: 'The hub cannot look up whose this is now' } as const
const NO_ENVELOPE = { kind: 'failed', why: 'The answer is no OCPI envelope' } as const

/** Sessions and CDRs, which are about single drivers. */
const PRIVATE = new Set(['sessions', 'cdrs'])

/** @param inner what converts between unlike versions, and leaves alone what is of one */
export function createEdge211(inner: Translate, ports: EdgePorts): Translate {
  const { hub, contracts, aliases, operators, onError, turn } = ports
  const objects = createEdgeObjects(ports)
  const commands = createEdgeCommands(ports)
  const lookUpContracts = contractsIn(contracts)
  const lookUpAliases = aliasesIn(aliases)

  function failed(error: unknown): typeof FAILED {
    onError(error)
    return FAILED
  }

  async function request(carriage: Carriage, body: Uint8Array): Promise<TranslatedRequest> {
    const { caller, receiver, version, module } = carriage
    const forged = whyForged(carriage, body)
    if (forged !== null) return { kind: 'withheld', why: forged }
    const shows = isAggregated(receiver) && body.length > 0 ? carriedBy(carriage) : null
    try {
      if (PRIVATE.has(module) && caller.version === VERSION_211) await lookUpContracts([body])
      if (shows) await contracts.lookUp(contractsShown(body, shows.kind))
      if (shows) await operatorsToward(operators, receiver, shows.kind, [ownerInPath(carriage)])
      if (hasPrefixedIds(caller)) {
        await aliases.lookUp(namesInPath(carriage.rest))
        await lookUpAliases([body])
      }
    } catch (error) {
      return failed(error)
    }
    const own211 = shows && objects.ofOwnContract(body, shows.kind, caller, receiver)
    if (own211?.kind === 'left-out') return { kind: 'withheld', why: own211.why }
    const offered = fromCaller(carriage, body)
    if ('why' in offered) return { kind: 'withheld', why: offered.why }
    if (isAggregated(receiver)) {
      const answered = await commands.answered(carriage, offered.body).catch(failed)
      if (answered !== null) return answered
    }
    const { method, query } = carriage
    const own: TranslatedRequest = { kind: 'translated', method, query, ...offered, conversion: '', remarks: [] }
    const translated =
      version === receiver.version ? own : await inner.request({ ...carriage, rest: offered.rest }, offered.body)
    return translated.kind === 'translated' ? toReceiver(carriage, translated) : translated
  }

  /** A request as it would be without the edge. */
  function fromCaller(
    carriage: Carriage,
    body: Uint8Array,
  ): { readonly rest: string; readonly body: Uint8Array } | { readonly why: string } {
    const { module, interfaceRole, method, rest, caller, receiver, isLed } = carriage
    const carried = body.length === 0 ? null : requestKind(module, interfaceRole, method, rest)
    // Of others it is learnt from exchanges, once they were taken; those of sandbox partners teach nothing.
    if (caller.sandbox && carried?.kind === 'token') objects.learn(body, 'token', caller, receiver, carriage.from)
    if (!hasPrefixedIds(caller)) return { rest, body }
    const isOfReceiver = interfaceRole === 'SENDER' || module === 'commands'
    let why: string | null = null
    const ownId = (id: string): string => {
      const of = aliases.ownerOf(id)
      if (of === null) return id
      if (isOfReceiver && !isPartyOf(receiver, of.owner))
        why = `${quote(id)} is of ${showParty(of.owner)}, and the request is to ${showParty(carriage.to)}`
      return of.id
    }
    const ownRest = isLed ? rest : withOtherId(carriage, rest, ownId)
    const own = carried && objects.withOwnIds(body, carried.kind, ownId)
    if (why !== null) return { why }
    if (own === null) return { rest: ownRest, body }
    return own.kind === 'passes' ? { rest: ownRest, body: own.bytes } : own
  }

  function toReceiver(
    carriage: Carriage,
    translated: Extract<TranslatedRequest, { kind: 'translated' }>,
  ): TranslatedRequest {
    const { module, interfaceRole, receiver, version, isLed } = carriage
    if (!isAggregated(receiver)) return translated
    let { rest, body } = translated
    const owner = ownerInPath({ rest, from: carriage.from })
    const carried = body.length === 0 ? null : requestKind(module, interfaceRole, translated.method, rest)
    if (carried?.kind === 'reserve-now') body = withOwnNumber(body, carriage.from) ?? body
    // What a command names is its receiver's own.
    if (carried && module !== 'commands') {
      const { isPatch } = carried
      const is = { isNamed: isPatch || version !== receiver.version, isPatch }
      const named = objects.toward(body, carried.kind, receiver, owner, is)
      if (named.kind === 'left-out') return { kind: 'withheld', why: named.why }
      body = named.bytes
    }
    if (!isLed && hasPrefixedIds(receiver))
      rest = withOtherId(carriage, rest, (id, of) => aliases.aliasOf(owner, id, of))
    if (!isLed && receiver.conversion?.ownerInUrl === 'hub') rest = underParty(carriage, rest, hub)
    return { ...translated, rest, body }
  }

  async function answer(
    carriage: Carriage,
    received: ReceivedAnswer,
    losses: string | null,
  ): Promise<TranslatedAnswer> {
    const { module, interfaceRole, method, rest, caller, receiver } = carriage
    const held = answerKind(module, interfaceRole, method, rest)
    const isPrivate = PRIVATE.has(module) && interfaceRole === 'SENDER' && isAggregated(receiver)
    const isLike = caller.version === receiver.version
    // Of what is no list of them, nor one, it cannot be told whose it is.
    if (isPrivate && (!isSuccess(received) || held === null || held === 'dropped')) {
      const bare = received.body instanceof Uint8Array ? await convertWholeData(received.body, NOTHING_OF_IT) : null
      if (bare === null) return NO_ENVELOPE
      const left = { ...received, body: bare }
      return isLike ? translatedOf(left) : insteadOf(left, await inner.answer(carriage, left, losses))
    }
    if (held === null || held === 'dropped' || !isSuccess(received))
      return isLike ? SAME : inner.answer(carriage, received, losses)

    const lookAhead = isPrivate || givesTokens(carriage) ? lookUpContracts : null
    const through = (object: Uint8Array) => fromSource(carriage, held.kind, isPrivate, object)
    const before = await mapped(received, held, lookAhead, through, isPrivate)
    if ('why' in before) return before
    const between: TranslatedAnswer = isLike
      ? translatedOf(before)
      : insteadOf(before, await inner.answer(carriage, before, losses))
    if (between.kind !== 'translated' || !isAggregated(caller)) return between
    const isNamed = !isLike || !isOfSender(carriage)
    await operatorsToward(operators, caller, held.kind, receiver.parties)
    const after = await mapped({ ...before, body: between.body }, held, null, (object) =>
      objects.toward(object, held.kind, caller, ownerIn(carriage, object), { isNamed }),
    )
    return 'why' in after ? after : { ...between, body: after.body }
  }

  /** An object of a receiver's answer as it would be without the edge. */
  function fromSource(carriage: Carriage, kind: Kind, isPrivate: boolean, object: Uint8Array): AtEdge {
    const { caller, receiver } = carriage
    if (isPrivate) {
      const its = objects.forReader(object, kind, receiver, caller, carriage.from)
      if (its.kind === 'left-out') return its
      if (kind === 'session') commands.learn(object, carriage)
    }
    if (kind === 'token' && givesTokens(carriage)) {
      const its = objects.ofOwnContract(object, kind, receiver, caller)
      if (its.kind === 'left-out') return its
    }
    if (isOfSender(carriage)) objects.learn(object, kind, receiver, caller, carriage.to)
    return hasPrefixedIds(receiver) ? objects.withOwnIds(object, kind) : { kind: 'passes', bytes: object }
  }

  /** An answer with each object of its `data` put through; one that is alone and does not pass is not there. */
  async function mapped(
    received: ReceivedAnswer,
    { isList, kind }: { readonly isList: boolean; readonly kind: Kind },
    lookAhead: LookAhead | null,
    through: (object: Uint8Array) => AtEdge,
    isBare = false,
  ): Promise<ReceivedAnswer | Extract<TranslatedAnswer, { kind: 'withheld' | 'failed' }>> {
    let why: string | null = null
    const hand: Hand = {
      ahead: (objects) => lookAhead?.(objects)?.then(() => objects.length) ?? objects.length,
      convert(object) {
        const passed = through(object)
        if (passed.kind === 'passes') return { kind: 'converted', bytes: passed.bytes, remarks: [] }
        why = passed.why
        return { kind: 'withheld', why, remarks: [] }
      },
      unread: () => void (why = `A ${kind} cannot be read`),
      turn,
    }
    const { body } = received
    if (!(body instanceof Uint8Array)) return { ...received, body: convertedStream(body, NO_VERSION, hand, isBare) }
    try {
      const whole = await convertedWhole(body, NO_VERSION, hand, isBare)
      if (whole === null) return NO_ENVELOPE
      return why !== null && !isList ? { kind: 'withheld', why } : { ...received, body: whole }
    } catch (error) {
      return failed(error)
    }
  }

  async function list(carriage: Carriage, piece: ListPiece, mostBytes?: number): Promise<ListPiece> {
    const { module, caller, receiver } = carriage
    const held = answerKind(module, 'SENDER', 'GET', '')
    if (held === null || held === 'dropped') return inner.list(carriage, piece, mostBytes)
    const isPrivate = PRIVATE.has(module) && isAggregated(receiver)
    if (isPrivate || givesTokens(carriage)) {
      await lookUpContracts([textOf(piece)])?.catch((error: unknown) => {
        onError(error)
        throw error
      })
    }
    const source = isAggregated(receiver) ? keyOf(carriage.to) : null
    const before = pieceOf(piece, (object) => fromSource(carriage, held.kind, isPrivate, object), source)
    const ofOthers = piece.objects.length - before.objects.length
    const isLike = caller.version === receiver.version
    const between = isLike ? before : await inner.list(carriage, before, mostBytes)
    if (!isAggregated(caller)) return { ...between, ofOthers }
    await operatorsToward(operators, caller, held.kind, receiver.parties)
    const after = pieceOf(
      between,
      (object) => objects.toward(object, held.kind, caller, ownerIn(carriage, object), { isNamed: !isLike }),
      null,
    )
    return { ...after, ofOthers }
  }

  return {
    gap: inner.gap,
    request: (carriage, body) => (isHere(carriage) ? request(carriage, body) : inner.request(carriage, body)),
    answer: (carriage, received, losses = null) =>
      isHere(carriage) ? answer(carriage, received, losses) : inner.answer(carriage, received, losses),
    list: (carriage, piece, mostBytes) => (isHere(carriage) ? list : inner.list)(carriage, piece, mostBytes),
  }
}

function carriedBy({ module, interfaceRole, method, rest }: Carriage) {
  return requestKind(module, interfaceRole, method, rest)
}

/** Codes of no version are changed by the edge: those of the answer are its sender's, and converted with it. */
const NO_VERSION = ''

/** Of an answer the codes and words alone. */
const NOTHING_OF_IT = { to: NO_VERSION, convert: () => null, broken: () => {}, isBare: true } as const

function isHere({ caller, receiver, version }: Carriage): boolean {
  if (!isAtEdge(caller, receiver)) return false
  // Between versions that nothing is carried between it is said so.
  return version !== null && receiver.version !== null
}

/** Whether tokens are read by a platform that takes the hub for the eMSP of all. */
function givesTokens({ module, caller, interfaceRole }: Carriage): boolean {
  return module === 'tokens' && interfaceRole === 'SENDER' && isAggregated(caller)
}

function isOfSender({ interfaceRole }: Carriage): boolean {
  return interfaceRole === 'SENDER'
}
