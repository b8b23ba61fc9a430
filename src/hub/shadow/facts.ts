import { type ConversionSettings, DEFAULT_CONVERSION } from '../../ocpi/convert/conversion.ts'
import { convertObject } from '../../ocpi/convert/convert.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { parseJson } from '../../ocpi/envelope.ts'
import { stringMember } from '../../ocpi/json-field.ts'
import { ownerInBody, readObjectPath } from '../../ocpi/object-path.ts'
import { isObject } from '../../ocpi/parsed.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import { isPartyOf } from '../network/find-party.ts'
import type { Now } from '../ports.ts'
import type { Carriage } from '../translate/carriage.ts'
import { askedToken, type Facts, type FactsFor } from '../translate/leg.ts'
import type { AskLocation } from './ask-location.ts'
import { createStoreForLists } from './for-lists.ts'
import type { ObjectRef, SeenObject, ShadowStore } from './shadow.ts'

/** The version in which rules ask for what was seen. */
const PIVOT = '2.2.1'

/**
 * What conversions from and to 2.1.1 ask for of other objects: the Location of a session or CDR, which a session cannot do without; whether
 * the platform has the tariffs that a connector names; the token of an authorisation. All of an object is gathered before it is
 * converted, and that of many objects of a list at once.
 *
 * @param locations where a Location was never seen. It is asked for an object that is sent, not for each one of a list
 */
export function createShadowFacts(
  store: Pick<ShadowStore, 'find' | 'findMany'>,
  locations: AskLocation,
  now: Now,
): FactsFor {
  const forLists = createStoreForLists(store, now)
  const storeFor = ({ method }: Carriage) => (method === 'GET' ? forLists : store)
  /** Of what is found again and again while a list goes by, what came of it. */
  const pivots = new WeakMap<SeenObject, { readonly bytes: Uint8Array | null }>()
  const judged = new WeakMap<SeenObject, WeakMap<ConversionSettings, boolean>>()

  function pivotOf(seen: SeenObject, owner: Party): Uint8Array | null {
    let pivot = pivots.get(seen)
    if (!pivot) pivots.set(seen, (pivot = { bytes: inPivot(seen, owner) }))
    return pivot.bytes
  }

  function isWithheld(tariff: SeenObject, owner: Party, settings: ConversionSettings): boolean {
    const verdicts = judged.get(tariff) ?? new WeakMap<ConversionSettings, boolean>()
    let verdict = verdicts.get(settings)
    if (verdict === undefined) {
      const converted = convertObject(tariff.bytes, TARIFF, tariff.version, VERSION_211, contextOf(owner, settings))
      verdict = converted.kind === 'withheld'
      judged.set(tariff, verdicts.set(settings, verdict))
    }
    return verdict
  }

  async function locationFacts(carriage: Carriage, needs: readonly Need[]): Promise<readonly Facts[]> {
    const refs = needs.flatMap(({ location }) => location ?? [])
    const mayAsk = carriage.method !== 'GET' && carriage.module !== 'commands'
    const seen = await storeFor(carriage).findMany('location', refs)
    const facts: Facts[] = []
    let next = 0
    for (const { location } of needs) {
      if (location === null) {
        facts.push(NOTHING)
        continue
      }
      if (next === seen.length) break
      const { owner, id } = location
      const one = seen[next++] ?? (mayAsk ? await locations(owner, id) : null)
      const known = one === null || one === 'failed' ? null : one
      const bytes = known && pivotOf(known, owner)
      facts.push({ locationOf: (asked) => (asked.toLowerCase() === id.toLowerCase() ? bytes : null) })
    }
    return facts
  }

  async function tariffFacts(carriage: Carriage, needs: readonly Need[]): Promise<readonly Facts[]> {
    const { receiver, caller } = carriage
    const target = receiver.version === VERSION_211 ? receiver : caller
    const settings = target.conversion ?? DEFAULT_CONVERSION
    const asked = new Map(needs.flatMap(({ tariffs }) => tariffs.map((ref) => [tariffKey(ref), ref] as const)))
    const refs = [...asked.values()]
    const withheld = new Map<string, boolean>()
    for (let at = 0, bytes = 0; at < refs.length && bytes < MOST_JUDGED_BYTES; ) {
      const part = await storeFor(carriage).findMany('tariff', refs.slice(at))
      for (const seen of part) {
        const ref = refs[at++] as ObjectRef
        if (seen === null) continue
        bytes += seen.bytes.length
        withheld.set(tariffKey(ref), isWithheld(seen, ref.owner, settings))
      }
    }
    return needs.map(({ owner }) => ({ isWithheldTariff: (id) => withheld.get(tariffKey({ owner, id })) ?? null }))
  }

  /** To 2.1.1 a token of another type than RFID is another one, though it knows each by its uid alone. */
  async function tokenFacts({ to }: Carriage, { uid, type }: AskedToken): Promise<readonly Facts[]> {
    const kept = await store.find(to, 'token', uid, 'RFID')
    const seen = kept && isRfid(stringMember(kept.bytes, 'type')) === isRfid(type) ? kept : null
    const converted = seen && convertObject(seen.bytes, TOKEN, seen.version, PIVOT, contextOf(to))
    const bytes = converted?.kind === 'converted' ? converted.bytes : null
    return [{ seenToken: () => bytes }]
  }

  return (carriage, objects) => {
    const { caller, receiver, version } = carriage
    const isHere = [caller.version, receiver.version, version].includes(VERSION_211)
    if (!isHere) return null
    const asked = askedToken(carriage)
    if (asked) return receiver.version === VERSION_211 ? tokenFacts(carriage, asked) : null
    const needs = objects.map((object) => needOf(carriage, object))
    if (needs.some(({ location }) => location !== null)) return locationFacts(carriage, needs)
    return needs.some(({ tariffs }) => tariffs.length > 0) ? tariffFacts(carriage, needs) : null
  }
}

/** What an object names of its owner's that is in another. */
type Need = { readonly owner: Party; readonly location: ObjectRef | null; readonly tariffs: readonly ObjectRef[] }

function needOf(carriage: Carriage, object: Uint8Array): Need {
  const parsed = MAY_NEED.test(decoder.decode(object)) ? parseJson(object) : null
  if (!isObject(parsed)) return { owner: carriage.to, location: null, tariffs: [] }
  const owner = ownerOf(carriage, object)
  const at = isObject(parsed['cdr_location']) ? parsed['cdr_location']['id'] : parsed['location_id']
  if (typeof at === 'string' && carriage.module !== 'tokens') return { owner, location: { owner, id: at }, tariffs: [] }
  return { owner, location: null, tariffs: tariffsIn(parsed).map((id) => ({ owner, id })) }
}

type AskedToken = NonNullable<ReturnType<typeof askedToken>>

/** What says no type is of RFID. */
function isRfid(type: string | null): boolean {
  return type === null || type.toUpperCase() === 'RFID'
}

const NOTHING: Facts = {}

/** Of the tariffs that are named at once. Of those behind them it is not known whether the platform has them. */
const MOST_JUDGED_BYTES = 8 * 1024 * 1024

function tariffKey({ owner, id }: ObjectRef): string {
  return `${keyOf(owner)} ${id}`
}

const decoder = new TextDecoder()
const MAY_NEED = /"(?:location_id|cdr_location|tariff_ids)"/
const TARIFF = { kind: 'tariff', isPatch: false } as const
const TOKEN = { kind: 'token', isPatch: false } as const
const LOCATION = { kind: 'location', isPatch: false } as const

function contextOf(owner: Party, settings = DEFAULT_CONVERSION) {
  return {
    settings,
    sourceSettings: DEFAULT_CONVERSION,
    owner,
    counterpart: null,
    now: () => new Date().toISOString(),
  }
}

function inPivot({ bytes, version }: SeenObject, owner: Party): Uint8Array | null {
  const converted = convertObject(bytes, LOCATION, version, PIVOT, contextOf(owner, KEEPS_ALL))
  return converted.kind === 'converted' ? converted.bytes : null
}

/** What the target cannot say is decided when it goes there. */
const KEEPS_ALL = { ...DEFAULT_CONVERSION, extras: 'keep' } as const

/** Of a Location, an EVSE or a Connector. */
function tariffsIn(object: Record<string, unknown>): string[] {
  const evses = [object, ...listOf(object['evses'])]
  const connectors = evses.flatMap((evse) => [evse, ...listOf(evse['connectors'])])
  const ids = connectors.flatMap(({ tariff_ids: of }) => (Array.isArray(of) ? of : []))
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/**
 * Whose an object is: of whoever holds the SENDER interface, else of its sender. Which party of theirs the object says, or the path of a
 * RECEIVER interface; others that they name have nothing to do with it, and nothing of theirs is looked up.
 */
function ownerOf(carriage: Carriage, object: Uint8Array): Party {
  const { interfaceRole, module, rest, caller, receiver, from, to, isLed, isNoted } = carriage
  const isReceivers = interfaceRole === 'SENDER' || module === 'commands'
  const inPath = isReceivers || isLed ? null : (readObjectPath(rest)?.owner ?? null)
  // A push was looked at when it was stored, and its sender may have left since.
  if (isNoted) return inPath ?? from
  const holder = isReceivers ? receiver : caller
  const named = [ownerInBody(object), inPath].find((party) => party !== null && isPartyOf(holder, party))
  return named ?? (isReceivers ? to : from)
}
