import type { GainedLease, LeaseStore } from '../../../hub/push/drain/leases.ts'
import type { Lease } from '../../../hub/push/queue/ports.ts'

/** Nobody else sent for what an earlier Log object held: that its queues may have sent a moment ago they know themselves. */
export const ADOPTED_FREE_MS = Number.POSITIVE_INFINITY

/**
 * The leases as a Log object takes them that follows another of the same name: what that one held is this one's, under the epochs
 * it was held by, so that the queues that run go on. What lapsed because the database was away, and nobody else held since (its
 * epoch is the next one), is taken anew as free for long.
 */
export function adoptLeases(store: LeaseStore): LeaseStore {
  let isFirst = true
  let adopted: GainedLease[] = []
  /** By shard, the epoch under which this object held it last. */
  const lastHeld = new Map<number, number>()

  function note(leases: readonly Lease[]): void {
    for (const { shard, epoch } of leases) lastHeld.set(shard, epoch)
  }

  return {
    ...store,
    async renew(owner) {
      const renewed = await store.renew(owner)
      note(renewed.held)
      if (!isFirst) return renewed
      isFirst = false
      adopted = renewed.held.map((lease) => ({ ...lease, freeForMs: ADOPTED_FREE_MS }))
      return { ...renewed, held: [] }
    },
    async claim(owner, most) {
      const kept = adopted.slice(0, most)
      const surplus = adopted.slice(most)
      adopted = []
      if (surplus.length > 0) {
        await store.release(
          owner,
          surplus.map(({ shard }) => shard),
        )
      }
      if (kept.length === most) return kept
      const claimed = (await store.claim(owner, most - kept.length)).map((lease) =>
        lastHeld.get(lease.shard) === lease.epoch - 1 ? { ...lease, freeForMs: ADOPTED_FREE_MS } : lease,
      )
      note(claimed)
      return [...kept, ...claimed]
    },
  }
}
