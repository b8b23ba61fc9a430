import type { GainedLease, LeaseStore } from '../../../hub/push/drain/leases.ts'

/** Nobody else sent for what an earlier Log object held: that its queues may have sent a moment ago they know themselves. */
export const ADOPTED_FREE_MS = Number.POSITIVE_INFINITY

/**
 * The leases as a Log object takes them that follows another of the same name: what that one held is this one's, under the epochs
 * it was held by, so that the queues that run go on.
 */
export function adoptLeases(store: LeaseStore): LeaseStore {
  let isFirst = true
  let adopted: GainedLease[] = []
  return {
    ...store,
    async renew(owner) {
      const renewed = await store.renew(owner)
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
      return [...kept, ...(await store.claim(owner, most - kept.length))]
    },
  }
}
