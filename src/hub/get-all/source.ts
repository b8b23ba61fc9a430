import { header, headerAll } from '../../ocpi/headers.ts'
import { type ListedObject, readListEnvelope } from '../../ocpi/json-array.ts'
import { findLink } from '../../ocpi/link.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Cancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import type { Destination } from '../corridor/destination.ts'
import type { Forwarded } from '../corridor/forward.ts'
import type { MessageIds } from '../message/message-ids.ts'
import type { Refusal } from '../message/refusal.ts'
import { letGo } from '../message.ts'
import type { EndpointAddress } from '../network/routing-table.ts'
import type { Now, Secrets } from '../ports.ts'

/** A source of a GET All, and what it is asked for, on whose behalf. */
export type SourceQuery = {
  readonly destination: Destination
  readonly endpoint: EndpointAddress
  readonly module: string
  readonly from: Party
  readonly ids: MessageIds
  /** Parameters that go on as they came. */
  readonly filters: readonly string[]
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly cancel: Cancel
}

/** Objects of one answer: `objects` say where they stand in `bytes`. */
export type Piece = { readonly bytes: Uint8Array; readonly objects: readonly ListedObject[] }

export type SourceFailure = { readonly kind: 'failed'; readonly refusal: Refusal }

/**
 * How many objects a source has. `beginning` is a digest of the first one, empty when there is none: two parties of a platform
 * with one beginning have one list, and an answer that begins so begins at offset 0, whatever offset was asked for.
 */
export type Counted = { readonly kind: 'counted'; readonly total: number; readonly beginning: string }

/** Objects as they were read. `isAtEnd`: fewer came than were wanted, and the source gives no next link. */
export type SourceRange = { readonly kind: 'read'; readonly pieces: readonly Piece[]; readonly isAtEnd: boolean }

type Page = Piece & { readonly kind: 'page'; readonly total: number | null; readonly hasNext: boolean }

/** Limit of a request that only counts. */
const COUNTED_AT_ONCE = 1000

/** Objects in one answer of a source that gives all it has at once. Real objects fill the largest answer before they are as many. */
const MOST_OBJECTS = 200_000

const NO_BYTES = new Uint8Array(0)

export type SourceReader = ReturnType<typeof createSourceReader>

/**
 * Reads lists of parties by offset and limit, never by the hosts of their links. Copes with sources that give fewer objects
 * than asked (their own limit), more (they know no limit) or always all (they know no paging).
 */
export function createSourceReader(ports: {
  readonly ask: AskParty
  readonly digest: Secrets['digest']
  readonly now: Now
  /** Largest answer of a source. */
  readonly answerBytes: number
}) {
  const { ask, digest, now, answerBytes } = ports

  async function readPage(query: SourceQuery, offset: number, limit: number): Promise<Page | SourceFailure> {
    const timeoutMs = query.deadline - now()
    if (timeoutMs <= 0) return failed({ kind: 'timeout', detail: 'did not answer in time' })
    let bytes: Uint8Array = NO_BYTES
    let list = null as ReturnType<typeof readListEnvelope>
    const answer = await ask({
      ...query,
      interfaceRole: 'SENDER',
      method: 'GET',
      target: `?${[...query.filters, `offset=${offset}`, `limit=${limit}`].join('&')}`,
      received: ['Accept', 'application/json'],
      body: null,
      timeoutMs,
      bufferBytes: answerBytes,
      onAbortable: query.cancel.onCancel,
      readEnvelope(plain) {
        bytes = plain
        list = readListEnvelope(plain, MOST_OBJECTS)
        return list === 'too-many' ? null : list
      },
    })
    if (list === 'too-many') return broken(`answered more than ${MOST_OBJECTS} objects`)
    if (answer.kind === 'refused') return failed(asFailure(answer.refusal))
    if (!(answer.body instanceof Uint8Array)) {
      await letGo(answer.body)
      return broken(`answered more than ${answerBytes} bytes; ask with a smaller limit`)
    }
    return pageOf(answer, bytes, list?.objects ?? null)
  }

  /** Asks a source how many objects it has: by X-Total-Count, or by reading them all where it does not say. */
  async function count(query: SourceQuery): Promise<Counted | SourceFailure> {
    const first = await readPage(query, 0, 1)
    if (first.kind === 'failed') return first
    const beginning = beginningOf(first)
    const counted = (total: number): Counted => ({ kind: 'counted', total, beginning })
    if (first.total !== null) return counted(first.total)
    // More than asked for: it knows no limit, so that this is all.
    if (first.objects.length !== 1) return counted(first.objects.length)
    for (let total = 1; ; ) {
      const page = await readPage(query, total, COUNTED_AT_ONCE)
      if (page.kind === 'failed') return page
      if (page.objects.length === 0) return counted(total)
      // From the beginning again: it knows no offset either.
      if (beginningOf(page) === beginning) return counted(page.objects.length)
      total += page.objects.length
    }
  }

  /**
   * Reads `wanted` objects from `start` on, in as many requests as the source's own limit makes it: 100 of one that gives 50 at
   * most take two. Fewer come when the source has become shorter, never more.
   *
   * @param planned what the source had when it was counted
   */
  async function readRange(
    query: SourceQuery,
    start: number,
    wanted: number,
    planned: Pick<Counted, 'total' | 'beginning'>,
  ): Promise<SourceRange | SourceFailure> {
    const pieces: Piece[] = []
    const end = start + wanted
    for (let at = start; at < end; ) {
      const page = await readPage(query, at, end - at)
      if (page.kind === 'failed') return page
      const room = end - at
      // A source that knows no offset gives its list from the beginning, and one that knows no limit all of it.
      const isAll = page.objects.length > room && page.objects.length >= (page.total ?? planned.total)
      const skipped = at > 0 && (isAll || beginningOf(page) === planned.beginning) ? at : 0
      const objects = page.objects.slice(skipped, skipped + room)
      if (objects.length > 0) pieces.push({ bytes: page.bytes, objects })
      at += objects.length
      if (objects.length === 0 || (page.total !== null && at >= page.total)) {
        return { kind: 'read', pieces, isAtEnd: at < end && !page.hasNext }
      }
    }
    return { kind: 'read', pieces, isAtEnd: false }
  }

  function beginningOf({ bytes, objects }: Piece): string {
    const [first] = objects
    return first ? digest(new TextDecoder().decode(bytes.subarray(first.start, first.end))) : ''
  }

  return { count, readRange }
}

function pageOf(
  { status, ocpiStatus, headers }: Extract<Forwarded, { kind: 'answered' }>,
  bytes: Uint8Array,
  objects: readonly ListedObject[] | null,
): Page | SourceFailure {
  if (status < 200 || status > 299 || ocpiStatus === null || ocpiStatus >= 2000) {
    return broken(`answered HTTP ${status} with ${ocpiStatus ?? 'no status code'}`)
  }
  if (!objects) return broken('answered without a list')
  const said = header(headers, 'x-total-count')?.trim()
  // No list holds a billion; sums of such totals would be no offsets any more.
  const total = said && /^\d{1,9}$/.test(said) ? Number(said) : null
  const hasNext = findLink(headerAll(headers, 'link'), 'next') !== undefined
  return { kind: 'page', bytes, objects, total, hasNext }
}

/** What went wrong at a source, as the caller is told: 4002 when it was late, 4003 otherwise. */
function asFailure(refusal: Refusal): Refusal {
  if (refusal.kind === 'timeout') return { kind: 'timeout', detail: 'did not answer in time' }
  if (refusal.kind === 'receiver-said') return { kind: 'not-connected', detail: `answered HTTP ${refusal.status}` }
  return { kind: 'not-connected', detail: 'detail' in refusal ? refusal.detail : refusal.kind }
}

function broken(detail: string): SourceFailure {
  return failed({ kind: 'not-connected', detail })
}

function failed(refusal: Refusal): SourceFailure {
  return { kind: 'failed', refusal }
}
