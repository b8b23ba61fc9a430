import type { Kind, Remark } from '../../ocpi/convert/conversion.ts'
import { renameIds } from '../../ocpi/convert/edge-ids.ts'
import { parseJson } from '../../ocpi/envelope.ts'
import { jsonString, withMembers } from '../../ocpi/json-edit.ts'
import { membersCalled, stringMember } from '../../ocpi/json-field.ts'
import { readString } from '../../ocpi/json-members.ts'
import { SMALL_N } from '../../ocpi/json-skip.ts'
import { ownerInBody } from '../../ocpi/object-path.ts'
import { isObject } from '../../ocpi/parsed.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import { hasPrefixedIds, isAggregated } from '../network/edge.ts'
import type { Platform } from '../network/routing-table.ts'
import type { NoteConversion } from './carriage.ts'
import type { Aliases, Contracts, Operators } from './edge-ports.ts'

/** What came of an object at the edge; `left-out`: it is not for who would get it, or cannot be told to be. */
export type AtEdge =
  | { readonly kind: 'passes'; readonly bytes: Uint8Array }
  | { readonly kind: 'left-out'; readonly why: string }

/** Objects that differ in whose they are, and so in what is added to them. */
const WHOLE_OBJECTS: ReadonlySet<Kind> = new Set<Kind>(['location', 'tariff', 'token', 'session', 'cdr'])

/** Objects in which an id stands. */
const WITH_IDS: ReadonlySet<Kind> = new Set<Kind>([
  ...(['location', 'evse', 'connector', 'tariff', 'session', 'cdr', 'location-references', 'authorization'] as const),
  ...(['reserve-now', 'start-session', 'stop-session', 'unlock-connector'] as const),
])

/** One object at a time, as it comes from a platform of 2.1.1 or goes to one that has one connection for all. */
export function createEdgeObjects(ports: {
  readonly contracts: Contracts
  readonly aliases: Aliases
  readonly operators: Operators
  readonly noteConversion: NoteConversion
}) {
  const { contracts, aliases, operators, noteConversion } = ports

  /**
   * A session or a CDR of a CPO to which all eMSPs are one: it is for the eMSP whose contract it names, and for nobody where that is not
   * known, or cannot be read in one way only.
   */
  function forReader(object: Uint8Array, kind: Kind, source: Platform, reader: Platform, party: Party): AtEdge {
    const [member, second] = membersCalled(object, 'auth_id') ?? []
    const authId = member && !second && member.name === 'auth_id' ? readString(object, member.start) : null
    const contract = authId === null ? null : contracts.known(authId)
    if (contract?.party === keyOf(party)) return { kind: 'passes', bytes: object }
    // That others have theirs there too is no news.
    if (contract === null) {
      const remark: Remark = { fate: 'withheld', pointer: '/auth_id', reason: 'no token is known whose contract it is' }
      noteConversion({
        ...{ from: source.version ?? '', to: reader.version ?? '', kind, outcome: 'withheld', remarks: [remark] },
        ...{ sourceId: source.id, platformId: reader.id, sample: stringMember(object, 'id') },
      })
    }
    return { kind: 'left-out', why: 'It is not known to be yours' }
  }

  /** An id without the party that was put into it. One without is left as it is: its platform had it before. */
  const ownId: Rename = (id) => aliases.ownerOf(id)?.id ?? id

  /** An object with ids as their owners have them. */
  function withOwnIds(object: Uint8Array, kind: Kind, rename = ownId): AtEdge {
    return WITH_IDS.has(kind) ? renamed(object, kind, rename) : { kind: 'passes', bytes: object }
  }

  /**
   * An object as a platform of 2.1.1 gets it. Where that takes the hub for the other side of all, it is told whose the object is, and who runs a
   * Location that does not say so: in newer versions whoever gave the credentials does, who is the hub there.
   *
   * @param is `isNamed`: it says already whose it is, where its receiver wants that. `isPatch`: it is a part. @default not a part
   */
  function toward(
    object: Uint8Array,
    kind: Kind,
    platform: Platform,
    owner: Party,
    { isNamed, isPatch = false }: { readonly isNamed: boolean; readonly isPatch?: boolean },
  ): AtEdge {
    const prefixed: AtEdge =
      hasPrefixedIds(platform) && WITH_IDS.has(kind)
        ? renamed(object, kind, (id, of) => aliases.aliasOf(owner, id, of))
        : { kind: 'passes', bytes: object }
    if (prefixed.kind !== 'passes' || !isAggregated(platform)) return prefixed
    const addsOwner = !isNamed && WHOLE_OBJECTS.has(kind) && (platform.conversion?.ownerMembers ?? true)
    const operator = kind === 'location' && !isPatch ? operatorFor(prefixed.bytes, owner) : null
    if (!addsOwner && operator === null) return prefixed
    const named = withMembers(prefixed.bytes, {
      ...(addsOwner && { country_code: jsonString(owner.countryCode), party_id: jsonString(owner.partyId) }),
      ...(operator && { operator }),
    })
    return named ? { kind: 'passes', bytes: named } : NO_OBJECT
  }

  /** Null where the Location names one itself, or nobody is known. */
  function operatorFor(location: Uint8Array, owner: Party): Uint8Array | null {
    const known = operators.known(owner)
    const given = known && membersCalled(location, 'operator')
    return given?.every(({ start }) => location[start] === SMALL_N) ? known : null
  }

  /**
   * A token that its platform shows to one of 2.1.1, where only the contract in it tells who pays: one of another's contract would be charged
   * with at that one's expense.
   */
  function ofOwnContract(object: Uint8Array, kind: Kind, source: Platform, reader: Platform): AtEdge {
    if (!contractsShown(object, kind).some((contract) => contracts.isOfOther(contract, source.id)))
      return { kind: 'passes', bytes: object }
    const remark: Remark = { fate: 'withheld', pointer: '/auth_id', reason: 'its contract is of another eMSP' }
    noteConversion({
      ...{ from: source.version ?? '', to: reader.version ?? '', kind, outcome: 'withheld', remarks: [remark] },
      ...{ sourceId: source.id, platformId: reader.id, sample: null },
    })
    return { kind: 'left-out', why: 'The contract of the token is of another eMSP' }
  }

  /** Learns whose a token is that goes by, alone or in an authorisation. What a sandbox partner is shown is a trial. */
  function learn(object: Uint8Array, kind: Kind, source: Platform, taker: Platform, asked: Party): void {
    if (taker.sandbox) return
    const parsed = kind === 'token' || kind === 'authorization' ? parseJson(object) : null
    const token = isObject(parsed) && kind === 'authorization' ? parsed['token'] : parsed
    if (!isObject(token)) return
    const { country_code: countryCode, party_id: partyId } = token
    const named = typeof countryCode === 'string' && typeof partyId === 'string' && keyOf({ countryCode, partyId })
    const own = source.parties.find(({ key }) => key === named)
    contracts.learn(token, own?.key ?? keyOf(asked))
  }

  return { forReader, ofOwnContract, withOwnIds, toward, learn }
}

const WITH_TOKEN: ReadonlySet<Kind> = new Set<Kind>(['start-session', 'reserve-now'])
const CONTRACT = ['contract_id', 'auth_id']

/** Whether objects of a kind hold a token, and with it a contract. */
export function holdsToken(kind: Kind): boolean {
  return WITH_TOKEN.has(kind)
}

/** The contracts that a token names, alone or in a command, in whatever spellings some reader takes for it. */
export function contractsShown(object: Uint8Array, kind: Kind): readonly string[] {
  const tokens = kind === 'token' ? [object] : WITH_TOKEN.has(kind) ? valuesCalled(object, 'token') : []
  const named = tokens.flatMap((token) => CONTRACT.flatMap((name) => valuesCalled(token, name)))
  return named.flatMap((value) => readString(value, 0) ?? [])
}

function valuesCalled(object: Uint8Array, name: string): readonly Uint8Array[] {
  return (membersCalled(object, name) ?? []).map(({ start, end }) => object.subarray(start, end))
}

/** Whose an object is: of one that came from 2.1.1 the party that was asked, whatever it says. */
export function ownerOf(object: Uint8Array, source: Platform, asked: Party): Party {
  if (isAggregated(source)) return asked
  const named = ownerInBody(object)
  const own = named && source.parties.find(({ key }) => key === keyOf(named))
  return own ?? asked
}

type Rename = (id: string, of: Parameters<Parameters<typeof renameIds>[2]>[0]) => string

function renamed(object: Uint8Array, kind: Kind, rename: Rename): AtEdge {
  const result = renameIds(object, kind, (of, id) => rename(id, of))
  return result.kind === 'renamed' ? { kind: 'passes', bytes: result.bytes } : NO_OBJECT
}

const NO_OBJECT: AtEdge = { kind: 'left-out', why: 'It is no JSON object' }
