import { repeatedName } from '../../ocpi/json-field.ts'
import { soughtNames } from '../../ocpi/names.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { isObject, quote } from '../../ocpi/parsed.ts'
import { isPartyName, keyOf, type Party, type PartyKey } from '../../ocpi/party.ts'
import { sideHolding } from '../../ocpi/sides.ts'
import type { Target } from '../corridor/classify.ts'

/**
 * What the hub remembers of the traffic it carried, each under a key in lower case:
 * - `location`, `session`: the CPO of a location or session, by its id
 * - `driver`: the eMSP that a CPO's session was last sent to, by `NL*CPO/{session id}`
 * - `token`: the eMSP of a token, by its uid
 * - `reservation`: the CPO that an eMSP made a reservation at, by `NL*MSP/{reservation id}`
 * - `contract`: the eMSP of a token, with its uid and type, by its contract_id, the auth_id of OCPI 2.1.1
 * - `token-type`: that an eMSP has a token with a type that OCPI 2.1.1 cannot say, by `nl*msp/{uid}`
 * - `alias`: the owner of an object, with its id, by what stands for that toward a platform of 2.1.1
 */
export type FactKind = 'location' | 'session' | 'driver' | 'token' | 'reservation' | 'contract' | 'token-type' | 'alias'

/**
 * Something in a request that tells whom it is for: a party that is named (`where`: 'the path'), or an object whose party may be
 * known (`what`: 'location "LOC1"', for the answer when it is not).
 */
export type Clue =
  | { readonly kind: 'party'; readonly party: Party; readonly where: string }
  | { readonly kind: 'object'; readonly fact: FactKind; readonly key: string; readonly what: string }

/**
 * Whether several parties may rightly have an object of this key: ids of locations and sessions are unique within their CPO only
 * [mod_locations: Location Object; mod_sessions: Session Object], unless they are UUIDs.
 */
export function mayBeOfSeveral(fact: FactKind, key: string): boolean {
  return (fact === 'location' || fact === 'session') && !UUID.test(key)
}

/**
 * Whether an object of this key is one party's only, so that of several that were seen with it the first is right: tokens, and locations
 * and sessions that are named by a UUID. A reservation is not: an eMSP may make one of the same id at several CPOs.
 */
export function isOfOne(fact: FactKind, key: string): boolean {
  return fact !== 'reservation' && !mayBeOfSeveral(fact, key)
}

const UUID = /^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/

/** The key of an object whose id is unique only within a party: `nl*cpo/s1`. */
export function keyWithin(party: PartyKey, id: string): string {
  return `${party.toLowerCase()}/${id}`
}

/** The clues in a path, the most telling first [the modules' chapters: Endpoint structure definition]. */
export function cluesInPath(target: Target, method: string, from: Party): Clue[] {
  const { module, interfaceRole, rest } = target
  const clues: Clue[] = []
  const object = readObjectPath(rest)
  if (object) clues.push({ kind: 'party', party: object.owner, where: 'the path' })
  const [first, second] = namesIn(rest)
  const add = (fact: FactKind, key: string, what: string) => clues.push({ kind: 'object', fact, key, what })
  if (first === undefined) return clues
  switch (`${module}/${interfaceRole}`) {
    case 'locations/SENDER':
      add('location', first, `location ${quote(first)}`)
      break
    case 'sessions/SENDER':
    case 'chargingprofiles/RECEIVER':
      add('session', first, `session ${quote(first)}`)
      break
    case 'chargingprofiles/SENDER':
      add('driver', keyWithin(keyOf(from), first), `the eMSP of session ${quote(first)}`)
      break
    case 'sessions/RECEIVER':
      if (object)
        add(
          'driver',
          keyWithin(keyOf(object.owner), object.names[0] as string),
          `the eMSP of session ${quote(object.names[0] as string)}`,
        )
      break
    case 'tokens/SENDER':
      if (method === 'POST' && second === 'authorize') add('token', first, `token ${quote(first)}`)
      break
  }
  return clues
}

/**
 * The clues in a body, the most telling first: whose token it is about, whose object it is, which location, session or reservation
 * [mod_cdrs: CdrToken; mod_sessions; mod_commands: StartSession, ReserveNow, StopSession, CancelReservation].
 */
export function cluesInBody(target: Target, body: unknown, from: Party): Clue[] {
  // The location of an authorisation request is the caller's own [mod_tokens: LocationReferences].
  if (!isObject(body) || target.module === 'tokens') return []
  const clues: Clue[] = []
  const holder = sideHolding(target.module, target.interfaceRole)
  // Tokens are of eMSPs: where a CPO is looked for, as for commands, they name nobody.
  for (const where of holder === 'cpo' ? [] : ['cdr_token', 'token']) {
    const token = body[where]
    const party = partyIn(token)
    if (party) clues.push({ kind: 'party', party, where })
    else if (isObject(token) && typeof token['uid'] === 'string' && token['uid'] !== '') {
      // As in OCPI 2.2, whose CdrToken names no party.
      const { uid } = token
      clues.push({ kind: 'object', fact: 'token', key: uid.toLowerCase(), what: `token ${quote(uid)}` })
    }
  }
  const owner = partyIn(body)
  if (owner) clues.push({ kind: 'party', party: owner, where: 'the body' })
  for (const object of ['location', 'session', 'reservation'] as const) {
    const id = body[`${object}_id`]
    if (typeof id !== 'string' || id === '') continue
    const name = id.toLowerCase()
    const what = `${object} ${quote(id)}`
    if (object === 'reservation') {
      clues.push({ kind: 'object', fact: object, key: keyWithin(keyOf(from), name), what })
    } else if (holder !== 'emsp') {
      clues.push({ kind: 'object', fact: object, key: name, what })
    } else if (object === 'session') {
      // Of a CDR: the location is the CPO's own, the session went to the eMSP that gets this too.
      const key = keyWithin(keyOf(owner ?? from), name)
      clues.push({ kind: 'object', fact: 'driver', key, what: `the eMSP of ${what}` })
    }
  }
  return clues
}

/** Members of a body that tell whom a request is for. */
const TELLING = soughtNames([
  ...['country_code', 'party_id', 'cdr_token', 'token', 'uid', 'auth_id', 'contract_id'],
  ...['location_id', 'session_id', 'reservation_id'],
])

/** The first member that a body holds more than once, of those that could tell whom it is for: then none of them tells. Null: none. */
export function repeatedClue(body: Uint8Array): string | null {
  return repeatedName(body, TELLING, 1)
}

function partyIn(value: unknown): Party | null {
  if (!isObject(value)) return null
  const { country_code: countryCode, party_id: partyId } = value
  return isPartyName(countryCode, partyId) ? { countryCode: countryCode as string, partyId: partyId as string } : null
}

/** The names in a path, decoded, and in lower case since ids are CiStrings unless `as written`; none where it does not decode. */
export function namesIn(path: string, letterCase: 'lower' | 'as written' = 'lower'): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment))
      .map((name) => (letterCase === 'lower' ? name.toLowerCase() : name))
  } catch {
    return []
  }
}
