import type { PushLog } from '../../../hub/push/log/push-log.ts'
import type { Push } from '../../../hub/push/push.ts'
import type { HandOver } from './handing.ts'

/** What was handed to a Queue object and its engine has not taken yet, as the end of a log. */
export type Inbox = {
  /**
   * Adds what was handed over. False when something before it is missing: the queue has to read for itself, and nothing is added. Else a
   * queue that is ended for that would save that it is done with what it misses.
   */
  readonly add: (handOver: HandOver) => boolean
  /** Begins a log for an engine: everything up to `number` is known, or read from the database. */
  readonly openAt: (number: number) => void
  /** The engine ends: what it has not taken yet, and what is handed over from here on, stays for the one that follows. */
  readonly shut: () => void
  /** Forgets everything: the queue reads from the database. */
  readonly clear: () => void
  readonly hasRows: () => boolean
  readonly tail: Pick<PushLog, 'numberBefore' | 'lastNumber' | 'readAfter'>
}

export function createInbox(): Inbox {
  let rows: Push[] = []
  /** Everything up to here was handed over; null before the first. */
  let upTo: number | null = null
  let openedAt = 0
  let isShut = true

  const end = () => Math.max(openedAt, upTo ?? 0)

  return {
    add(handOver) {
      if (handOver.after === null || (upTo !== null && handOver.after > upTo)) return false
      for (const push of handOver.rows) if (push.number > (upTo ?? 0)) rows.push(push)
      upTo = Math.max(upTo ?? 0, handOver.upTo)
      return true
    },
    openAt(number) {
      openedAt = number
      isShut = false
      rows = rows.filter((push) => push.number > number)
    },
    shut() {
      isShut = true
    },
    clear() {
      rows = []
      upTo = null
    },
    hasRows: () => rows.length > 0,
    tail: {
      numberBefore: async () => openedAt,
      lastNumber: async () => (isShut ? openedAt : end()),
      async readAfter(after) {
        if (isShut) return { pushes: [], upTo: after }
        const pushes = rows.filter((push) => push.number > after)
        rows = []
        return { pushes, upTo: end() }
      },
    },
  }
}
