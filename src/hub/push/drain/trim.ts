import type { RoutingTable } from '../../network/routing-table.ts'
import type { NoteBound, Now } from '../../ports.ts'
import { addressed } from '../attempt/receivers.ts'
import { isUnread, type MissedPush, type QueueCursor } from '../cursor.ts'
import type { Push } from '../push.ts'
import { beyondShare } from './shares.ts'

/** How old and how large the log may get before rows go that some platform has not passed. */
export type LogBounds = {
  /** From when on rows are kept. Not by the wall clock alone: put forward, it would cut what was accepted a minute ago. */
  readonly oldestAt: Now
  readonly maxBytes: number
}

/** A row of the log without its body, and what it weighs with it. */
export type LogRow = { readonly push: Push; readonly bytes: number }

/** The log and the cursors, as far as trimming needs them. Every function rejects when the database is away. */
export type TrimStore = {
  /** Deletes rows that every cursor has passed, at most some thousands; returns how many were deleted. */
  readonly deletePassed: () => Promise<number>
  /**
   * Bytes that were ever stored, and what the log weighs at most: from its first row on, rows that were cut in between
   * included. Costs nothing.
   */
  readonly extent: () => Promise<{ readonly storedBytes: number; readonly mostBytes: number }>
  /**
   * Looks at a section of the log beyond a number, some thousands of rows: deletes those that a later one of the section
   * supersedes for everyone, and says what the others weigh, by sender. `upTo` is the number of the last row; null at the end.
   */
  readonly deleteSuperseded: (
    after: number,
  ) => Promise<{ readonly bytesOf: ReadonlyMap<string, number>; readonly upTo: number | null }>
  /** The oldest rows, as far as they are older than `oldestAt`; at most `most`. */
  readonly readTooOld: (oldestAt: number, most: number) => Promise<readonly Push[]>
  /** The oldest rows of these senders beyond a number, at most `most`, up to the number `upTo`; null at the end. */
  readonly readOldestOf: (
    senders: readonly string[],
    after: number,
    most: number,
  ) => Promise<{ readonly rows: readonly LogRow[]; readonly upTo: number | null }>
  /** Cursors of platforms that may still need a row up to this number. */
  readonly cursorsBehind: (
    number: number,
  ) => Promise<readonly { readonly platformId: string; readonly cursor: QueueCursor }[]>
  /** Deletes rows and lists what platforms miss by that, in one transaction. */
  readonly cut: (numbers: readonly number[], missed: readonly MissedPush[]) => Promise<void>
  /** Keeps the lists of missed objects within bounds; returns how many objects went. */
  readonly boundMissed: (mostPerPlatform: number) => Promise<number>
}

export type TrimPorts = {
  readonly store: TrimStore
  readonly table: () => RoutingTable
  readonly now: Now
  readonly bounds: LogBounds
  /** Told of rows that were cut though some platform may not have passed them. */
  readonly onCut: (fromPlatformId: string, rows: number) => void
  readonly noteBound: NoteBound
}

/** Objects listed as missed for one platform; beyond, the oldest of the owners with most are forgotten. */
const MISSED_PER_PLATFORM = 10_000
/** Batches of rows deleted in one go, so that a log far beyond its bounds does not keep the database busy for minutes. */
const MOST_BATCHES = 20
/** Rows cut in one go, for the same reason. */
const MOST_CUT = 100_000
const CUT_AT_ONCE = 5_000
/** Lines of missed objects written at once, should every platform need every row: 100 rows at a time with 1000 platforms. */
const MISSED_AT_ONCE = 100_000
/** A log beyond its bytes is cut to this part of them, so that it has to be looked through only when it has grown by the rest. */
const CUT_TO = 15 / 16

/**
 * Shortens the log. Rows that nobody needs go. Rows that are too old go too, and where the log is beyond its bytes those that
 * are superseded by a row further on, which nobody would send; then the oldest of the senders that have more than their
 * share: what one sender floods the log with takes no other's place. What is cut is listed for the platforms that miss it.
 */
export function createLogTrim(ports: TrimPorts): () => Promise<void> {
  const { store, table, bounds, noteBound } = ports
  /** What the log weighed at most when it was last looked through, and the bytes that had ever been stored by then. */
  let weighed = { bytes: Number.POSITIVE_INFINITY, storedBytes: 0 }

  async function cutTooOld(): Promise<void> {
    for (let cut = 0; cut < MOST_CUT; ) {
      const rows = await store.readTooOld(bounds.oldestAt(), atOnce(table()))
      if (rows.length === 0) return
      await cutRows(ports, rows)
      cut += rows.length
    }
  }

  async function cutToSize(): Promise<void> {
    const { storedBytes, mostBytes } = await store.extent()
    const grownTo = weighed.bytes + storedBytes - weighed.storedBytes
    if (Math.min(mostBytes, grownTo) <= bounds.maxBytes) return
    const bytesOf = await deleteSuperseded(store)
    let bytes = 0
    for (const each of bytesOf.values()) bytes += each
    if (bytes > bounds.maxBytes) bytes -= await cutBeyondShares(ports, beyondShare(bytesOf, bounds.maxBytes * CUT_TO))
    weighed = { bytes, storedBytes }
  }

  return async () => {
    for (let batch = 0; batch < MOST_BATCHES && (await store.deletePassed()) > 0; batch++);
    await cutTooOld()
    await cutToSize()
    if ((await store.boundMissed(MISSED_PER_PLATFORM)) > 0) noteBound('missed-objects')
  }
}

/** Deletes superseded rows from end to end; what the others weigh, by sender. */
async function deleteSuperseded(store: TrimStore): Promise<Map<string, number>> {
  const all = new Map<string, number>()
  for (let after: number | null = 0; after !== null; ) {
    const { bytesOf, upTo } = await store.deleteSuperseded(after)
    for (const [sender, bytes] of bytesOf) all.set(sender, (all.get(sender) ?? 0) + bytes)
    after = upTo
  }
  return all
}

/** Cuts of each sender what is beyond its share, oldest first; returns the bytes that were cut. */
async function cutBeyondShares(ports: TrimPorts, beyond: Map<string, number>): Promise<number> {
  const { store, table } = ports
  let bytes = 0
  let cut = 0
  for (let after: number | null = 0; after !== null && beyond.size > 0 && cut < MOST_CUT; ) {
    const part = await store.readOldestOf([...beyond.keys()], after, atOnce(table()))
    const rows = part.rows.filter((row) => isBeyond(beyond, row))
    await cutRows(
      ports,
      rows.map((row) => row.push),
    )
    for (const row of rows) bytes += row.bytes
    cut += rows.length
    after = part.upTo
  }
  return bytes
}

/** Whether a row is to go; it then counts for what its sender has beyond its share. */
function isBeyond(beyond: Map<string, number>, { push, bytes }: LogRow): boolean {
  const left = beyond.get(push.fromPlatformId)
  if (left === undefined) return false
  if (left > bytes) beyond.set(push.fromPlatformId, left - bytes)
  else beyond.delete(push.fromPlatformId)
  return true
}

function atOnce({ platforms }: RoutingTable): number {
  return Math.ceil(Math.min(CUT_AT_ONCE, MISSED_AT_ONCE / Math.max(1, platforms.size)))
}

async function cutRows(ports: TrimPorts, rows: readonly Push[]): Promise<void> {
  const last = rows.at(-1)
  if (!last) return
  const behind = await ports.store.cursorsBehind(last.number)
  await ports.store.cut(
    rows.map((push) => push.number),
    missedBy(ports, rows, behind),
  )
  for (const [sender, its] of Map.groupBy(rows, (push) => push.fromPlatformId)) ports.onCut(sender, its.length)
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
