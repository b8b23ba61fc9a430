import { createRateLimit } from '../limits.ts'
import type { Now } from '../ports.ts'
import type { Advice } from './advice.ts'
import type { NoteEvent } from './events.ts'

/** Calls of one side in a handshake, in their order: its versions, the details of one, the credentials. */
export const CALLS_OF_A_HANDSHAKE = ['versions', 'details', 'credentials'] as const

export type HandshakeCallKind = (typeof CALLS_OF_A_HANDSHAKE)[number]

export type Side = 'partner' | 'hub'

/** One call of a handshake. No tokens, no bodies. */
export type HandshakeCall = {
  readonly at: number
  /** Null where it was no step of a handshake: a module that was called too early, an unknown path. */
  readonly kind: HandshakeCallKind | null
  /** `in`: the partner called the hub. */
  readonly direction: 'in' | 'out'
  readonly method: string
  /** Without its query. */
  readonly url: string
  /** The client's; null for calls of the hub. */
  readonly address: string | null
  /** 0 when no answer came. */
  readonly httpStatus: number
  readonly ocpiStatus: number | null
  readonly ms: number
  readonly failure: string | null
  readonly detail: string | null
  /** By which the messages of the call are found; null where none were kept. */
  readonly correlationId: string | null
}

/** What a call brought the handshake to. */
export type Verdict = {
  readonly outcome: 'registered' | 'refused' | 'unreachable' | 'answer-lost'
  readonly advice: Advice | null
}

/** Calls that belong together, for the attempt that they belong to. */
export type NotedCalls = {
  /** Null: nobody knows whose they are, and the address stands for it. */
  readonly platformId: string | null
  readonly address: string | null
  readonly ledBy: Side
  /** The name of an administrator, `partner`, or `hub` where it began by itself. */
  readonly startedBy: string
  readonly at: number
  /** They begin an attempt of their own, whatever came shortly before. */
  readonly isFirst: boolean
  readonly calls: readonly HandshakeCall[]
  /** Null while the handshake goes on. */
  readonly verdict: Verdict | null
}

/** Calls of one platform, or of an address, in which it tried to register or the hub to connect. */
export type Attempt = {
  readonly id: string
  readonly number: number
  readonly platformId: string | null
  readonly address: string | null
  readonly ledBy: Side
  readonly startedBy: string
  readonly startedAt: number
  readonly lastAt: number
  /** In the order in which they were made. */
  readonly calls: readonly HandshakeCall[]
  readonly outcome: Verdict['outcome'] | null
  readonly advice: Advice | null
}

export type AttemptFilter = { readonly platformId: string | null }

export type AttemptStore = {
  /** Adds the calls to the attempt that is going on, or begins one; returns its id. */
  readonly note: (noted: NotedCalls) => Promise<string>
  /** Newest first, at most `limit`, before a number. */
  readonly find: (filter: AttemptFilter, limit: number, before: number | null) => Promise<readonly Attempt[]>
  readonly one: (id: string) => Promise<Attempt | null>
}

/** Calls with more time between them are not of one attempt. */
export const CALLS_APART_MS = 600_000

/** Whoever made no call for so long does not go on with an attempt. */
export const ABANDONED_AFTER_MS = 3_600_000

/** Attempts that are kept, and calls of one: the oldest attempts go, further calls are left out. */
export const MOST_ATTEMPTS = 10_000
export const MOST_CALLS = 60

/** Of those nobody knows whose they are: strangers push out nobody else's. */
export const MOST_STRANGERS_ATTEMPTS = 1_000

/** Calls of one platform that are noted in a row, and a second from there on. */
const IN_A_ROW = 60
const A_SECOND = 1

/** Takes note of calls. Never rejects, and need not be waited for but where the next calls are to follow these. */
export type NoteHandshake = (noted: NotedCalls) => Promise<void>

export function createNoteHandshake(ports: {
  readonly store: Pick<AttemptStore, 'note'>
  readonly noteEvent: NoteEvent
  readonly now: Now
  readonly onError: (error: unknown) => void
}): NoteHandshake {
  const { store, noteEvent, onError } = ports
  const limit = createRateLimit(A_SECOND, ports.now, IN_A_ROW)
  return async (noted) => {
    if (noted.platformId !== null && limit.take(noted.platformId).kind === 'empty') return
    try {
      const attempt = await store.note(noted)
      for (const event of eventsOf(attempt, noted)) noteEvent(event)
    } catch (error) {
      onError(error)
    }
  }
}

/** A call as administrators are told of it, in events and where they ask for its attempt. */
export function fieldsOf(call: HandshakeCall, ledBy: Side) {
  return {
    step: stepOf(ledBy, call),
    direction: call.direction,
    method: call.method,
    url: call.url,
    client_address: call.address,
    http_status: call.httpStatus,
    ocpi_status: call.ocpiStatus,
    ms: call.ms,
    failure: call.failure,
    detail: call.detail,
  }
}

function eventsOf(attempt: string, { platformId, ledBy, at, calls, verdict }: NotedCalls): Parameters<NoteEvent>[0][] {
  const events: Parameters<NoteEvent>[0][] = calls.map((call) => ({
    at: call.at,
    kind: 'handshake.call',
    platformId,
    correlationId: call.correlationId,
    data: { attempt, ...fieldsOf(call, ledBy) },
  }))
  const last = calls.at(-1)
  if (verdict)
    events.push({
      at,
      kind: 'handshake.ended',
      platformId,
      correlationId: last?.correlationId ?? null,
      data: {
        attempt,
        outcome: verdict.outcome,
        step: last ? stepOf(ledBy, last) : null,
        key: verdict.advice?.key ?? null,
      },
    })
  return events
}

/**
 * Its place in a handshake. Whoever leads it reads the other's versions and details and sends its credentials, 1 to 3; the other one
 * reads the leader's versions and details before it answers, 4 and 5.
 */
export function stepOf(ledBy: Side, { kind, direction }: Pick<HandshakeCall, 'kind' | 'direction'>): number | null {
  if (kind === null) return null
  const isLeaders = (direction === 'in') === (ledBy === 'partner')
  const place = CALLS_OF_A_HANDSHAKE.indexOf(kind) + 1
  return isLeaders ? place : place < 3 ? place + 3 : null
}
