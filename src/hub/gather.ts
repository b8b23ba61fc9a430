import type { After } from './ports.ts'

/** Makes one of many calls: `work` runs `delayMs` after the first call, and once for all that came until then. */
export function gather(after: After, delayMs: number, work: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    after(delayMs, () => {
      isDue = false
      work()
    })
  }
}
