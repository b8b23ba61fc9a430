import type { GainedLease, LeaseStore } from '../../../hub/push/drain/leases.ts'

/** Nobody else sent for what an earlier Log object held: that its queues may have sent a moment ago they know themselves. */
export const ADOPTED_FREE_MS = Number.POSITIVE_INFINITY

/**
 * The leases as a Log object takes them that follows another of the same name: what that one held is this one's, under the epochs
 * it was held by, so that the queues that run go on. So it is with what lapses while this one runs, as the database was away or
 * the machine is busy, and nobody else has claimed.
 */
export function adoptLeases(store: LeaseStore): LeaseStore {
  let isFirst = true
  let adopted: GainedLease[] = []

  return {
    ...store,
    async renew(owner) {
      if (!isFirst) return store.renew(owner, true)
      const renewed = await store.renew(owner)
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
      return kept.length === most ? kept : [...kept, ...(await store.claim(owner, most - kept.length))]
    },
  }
}
