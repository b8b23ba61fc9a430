import type { Soon } from '../../ports.ts'
import { Fifo } from '../fifo.ts'

/**
 * For so long queues have their turns before what came in meanwhile is looked at: long enough to make little of the way there
 * and back, short enough to go unnoticed by who waits for an answer. A push comes round several times on its way through the
 * log, each time behind the turns and behind what these have set off.
 */
const LONGEST_MS = 0.5

export type TurnsPorts = {
  readonly soon: Soon
  readonly clock: () => number
  /** A turn failed; the others are not concerned. */
  readonly onFault: (error: unknown) => void
}

/**
 * Lets the queues of a process have their turns one after the other, and everything else its turn in between. Turns begin
 * behind what is being done now: a sender has its answer before its push goes out to a thousand partners. A queue whose partner
 * hangs is not in the line, so it takes nothing from the others.
 */
export class Turns {
  readonly #ports: TurnsPorts
  readonly #line = new Fifo<() => void>()
  readonly #run = () => this.#runSome()
  #isDue = false

  constructor(ports: TurnsPorts) {
    this.#ports = ports
  }

  /** Puts someone at the end of the line. Turns are short, and whoever has more to do lines up again. */
  lineUp(takeTurn: () => void): void {
    this.#line.push(takeTurn)
    if (this.#isDue) return
    this.#isDue = true
    this.#ports.soon(this.#run)
  }

  #runSome(): void {
    const { soon, clock, onFault } = this.#ports
    const endsAt = clock() + LONGEST_MS
    do {
      try {
        this.#line.shift()?.()
      } catch (error) {
        onFault(error)
      }
    } while (this.#line.length > 0 && clock() < endsAt)
    this.#isDue = this.#line.length > 0
    if (this.#isDue) soon(this.#run)
  }
}
