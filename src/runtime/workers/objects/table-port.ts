import type { ReadTableRows, TableRows } from '../../../hub/network/registry.ts'
import type { TableSource } from '../../../hub/network/table-source.ts'
import type { After } from '../../../hub/ports.ts'

/** What is asked in this time is read at once. */
const GATHER_MS = 5
/** Whoever does not need the state of now is answered from the table while it is no older than this. */
const FRESH_MS = 1_000

/**
 * The routing table for all isolates and objects. Those whose table is the newest are answered without a word to the database, but
 * for one a second, however many ask; those who ask from the same revision on share one read.
 */
export function createTablePort(ports: {
  readonly table: Pick<TableSource, 'current' | 'refresh'>
  readonly readTable: ReadTableRows
  readonly after: After
  readonly clock: () => number
}): (afterRevision: number | null, isFresh: boolean) => Promise<TableRows> {
  const { table, readTable, after, clock } = ports
  const reads = new Map<number | null, Promise<TableRows>>()
  let checkedAt = Number.NEGATIVE_INFINITY

  async function check(): Promise<void> {
    const startedAt = clock()
    await table.refresh()
    checkedAt = startedAt
  }

  function read(afterRevision: number | null): Promise<TableRows> {
    const known = reads.get(afterRevision)
    if (known) return known
    const gathered = new Promise<void>((resolve) => void after(GATHER_MS, resolve)).then(() => {
      // From here on it may be too late for a change that somebody has just made.
      reads.delete(afterRevision)
      return readTable(afterRevision)
    })
    reads.set(afterRevision, gathered)
    return gathered
  }

  return async (afterRevision, isFresh) => {
    const isBehind = () => afterRevision !== table.current().revision
    // Who is behind reads the database itself.
    if (isFresh || (!isBehind() && clock() - checkedAt > FRESH_MS)) await check()
    const { revision } = table.current()
    if (isBehind()) return read(afterRevision)
    return { revision, platforms: [], removedPlatformIds: [], agreements: [], departed: [], policy: null }
  }
}
