/** What of p-queue a pace needs. */
export type Turns = {
  /** Tasks that wait. */
  readonly size: number
  concurrency: number
  readonly add: (task: () => Promise<void>) => unknown
  readonly clear: () => void
  readonly start: () => unknown
}

/**
 * Starts tasks as soon as there is room, and counts no time: p-queue is made for that, and where it is not needed it would
 * be an eighth of what a delivery costs. Tasks do not reject.
 */
export function createSlots(limits: { readonly concurrency: number; readonly autoStart: boolean }): Turns {
  const waiting: (() => Promise<void>)[] = []
  let isStarted = limits.autoStart
  let most = limits.concurrency
  let running = 0

  function fill(): void {
    while (isStarted && running < most) {
      const task = waiting.shift()
      if (!task) return
      running++
      void task().then(end)
    }
  }

  function end(): void {
    running--
    fill()
  }

  return {
    get size() {
      return waiting.length
    },
    get concurrency() {
      return most
    },
    set concurrency(next) {
      most = next
      fill()
    },
    add(task) {
      waiting.push(task)
      fill()
    },
    clear() {
      waiting.length = 0
    },
    start() {
      isStarted = true
      fill()
    },
  }
}
