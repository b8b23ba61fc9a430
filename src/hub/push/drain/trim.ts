import type { RoutingTable } from '../../network/routing-table.ts'
import type { Now } from '../../ports.ts'
import { addressed } from '../attempt/receivers.ts'
import { isUnread, type MissedPush, type QueueCursor } from '../cursor.ts'
import type { Push } from '../push.ts'

/** How long and how large the log may get before rows go that some platform has not passed. */
export type LogBounds = { readonly maxAgeMs: number; readonly maxBytes: number }

/** The log and the cursors, as far as trimming needs them. Every function rejects when the database is away. */
export type TrimStore = {
  /** Deletes rows that every cursor has passed, at most some thousands; returns how many were deleted. */
  readonly deletePassed: () => Promise<number>
  /** The oldest rows that are older than `oldestAt` or beyond `maxBytes` of log, without bodies; at most some thousands. */
  readonly readOverdue: (oldestAt: number, maxBytes: number) => Promise<readonly Push[]>
  /** Cursors of platforms that may still need a row up to this number. */
  readonly cursorsBehind: (
    number: number,
  ) => Promise<readonly { readonly platformId: string; readonly cursor: QueueCursor }[]>
  /** Deletes the rows up to a number and lists what platforms miss by that, in one transaction. */
  readonly cut: (upTo: number, missed: readonly MissedPush[]) => Promise<void>
  /** Keeps the lists of missed objects within bounds. */
  readonly boundMissed: (mostPerPlatform: number) => Promise<void>
}

export type TrimPorts = {
  readonly store: TrimStore
  readonly table: () => RoutingTable
  readonly now: Now
  readonly bounds: LogBounds
}

/** Objects listed as missed for one platform; older entries are forgotten. */
const MISSED_PER_PLATFORM = 10_000
/** Batches of rows deleted in one go, so that a log far beyond its bounds does not keep the database busy for minutes. */
const MOST_BATCHES = 20

/** Shortens the log: rows that nobody needs go; rows beyond the bounds go too, and are listed for the platforms that miss them. */
export async function trimPushLog(ports: TrimPorts): Promise<void> {
  const { store, now, bounds } = ports
  for (let batch = 0; batch < MOST_BATCHES && (await store.deletePassed()) > 0; batch++);
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const rows = await store.readOverdue(now() - bounds.maxAgeMs, bounds.maxBytes)
    const last = rows.at(-1)
    if (!last) break
    const behind = await store.cursorsBehind(last.number)
    await store.cut(last.number, missedBy(ports, rows, behind))
  }
  await store.boundMissed(MISSED_PER_PLATFORM)
}

function missedBy(
  { table: current, now }: TrimPorts,
  rows: readonly Push[],
  behind: readonly { readonly platformId: string; readonly cursor: QueueCursor }[],
): MissedPush[] {
  const table = current()
  const missedAt = now()
  const missed: MissedPush[] = []
  for (const { platformId, cursor } of behind) {
    const platform = table.platforms.get(platformId)
    if (!platform) continue
    const objects = new Map<string, MissedPush>()
    for (const push of rows) {
      if (!isUnread(cursor, push)) continue
      for (const each of addressed(table, platform, push, missedAt)) {
        if (isUnread(cursor, each)) addMissed(objects, { platformId, ...each, missedAt, cause: 'cut', times: 1 })
      }
    }
    missed.push(...objects.values())
  }
  return missed
}

/** Adds to a list in which each object of a platform stands once, with the count of its missed pushes: 2 and 3 make 5. */
export function addMissed(list: Map<string, MissedPush>, push: MissedPush): void {
  const { platformId, to, module, method, path, chainKey, pathKey, at, missedAt, cause } = push
  const key = `${platformId} ${chainKey} ${pathKey}`
  const times = (list.get(key)?.times ?? 0) + push.times
  const object = { module, method, path, chainKey, pathKey, at }
  list.set(key, { platformId, ...object, ...(to && { to }), missedAt, cause, times })
}
