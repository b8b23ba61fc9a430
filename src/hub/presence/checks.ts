import type { CurrentTable, Platform } from '../network/routing-table.ts'
import type { After, Now } from '../ports.ts'
import type { Ask, CheckOutcome, Turn } from './ask.ts'
import type { Heard } from './heard.ts'
import type { NetworkDoubt } from './network-doubt.ts'
import { REFUSES_TOKEN } from './presence-store.ts'

export type ChecksPorts = {
  readonly ask: Ask['ask']
  readonly heard: Pick<Heard, 'noteAnswer' | 'isSeenSince' | 'outweighs'>
  readonly doubt: Pick<NetworkDoubt, 'isHubsOwn' | 'noteSuccess'>
  readonly table: CurrentTable
  readonly now: Now
  readonly after: After
  /** Each settles once this process routes by the new status, or it could not be stored. Never rejects. */
  readonly becomes: {
    readonly connected: (platformId: string, cause: string) => Promise<void>
    readonly offline: (platformId: string, cause: string) => Promise<void>
  }
  /** A message came while its platform was made OFFLINE. */
  readonly onHeardMeanwhile: (platformId: string) => void
}

/** Still-alive checks of platforms, one at a time for each, and what follows from them. */
export type Checks = {
  /** Checks the platform now, or joins the check under way. Its status has followed when this settles. Never rejects. */
  readonly check: (platformId: string, turn: Turn) => Promise<CheckOutcome>
  /** Checks a CONNECTED or OFFLINE platform now, or two seconds after its last check. */
  readonly checkSoon: (platformId: string) => void
  /** Forgets platforms that are gone. */
  readonly tidy: () => void
  /** Changes no status any more. */
  readonly stop: () => void
}

/** A check that failed is repeated once after this, before it counts. */
const REPEAT_MS = 1_000
/** The same of one in which the hub's token was refused: it may just be replaced, or whoever checks it there is started anew. */
const REFUSED_REPEAT_MS = 5_000
/** Between two checks of one platform that messages ask for. */
const SOON_MS = 2_000

export function createChecks(ports: ChecksPorts): Checks {
  const { ask, heard, doubt, table, now, after, becomes } = ports
  const underWay = new Map<string, Promise<CheckOutcome>>()
  const checkedAt = new Map<string, number>()
  /** Cancels the check that is to come soon. */
  const waiting = new Map<string, () => void>()
  let isStopped = false

  function check(platformId: string, turn: Turn): Promise<CheckOutcome> {
    const running = underWay.get(platformId)
    if (running) return running
    const examined = examine(platformId, turn).finally(() => {
      underWay.delete(platformId)
      checkedAt.set(platformId, now())
    })
    underWay.set(platformId, examined)
    return examined
  }

  async function examine(platformId: string, turn: Turn): Promise<CheckOutcome> {
    const platform = table().platforms.get(platformId)
    if (!platform) return { kind: 'unknown-platform' }
    const { status } = platform
    if (status !== 'CONNECTED' && status !== 'OFFLINE') return { kind: 'wrong-status', status }
    const since = now()
    const first = await ask(platform, turn)
    if (first.kind === 'silent' && status === 'CONNECTED') {
      const waitMs = first.isTokenRefused ? REFUSED_REPEAT_MS : REPEAT_MS
      await new Promise<void>((resolve) => void after(waitMs, resolve))
      return repeat(platform, turn, since)
    }
    if (first.kind === 'alive') await answered(platform)
    return first
  }

  /** The second attempt at a CONNECTED platform. When it fails too, the platform is OFFLINE, unless something speaks for it. */
  async function repeat(platform: Platform, turn: Turn, since: number): Promise<CheckOutcome> {
    const { id: platformId } = platform
    const lastTriedAt = now()
    const outcome = await ask(platform, turn)
    if (outcome.kind === 'alive') await answered(platform)
    if (outcome.kind !== 'silent') return outcome
    const { detail, isTokenRefused } = outcome
    if (await doubt.isHubsOwn({ platformId, lastTriedAt })) {
      return { ...outcome, detail: `${detail} (the hub doubts its own network)` }
    }
    // That a platform sends says nothing of the token which it does not take.
    if (!isTokenRefused && (await heard.outweighs(platformId, since))) return outcome
    if (isStopped) return outcome
    const cause = isTokenRefused ? `${REFUSES_TOKEN}: ${detail}` : `failed a still-alive check: ${detail}`
    await becomes.offline(platformId, cause.slice(0, 500))
    // A message that came while this was stored still found the platform CONNECTED.
    if (heard.isSeenSince(platformId, since)) ports.onHeardMeanwhile(platformId)
    return outcome
  }

  async function answered({ id: platformId, status }: Platform): Promise<void> {
    doubt.noteSuccess(platformId)
    heard.noteAnswer(platformId)
    if (status === 'OFFLINE') await becomes.connected(platformId, 'answered a still-alive check')
  }

  return {
    check,
    checkSoon(platformId) {
      if (isStopped || underWay.has(platformId) || waiting.has(platformId)) return
      const status = table().platforms.get(platformId)?.status
      if (status !== 'CONNECTED' && status !== 'OFFLINE') return
      const waitMs = (checkedAt.get(platformId) ?? Number.NEGATIVE_INFINITY) + SOON_MS - now()
      if (waitMs <= 0) return void check(platformId, 'next')
      // No longer though the clock was put back since the last check.
      const cancel = after(Math.min(waitMs, SOON_MS), () => {
        waiting.delete(platformId)
        void check(platformId, 'next')
      })
      waiting.set(platformId, cancel)
    },
    tidy() {
      const { platforms } = table()
      for (const id of checkedAt.keys()) if (!platforms.has(id)) checkedAt.delete(id)
    },
    stop() {
      isStopped = true
      for (const cancel of waiting.values()) cancel()
      waiting.clear()
    },
  }
}
