import { once } from 'node:events'
import type { LogStore } from '../hub/message-log.ts'
import { COPIED_COLUMNS, COPY_BEGIN, COPY_END, createRowPacker } from './copy-rows.ts'
import type { Database } from './database.ts'
import { settleWithin } from './deadline.ts'

/** Rows are sent on in pieces of this size, so that other work gets its turn between them. */
const PIECE_BYTES = 128 * 1024

export type MessageWriter = LogStore<Buffer> & { readonly close: () => Promise<void> }

/**
 * Writes batches into the message log's current segment. `open` gives a connection of its own (`maxConnections: 1`,
 * `commitsLater`): a COPY occupies it, and one that failed leaves it in no state to be used again, so the next batch opens
 * another. A batch that is not stored within `deadlineMs` has failed: of what the server objects to at the end of a COPY the
 * driver does not tell.
 */
export function createMessageWriter(open: () => Database, { deadlineMs = 6_000 } = {}): MessageWriter {
  let database: Database | null = null

  async function append(rows: readonly Buffer[]): Promise<void> {
    database ??= open()
    const used = database
    try {
      await settleWithin(deadlineMs, copy(used, rows))
    } catch (error) {
      // A COPY may still be under way on it.
      database = null
      used.sql.end({ timeout: 0 }).catch(() => undefined)
      throw error
    }
  }

  return {
    pack: createRowPacker(),
    append,
    close: async () => {
      await database?.close()
      database = null
    },
  }
}

async function copy({ sql }: Database, rows: readonly Buffer[]): Promise<void> {
  const stream = await sql.unsafe(`copy message_log (${COPIED_COLUMNS}) from stdin (format binary)`).writable()
  const finished = once(stream, 'finish')
  finished.catch(() => undefined)
  stream.write(COPY_BEGIN)
  for (const piece of pieces(rows)) {
    // Resolves when the piece is handed over; rejects through `finished` when the connection breaks.
    await Promise.race([new Promise((resolve) => stream.write(piece, resolve)), finished])
  }
  stream.end(COPY_END)
  await finished
}

/** Rows that lie side by side in memory as one piece, up to a size. */
function* pieces(rows: readonly Buffer[]): Generator<Buffer> {
  for (let i = 0; i < rows.length; ) {
    const first = rows[i] as Buffer
    let { byteLength } = first
    for (i += 1; i < rows.length && byteLength < PIECE_BYTES; i += 1) {
      const next = rows[i] as Buffer
      if (next.buffer !== first.buffer || next.byteOffset !== first.byteOffset + byteLength) break
      byteLength += next.byteLength
    }
    yield Buffer.from(first.buffer, first.byteOffset, byteLength)
  }
}
