import type { MissedCause } from '../cursor.ts'

/** Pushes up to a number are missed, not sent. */
export type Dropping = { readonly upTo: number; readonly cause: MissedCause }

/** What of a queue is dropped. What each function returns is to be carried out; null when nothing changed. */
export class Drops {
  #dropping: Dropping | null = null
  #skipTo: number | null = null

  get dropping(): Dropping | null {
    return this.#dropping
  }

  /** The latest order to skip. */
  get skipTo(): number | null {
    return this.#skipTo
  }

  /** While it is so everything is dropped, and ever after what there was until then. */
  offline(isToDrop: boolean, position: number): Dropping | null {
    const isDropping = this.#dropping?.upTo === Number.POSITIVE_INFINITY
    if (isToDrop === isDropping) return null
    return this.#drop(isToDrop ? Number.POSITIVE_INFINITY : position, 'offline')
  }

  disconnected(position: number): Dropping {
    return this.#drop(position, 'not-connected')
  }

  skip(upTo: number): Dropping | null {
    if (upTo === this.#skipTo) return null
    this.#skipTo = upTo
    // An OFFLINE platform's pushes are dropped anyway, and go on being dropped.
    return this.#dropping?.upTo === Number.POSITIVE_INFINITY ? null : this.#drop(upTo, 'skipped')
  }

  #drop(upTo: number, cause: MissedCause): Dropping {
    this.#dropping = { upTo, cause }
    return this.#dropping
  }
}
