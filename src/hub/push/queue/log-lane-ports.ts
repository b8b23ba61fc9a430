import type { ReceiverOptions } from '../attempt/receivers.ts'
import type { MissedCause } from '../cursor.ts'
import type { FarRows } from '../log/backlog.ts'
import type { PushLog } from '../log/push-log.ts'
import type { KnownRows } from '../log/recent.ts'
import type { Push } from '../push.ts'
import type { Dropping } from './drops.ts'

/** What a lane needs to know and whom it tells. */
export type LogLanePorts = {
  readonly rows: KnownRows
  readonly log: Pick<PushLog, 'readNumbers'>
  readonly far: FarRows
  readonly receives: (push: Push, options?: ReceiverOptions) => boolean
  readonly dropping: () => Dropping | null
  /** How many pushes can be under way at once: so many are kept ready. */
  readonly concurrency: () => number
  readonly chance: () => number
  readonly onCollapsed: (count: number) => void
  readonly onMissed: (push: Push, cause: MissedCause) => void
  /** All that there is was read: it is to be told of the next row. */
  readonly onAtHead: () => void
  /** There is something to send, or to save. */
  readonly onChange: () => void
  /** The log could not be read; `pull` is to be called again later. */
  readonly onAway: (error: unknown) => void
}
