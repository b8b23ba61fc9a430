import type { EventFeed } from '../../admin/ports.ts'
import { gather } from '../../hub/gather.ts'
import type { After } from '../../hub/ports.ts'

/** Many events at once wake whoever follows them once. */
const GATHER_MS = 200

type EventWatch = Pick<EventFeed, 'more' | 'isEnding'> & {
  /** The database tells that there are more. */
  readonly onHeard: () => void
  /** The hub ends: whoever follows events stops now. */
  readonly end: () => void
}

/**
 * Wakes all that follow events in one process: when the database tells of some, and every `lookEveryMs` should such a word get lost.
 */
export function createEventWatch(after: After, lookEveryMs: number): EventWatch {
  let waiting: { readonly promise: Promise<void>; readonly wake: () => void } | null = null
  let isEnding = false

  function wake(): void {
    waiting?.wake()
    waiting = null
  }

  function wait() {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = after(lookEveryMs, wake)
    return {
      promise,
      wake() {
        cancel()
        resolve()
      },
    }
  }

  return {
    more() {
      if (isEnding) return Promise.resolve()
      waiting ??= wait()
      return waiting.promise
    },
    isEnding: () => isEnding,
    onHeard: gather(after, GATHER_MS, wake),
    end() {
      isEnding = true
      wake()
    },
  }
}
