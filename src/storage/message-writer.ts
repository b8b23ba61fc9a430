import { once } from 'node:events'
import type { Exchange } from '../hub/exchange.ts'
import type { AppendExchanges } from '../hub/message-log.ts'
import type { CopyRows } from './copy-rows.ts'
import { COPIED_COLUMNS, createCopyRows } from './copy-rows.ts'
import type { Database } from './database.ts'
import { settleWithin } from './deadline.ts'

/** Rows are sent on in pieces of this size, so that other work gets its turn between them. */
const PIECE_BYTES = 128 * 1024

export type MessageWriter = { readonly append: AppendExchanges; readonly close: () => Promise<void> }

/**
 * Writes batches into the message log's current segment. `open` gives a connection of its own (`maxConnections: 1`,
 * `commitsLater`): a COPY occupies it, and one that failed leaves it in no state to be used again, so the next batch opens
 * another. A batch that is not stored within `deadlineMs` has failed: of what the server objects to at the end of a COPY the
 * driver does not tell.
 */
export function createMessageWriter(open: () => Database, { deadlineMs = 6_000 } = {}): MessageWriter {
  let rows = createCopyRows()
  let database: Database | null = null

  async function append(exchanges: readonly Exchange[]): Promise<void> {
    database ??= open()
    const used = database
    try {
      await settleWithin(deadlineMs, copy(used, rows, exchanges))
    } catch (error) {
      // Neither the connection nor the memory is shared with a COPY that may still be under way.
      database = null
      rows = createCopyRows()
      used.sql.end({ timeout: 0 }).catch(() => undefined)
      throw error
    }
  }

  return {
    append,
    close: async () => {
      await database?.close()
      database = null
    },
  }
}

async function copy({ sql }: Database, rows: CopyRows, exchanges: readonly Exchange[]): Promise<void> {
  const stream = await sql.unsafe(`copy message_log (${COPIED_COLUMNS}) from stdin (format binary)`).writable()
  const finished = once(stream, 'finish')
  finished.catch(() => undefined)
  rows.take()
  rows.begin()
  for (const exchange of exchanges) {
    rows.add(exchange)
    if (rows.size() < PIECE_BYTES) continue
    // Resolves when the piece is handed over; rejects through `finished` when the connection breaks.
    await Promise.race([new Promise((resolve) => stream.write(rows.take(), resolve)), finished])
  }
  rows.end()
  stream.end(rows.take())
  await finished
}
