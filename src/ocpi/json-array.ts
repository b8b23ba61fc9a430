import { asEnvelope } from './envelope.ts'
import { CASE, isName, readMembers, readString } from './json-members.ts'
import { CLOSE_BRACKET, COMMA, NONE, OPEN_BRACE, OPEN_BRACKET, skipMark, skipSpace, skipValue } from './json-skip.ts'
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

/**
 * Finds the objects of `data` in an envelope without building or changing any of them [transport_and_format: Response
 * format]. The text is checked on the way, as strictly as `JSON.parse` does and in well-formed UTF-8: objects of several
 * texts may be joined to one. Of duplicate members the last counts, but an object that names two owners is nobody's. Null
 * when it is no JSON, no envelope or a list of anything but objects. A list without a status code is an envelope: some
 * partners leave it out of a success.
 *
 * @param most with more objects it is not read to its end: what is noted of each takes more room than a small object itself
 */
export function readListEnvelope(bytes: Uint8Array, most: number): ListEnvelope | 'too-many' | null {
  let objects: ListedObject[] | null = NO_OBJECTS
  let statusCode: unknown
  const start = skipSpace(bytes, skipMark(bytes))
  const end = readMembers(bytes, start, (nameStart, nameEnd, value) => {
    if (isName(bytes, nameStart, nameEnd, 'data')) {
      if (bytes[value] === OPEN_BRACKET) return readList(bytes, value, (objects = []), most)
      objects = bytes[value] === SMALL_N ? NO_OBJECTS : null
      return skipValue(bytes, value, ENVELOPE_DEPTH)
    }
    const valueEnd = skipValue(bytes, value, ENVELOPE_DEPTH)
    if (valueEnd !== NONE && isName(bytes, nameStart, nameEnd, 'status_code')) {
      statusCode = JSON.parse(decoder.decode(bytes.subarray(value, valueEnd)))
    }
    return valueEnd
  })
  if (end === NONE) return objects !== null && objects.length > most ? 'too-many' : null
  if (skipSpace(bytes, end) !== bytes.length) return null
  if (statusCode === undefined) return objects === null || objects === NO_OBJECTS ? null : { statusCode: null, objects }
  const envelope = asEnvelope({ status_code: statusCode })
  return envelope && { statusCode: envelope.statusCode, objects }
}

/** Of an envelope without a list: `data` is null or absent. Never written to. */
const NO_OBJECTS: ListedObject[] = []

/** `null` begins with it, and no other value does. */
const SMALL_N = 0x6e

const decoder = new TextDecoder()

/** How deep members of an envelope and objects of its list stand. */
const ENVELOPE_DEPTH = 1
const LIST_DEPTH = 2

/** Adds the objects of the list that begins at `from`, and ends behind one too many. */
function readList(bytes: Uint8Array, from: number, objects: ListedObject[], most: number): number {
  const { noteMember, takeOwner } = createOwnerReader(bytes)
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    const end = bytes[at] === OPEN_BRACE ? skipValue(bytes, at, LIST_DEPTH, noteMember) : NONE
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
