import { ringMemory } from './ring.ts'

/**
 * What fits on the way between two looks of the thread at the ring, and while it starts: about 4,000 exchanges with bodies of 1 KB. What waits
 * for the database waits with the thread.
 */
const RING_BYTES = 8 * 1024 * 1024
/** What one exchange has beside its bodies is less: a URL and headers are 1 MB at the most, and the URL stands in it twice. */
const MOST_TEXT_BYTES = 3 * 1024 * 1024

/** The place of a count in `counts`. */
const WRITTEN = 0
const DROPPED = 1

/** What the hub's thread and that of the message log share. */
export type LogMemory = { readonly ring: SharedArrayBuffer; readonly counts: BigInt64Array<SharedArrayBuffer> }

/** What became of exchanges that the thread took, since it started. */
export type LogCounts = { readonly written: number; readonly dropped: number }

/** @param bodyBytes what is kept of one body */
export function createLogMemory(bodyBytes: number): LogMemory {
  const counts = new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT))
  return { ring: ringMemory(RING_BYTES, MOST_TEXT_BYTES + 4 * bodyBytes), counts }
}

export function tellCounts({ counts }: LogMemory, { written, dropped }: LogCounts): void {
  Atomics.store(counts, WRITTEN, BigInt(written))
  Atomics.store(counts, DROPPED, BigInt(dropped))
}

export function readCounts({ counts }: LogMemory): LogCounts {
  return { written: Number(Atomics.load(counts, WRITTEN)), dropped: Number(Atomics.load(counts, DROPPED)) }
}
