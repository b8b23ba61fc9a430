import type { After } from '../ports.ts'

/** Results that will probably be asked for next, begun before they are. */
export type Ahead<T> = {
  /** Begins one, unless it is begun already; the oldest gives way when there are too many. */
  readonly begin: (key: string, read: () => { readonly result: Promise<T>; readonly cancel: () => void }) => void
  /** Takes one out, finished or not; undefined when there is none. */
  readonly take: (key: string) => Promise<T> | undefined
}

/** @param most kept at once, each for `keepMs` */
export function createAhead<T>(after: After, most: number, keepMs: number): Ahead<T> {
  const kept = new Map<
    string,
    { readonly result: Promise<T>; readonly drop: () => void; readonly stopTimer: () => void }
  >()
  return {
    begin(key, read) {
      if (kept.has(key)) return
      if (kept.size >= most) kept.values().next().value?.drop()
      const { result, cancel } = read()
      // Whoever takes it sees the failure; nobody may.
      result.catch(() => undefined)
      const drop = () => {
        stopTimer()
        kept.delete(key)
        cancel()
      }
      const stopTimer = after(keepMs, drop)
      kept.set(key, { result, drop, stopTimer })
    },
    take(key) {
      const entry = kept.get(key)
      entry?.stopTimer()
      kept.delete(key)
      return entry?.result
    },
  }
}
