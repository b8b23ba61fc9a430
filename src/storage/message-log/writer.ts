import { once } from 'node:events'
import type { LogStore } from '../../hub/message/message-log.ts'
import type { Connections } from '../connections.ts'
import { settleWithin } from '../settle-within.ts'
import { COPIED_COLUMNS, COPY_BEGIN, COPY_END } from './copy-rows.ts'
import { createRowBatches, type RowBatch, type RowMark } from './row-batch.ts'

export type MessageWriter = LogStore<RowBatch> & { readonly close: () => Promise<void> }

/**
 * Writes batches into the message log's current segment. `open` gives a connection of its own (`maxConnections: 1`,
 * `commitsLater`): a COPY occupies it, and one that failed leaves it in no state to be used again, so the next batch opens
 * another. A batch that is not stored within `deadlineMs` has failed: of what the server objects to at the end of a COPY the
 * driver does not tell. When the connection broke after the end was sent the batch may be stored all the same: that is looked
 * up before it is sent again.
 */
export function createMessageWriter(open: () => Connections, { deadlineMs = 6_000 } = {}): MessageWriter {
  const batches = createRowBatches()
  const isInDoubt = new WeakSet<RowBatch>()
  let database: Connections | null = null

  async function store(used: Connections, batch: RowBatch, pages: readonly Buffer[]): Promise<void> {
    const mark = isInDoubt.has(batch) ? batch.mark() : null
    if (mark && (await isStored(used, mark))) return
    await copy(used, pages, () => isInDoubt.add(batch))
  }

  async function append(batch: RowBatch): Promise<void> {
    database ??= open()
    const used = database
    const pages = batch.pages()
    try {
      await settleWithin(deadlineMs, store(used, batch, pages))
    } catch (error) {
      // A COPY may still be under way on it.
      database = null
      used.sql.end({ timeout: 0 }).catch(() => undefined)
      throw error
    }
    batches.reuse(pages)
  }

  return {
    open: batches.open,
    append,
    close: async () => {
      await database?.close()
      database = null
    },
  }
}

async function isStored({ sql }: Connections, { correlationId, forwardedRequestId }: RowMark): Promise<boolean> {
  const found = await sql`
    select from message_log
    where correlation_id = ${correlationId} and forwarded_request_id = ${forwardedRequestId} limit 1`
  return found.count > 0
}

/** @param onEnding all is sent that makes it whole */
async function copy({ sql }: Connections, pages: readonly Buffer[], onEnding: () => void): Promise<void> {
  const stream = await sql.unsafe(`copy message_log (${COPIED_COLUMNS}) from stdin (format binary)`).writable()
  const finished = once(stream, 'finish')
  finished.catch(() => undefined)
  stream.write(COPY_BEGIN)
  for (const page of pages) {
    // Resolves when the page is handed over; rejects through `finished` when the connection breaks.
    await Promise.race([new Promise((resolve) => stream.write(page, resolve)), finished])
  }
  onEnding()
  stream.end(COPY_END)
  await finished
}
