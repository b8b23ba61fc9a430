import { asEnvelope } from './envelope.ts'
import { CASE, isName, readString } from './json-members.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  NONE,
  type OnMember,
  OPEN_BRACE,
  OPEN_BRACKET,
  PAUSED,
  SMALL_N,
  skipColon,
  skipMark,
  skipSpace,
  skipString,
  skipValue,
  type Walk,
} from './json-skip.ts'
import { type PartyKey, partyKey } from './party.ts'

/** An object of the list in an envelope: where its bytes stand, and whose it says it is. */
export type ListedObject = {
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
  /** From its own `country_code` and `party_id`, in any letter case, as some reader takes them; null without both. */
  readonly owner: PartyKey | null
}

/** An envelope as far as it is needed to join lists. */
export type ListEnvelope = {
  /** Null where the envelope has none: then its `data` is a list. */
  readonly statusCode: number | null
  /** None where there is no `data` or it is null; null where it is anything but a list. */
  readonly objects: readonly ListedObject[] | null
}

/** What is walked over between two pauses: some milliseconds. */
const STEP_BYTES = 1024 * 1024

/**
 * Finds the objects of `data` in an envelope without building or changing any of them [transport_and_format: Response
 * format]. The text is checked on the way, as strictly as `JSON.parse` does and in well-formed UTF-8: objects of several
 * texts may be joined to one. Of duplicate members the last counts, but an object that names two owners is nobody's. Null
 * when it is no JSON, no envelope or a list of anything but objects. A list without a status code is an envelope: some
 * partners leave it out of a success.
 *
 * Yields after each megabyte, so that whoever runs it may let others have their turn.
 *
 * @param most with more objects it is not read to its end: what is noted of each takes more room than a small object itself
 */
export function* readListEnvelope(
  bytes: Uint8Array,
  most: number,
): Generator<void, ListEnvelope | 'too-many' | null, void> {
  const walk: Walk = { pauseAt: STEP_BYTES, stopped: null }
  let objects: ListedObject[] | null = NO_OBJECTS
  let statusCode: unknown
  let at = skipSpace(bytes, skipMark(bytes))
  if (bytes[at] !== OPEN_BRACE) return null
  at = skipSpace(bytes, at + 1)
  const isEmpty = bytes[at] === CLOSE_BRACE
  while (!isEmpty) {
    const nameEnd = skipString(bytes, at)
    const value = nameEnd === NONE ? NONE : skipColon(bytes, nameEnd)
    if (value === NONE) return null
    const isData = isName(bytes, at, nameEnd, 'data')
    const isList = isData && bytes[value] === OPEN_BRACKET
    if (isList) objects = []
    else if (isData) objects = bytes[value] === SMALL_N ? NO_OBJECTS : null
    const end: number = isList
      ? yield* readList(bytes, value, objects as ListedObject[], most, walk)
      : yield* skipInSteps(bytes, value, ENVELOPE_DEPTH, null, walk)
    if (end === NONE) return objects !== null && objects.length > most ? 'too-many' : null
    if (isName(bytes, at, nameEnd, 'status_code')) statusCode = JSON.parse(decoder.decode(bytes.subarray(value, end)))
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACE) break
    if (bytes[at] !== COMMA) return null
    at = skipSpace(bytes, at + 1)
  }
  if (skipSpace(bytes, at + 1) !== bytes.length) return null
  if (statusCode === undefined) return objects === null || objects === NO_OBJECTS ? null : { statusCode: null, objects }
  const envelope = asEnvelope({ status_code: statusCode })
  return envelope && { statusCode: envelope.statusCode, objects }
}

/** As `skipValue`, with pauses. */
function* skipInSteps(
  bytes: Uint8Array,
  from: number,
  depth: number,
  onMember: OnMember | null,
  walk: Walk,
): Generator<void, number, void> {
  for (;;) {
    const end = skipValue(bytes, from, depth, onMember, walk)
    if (end !== PAUSED) return end
    yield
    walk.pauseAt += STEP_BYTES
  }
}

/** Of an envelope without a list: `data` is null or absent. Never written to. */
const NO_OBJECTS: ListedObject[] = []

const decoder = new TextDecoder()

/** How deep members of an envelope and objects of its list stand. */
const ENVELOPE_DEPTH = 1
const LIST_DEPTH = 2

/** Adds the objects of the list that begins at `from`, and ends behind one too many. */
function* readList(
  bytes: Uint8Array,
  from: number,
  objects: ListedObject[],
  most: number,
  walk: Walk,
): Generator<void, number, void> {
  const { noteMember, takeOwner } = createOwnerReader(bytes)
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    if (bytes[at] !== OPEN_BRACE) return NONE
    let end = skipValue(bytes, at, LIST_DEPTH, noteMember, walk)
    if (end === PAUSED || end > walk.pauseAt) {
      yield
      walk.pauseAt += STEP_BYTES
      if (end === PAUSED) end = yield* skipInSteps(bytes, at, LIST_DEPTH, noteMember, walk)
    }
    if (end === NONE) return NONE
    objects.push({ start: at, end, owner: takeOwner() })
    if (objects.length > most) return NONE
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/** In place of a country code or party ID, which no party has. */
const NOBODY = ''

/** Whose each object is, one after the other. Most lists are of one owner: its key is made once. */
function createOwnerReader(bytes: Uint8Array) {
  let countryCode: string | null = null
  let partyId: string | null = null
  let known = { countryCode: '', partyId: '', key: partyKey('', '') }

  function noteMember(nameStart: number, nameEnd: number, value: number): void {
    if (isName(bytes, nameStart, nameEnd, 'country_code', CASE)) countryCode = agreed(countryCode, value)
    else if (isName(bytes, nameStart, nameEnd, 'party_id', CASE)) partyId = agreed(partyId, value)
  }

  /** What a member says, with what one of its name said before: readers differ in which they take, so of two that differ nobody is owner. */
  function agreed(before: string | null, value: number): string | null {
    const said = readString(bytes, value)
    return before === null || before.toUpperCase() === said?.toUpperCase() ? said : NOBODY
  }

  /** Of the members noted since it was asked last; null when they do not name both. */
  function takeOwner(): PartyKey | null {
    const named = countryCode !== null && partyId !== null ? { countryCode, partyId } : null
    countryCode = partyId = null
    if (!named) return null
    if (named.countryCode !== known.countryCode || named.partyId !== known.partyId) {
      known = { ...named, key: partyKey(named.countryCode, named.partyId) }
    }
    return known.key
  }

  return { noteMember, takeOwner }
}
