import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { parseJson } from '../../ocpi/envelope.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { isObject } from '../../ocpi/parsed.ts'
import { keyOf, keyOfShown, type PartyKey, partyKey } from '../../ocpi/party.ts'
import { splitRelayPath, withMissingSlash } from '../../ocpi/path.ts'
import type { Exchange } from '../message/exchange.ts'
import { partyOn } from '../network/find-party.ts'
import type { CurrentTable, RoutingTable } from '../network/routing-table.ts'
import { versionOf } from '../translate/like.ts'
import { keyWithin, namesIn, repeatedClue } from './clues.ts'
import type { Fact, ObjectOwners } from './object-owners.ts'

const LEARNT_FROM = new Set(['direct', 'broadcast', 'open'])
const LIST = /\/locations\/?(?:\?|$)/

/** Learns from exchanges, when the message log takes them, which party owns which object. */
export function createOwnerLearner(ports: {
  readonly owners: Pick<ObjectOwners, 'learn'>
  readonly table: CurrentTable
}): (exchange: Exchange) => void {
  const { owners, table } = ports
  return (exchange) => {
    if (isTelling(exchange)) for (const fact of factsOf(exchange, table())) owners.learn(fact)
  }
}

/**
 * Whether an exchange may teach anything. With a sandbox partner none does: it takes whatever it is given, also of platforms that are not
 * released yet, and what it owns is nothing to others. Asked for every message: lists, most of the traffic, name nobody and are told at once. */
function isTelling({ kind, isTrial, httpStatus, ocpiStatus, interfaceRole, method, module, path }: Exchange): boolean {
  if (isTrial || !LEARNT_FROM.has(kind) || httpStatus >= 300 || ocpiStatus === null || ocpiStatus >= 2000) return false
  if (interfaceRole === 'SENDER') return module === 'locations' && method === 'GET' && !LIST.test(path)
  return method !== 'GET' && method !== 'DELETE'
}

/**
 * What a successful exchange says about owners: the object's path in pushes, the party that showed a location as its own, the token in
 * a CDR, the CPO that took a reservation. Not who allowed a token: some allow any. A path that names a party of another platform says
 * nothing, nor does a body that names one thing twice.
 */
function factsOf(exchange: Exchange, table: RoutingTable): Fact[] {
  const { module, interfaceRole, fromParty, toParty, path, requestBody } = exchange
  const written = splitRelayPath(path.split('?', 1)[0] as string)
  if (!written) return []
  const target = written.module === module ? written : withMissingSlash(written)
  const to = toParty === null ? null : keyOfShown(toParty)
  const names = namesIn(target.rest)
  if (interfaceRole === 'SENDER') {
    const [id] = names
    const host = table.platforms.get(exchange.toPlatformId ?? '')
    const isOwnerless = host !== undefined && versionOf(host) === VERSION_211
    return to && id && names.length === 1 && isLocationOf(exchange.responseBody, to, isOwnerless ? id : null)
      ? [{ kind: 'location', key: id, party: to }]
      : []
  }
  const object = readObjectPath(target.rest)
  const owner = object && keyOf(object.owner)
  const isOwn = owner !== null && partyOn(table, owner, exchange.fromPlatformId ?? '') !== undefined
  const id = object?.names[0] ?? ''
  switch (module) {
    case 'locations':
      return isOwn ? [{ kind: 'location', key: id, party: owner }] : []
    case 'tokens': {
      if (!isOwn) return []
      const token = requestBody && !repeatedClue(requestBody) ? parseJson(requestBody) : null
      return [{ kind: 'token', key: id, party: owner }, ...factsOfToken(token, owner)]
    }
    case 'sessions': {
      if (!isOwn) return []
      const session: Fact = { kind: 'session', key: id, party: owner }
      return to ? [session, { kind: 'driver', key: keyWithin(owner, id), party: to }] : [session]
    }
    case 'cdrs':
      return to && requestBody && !repeatedClue(requestBody) ? factsOfCdr(parseJson(requestBody), to) : []
    case 'commands': {
      if (!to || !fromParty || !requestBody || repeatedClue(requestBody)) return []
      const command = parseJson(requestBody)
      const from = keyOfShown(fromParty)
      const token = isObject(command) ? factsOfToken(command['token'], from) : []
      return names[0] === 'reserve_now' ? [...token, ...factsOfReservation(command, from, to)] : token
    }
    default:
      return []
  }
}

/**
 * Whether an answer holds a location of this party: a success alone says nothing, since some answer it to any id.
 *
 * @param ownerlessId the id that was asked for where locations need not name their owner, as in OCPI 2.1.1; else null
 */
function isLocationOf(answer: Uint8Array | null, party: PartyKey, ownerlessId: string | null): boolean {
  const parsed = answer && parseJson(answer)
  const location = isObject(parsed) ? parsed['data'] : null
  if (!isObject(location)) return false
  const namesNone = location['country_code'] === undefined && location['party_id'] === undefined
  if (namesNone && ownerlessId !== null) return String(location['id']).toLowerCase() === ownerlessId
  return partyKey(String(location['country_code']), String(location['party_id'])) === party
}

/** Only the party that a CDR was sent to, and that took it, is believed to own the token in it. */
function factsOfCdr(cdr: unknown, to: PartyKey): Fact[] {
  const token = isObject(cdr) ? cdr['cdr_token'] : null
  if (!isObject(token)) return []
  const { uid, country_code: countryCode, party_id: partyId } = token
  if (typeof uid !== 'string' || uid === '' || partyKey(String(countryCode), String(partyId)) !== to) return []
  return [{ kind: 'token', key: uid.toLowerCase(), party: to }]
}

/** What a token of OCPI teaches of its contract and its type. One that names another party than the one that shows it teaches nothing. */
export function factsOfToken(token: unknown, owner: PartyKey): Fact[] {
  if (!isObject(token)) return []
  const { contract_id, auth_id, uid, type, country_code: countryCode, party_id: partyId } = token
  if ((countryCode ?? partyId) !== undefined && partyKey(String(countryCode), String(partyId)) !== owner) return []
  const detail = typeof uid === 'string' && typeof type === 'string' ? { uid, type } : null
  const facts: Fact[] = []
  const contract = contract_id ?? auth_id
  if (typeof contract === 'string' && contract !== '')
    facts.push({ kind: 'contract', key: contract.toLowerCase(), party: owner, detail })
  // Nearly all are RFID, which every version can say.
  if (detail !== null && detail.type.toUpperCase() !== 'RFID')
    facts.push({ kind: 'token-type', key: keyWithin(owner, detail.uid.toLowerCase()), party: owner, detail })
  return facts
}

function factsOfReservation(reservation: unknown, from: PartyKey, to: PartyKey): Fact[] {
  const id = isObject(reservation) ? reservation['reservation_id'] : null
  return typeof id === 'string' && id !== ''
    ? [{ kind: 'reservation', key: keyWithin(from, id.toLowerCase()), party: to }]
    : []
}
