import type { AskParty } from '../../hub/corridor/ask-party.ts'
import { findDestination, findEndpoint } from '../../hub/corridor/destination.ts'
import type { MessageIds } from '../../hub/message/message-ids.ts'
import { letGo } from '../../hub/message.ts'
import { DAY_MS } from '../../hub/moments.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import { parseEnvelope } from '../../ocpi/envelope.ts'
import { type ListedObject, readListEnvelope } from '../../ocpi/json-array.ts'
import { membersOf, readString } from '../../ocpi/json-members.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'

/** An object that is wanted from its owner, on behalf of a party that may have it. */
export type Wanted = {
  readonly table: RoutingTable
  readonly callerId: string
  readonly from: Party
  readonly owner: Party
  readonly module: string
  /** As it was pushed: `/NL/ABC/LOC1/EVSE1`. */
  readonly path: string
  /** Of the push: of a token with its type behind a `?`. */
  readonly pathKey: string
  /** When it was pushed last: lists are asked for what changed a day before, or later. */
  readonly since: number
  readonly ids: MessageIds
  readonly leftMs: number
}

export type Pulled =
  | { readonly kind: 'found'; readonly bytes: Uint8Array }
  | { readonly kind: 'not-offered' | 'not-found' | 'owner-failed'; readonly detail: string }

export type PullObject = (wanted: Wanted) => Promise<Pulled>

/** An object, or a page of them: it is read at one go. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024
const PAGE = 100
/** Pages of a list that one object is worth. */
const MOST_PAGES = 5
const MOST_OBJECTS = 10_000

/**
 * Gets an object from its owner's SENDER interface: a location, an EVSE or a connector by itself [mod_locations: GET Object]; others
 * from the list, since that is all the specification offers of them.
 */
export function createPullObject(ports: {
  readonly ask: AskParty
  readonly now: () => number
  readonly timeoutMs: number
}): PullObject {
  const { ask, now, timeoutMs } = ports

  return async function pullObject(wanted) {
    const { table, from, owner, module } = wanted
    const found = findDestination(table, from, owner, module, 'SENDER', now())
    if (found.kind === 'refused') return failed(found.refusal)
    const endpoint = findEndpoint(found.destination, module, 'SENDER')
    if ('kind' in endpoint) return { kind: 'not-offered', detail: `The owner has no SENDER interface of ${module}` }
    const until = now() + wanted.leftMs

    const get = async (target: string): Promise<Uint8Array | Exclude<Pulled, { kind: 'found' }>> => {
      let came: Uint8Array | null = null
      const answer = await ask({
        ...{
          callerId: wanted.callerId,
          destination: found.destination,
          endpoint,
          module,
          interfaceRole: 'SENDER',
          from,
        },
        ...{ ids: wanted.ids, method: 'GET', target, received: ['Accept', 'application/json'], body: null },
        bufferBytes: MOST_ANSWER_BYTES,
        timeoutMs: Math.max(1, Math.min(timeoutMs, until - now())),
        readEnvelope(plain) {
          // What is inflated is lent for the time of this call.
          came = plain.slice()
          return parseEnvelope(plain)
        },
      })
      if (answer.kind === 'refused') return failed(answer.refusal)
      if (!(answer.body instanceof Uint8Array)) {
        await letGo(answer.body)
        return { kind: 'owner-failed', detail: `The owner answered more than ${MOST_ANSWER_BYTES} bytes` }
      }
      const { status, ocpiStatus } = answer
      const said = `The owner answered HTTP ${status} with ${ocpiStatus ?? 'no OCPI status'}`
      if (status === 404 || (ocpiStatus !== null && ocpiStatus >= 2000 && ocpiStatus < 3000))
        return { kind: 'not-found', detail: said }
      if (status > 299 || came === null || (ocpiStatus ?? 1000) >= 2000) return { kind: 'owner-failed', detail: said }
      return came
    }

    const names = wanted.path
      .split('/')
      .slice(3)
      .filter((name) => name !== '')
    if (module === 'locations') {
      const bytes = await get(`/${names.join('/')}`)
      if (!(bytes instanceof Uint8Array)) return bytes
      const data = membersOf(bytes)?.find(({ name }) => name === 'data')
      return data
        ? { kind: 'found', bytes: bytes.slice(data.start, data.end) }
        : { kind: 'owner-failed', detail: 'The owner answered without an object' }
    }
    const dateFrom = encodeURIComponent(new Date(Math.max(0, wanted.since - DAY_MS)).toISOString())
    for (let page = 0, offset = 0; page < MOST_PAGES && now() < until; page++) {
      const bytes = await get(`?date_from=${dateFrom}&offset=${offset}&limit=${PAGE}`)
      if (!(bytes instanceof Uint8Array)) return bytes
      const objects = objectsIn(bytes)
      const one = objects.find((object) => isWanted(bytes, object, wanted))
      if (one) return { kind: 'found', bytes: bytes.slice(one.start, one.end) }
      if (objects.length === 0) break
      offset += objects.length
    }
    return { kind: 'not-found', detail: `It is not among what changed lately of the owner's ${module}` }
  }
}

function objectsIn(bytes: Uint8Array): readonly ListedObject[] {
  const reading = readListEnvelope(bytes, MOST_OBJECTS)
  let step = reading.next()
  while (!step.done) step = reading.next()
  return step.value === null || step.value === 'too-many' ? [] : (step.value.objects ?? [])
}

function isWanted(
  bytes: Uint8Array,
  { start, end, owner }: ListedObject,
  { module, pathKey, owner: wanted }: Wanted,
): boolean {
  if (owner !== null && owner !== keyOf(wanted)) return false
  const object = bytes.subarray(start, end)
  const text = (name: string) => {
    const member = membersOf(object)?.find((each) => each.name === name)
    return member ? readString(object, member.start) : null
  }
  if (module !== 'tokens') return text('id')?.toLowerCase() === pathKey
  const [uid, type] = pathKey.split('?')
  return text('uid')?.toLowerCase() === uid && (text('type') ?? 'RFID').toUpperCase() === type
}

function failed(refusal: {
  readonly kind: string
  readonly detail?: string
}): Pulled & { readonly kind: 'owner-failed' } {
  return { kind: 'owner-failed', detail: refusal.detail ?? refusal.kind }
}
