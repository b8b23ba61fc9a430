import type { After } from '../../ports.ts'
import type { Lease } from '../queue/ports.ts'

/** Platforms fall into this many parts; whoever holds a part's lease drains its platforms. */
export const SHARDS = 64

/** How long a lease lasts by the database's clock. */
export const LEASE_MS = 4_000

/** How long before its end a holder stops sending: clocks may run apart, and a request takes a moment to leave. */
const MARGIN_MS = 700

const RENEW_EVERY_MS = 1_000

export type GainedLease = Lease & { readonly freeForMs: number; readonly grantedMs?: number }

/** Leases on shards. Every function rejects when the database is away. */
export type LeaseStore = {
  /**
   * Says that this process lives and prolongs the leases it holds. `processes` counts all that live, this one included.
   * `revives`: also those that lapsed and nobody has claimed since, by the epochs they had.
   * `grantedMs`: how long the leases last from the moment of the call on, where that is not LEASE_MS.
   */
  readonly renew: (
    owner: string,
    revives?: boolean,
  ) => Promise<{
    readonly processes: number
    readonly held: readonly Lease[]
    readonly grantedMs?: number
  }>
  /** Takes up to `most` free shards. `freeForMs`: how long nobody can have sent for them, at least. `grantedMs` as above. */
  readonly claim: (owner: string, most: number) => Promise<readonly GainedLease[]>
  readonly release: (owner: string, shards: readonly number[]) => Promise<void>
  /** Gives up everything: the process ends. */
  readonly leave: (owner: string) => Promise<void>
}

/** Which part a platform falls into: FNV-1a, the same in every process. */
export function shardOf(platformId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < platformId.length; i++) hash = Math.imul(hash ^ platformId.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % SHARDS
}

export type Leases = {
  /** Whether requests may begin now, for the shards held. */
  readonly isValid: () => boolean
  /** How many milliseconds from now on the leases are granted for, at least. */
  readonly grantedMs: () => number
  readonly epochOf: (shard: number) => number | null
  readonly processes: () => number
  /** How many shards are held. */
  readonly held: () => number
  /** Settles after the first attempt to take leases, whether it succeeded or not. */
  readonly start: () => Promise<void>
  /** Stops renewing; the caller has stopped sending. Frees the shards for others. */
  readonly leave: () => Promise<void>
}

export type LeasesPorts = {
  readonly store: LeaseStore
  /** Unique for this run of the process. */
  readonly owner: string
  /** Milliseconds of a clock that is never put back and goes on while the process is frozen. */
  readonly clock: () => number
  readonly after: After
  readonly onGained: (lease: GainedLease) => void
  /** Nothing more may be sent for these, nor saved. */
  readonly onLost: (shards: readonly number[]) => void
  /** Others want their share: settles once nothing is under way for these any more and their cursors are saved. */
  readonly onGivingUp: (shards: readonly number[]) => Promise<void>
  /** After each renewal. */
  readonly onTick: () => void
  readonly onAway: (error: unknown) => void
  /**
   * Whether leases that lapse are kept until the store says whose they are. Nothing begins by them meanwhile, and what is under way
   * goes on: it left in time. For who asks for leases over a way that may be slow, and would send everything again.
   * @default false: they are lost at once
   */
  readonly keepsLapsed?: boolean
}

/**
 * Holds this process's fair share of the shards. A lease is believed in for less than the database grants it, counted from
 * before it was asked for, so that a process that was frozen or cut off finds on waking that it holds nothing.
 */
export function createLeases(ports: LeasesPorts): Leases {
  const { store, owner, clock, after, keepsLapsed = false } = ports
  const held = new Map<number, number>()
  let validUntil = Number.NEGATIVE_INFINITY
  let processes = 1
  let isStopped = false
  let ticking = Promise.resolve()
  let cancelTick = () => {}
  let cancelExpiry = () => {}

  function lose(shards: readonly number[]): void {
    for (const shard of shards) held.delete(shard)
    if (shards.length > 0) ports.onLost(shards)
  }

  function watchExpiry(): void {
    cancelExpiry()
    cancelExpiry = after(Math.max(1, Math.ceil(validUntil - clock())), () => {
      if (clock() >= validUntil) lose([...held.keys()])
      else watchExpiry()
    })
  }

  async function renew(): Promise<void> {
    const askedAt = clock()
    const renewed = await store.renew(owner)
    processes = renewed.processes
    const kept = new Map(renewed.held.map((lease) => [lease.shard, lease.epoch]))
    lose([...held].filter(([shard, epoch]) => kept.get(shard) !== epoch).map(([shard]) => shard))
    // Held by the rows but no longer by this process, which has thrown its queues away: to be taken anew.
    const orphans = [...kept.keys()].filter((shard) => !held.has(shard))
    if (orphans.length > 0) await store.release(owner, orphans)
    if (held.size > 0) believe(askedAt, renewed.grantedMs)
  }

  function believe(askedAt: number, grantedMs = LEASE_MS): void {
    validUntil = askedAt + grantedMs - MARGIN_MS
    if (!keepsLapsed) watchExpiry()
  }

  async function share(): Promise<void> {
    const fair = Math.ceil(SHARDS / processes)
    if (held.size > fair) {
      const surplus = [...held.keys()].slice(fair)
      // Nothing new begins for these from here on; the rows stay this process's until their cursors are saved.
      for (const shard of surplus) held.delete(shard)
      await ports.onGivingUp(surplus)
      await store.release(owner, surplus)
    } else if (held.size < fair) {
      const askedAt = clock()
      const claimed = await store.claim(owner, fair - held.size)
      const isFirst = held.size === 0
      for (const lease of claimed) held.set(lease.shard, lease.epoch)
      const [first] = claimed
      if (isFirst && first) believe(askedAt, first.grantedMs)
      if (!isStopped) for (const lease of claimed) ports.onGained(lease)
    }
  }

  async function tick(): Promise<void> {
    try {
      await renew()
      if (!isStopped) await share()
    } catch (error) {
      ports.onAway(error)
    }
    if (isStopped) return
    ports.onTick()
    cancelTick = after(RENEW_EVERY_MS, () => {
      ticking = tick()
    })
  }

  return {
    isValid: () => clock() < validUntil,
    grantedMs: () => validUntil + MARGIN_MS - clock(),
    epochOf: (shard) => held.get(shard) ?? null,
    processes: () => processes,
    held: () => held.size,
    start() {
      ticking = tick()
      return ticking
    },
    async leave() {
      isStopped = true
      cancelTick()
      await ticking
      cancelExpiry()
      validUntil = Number.NEGATIVE_INFINITY
      held.clear()
      await store.leave(owner)
    },
  }
}
