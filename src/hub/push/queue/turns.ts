import type { Soon } from '../../ports.ts'
import { Fifo } from '../fifo.ts'

/** Lets the queues of a process have their turns one after the other, and everything else its turn in between. */
export type Turns = {
  /** Puts someone at the end of the line. Turns are short, and whoever has more to do lines up again. */
  readonly lineUp: (takeTurn: () => void) => void
}

/**
 * For so long queues have their turns before what came in meanwhile is looked at: long enough to make little of the way there
 * and back, short enough to go unnoticed by who waits for an answer. A push comes round several times on its way through the
 * log, each time behind the turns and behind what these have set off.
 */
const LONGEST_MS = 0.5

/**
 * Turns begin behind what is being done now: a sender has its answer before its push goes out to a thousand partners. A queue
 * whose partner hangs is not in the line, so it takes nothing from the others.
 *
 * @param onFault a turn failed; the others are not concerned
 */
export function createTurns(ports: {
  readonly soon: Soon
  readonly clock: () => number
  readonly onFault: (error: unknown) => void
}): Turns {
  const { soon, clock, onFault } = ports
  const line = new Fifo<() => void>()
  let isDue = false

  function proceed(): void {
    const endsAt = clock() + LONGEST_MS
    do {
      try {
        line.shift()?.()
      } catch (error) {
        onFault(error)
      }
    } while (line.length > 0 && clock() < endsAt)
    isDue = line.length > 0
    if (isDue) soon(proceed)
  }

  return {
    lineUp(takeTurn) {
      line.push(takeTurn)
      if (isDue) return
      isDue = true
      soon(proceed)
    },
  }
}
