import type { After } from '../ports.ts'

/** Results that will probably be asked for next, begun before they are. */
export type Ahead<T> = {
  /**
   * Begins one, unless it is begun already, as soon as what is in hand is done: the answer before it leaves first. When its
   * reader has too many, the oldest of these gives way. When there are too many in all the oldest does, if nobody came for it
   * in its first time; else this one is not begun: of many readers each would end what the others come for.
   */
  readonly begin: (reader: string, key: string, read: Read<T>) => void
  /** Takes one out, finished or not; undefined when there is none. */
  readonly take: (key: string) => Promise<T> | undefined
}

type Read<T> = () => { readonly result: Promise<T>; readonly cancel: () => void }

type Kept<T> = {
  readonly reader: string
  readonly result: () => Promise<T>
  readonly isFresh: () => boolean
  readonly drop: () => void
  readonly stopTimers: () => void
}

export type AheadLimits = {
  /** Kept at once. */
  readonly most: number
  readonly mostOfReader: number
  /** Each is kept for so long, and the first `freshMs` of it whatever other readers begin. */
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
