import { inParallel } from '../../../hub/in-parallel.ts'
import { LEASE_MS, shardOf } from '../../../hub/push/drain/leases.ts'
import { settleWithin } from '../../../storage/settle-within.ts'

/** Queues that are told of a routing table at a time. */
const TOLD_AT_ONCE = 5
/** A queue that does not say that it follows is not waited for any longer: it asks which table it should have with its next lease. */
const FOLLOWS_WITHIN_MS = 1_000
const FORGOTTEN_AFTER_MS = 60_000

/** The queues of Workers that may be sending, and what they are told as such. */
export type RunningQueues = {
  /** A queue was given its lease. */
  readonly noteLeased: (platformId: string) => void
  /** Forgets queues that have long been at rest. */
  readonly tidy: () => void
  /** Has those of some shards end what is under way and save. Returns how many they are. Never rejects. */
  readonly giveUp: (shards: readonly number[]) => Promise<number>
  /** The routing table has changed. */
  readonly tell: () => void
  /** Settles once all of them go by the routing table of this moment, a second later at most. Never rejects. */
  readonly told: () => Promise<void>
}

export function createRunningQueues(ports: {
  readonly clock: () => number
  readonly giveUp: (platformId: string) => Promise<void>
  /** Settles once the queue sends by no older routing table than the one that is there now. */
  readonly follow: (platformId: string) => Promise<void>
}): RunningQueues {
  const { clock } = ports
  const leasedAt = new Map<string, number>()
  let telling: Promise<void> | null = null
  /** Follows the one under way, which may have told some of the table before: one for all changes that come meanwhile. */
  let next: Promise<void> | null = null

  /** Whoever was given its lease longer ago holds none any more. */
  function running(): string[] {
    return [...leasedAt].filter(([, at]) => clock() - at < LEASE_MS).map(([platformId]) => platformId)
  }

  function tellAll(): Promise<void> {
    const follow = (platformId: string) =>
      settleWithin(FOLLOWS_WITHIN_MS, ports.follow(platformId)).catch(() => undefined)
    telling = inParallel(running(), TOLD_AT_ONCE, follow).then(() => {
      telling = null
    })
    return telling
  }

  return {
    noteLeased: (platformId) => void leasedAt.set(platformId, clock()),
    tidy() {
      for (const [id, at] of leasedAt) if (clock() - at > FORGOTTEN_AFTER_MS) leasedAt.delete(id)
    },
    async giveUp(shards) {
      const meant = running().filter((platformId) => shards.includes(shardOf(platformId)))
      await Promise.all(meant.map((platformId) => ports.giveUp(platformId).catch(() => undefined)))
      return meant.length
    },
    tell() {
      if (!telling) return void tellAll()
      next ??= telling.then(() => {
        next = null
        return tellAll()
      })
    },
    told: () => settleWithin(FOLLOWS_WITHIN_MS, next ?? telling ?? Promise.resolve()).catch(() => undefined),
  }
}
