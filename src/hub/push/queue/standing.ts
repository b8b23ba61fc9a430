import type { ConnectionStatus } from '../../network/routing-table.ts'
import type { PauseCause } from '../cursor.ts'

/** The least time between two still-alive checks that one queue asks for. */
const CHECK_EVERY_MS = 5_000

/** Why a queue sends nothing, when that is so: what is known of its platform. Times are milliseconds of the queue's clock. */
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

  /** When the platform was last CONNECTED after it had not been. */
  get backAt(): number {
    return this.#backAt
  }

  /** The platform has this status. False when it had it before. */
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

  /** How often in a row the partner answered 429, this time included. Answers to requests in flight together are one time. */
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

  /** Whether it is time to ask again for a sign of life that was missing. */
  asksAgain(now: number): boolean {
    return this.#alive === 'doubted' && this.#status === 'CONNECTED' && now >= this.#askedAt + CHECK_EVERY_MS
  }

  asks(now: number): void {
    this.#alive = 'asking'
    this.#askedAt = now
  }

  /** The check has ended. False when its status changed meanwhile, so that it says nothing. */
  found(isAlive: boolean): boolean {
    if (this.#alive !== 'asking') return false
    this.#alive = isAlive ? 'presumed' : 'doubted'
    return true
  }

  /** When the pause ends, or is to be looked at, by itself; null when only an event can end it. */
  endsAt(now: number): number | null {
    if (this.#alive === 'doubted') return this.#askedAt + CHECK_EVERY_MS
    return now < this.#throttledUntil ? this.#throttledUntil : null
  }
}
