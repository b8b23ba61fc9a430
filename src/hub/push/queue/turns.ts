import type { Soon } from '../../ports.ts'
import { Fifo } from '../fifo.ts'

/**
 * Turns run for at most this many milliseconds, then the event loop goes on: long enough to make little of its round, short enough
 * to go unnoticed by who waits for an answer. A push meets several such rounds on its way through the log.
 */
const LONGEST_MS = 0.5
/** Turns at one go: where the clock stands still while code runs, as on Workers, no time would ever pass. */
const MOST_TURNS = 64

export type TurnsPorts = {
  readonly soon: Soon
  readonly clock: () => number
  /** A turn failed; the next ones go on. */
  readonly onFault: (error: unknown) => void
}

/**
 * The line in which the queues of a process wait for their turns, with the event loop going on in between. Turns begin after what
 * is being done now: a sender has its answer before its push goes out to a thousand partners. A queue whose partner hangs is not
 * in the line, so it costs the others nothing.
 */
export class Turns {
  readonly #ports: TurnsPorts
  readonly #line = new Fifo<() => void>()
  readonly #run = () => this.#runSome()
  #isDue = false

  constructor(ports: TurnsPorts) {
    this.#ports = ports
  }

  /** Puts a turn at the end of the line. Turns are short: a queue that has more to do lines up again. */
  lineUp(turn: () => void): void {
    this.#line.push(turn)
    if (this.#isDue) return
    this.#isDue = true
    this.#ports.soon(this.#run)
  }

  #runSome(): void {
    const { soon, clock, onFault } = this.#ports
    const endsAt = clock() + LONGEST_MS
    let turns = 0
    do {
      try {
        this.#line.shift()?.()
      } catch (error) {
        onFault(error)
      }
    } while (this.#line.length > 0 && ++turns < MOST_TURNS && clock() < endsAt)
    this.#isDue = this.#line.length > 0
    if (this.#isDue) soon(this.#run)
  }
}
