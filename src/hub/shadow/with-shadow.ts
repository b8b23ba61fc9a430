import { DEFAULT_CONVERSION } from '../../ocpi/convert/conversion.ts'
import { convertObject } from '../../ocpi/convert/convert.ts'
import { requestKind } from '../../ocpi/convert/kind.ts'
import { apply, partOf } from '../../ocpi/convert/patch.ts'
import { withdrawn } from '../../ocpi/convert/withdrawn.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { membersCalled } from '../../ocpi/json-field.ts'
import { membersOf } from '../../ocpi/json-members.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import { isPartyOf } from '../network/find-party.ts'
import type { Carriage, TranslatedRequest } from '../translate/carriage.ts'
import type { Translate } from '../translate/translate.ts'
import type { AskLocation } from './ask-location.ts'
import { isPublished } from './noted.ts'
import type { KeptObject, ShadowKind, ShadowStore } from './shadow.ts'

/*
 * What of an object can only be said with what its owner said of it before:
 *
 * - A PATCH that changes what the other version has in another form becomes a PUT of the whole object. Of a push that waited it is the object
 *   as it is now, which may be newer: what comes behind it says it again.
 * - A Location that is not published any more is one without a working EVSE to a platform of 2.1.1, which knows no unpublished ones. Of one
 *   that was never published it is told nothing, and nothing of what changes in either.
 * - An EVSE that cannot be said any more is one that is removed.
 *
 * Sessions go to one party, and what they say is kept once that took it: what it refused is in none of what it is sent later.
 */

export type WithShadowPorts = {
  readonly store: ShadowStore
  readonly locations: AskLocation
  readonly onError: (error: unknown) => void
}

/** An object, or a part of one, that a request writes. */
type Written = {
  readonly owner: Party
  readonly kind: ShadowKind
  readonly id: string
  readonly names: readonly string[]
}

const KINDS: ReadonlyMap<string, ShadowKind> = new Map([
  ['locations', 'location'],
  ['tariffs', 'tariff'],
  ['sessions', 'session'],
])

const FAILED: TranslatedRequest = { kind: 'failed', why: 'The hub cannot look up what it needs to convert it now' }
const KNOWN: TranslatedRequest = { kind: 'settled', why: 'It is withdrawn already' }
const UNPUBLISHED: TranslatedRequest = { kind: 'withheld', why: 'The Location is not published' }

/** @param inner what converts whole objects, and PATCHes that need nothing else */
export function withShadow(inner: Translate, ports: WithShadowPorts): Translate {
  const { store, locations, onError } = ports

  async function request(carriage: Carriage, body: Uint8Array, written: Written): Promise<TranslatedRequest> {
    const translated = await converted(carriage, body, written)
    if (translated.kind !== 'translated' || carriage.module !== 'sessions' || carriage.isNoted) return translated
    const { method, version, receivedAt: at = Date.now() } = carriage
    const said = { method, version: version as string, body, at }
    return { ...translated, whenTaken: () => store.note(written.owner, written.id, said) }
  }

  async function converted(carriage: Carriage, body: Uint8Array, written: Written): Promise<TranslatedRequest> {
    const { module, method, receiver } = carriage
    const isDown = receiver.version === VERSION_211
    const isPatch = method === 'PATCH'
    if (isDown && module === 'locations' && (isPatch || written.names.length > 0)) {
      const seen = await current(carriage, body, written)
      if (seen && !seen.isPublished) {
        const isTold = seen.wasShown && isPatch && (membersCalled(body, 'publish')?.length ?? 0) > 0
        return isTold ? withdraw(carriage, seen, written) : UNPUBLISHED
      }
    }
    const put = isPatch && needsRest(carriage, body) ? await whole(carriage, body, written) : null
    const translated = put ?? (await inner.request(carriage, body))
    if (isDown && module === 'tariffs' && carriage.isNoted && translated.kind === 'withheld') {
      return (await deleted(carriage, written)) ?? translated
    }
    if (put !== null || !isDown || module !== 'locations') return translated
    if (translated.kind === 'settled') {
      const seen = await store.find(written.owner, 'location', written.id)
      // A push that is sent again is not what counts now.
      const isBack = carriage.isNoted && seen?.isPublished
      return seen?.wasShown && !isBack ? withdraw(carriage, seen, written) : translated
    }
    return translated.kind === 'withheld' && written.names.length === 1
      ? removed(carriage, body, translated)
      : translated
  }

  /** The object as it is behind the request, as far as it was seen. */
  async function current(carriage: Carriage, body: Uint8Array, written: Written): Promise<KeptObject | null> {
    const { method, version, isNoted, receivedAt: at = Date.now() } = carriage
    const seen = await store.find(written.owner, written.kind, written.id)
    if (seen === null || seen.version !== version) return null
    if (isNoted) return seen
    const bytes = apply({ method, names: written.names, version, body, at }, seen.bytes)
    return bytes && { ...seen, bytes, isPublished: isPublished({ body: bytes, version }) }
  }

  /** A PUT of what a PATCH changes; null where the rest of it is not known. */
  async function whole(carriage: Carriage, body: Uint8Array, written: Written): Promise<TranslatedRequest | null> {
    const { owner, kind, id, names } = written
    const version = carriage.version as string
    let bytes = (await current(carriage, body, written))?.bytes ?? null
    if (bytes === null && kind === 'location') {
      const { receivedAt: at = Date.now() } = carriage
      const asked = await locations(owner, id, at)
      if (asked === 'failed') return { kind: 'failed', why: `The CPO does not say the rest of Location ${id} now` }
      if (asked?.version === version) bytes = apply({ method: 'PATCH', names, version, body, at }, asked.bytes)
    }
    const part = bytes && partOf(bytes, names)
    return part && inner.request({ ...carriage, method: 'PUT' }, part)
  }

  async function withdraw(carriage: Carriage, seen: KeptObject, written: Written): Promise<TranslatedRequest> {
    const bytes = withdrawn(seen.bytes)
    if (bytes === null) return UNPUBLISHED
    // Of an EVSE, or a Connector, it is the Location that goes.
    const rest = carriage.rest.split('/').slice(0, 4).join('/')
    return once(carriage, seen, written, await inner.request({ ...carriage, method: 'PUT', rest }, bytes))
  }

  /** Of a Tariff that could be said and cannot any more: that it is not there. Null where it never could. */
  async function deleted(carriage: Carriage, written: Written): Promise<TranslatedRequest | null> {
    const seen = await store.find(written.owner, 'tariff', written.id)
    if (!seen?.wasShown || seen.hidden === null) return null
    return once(carriage, seen, written, await inner.request({ ...carriage, method: 'DELETE' }, NOTHING))
  }

  /** A withdrawal, for those that do not know of it. */
  async function once(
    { isNoted, receiver, to }: Carriage,
    { hidden }: KeptObject,
    { owner, kind, id }: Written,
    withdrawal: TranslatedRequest,
  ): Promise<TranslatedRequest> {
    if (hidden === null || withdrawal.kind !== 'translated') return withdrawal
    const told = store.onceHidden(owner, kind, id, hidden)
    if (isNoted) return { ...withdrawal, once: told }
    const party = keyOf(to)
    if (await told.isTold(receiver.id, party)) return KNOWN
    return { ...withdrawal, whenTaken: () => told.tell(receiver.id, party) }
  }

  /** Of an EVSE that cannot be said: that it is not there any more. */
  function removed(
    carriage: Carriage,
    body: Uint8Array,
    withheld: TranslatedRequest,
  ): TranslatedRequest | Promise<TranslatedRequest> {
    const when = membersOf(body)?.findLast(({ name }) => name === 'last_updated')
    if (when === undefined) return withheld
    const said = decoder.decode(body.subarray(when.start, when.end))
    return inner.request(
      { ...carriage, method: 'PATCH' },
      encoder.encode(`{"status":"REMOVED","last_updated":${said}}`),
    )
  }

  return {
    ...inner,
    request(carriage, body) {
      const written = isHere(carriage) ? writtenBy(carriage) : null
      if (written === null) return inner.request(carriage, body)
      return request(carriage, body, written).catch((error: unknown) => {
        onError(error)
        return FAILED
      })
    },
  }
}

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function isHere({ version, receiver }: Carriage): boolean {
  if (version === null || receiver.version === null || version === receiver.version) return false
  return version === VERSION_211 || receiver.version === VERSION_211
}

/** Null where it says nothing of an object of its sender: what others name is neither kept nor told. */
function writtenBy(carriage: Carriage): Written | null {
  const { module, interfaceRole, method, rest, isLed, isNoted, caller } = carriage
  const kind = KINDS.get(module)
  if (kind === undefined || interfaceRole !== 'RECEIVER' || isLed || (method !== 'PUT' && method !== 'PATCH'))
    return null
  const path = readObjectPath(rest)
  // Of a push that was looked at when it was stored, and its sender may have left since.
  if (path === null || !(isNoted || isPartyOf(caller, path.owner))) return null
  // As its owner writes it, who may be asked for it.
  return { owner: path.owner, kind, id: decodeURIComponent(rest.split('/')[3] ?? ''), names: path.names.slice(1) }
}

/** Whether a PATCH changes what the other version has in another form. */
function needsRest({ module, interfaceRole, method, rest, version, receiver }: Carriage, body: Uint8Array): boolean {
  const carried = requestKind(module, interfaceRole, method, rest)
  if (carried === null) return false
  return convertObject(body, carried, version as string, receiver.version as string, NO_CONTEXT).kind === 'needs-rest'
}

const NO_CONTEXT = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: null,
  counterpart: null,
  now: () => '',
}
