/** Runs work of callers in turn; null, and nothing is run, where as much of this caller's waits as may. */
export type TakeTurns = <T>(caller: string, work: () => Promise<T>) => Promise<T> | null

/**
 * Bounds what is under way: `most` at once, `mostOfOne` of one caller. Of what waits each caller has one in turn, so that a caller with a
 * hundred waiting holds up nobody who comes with one.
 */
export function createTurns({
  most,
  mostOfOne,
  mostWaitingOfOne,
}: {
  readonly most: number
  readonly mostOfOne: number
  readonly mostWaitingOfOne: number
}): TakeTurns {
  /** In the order of turns. */
  const waiting = new Map<string, (() => void)[]>()
  const running = new Map<string, number>()
  let runningInAll = 0

  function mayBegin(caller: string): boolean {
    return runningInAll < most && (running.get(caller) ?? 0) < mostOfOne
  }

  async function begin<T>(caller: string, work: () => Promise<T>): Promise<T> {
    runningInAll += 1
    running.set(caller, (running.get(caller) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (running.get(caller) ?? 1) - 1
      if (left > 0) running.set(caller, left)
      else running.delete(caller)
      runningInAll -= 1
      beginNext()
    }
  }

  function beginNext(): void {
    for (const [caller, queue] of waiting) {
      if (!mayBegin(caller)) continue
      const next = queue.shift()
      waiting.delete(caller)
      if (queue.length > 0) waiting.set(caller, queue)
      next?.()
      return
    }
  }

  return function takeTurn(caller, work) {
    if (mayBegin(caller)) return begin(caller, work)
    const queue = waiting.get(caller) ?? []
    if (queue.length >= mostWaitingOfOne) return null
    waiting.set(caller, queue)
    return new Promise((resolve) => {
      queue.push(() => resolve(begin(caller, work)))
    })
  }
}
