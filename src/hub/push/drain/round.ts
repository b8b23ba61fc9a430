import type { PushTail } from '../log/tail.ts'
import type { CursorSaver } from './cursor-saver.ts'
import type { HeldQueues } from './held-queues.ts'
import type { Leases } from './leases.ts'
import type { Opening } from './opening.ts'
import type { Orders } from './orders.ts'
import { createLogTrim, type TrimPorts } from './trim.ts'

export type RoundPorts = Omit<TrimPorts, 'store'> & {
  /** Null where somebody else trims the log. */
  readonly trim: TrimPorts['store'] | null
  readonly tail: Pick<PushTail, 'recent' | 'wake'>
  readonly leases: Pick<Leases, 'processes' | 'epochOf'>
  readonly queues: Pick<HeldQueues, 'ids' | 'pump' | 'tidy' | 'restartPace'>
  readonly saver: Pick<CursorSaver, 'savedPosition' | 'touch'>
  readonly opening: Pick<Opening, 'openMissing'>
  readonly orders: Pick<Orders, 'apply'>
  /** Milliseconds of a clock that is never put back. */
  readonly clock: () => number
  readonly onAway: (error: unknown) => void
}

/** Rounds between two looks at the log while no other process is there to write it. */
const POLL_EVERY = 5
/** Rounds between two saves of queues to which nothing happens: their position follows the end of the log. */
const IDLE_SAVE_EVERY = 10
const TRIM_EVERY = 5
/** A wall clock put back by more than this would stall what counts by it. */
const CLOCK_STEP_MS = 1_000

/**
 * What is to be done about once a second, whether or not anybody says so: opens queues, looks for pushes of other processes,
 * tries again what failed while the database was away, carries out orders, trims the log, watches the wall clock.
 */
export function createRound(ports: RoundPorts): () => void {
  const { tail, leases, queues, saver, opening, orders, clock, now, onAway } = ports
  const trimLog = ports.trim && createLogTrim({ ...ports, store: ports.trim })
  let rounds = 0
  let isTrimming = false
  let drift = now() - clock()

  function saveIdle(): void {
    for (const id of queues.ids()) if (saver.savedPosition(id) < tail.recent.end()) saver.touch(id)
  }

  async function trim(): Promise<void> {
    if (isTrimming) return
    isTrimming = true
    await trimLog?.().catch(onAway)
    isTrimming = false
  }

  function watchClock(): void {
    const before = drift
    drift = now() - clock()
    if (drift < before - CLOCK_STEP_MS) queues.restartPace()
  }

  return () => {
    rounds++
    opening.openMissing()
    if (leases.processes() > 1 || rounds % POLL_EVERY === 0) tail.wake()
    queues.pump()
    queues.tidy()
    void orders.apply()
    if (rounds % IDLE_SAVE_EVERY === 0) saveIdle()
    // One process of all: whoever holds the first shard.
    if (rounds % TRIM_EVERY === 0 && leases.epochOf(0) !== null) void trim()
    watchClock()
  }
}
