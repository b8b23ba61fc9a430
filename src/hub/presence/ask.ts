import PQueue from 'p-queue'
import type { Registry } from '../network/registry.ts'
import type { ConnectionStatus, Platform } from '../network/routing-table.ts'
import type { Alarm, Secrets } from '../ports.ts'
import type { PartnerAnswer, PartnerClient } from '../registration/partner-client.ts'

/** What a still-alive check found. */
export type CheckOutcome =
  /** An envelope of success came back, or "too many requests". */
  | { readonly kind: 'alive' }
  /** Anything else came back, or nothing. `detail` is for administrators; 401 and 403 refuse the hub's token. */
  | { readonly kind: 'silent'; readonly detail: string; readonly isTokenRefused: boolean }
  | { readonly kind: 'unknown-platform' }
  /** The platform is PLANNED or SUSPENDED, or has no credentials any more: there is nobody to ask. */
  | { readonly kind: 'wrong-status'; readonly status: ConnectionStatus }
  /** The hub could not ask, which says nothing of the platform: the database is away, or the token cannot be opened. */
  | { readonly kind: 'not-asked'; readonly why: 'fault'; readonly error: unknown }
  | { readonly kind: 'not-asked'; readonly why: 'stopping' }

/** Whether a check goes before those of platforms that are merely due, or waits behind them. */
export type Turn = 'next' | 'last'

export type AskPorts = {
  readonly registry: Pick<Registry, 'findConnection'>
  /** Gives up after ten seconds or so: that is how long a check takes at most. */
  readonly client: Pick<PartnerClient, 'getVersions'>
  readonly open: Secrets['open']
  readonly alarm: Alarm
  readonly onError: (error: unknown) => void
}

/** Asks platforms whether they are alive. */
export type Ask = {
  /** One GET of the platform's versions, in its turn. Never rejects. */
  readonly ask: (platform: Platform, turn: Turn) => Promise<CheckOutcome>
  /** Whether as many platforms of a status wait for their turn as are asked at a time: no use in adding those merely due. */
  readonly isBusy: (status: 'CONNECTED' | 'OFFLINE') => boolean
  /** Asks nobody any more: who waits for its turn is `not-asked`. */
  readonly stop: () => void
}

/** Platforms asked at a time: of those CONNECTED, and again of those OFFLINE. Many of the latter hang, which must hold up no other check. */
const CONCURRENCY = 64

export function createAsk({ registry, client, open, alarm, onError }: AskPorts): Ask {
  const calls = {
    CONNECTED: new PQueue({ concurrency: CONCURRENCY }),
    OFFLINE: new PQueue({ concurrency: CONCURRENCY }),
  }
  let isStopped = false

  /**
   * Judges an answer as messages would fare: a partner that answers with an error or does not know the hub's token is no better
   * than one that is away.
   */
  function judge(platformId: string, answer: PartnerAnswer<unknown>): CheckOutcome {
    if (answer.kind === 'ok') return { kind: 'alive' }
    const { detail } = answer
    const httpStatus = answer.kind === 'refused' ? answer.httpStatus : undefined
    if (httpStatus === 429) return { kind: 'alive' }
    const isTokenRefused = httpStatus === 401 || httpStatus === 403
    if (isTokenRefused) alarm({ kind: 'receiver-rejects-our-token', platformId, detail })
    return { kind: 'silent', detail, isTokenRefused }
  }

  return {
    async ask(platform, turn) {
      const { id: platformId, status, tokenEncoding: encoding } = platform
      try {
        const connection = await registry.findConnection(platformId)
        if (!connection) return { kind: 'wrong-status', status }
        const errand = { platformId, token: open(connection.sealedToken), encoding }
        const answer = await calls[status === 'OFFLINE' ? 'OFFLINE' : 'CONNECTED'].add(
          async () => (isStopped ? null : client.getVersions(connection.versionsUrl, errand)),
          { priority: turn === 'next' ? 1 : 0 },
        )
        return answer ? judge(platformId, answer) : { kind: 'not-asked', why: 'stopping' }
      } catch (error) {
        onError(error)
        return { kind: 'not-asked', why: 'fault', error }
      }
    },
    isBusy: (status) => calls[status].size > CONCURRENCY,
    stop() {
      isStopped = true
    },
  }
}
