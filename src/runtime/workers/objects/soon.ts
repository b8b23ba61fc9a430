import type { Soon } from '../../../hub/ports.ts'

/** Turns between two of which other events have their chance. */
const TURNS = 16

/** Runs callbacks behind what is done now; only some of them wait for a timer, which takes a millisecond here. */
export function createSoon(): Soon {
  let turns = 0
  return (callback) => {
    turns = (turns + 1) % TURNS
    if (turns === 0) setTimeout(callback, 0)
    else queueMicrotask(callback)
  }
}
