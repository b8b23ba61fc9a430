import { hasPassed } from '../../hub/moments.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { Now } from '../../hub/ports.ts'

/** A change made elsewhere is in force here this much later, and what the Log object takes for fresh: Hyperdrive carries no notifications. */
const CHECK_EVERY_MS = 3_000

export type SharedTable = TableSource & {
  /**
   * Makes sure, before a request is served, that the table is one of the last few seconds. Rejects only when there never was
   * one; while the database is away the last one stays in force, and is checked again after a while.
   */
  readonly keepFresh: () => Promise<void>
  /** Reads what whoever is asked knows to be newer already. */
  readonly catchUp: () => Promise<void>
}

/**
 * The routing table of an isolate. Each request reads for itself and the newest table wins: requests that shared one read
 * would all wait for ever if the one that began it were cut off.
 */
export function createSharedTable(ports: {
  /** A source for one read, going on from a table if there is one. @param isFresh the state of now is wanted */
  readonly sourceFrom: (start: RoutingTable | null, isFresh: boolean) => TableSource
  readonly now: Now
  readonly onStale: (error: unknown) => void
}): SharedTable {
  const { sourceFrom, now, onStale } = ports
  let newest: RoutingTable = sourceFrom(null, false).current()
  let checkedAt = Number.NEGATIVE_INFINITY

  const isLoaded = () => newest.revision >= 0

  async function read(isFresh: boolean): Promise<void> {
    const startedAt = now()
    const source = sourceFrom(isLoaded() ? newest : null, isFresh)
    await source.refresh()
    if (source.current().revision > newest.revision) newest = source.current()
    if (startedAt > checkedAt || checkedAt > now()) checkedAt = startedAt
  }

  return {
    current: () => newest,
    isLoaded,
    refresh: () => read(true),
    catchUp: () => read(false),
    async keepFresh() {
      if (!hasPassed(CHECK_EVERY_MS, checkedAt, now())) return
      if (!isLoaded()) return read(false)
      try {
        await read(false)
      } catch (error) {
        checkedAt = now()
        onStale(error)
      }
    },
  }
}
