import type { After } from '../../../hub/ports.ts'
import type { RowBatch } from '../../../storage/message-log/row-batch.ts'
import type { MessageWriter } from '../../../storage/message-log/writer.ts'

/** Rows of the message log, packed where they were observed. */
export type PackedRows = {
  readonly rows: number
  readonly mark: ReturnType<RowBatch['mark']>
  readonly pages: readonly Uint8Array[]
}

export type RowGatherer = {
  readonly take: (packed: PackedRows) => void
  /** Rows not yet stored, and stored since the start. */
  readonly stats: () => { readonly waiting: number; readonly written: number }
}

/** What may wait for the database: of the 128 MB that all objects of an isolate share. */
const MOST_BYTES = 24 * 1024 * 1024
/** Of one COPY. */
const BATCH_BYTES = 4 * 1024 * 1024
/** What came within this time is written at once: a COPY costs the database a round trip, whatever it holds. */
const GATHER_MS = 100
/** While the database is away: 0.5 s, then twice as long each time. */
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 10_000

/**
 * Stores what many isolates observed, one COPY at a time. When there is no room, because the database is slow or away, what
 * comes is dropped and counted: nothing waits for the message log.
 */
export function createRowGatherer(ports: {
  readonly writer: Pick<MessageWriter, 'append'>
  readonly after: After
  readonly onDropped: (rows: number) => void
}): RowGatherer {
  const { writer, after, onDropped } = ports
  let waiting: PackedRows[] = []
  let waitingBytes = 0
  let waitingRows = 0
  let written = 0
  let isWriting = false

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void after(ms, resolve))
  }

  function nextBatch(): RowBatch {
    let count = 0
    let bytes = 0
    while (count < waiting.length && (count === 0 || bytes < BATCH_BYTES))
      bytes += bytesOf(waiting[count++] as PackedRows)
    const taken = waiting.slice(0, count)
    waiting = waiting.slice(count)
    const pages = taken.flatMap((packed) => packed.pages.map(asBuffer))
    const mark = taken.find((packed) => packed.mark)?.mark ?? null
    const rows = taken.reduce((sum, packed) => sum + packed.rows, 0)
    return { rows, byteLength: bytes, add: () => undefined, mark: () => mark, pages: () => pages }
  }

  async function write(): Promise<void> {
    isWriting = true
    await pause(GATHER_MS)
    while (waiting.length > 0) {
      const batch = nextBatch()
      for (let failures = 0; !(await isStored(batch)); failures++) {
        await pause(Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS))
      }
      waitingBytes -= batch.byteLength
      waitingRows -= batch.rows
      written += batch.rows
    }
    isWriting = false
  }

  function isStored(batch: RowBatch): Promise<boolean> {
    return writer.append(batch).then(
      () => true,
      () => false,
    )
  }

  return {
    take(packed) {
      if (waitingBytes >= MOST_BYTES) return onDropped(packed.rows)
      waiting.push(packed)
      waitingBytes += bytesOf(packed)
      waitingRows += packed.rows
      if (!isWriting) void write()
    },
    stats: () => ({ waiting: waitingRows, written }),
  }
}

function bytesOf({ pages }: PackedRows): number {
  return pages.reduce((sum, page) => sum + page.byteLength, 0)
}

function asBuffer(page: Uint8Array): Buffer {
  return Buffer.from(page.buffer, page.byteOffset, page.byteLength)
}
