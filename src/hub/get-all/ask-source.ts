import { type Headers, header } from '../../ocpi/headers.ts'
import { retryAfterMs } from '../../ocpi/retry-after.ts'
import { splitUrl } from '../../ocpi/url.ts'
import type { Cancel } from '../cancel.ts'
import type { AskParty } from '../corridor/ask-party.ts'
import type { Forwarded } from '../corridor/forward.ts'
import type { MayCall } from '../corridor/hub-urls.ts'
import { letGo } from '../message.ts'
import type { EndpointAddress } from '../network/routing-table.ts'
import type { After, Now } from '../ports.ts'
import { turnsBy } from '../turn.ts'
import { LIST_NUMBER, readNextLink } from './next-link.ts'
import { type AnswerList, isSuccess, MOST_OBJECTS, readAnswerList } from './read-answer.ts'
import {
  broken,
  type Cursor,
  failed,
  MOST_LISTED,
  type NoPage,
  type SourceFailure,
  type SourcePage,
  type SourceQuery,
} from './source.ts'

/** Asks a source for a page of its list. Of a cursor that is a link the limit is in the link. */
export type AskSource = (query: SourceQuery, at: Cursor, limit: number) => Promise<SourcePage | NoPage | SourceFailure>

/** What one try came to. A failure that may pass is worth another, `waitMs` later at the earliest. */
type Tried = SourcePage | NoPage | (SourceFailure & { readonly mayPass: boolean; readonly waitMs: number })

type Came = AnswerList & { readonly status: number; readonly headers: Headers }

const MOST_TRIES = 3
const FIRST_PAUSE_MS = 100

/** Statuses that say "not now" [RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4]. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

export function createAskSource(ports: {
  readonly ask: AskParty
  readonly mayCall: MayCall
  readonly now: Now
  readonly after: After
  /** Of one try; the last has what is left until the deadline. */
  readonly tryTimeoutMs: number
  /** Largest answer of a source. */
  readonly answerBytes: number
}): AskSource {
  const { ask, mayCall, now, after, tryTimeoutMs, answerBytes } = ports
  const turn = turnsBy(after)

  return async function askSource(query, at, limit) {
    for (let tries = 1; ; tries++) {
      const leftMs = query.deadline - now()
      if (leftMs <= 0) return failed(LATE)
      const isLast = tries === MOST_TRIES
      const tried = await tryOnce(query, at, limit, isLast ? leftMs : Math.min(leftMs, tryTimeoutMs))
      if (tried.kind !== 'failed' || !tried.mayPass || isLast || query.cancel.isCancelled()) return tried
      const pauseMs = Math.max(tried.waitMs, FIRST_PAUSE_MS * 4 ** (tries - 1))
      if (now() + pauseMs >= query.deadline) return tried
      await pause(pauseMs, query.cancel)
    }
  }

  async function tryOnce(query: SourceQuery, at: Cursor, limit: number, timeoutMs: number): Promise<Tried> {
    const { endpoint, target } = addressOf(query, at, limit)
    let came = null as Came | null
    const answer = await ask({
      ...query,
      endpoint,
      target,
      interfaceRole: 'SENDER',
      method: 'GET',
      received: ['Accept', 'application/json'],
      body: null,
      timeoutMs,
      withinMs: query.deadline - now(),
      bufferBytes: answerBytes,
      onAbortable: query.cancel.onCancel,
      async readEnvelope(plain, status, headers) {
        came = { ...(await readAnswerList(plain, status, turn)), status, headers }
        return came.list === 'too-many' ? null : came.list
      },
    })
    if (came?.list === 'too-many') return final(`answered more than ${MOST_OBJECTS} objects`)
    if (answer.kind === 'refused') return judgeRefused(answer, came)
    if (answer.body instanceof Uint8Array) return judgeAnswer(query, answer, came)
    await letGo(answer.body)
    return final(`answered more than ${answerBytes} bytes; ask with a smaller limit`)
  }

  function judgeRefused({ refusal, why }: Extract<Forwarded, { kind: 'refused' }>, came: Came | null): Tried {
    if (refusal.kind === 'timeout')
      return { ...failed(why === 'no-place' ? NOT_ASKED : LATE), mayPass: true, waitMs: 0 }
    if (came && refusal.kind !== 'not-connected')
      return judgeNoList(`answered HTTP ${came.status} without an OCPI envelope`, came.status, came.headers)
    const detail = 'detail' in refusal ? refusal.detail : refusal.kind
    const isUnreached = why === 'unreachable' || why === 'forbidden-address'
    return { ...broken(detail), mayPass: refusal.kind === 'hub-failure' || isUnreached, waitMs: 0 }
  }

  function judgeAnswer(
    { endpoint, filters }: SourceQuery,
    { status, headers, ocpiStatus }: Extract<Forwarded, { kind: 'answered' }>,
    came: Came | null,
  ): Tried {
    const code = ocpiStatus ?? 1000
    const { bytes, list } = came ?? NOT_READ
    const isGood = isSuccess(status) && code < 2000
    if (!isGood) return judgeNoList(`answered HTTP ${status} with ${code}`, status, headers, code)
    if (!list || list === 'too-many' || !list.objects) return final('answered without a list')
    const said = header(headers, 'x-total-count')?.trim()
    const total = said && LIST_NUMBER.test(said) ? Math.min(Number(said), MOST_LISTED) : null
    return {
      kind: 'page',
      bytes,
      objects: list.objects,
      total,
      link: readNextLink(headers, endpoint, filters, mayCall),
    }
  }

  /** An answer that is no list: 404 and 2xxx may be the end of one, "not now" and trouble of the source's may pass. */
  function judgeNoList(detail: string, status: number, headers: Headers, code = 0): Tried {
    const isNotNow = PASSING.has(status) || status >= 500
    const isRefusal = code >= 2000 && code < 3000 && !isNotNow && status !== 401 && status !== 403
    if (status === 404 || isRefusal) return { kind: 'no-page', detail }
    const waitMs = retryAfterMs(headers, now())
    const retryAfterSeconds = waitMs === null ? {} : { retryAfterSeconds: Math.ceil(waitMs / 1000) }
    const mayPass = isNotNow || code >= 3000 || isSuccess(status)
    return { ...failed({ kind: 'not-connected', detail, ...retryAfterSeconds }), mayPass, waitMs: waitMs ?? 0 }
  }

  function pause(ms: number, cancel: Cancel): Promise<void> {
    return new Promise((resolve) => {
      const stop = after(ms, resolve)
      cancel.onCancel(() => {
        stop()
        resolve()
      })
    })
  }
}

const NOT_READ: AnswerList = { bytes: new Uint8Array(0), list: null }
const LATE = { kind: 'timeout', detail: 'did not answer in time' } as const
const NOT_ASKED = { kind: 'timeout', detail: 'could not be asked in time, behind others' } as const

function final(detail: string): Tried {
  return { ...broken(detail), mayPass: false, waitMs: 0 }
}

function addressOf(
  { endpoint, filters }: SourceQuery,
  at: Cursor,
  limit: number,
): { readonly endpoint: EndpointAddress; readonly target: string } {
  if (typeof at === 'number')
    return { endpoint, target: `?${[...filters, `offset=${at}`, `limit=${limit}`].join('&')}` }
  if (at.startsWith('?')) return { endpoint, target: at }
  const { path, query } = splitUrl(at)
  return { endpoint: { origin: new URL(at).origin, path, ownPath: path }, target: query }
}
