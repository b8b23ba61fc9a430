import { asPast } from '../moments.ts'
import type { Registry } from '../network/registry.ts'
import type { CurrentTable } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import type { LastHeard, PresenceStore } from './presence-store.ts'

export type HeardPorts = {
  readonly store: Pick<PresenceStore, 'lastHeard'>
  readonly registry: Pick<Registry, 'noteSeen'>
  readonly table: CurrentTable
  readonly now: Now
  readonly keepaliveAfterMs: number
}

/** Signs of life: the last message and the last answer of each platform, to this process and, as far as told, to others. */
export type Heard = {
  /** A message came. On every message's path: as little as possible. */
  readonly noteMessage: (platformId: string) => void
  /** The platform answered a check. */
  readonly noteAnswer: (platformId: string) => void
  /** Whether this process heard a message of the platform from a moment on. */
  readonly isSeenSince: (platformId: string, since: number) => boolean
  /**
   * Whether messages speak against a check that began at `since` and failed: one came meanwhile, to any process, or one brought
   * the platform back within the last minute and it has not answered since. Such a platform may be deaf, but lives: it would be
   * told as OFFLINE and CONNECTED with every message. Never rejects.
   */
  readonly outweighs: (platformId: string, since: number) => Promise<boolean>
  /** Tells the other processes whom this one heard. What cannot be told is told the next time. Rejects when the database is away. */
  readonly flush: () => Promise<void>
}

/** A platform that a message brought back stays CONNECTED for that long, though checks fail. */
const SPARED_MS = 60_000
const NOT_HEARD: LastHeard = { seenAt: null, revivedAt: null }

export function createHeard({ store, registry, table, now, keepaliveAfterMs }: HeardPorts): Heard {
  const seen = new Map<string, number>()
  const answered = new Map<string, number>()
  const sparedMs = Math.min(keepaliveAfterMs, SPARED_MS)
  let flushedAt = Number.NEGATIVE_INFINITY

  function isSince(at: number, since: number): boolean {
    return asPast(at, now()) >= since
  }

  function isSeenSince(platformId: string, since: number): boolean {
    return isSince(seen.get(platformId) ?? 0, since)
  }

  return {
    noteMessage: (platformId) => void seen.set(platformId, now()),
    noteAnswer: (platformId) => void answered.set(platformId, now()),
    isSeenSince,
    async outweighs(platformId, since) {
      const { seenAt, revivedAt } = await store.lastHeard(platformId).catch(() => NOT_HEARD)
      if (isSeenSince(platformId, since) || isSince(seenAt ?? 0, since)) return true
      if (revivedAt === null || revivedAt <= (answered.get(platformId) ?? 0)) return false
      return isSince(revivedAt, now() - sparedMs)
    },
    async flush() {
      const at = now()
      const { platforms } = table()
      for (const moments of [seen, answered])
        for (const id of moments.keys()) if (!platforms.has(id)) moments.delete(id)
      // After the clock was put back all that was heard since counts, and nothing of before.
      const since = flushedAt > at ? Number.NEGATIVE_INFINITY : flushedAt
      const fresh = new Map([...seen].filter(([, seenAt]) => seenAt >= since && seenAt <= at))
      if (fresh.size > 0) await registry.noteSeen(fresh)
      flushedAt = at
    },
  }
}
