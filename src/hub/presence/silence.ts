import type { CurrentTable } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import type { Ask } from './ask.ts'
import type { Heard } from './heard.ts'
import type { PresenceStore } from './presence-store.ts'

export type SilencePorts = {
  readonly store: Pick<PresenceStore, 'claimSilent'>
  readonly table: CurrentTable
  readonly heard: Pick<Heard, 'isSeenSince'>
  readonly isBusy: Ask['isBusy']
  readonly now: Now
  readonly keepaliveAfterMs: number
  /** The platform is to be asked. */
  readonly onSilent: (platformId: string) => void
}

/** Finds the platforms that are silent for long enough to be asked. */
export type Silence = {
  /** Milliseconds between two picks. */
  readonly pickEveryMs: number
  /**
   * Picks who is silent, unless another process did just now: its part of all platforms, so that checks spread over the period.
   * Rejects when the database is away.
   */
  readonly pick: () => Promise<void>
}

/**
 * A platform that is OFFLINE is asked after this, so that its return is noticed soon, and then ever more seldom: on Workers one that
 * hangs keeps an object busy for the ten seconds of each check.
 */
const OFFLINE_FIRST_MS = 60_000
const PICKS_PER_PERIOD = 60
const SHORTEST_PICK_MS = 100
const LONGEST_PICK_MS = 5_000
/** The part of the time between two picks for which all processes share one limit: not all of it, as a timer may be early. */
const SHARED_PART = 0.9
/** Beyond its fair part a pick takes that much, to catch up after a start or a pause. */
const CATCHING_UP = 1.25
/** No platform has been silent for so long. */
const NEVER = -1

export function createSilence(ports: SilencePorts): Silence {
  const { store, table, heard, isBusy, now, keepaliveAfterMs, onSilent } = ports
  const pickEveryMs = Math.min(LONGEST_PICK_MS, Math.max(SHORTEST_PICK_MS, keepaliveAfterMs / PICKS_PER_PERIOD))
  /** How long a platform is silent before it is asked; one that is OFFLINE at least. */
  const periodMs = { CONNECTED: keepaliveAfterMs, OFFLINE: Math.min(keepaliveAfterMs, OFFLINE_FIRST_MS) }

  /** How many platforms fall to one pick when all are silent. Of 600 CONNECTED, asked every 300 s and picked every 5 s: 13. */
  function fairPart(): number {
    let part = 0
    for (const { status } of table().platforms.values()) {
      if (status === 'CONNECTED' || status === 'OFFLINE') part += pickEveryMs / periodMs[status]
    }
    return Math.ceil(part * CATCHING_UP)
  }

  return {
    pickEveryMs,
    async pick() {
      const at = now()
      const silentSince = { CONNECTED: at - periodMs.CONNECTED, OFFLINE: at - periodMs.OFFLINE }
      const claimed = await store.claimSilent({
        now: at,
        connectedSilentSince: isBusy('CONNECTED') ? NEVER : silentSince.CONNECTED,
        offlineSilentSince: isBusy('OFFLINE') ? NEVER : silentSince.OFFLINE,
        longestPauseMs: keepaliveAfterMs,
        limit: fairPart(),
        sharedSince: at - pickEveryMs * SHARED_PART,
        believedUntil: at + periodMs.OFFLINE,
      })
      // The database may not know yet whom this process heard.
      for (const platformId of claimed) {
        const isOffline = table().platforms.get(platformId)?.status === 'OFFLINE'
        if (!heard.isSeenSince(platformId, silentSince[isOffline ? 'OFFLINE' : 'CONNECTED'] + 1)) onSilent(platformId)
      }
    },
  }
}
