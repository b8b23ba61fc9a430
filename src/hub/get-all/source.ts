import type { ListedObject } from '../../ocpi/json-array.ts'
import type { Party, PartyKey } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import type { Destination } from '../corridor/destination.ts'
import type { MessageIds } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import type { EndpointAddress } from '../network/routing-table.ts'

/** A source of a GET All, and what it is asked for, on whose behalf. */
export type SourceQuery = {
  readonly destination: Destination
  readonly endpoint: EndpointAddress
  readonly module: string
  readonly from: Party
  /** The platform of the caller. */
  readonly callerId: string
  readonly ids: MessageIds
  /** Parameters that go on as they came. */
  readonly filters: readonly string[]
  /** Of the objects that name an owner the ones count that name one of these. */
  readonly owners: ReadonlySet<PartyKey>
  /** When the source is given up, tries and pauses between them included, in milliseconds since the epoch. */
  readonly deadline: number
  readonly cancel: Cancel
}

/** Objects of one answer: `objects` say where they stand in `bytes`. */
export type Piece = { readonly bytes: Uint8Array; readonly objects: readonly ListedObject[] }

/**
 * Where in its own list a source is asked: at an offset, or by a next link, which is kept as a query on the announced endpoint
 * (`?cursor=abc`) or, where it leads elsewhere, as a URL.
 */
export type Cursor = number | string

/** A page of a source. */
export type SourcePage = Piece & {
  readonly kind: 'page'
  /** X-Total-Count; null where it is none. */
  readonly total: number | null
  /** Its next link; null without one. */
  readonly link: NextLink | null
}

export type NextLink = {
  /** The offset that it names; null where it names none, or says more than an offset. */
  readonly offset: number | null
  /** How to follow it as it is; null where the hub cannot. */
  readonly cursor: string | null
}

/** Said instead of a page by a source that was asked beyond its end, among other reasons: HTTP 404, or an envelope with 2xxx. */
export type NoPage = { readonly kind: 'no-page'; readonly detail: string }

export type SourceFailure = { readonly kind: 'failed'; readonly refusal: Refusal }

/** Most objects that are asked for at once. */
export const OBJECTS_AT_ONCE = 1000

/**
 * Objects of one source that are read, whatever it announces: the lists that come behind a list without end would never be reached.
 */
export const MOST_LISTED = 1_000_000

/** Pages without an object, one behind the other, that are taken for no end: some sources drop what is hidden after paging. */
export const MOST_EMPTY_PAGES = 20

export const EMPTY = `gave more than ${MOST_EMPTY_PAGES} pages without an object in a row`
export const ROUND = 'its next links lead in a circle'
export const LOST = 'its next link leads nowhere that the hub may go'

export function failed(refusal: Refusal): SourceFailure {
  return { kind: 'failed', refusal }
}

/** A source that is there and does not answer as it should: 4003. */
export function broken(detail: string): SourceFailure {
  return failed({ kind: 'not-connected', detail })
}

/** The answers for a page do not fit into it: 4000. */
export function tooLarge(pageBytes: number): SourceFailure {
  return failed({ kind: 'hub-failure', detail: `The page exceeds ${pageBytes} bytes; ask with a smaller limit` })
}

/** Of an object that names an owner: whether that is one of those asked. */
export function isOthers({ owner }: ListedObject, owners: ReadonlySet<PartyKey>): boolean {
  return owner !== null && !owners.has(owner)
}
