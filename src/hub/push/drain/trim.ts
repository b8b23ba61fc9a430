import type { RoutingTable } from '../../network/routing-table.ts'
import type { Now } from '../../ports.ts'
import { receiver } from '../attempt/receivers.ts'
import { isUnread, type MissedPush, type QueueCursor } from '../cursor.ts'
import type { Push } from '../push.ts'

/** How long and how large the log may get before rows go that some platform has not passed. */
export type LogBounds = { readonly maxAgeMs: number; readonly maxBytes: number }

/** Every function rejects when the database is away. */
export type TrimStore = {
  /** Deletes rows that every cursor has passed, some thousands at most; returns how many. */
  readonly deletePassed: () => Promise<number>
  /** The oldest rows that are too old or too many, without bodies, some at a time. */
  readonly readOverdue: (oldestAt: number, maxBytes: number) => Promise<readonly Push[]>
  /** Cursors of platforms that may still ask for a row up to this one. */
  readonly cursorsBehind: (
    number: number,
  ) => Promise<readonly { readonly platformId: string; readonly cursor: QueueCursor }[]>
  /** Deletes rows up to a number and lists what platforms miss by it, as one transaction. */
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

const MISSED_PER_PLATFORM = 10_000
const MOST_ROUNDS = 20

/** Shortens the log: what nobody needs goes; what is beyond the bounds goes too and is listed for those who miss it. */
export async function trimPushLog(ports: TrimPorts): Promise<void> {
  const { store, now, bounds } = ports
  for (let round = 0; round < MOST_ROUNDS && (await store.deletePassed()) > 0; round++);
  for (let round = 0; round < MOST_ROUNDS; round++) {
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
      if (!isUnread(cursor, push) || !receiver(table, platform, push, missedAt)) continue
      addMissed(objects, { platformId, ...push, missedAt, cause: 'cut', times: 1 })
    }
    missed.push(...objects.values())
  }
  return missed
}

/** Adds to a list in which each object of a platform stands once. */
export function addMissed(list: Map<string, MissedPush>, push: MissedPush): void {
  const { platformId, module, method, path, chainKey, pathKey, at, missedAt, cause } = push
  const key = `${platformId} ${chainKey} ${pathKey}`
  const times = (list.get(key)?.times ?? 0) + push.times
  list.set(key, { platformId, module, method, path, chainKey, pathKey, at, missedAt, cause, times })
}
