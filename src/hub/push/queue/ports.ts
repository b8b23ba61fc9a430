import type { Platform } from '../../network/routing-table.ts'
import type { After, Alarm } from '../../ports.ts'
import type { Deliver } from '../attempt/deliver.ts'
import type { ReceiverOptions } from '../attempt/receivers.ts'
import type { MissedCause, SavedQueue } from '../cursor.ts'
import type { Backlog } from '../log/backlog.ts'
import type { PushLog } from '../log/push-log.ts'
import type { RecentPushes } from '../log/recent.ts'
import type { Push } from '../push.ts'
import type { Lane } from './lane.ts'
import type { Turns } from './turns.ts'

/** How a platform stands, as far as its queue cares. */
export type QueueTarget = Pick<Platform, 'status' | 'delivery' | 'authorization' | 'endpoints'>

/**
 * The right of a process to send for the platforms of one shard. The epoch grows with each holder, so that nothing is saved by a
 * lease that another process has taken over.
 */
export type Lease = { readonly shard: number; readonly epoch: number }

/** What a queue starts from. */
export type QueueStart = {
  readonly saved: SavedQueue
  readonly target: QueueTarget
  readonly lease: Lease
  /** Before the first request, for the sake of the rate: another process may just have sent. */
  readonly waitMs: number
}

/** What is the same for all queues of a process. */
export type QueuePorts = {
  readonly turns: Pick<Turns, 'lineUp'>
  readonly recent: RecentPushes
  readonly backlog: Backlog
  readonly log: Pick<PushLog, 'readNumbers'>
  /** Modules of the log. */
  readonly modules: readonly string[]
  readonly deliver: Deliver
  /** A push as the platform gets it, for each party by itself where it is set so; empty when it does not. */
  readonly addressed: (platformId: string, push: Push, options?: ReceiverOptions) => readonly Push[]
  /** Whether this process still holds the lease. Asked right before the first byte of each request. */
  readonly holds: (lease: Lease) => boolean
  /** Asks the platform for a sign of life. It is for the callee to make it OFFLINE. */
  readonly checkAlive: (platformId: string) => Promise<boolean>
  readonly alarm: Alarm
  readonly onMissed: (platformId: string, push: Push, cause: MissedCause) => void
  /** The queue has read all that there is of this module: it is to be offered the next push. */
  readonly onListening: (platformId: string, module: string) => void
  /** Something is to be saved. */
  readonly onDirty: (platformId: string) => void
  readonly onAway: (error: unknown) => void
  /** Milliseconds of a clock that is never put back. */
  readonly clock: () => number
  readonly after: After
  /** 0 up to 1, each time another. */
  readonly chance: () => number
  readonly firstLane?: FirstLanes['laneOf']
}

/** What the lane that goes before all others tells its queue. */
export type FirstLaneTells = {
  /** There is something to send. */
  readonly toSend: () => void
  /** More waits than is saved. */
  readonly toSave: () => void
  /** What it needs could not be read or written; it is advanced again later. */
  readonly onAway: (error: unknown) => void
}

/** Makes the lanes that go before all others: what the hub itself has to tell a platform. */
export type FirstLanes = {
  /** Queues of these platforms are opened next, some hundreds at a time: what their lanes need is read at once. */
  readonly expect: (platformIds: readonly string[]) => Promise<void>
  /** Null while the platform has no use for one. */
  readonly laneOf: (platformId: string, tell: FirstLaneTells) => Lane | null
}
