import type { ConnectionStatus } from '../../network/routing-table.ts'
import type { PauseCause } from '../cursor.ts'

/** The least time between two still-alive checks that one queue asks for. */
const CHECK_EVERY_MS = 5_000

/** How a platform stands with its queue: why nothing is sent, when that is so. Times are those of the queue's clock. */
export class Standing {
  isPaused: boolean
  #status: ConnectionStatus
  #alive: 'presumed' | 'asking' | 'doubted' = 'presumed'
  #askedAt = Number.NEGATIVE_INFINITY
  #throttledUntil = 0
  #throttles = 0
  #backAt = Number.NEGATIVE_INFINITY

  constructor(isPaused: boolean, status: ConnectionStatus) {
    this.isPaused = isPaused
    this.#status = status
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  /** When it came back from where nothing was sent to it. */
  get backAt(): number {
    return this.#backAt
  }

  /** False when it was so before. */
  enter(status: ConnectionStatus, now: number): boolean {
    if (status === this.#status) return false
    if (status === 'CONNECTED') this.#backAt = now
    this.#status = status
    this.#alive = 'presumed'
    this.#throttledUntil = 0
    return true
  }

  pauseCause(now: number): PauseCause | null {
    if (this.isPaused) return 'administrator'
    if (this.#status === 'OFFLINE') return 'offline'
    if (this.#status !== 'CONNECTED') return 'not-connected'
    if (this.#alive !== 'presumed') return 'failing'
    return now < this.#throttledUntil ? 'throttled' : null
  }

  /** Whether a pause may last: longer than a rest that the platform asked for, or a check of its life. */
  isPausedForLong(): boolean {
    return this.isPaused || this.#status === 'OFFLINE' || this.#alive === 'doubted'
  }

  /** How often in a row it was said to be too much, this time included. Answers to requests sent together are one time. */
  throttled(now: number): number {
    if (now >= this.#throttledUntil) this.#throttles++
    return this.#throttles
  }

  throttleUntil(time: number): number {
    this.#throttledUntil = Math.max(this.#throttledUntil, time)
    return this.#throttledUntil
  }

  answered(): void {
    this.#throttles = 0
  }

  mayDoubt(now: number): boolean {
    return this.#alive === 'presumed' && now - this.#askedAt >= CHECK_EVERY_MS
  }

  /** Whether it is time to look again for a sign of life that was missing. */
  asksAgain(now: number): boolean {
    return this.#alive === 'doubted' && this.#status === 'CONNECTED' && now >= this.#askedAt + CHECK_EVERY_MS
  }

  asks(now: number): void {
    this.#alive = 'asking'
    this.#askedAt = now
  }

  /** False when that is of no interest any more. */
  found(isAlive: boolean): boolean {
    if (this.#alive !== 'asking') return false
    this.#alive = isAlive ? 'presumed' : 'doubted'
    return true
  }

  /** When there is something to do about it by itself; null when only others can tell. */
  endsAt(now: number): number | null {
    if (this.#alive === 'doubted') return this.#askedAt + CHECK_EVERY_MS
    return now < this.#throttledUntil ? this.#throttledUntil : null
  }
}
