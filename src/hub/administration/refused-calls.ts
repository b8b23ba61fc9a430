import { header, singleHeader } from '../../ocpi/headers.ts'
import { holdsNothing } from '../../ocpi/token-header.ts'
import { createRateLimit } from '../limits.ts'
import type { Message } from '../message.ts'
import type { Now, Secrets } from '../ports.ts'
import { type Advice, cutText } from './advice.ts'
import type { NoteEvent } from './events.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { AdviceKey } from './handshake-advice.ts'
import type { NoteHandshake } from './handshake-attempts.ts'
import { type Reading, readingsOf } from './token-readings.ts'
import { createTokenTrace, type FindTraces } from './token-trace.ts'

/** A call that the hub refused before it had anything to do with anybody. No token, no body, no query. */
export type RefusedCall = {
  readonly at: number
  /** The client's. */
  readonly address: string
  readonly method: string
  readonly path: string
  readonly userAgent: string | null
  readonly httpStatus: number
  readonly ocpiStatus: number
  /** Null: nobody knows whose it is. */
  readonly platformId: string | null
  readonly why: Advice
  /** Of the token as it was sent; null when there was none. */
  readonly fingerprint: string | null
}

export type StoredRefusedCall = RefusedCall & { readonly number: number }

export type RefusedCallFilter = {
  readonly platformId: string | null
  readonly address: string | null
  readonly why: AdviceKey | null
  readonly fingerprint: string | null
  /** Inclusive. */
  readonly since: number | null
  /** Exclusive. */
  readonly until: number | null
}

export type RefusedCallStore = {
  /** Keeps the newest of them. */
  readonly add: (call: RefusedCall) => Promise<void>
  /** Newest first, at most `limit`, before a number. */
  readonly find: (
    filter: RefusedCallFilter,
    limit: number,
    before: number | null,
  ) => Promise<readonly StoredRefusedCall[]>
}

export const MOST_REFUSED_CALLS = 10_000

/** Written of one address in a minute. */
const OF_AN_ADDRESS = 5
/** Written in a minute of addresses of which none was in the minute before, in each process: strangers decide how many there are. */
const OF_NEW_ADDRESSES = 60
/** Written of all other addresses together, so that who calls again and again leaves whoever comes new a place. */
const OF_OTHERS = 30

const MINUTE_MS = 60_000
const MOST_OF_PATH = 200
const MOST_OF_USER_AGENT = 200

/** What is known of a refused call without looking at its token. */
export type Hint = { readonly platformId: string; readonly why: Advice }

/** Takes note of a refused call, and finds out why, after its answer. Returns at once and never throws. */
export type NoteRefused = (
  message: Message,
  answer: { readonly status: number; readonly code: number },
  hint: Hint | null,
) => void

export function createNoteRefused(ports: {
  readonly store: Pick<RefusedCallStore, 'add'>
  readonly findTraces: FindTraces
  readonly secrets: Pick<Secrets, 'digest' | 'mac' | 'previousMac'>
  readonly isAdminToken: (token: string) => boolean
  readonly noteHandshake: NoteHandshake
  readonly noteEvent: NoteEvent
  readonly now: Now
  /** Carries out what is done behind the answer; the request lasts until it has settled. */
  readonly behind: (work: () => Promise<void>) => Promise<void>
  /** Told that a refused call was one too many to be written. */
  readonly onTooMany: () => void
  readonly onError: (error: unknown) => void
}): NoteRefused {
  const { store, secrets, noteEvent, noteHandshake, now, behind, onTooMany, onError } = ports
  const ofNewAddresses = createRateLimit(OF_NEW_ADDRESSES / 60, now, OF_NEW_ADDRESSES)
  const ofOthers = createRateLimit(OF_OTHERS / 60, now, OF_OTHERS)
  const written = createWindow(now)
  const trace = createTokenTrace(ports)

  async function note(call: RefusedCall, readings: readonly Reading[], message: Message): Promise<void> {
    await store.add(call)
    const { at, platformId, why, fingerprint, address, method, path, userAgent } = call
    const data = { address, method, path, user_agent: userAgent, why: why.key, fingerprint }
    noteEvent({ at, kind: 'handshake.unknown-token', platformId, correlationId: null, data })
    // Who sent nothing that could be a token is on no way to register.
    if (readings.length === 0 && platformId === null) return
    await noteHandshake({
      platformId,
      address: platformId === null ? address : null,
      ledBy: 'partner',
      startedBy: 'partner',
      at,
      isFirst: false,
      calls: [
        {
          ...{ at, direction: 'in', method, url: path, address },
          kind: kindOfPath(path),
          httpStatus: call.httpStatus,
          ocpiStatus: call.ocpiStatus,
          ms: Math.max(0, now() - message.receivedAt),
          failure: why.key,
          detail: null,
          correlationId: null,
        },
      ],
      verdict: { outcome: 'refused', advice: why },
    })
  }

  return (message, { status, code }, hint) => {
    const address = message.clientAddress()
    const before = written.of(address)
    const room = before === 0 ? ofNewAddresses : ofOthers
    if (before >= OF_AN_ADDRESS || room.take('').kind === 'empty') return onTooMany()
    written.note(address)
    const sent = header(message.headers, 'authorization')
    // Twice with different values it is none; but what came first may tell.
    const authorization = singleHeader(message.headers, 'authorization') ?? sent
    const readings = holdsNothing(authorization) ? [] : readingsOf(authorization ?? '')
    const first = readings[0]
    const masked = (text: string, most: number) => cutText(withoutTokens(text, readings), most)
    const userAgent = header(message.headers, 'user-agent')
    const known = {
      at: message.receivedAt,
      address,
      method: cutText(message.method, 20),
      path: masked(message.path, MOST_OF_PATH),
      userAgent: userAgent === undefined ? null : masked(userAgent, MOST_OF_USER_AGENT),
      httpStatus: status,
      ocpiStatus: code,
      fingerprint: first ? fingerprintOf(first.token, secrets.mac) : null,
    }
    behind(async () => {
      const { platformId, why } = hint ?? (await trace(authorization, readings, message.path, known.fingerprint))
      await note({ ...known, platformId, why }, readings, message)
    }).catch(onError)
  }
}

/** A path or a program's name may hold the token too. */
function withoutTokens(text: string, readings: readonly Reading[]): string {
  let masked = text
  for (const { token } of readings) if (token.length >= 8) masked = masked.replaceAll(token, '***')
  return masked
}

function kindOfPath(path: string): 'versions' | 'details' | 'credentials' | null {
  if (/\/versions\/?$/.test(path)) return 'versions'
  if (/\/credentials\/?$/.test(path)) return 'credentials'
  return /^\/ocpi\/[\d.]+\/?$/.test(path) ? 'details' : null
}

/** How many calls of each address were written within the last minute; no more addresses are remembered than calls were written. */
function createWindow(now: Now): {
  readonly of: (address: string) => number
  readonly note: (address: string) => void
} {
  const written = new Map<string, number[]>()
  const recent = (moments: readonly number[] = []) => {
    const at = now()
    return moments.filter((moment) => at - moment < MINUTE_MS && moment <= at)
  }
  return {
    of: (address) => recent(written.get(address)).length,
    note(address) {
      if (written.size > 2 * (OF_NEW_ADDRESSES + OF_OTHERS))
        for (const [other, moments] of written) if (recent(moments).length === 0) written.delete(other)
      written.set(address, [...recent(written.get(address)), now()])
    },
  }
}
