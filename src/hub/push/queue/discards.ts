import type { MissedCause } from '../cursor.ts'

/**
 * Up to which number a queue discards its pushes, and why: they are missed, not sent. Every function that changes it says
 * whether there is something to discard now.
 */
export class Discards {
  /** Infinite while everything is discarded, minus infinity when nothing is. */
  #upTo = Number.NEGATIVE_INFINITY
  #cause: MissedCause = 'skipped'
  #skipTo: number | null = null

  get upTo(): number {
    return this.#upTo
  }

  get cause(): MissedCause {
    return this.#cause
  }

  /** The latest order to skip. */
  get skipTo(): number | null {
    return this.#skipTo
  }

  has(number: number): boolean {
    return number <= this.#upTo
  }

  /** While a platform is OFFLINE everything is discarded, and ever after what there was until its return. */
  offline(isDiscarding: boolean, logEnd: number): boolean {
    if (isDiscarding === (this.#upTo === Number.POSITIVE_INFINITY)) return false
    return this.#discard(isDiscarding ? Number.POSITIVE_INFINITY : logEnd, 'offline')
  }

  disconnected(logEnd: number): boolean {
    return this.#discard(logEnd, 'not-connected')
  }

  skip(upTo: number): boolean {
    if (upTo === this.#skipTo) return false
    this.#skipTo = upTo
    // An OFFLINE platform's pushes are discarded anyway, and go on being discarded.
    return this.#upTo !== Number.POSITIVE_INFINITY && this.#discard(upTo, 'skipped')
  }

  #discard(upTo: number, cause: MissedCause): true {
    this.#upTo = upTo
    this.#cause = cause
    return true
  }
}
