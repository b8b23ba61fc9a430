import type { After } from '../ports.ts'

/** Results that will probably be asked for next, begun before anybody asks. Each has a key, and a reader whom it is for. */
export type Ahead<T> = {
  /**
   * Begins a result that is not begun yet, as soon as the work in hand is done, so that the answer before it leaves first.
   * Results are bounded:
   * - a reader with `mostOfReader` of them loses its oldest
   * - with `most` in all, the oldest is dropped once it is `freshMs` old
   * - while the oldest is younger, the new result is not begun: many readers would only drop what the others come for
   */
  readonly begin: (reader: string, key: string, read: Read<T>) => void
  /** Takes a result out, finished or not; undefined when there is none under this key. */
  readonly take: (key: string) => Promise<T> | undefined
}

/** Begins to read a result. `cancel` ends the reading when nobody will take it. */
type Read<T> = () => { readonly result: Promise<T>; readonly cancel: () => void }

type Kept<T> = {
  readonly reader: string
  /** Begins the reading, unless that was done. */
  readonly result: () => Promise<T>
  /** Whether it is younger than `freshMs`. */
  readonly isFresh: () => boolean
  readonly drop: () => void
  readonly stopTimers: () => void
}

export type AheadLimits = {
  readonly most: number
  readonly mostOfReader: number
  /** A result that nobody takes is dropped after this time, from when it was begun. */
  readonly keepMs: number
  readonly freshMs: number
}

export function createAhead<T>(after: After, { most, mostOfReader, keepMs, freshMs }: AheadLimits): Ahead<T> {
  const kept = new Map<string, Kept<T>>()
  return {
    begin(reader, key, read) {
      if (kept.has(key)) return
      const own = [...kept.values()].filter((entry) => entry.reader === reader)
      if (own.length >= mostOfReader) own[0]?.drop()
      const [oldest] = kept.values()
      if (oldest && kept.size >= most) {
        if (oldest.isFresh()) return
        oldest.drop()
      }
      let reading: ReturnType<Read<T>> | null = null
      const result = () => {
        reading ??= read()
        // Whoever takes it sees the failure; nobody may.
        reading.result.catch(() => undefined)
        return reading.result
      }
      const stopTimers = () => {
        stopWaiting()
        stopKeeping()
      }
      const drop = () => {
        stopTimers()
        kept.delete(key)
        reading?.cancel()
      }
      const stopWaiting = after(0, () => void result())
      let isFresh = true
      let stopKeeping = after(freshMs, () => {
        isFresh = false
        stopKeeping = after(keepMs - freshMs, drop)
      })
      kept.set(key, { reader, result, isFresh: () => isFresh, drop, stopTimers })
    },
    take(key) {
      const entry = kept.get(key)
      entry?.stopTimers()
      kept.delete(key)
      return entry?.result()
    },
  }
}
