import type { After } from '../ports.ts'

/** Results that will probably be asked for next, begun before they are. */
export type Ahead<T> = {
  /**
   * Begins one, unless it is begun already, as soon as what is in hand is done: the answer before it leaves first. When there
   * are too many the oldest gives way, if nobody came for it in its first time; else this one is not begun: of many lists
   * that are taken at once each would end what the others wait for.
   */
  readonly begin: (key: string, read: Read<T>) => void
  /** Takes one out, finished or not; undefined when there is none. */
  readonly take: (key: string) => Promise<T> | undefined
}

type Read<T> = () => { readonly result: Promise<T>; readonly cancel: () => void }

type Kept<T> = {
  readonly result: () => Promise<T>
  readonly isFresh: () => boolean
  readonly drop: () => void
  readonly stopTimers: () => void
}

/** @param most kept at once, each for `keepMs` and the first `freshMs` of these whatever comes */
export function createAhead<T>(after: After, most: number, freshMs: number, keepMs: number): Ahead<T> {
  const kept = new Map<string, Kept<T>>()
  return {
    begin(key, read) {
      if (kept.has(key)) return
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
      kept.set(key, { result, isFresh: () => isFresh, drop, stopTimers })
    },
    take(key) {
      const entry = kept.get(key)
      entry?.stopTimers()
      kept.delete(key)
      return entry?.result()
    },
  }
}
