import { settleWithin } from '../../../storage/settle-within.ts'
import type { Chore } from '../../wiring/housekeeping.ts'

/** What one chore may take: what is left over is done the next time. */
const WITHIN_MS = 10_000

/**
 * Does what is due, one thing after the other: the database sees one statement at a time. The function returned is to be called about
 * once a second, and does nothing while it is at it.
 */
export function createChores(ports: {
  readonly chores: readonly Chore[]
  readonly clock: () => number
  readonly onFailed: (what: string, error: unknown) => void
}): () => Promise<void> {
  const { chores, clock, onFailed } = ports
  const dueAt = new Map<Chore, number>()
  let isAtIt = false

  return async () => {
    if (isAtIt) return
    isAtIt = true
    for (const chore of chores) {
      if (clock() < (dueAt.get(chore) ?? 0)) continue
      dueAt.set(chore, clock() + chore.everyMs)
      await settleWithin(WITHIN_MS, chore.run()).catch((error: unknown) => onFailed(chore.what, error))
    }
    isAtIt = false
  }
}
