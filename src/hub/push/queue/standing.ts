import type { ConnectionStatus } from '../../network/routing-table.ts'
import type { PauseCause } from '../cursor.ts'

/** The least time between two still-alive checks that one queue asks for. */
const CHECK_EVERY_MS = 5_000

/** Why a queue rests for a while that is known: the partner gets too much, or does not take the hub's token. */
export type RestCause = Extract<PauseCause, 'throttled' | 'token-refused'>
/** Why a queue waits for a sign of life. */
export type DoubtCause = Extract<PauseCause, 'failing' | 'token-refused'>

/** Why a queue sends nothing, when that is so: what is known of its platform. Times are milliseconds of the queue's clock. */
export class Standing {
  isPaused: boolean
  #status: ConnectionStatus
  #alive: 'presumed' | 'asking' | 'doubted' = 'presumed'
  #doubtCause: DoubtCause = 'failing'
  #askedAt = Number.NEGATIVE_INFINITY
  #restsUntil = 0
  #restCause: RestCause = 'throttled'
  #rests = 0
  #isAnswered = false
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
    this.#restsUntil = 0
    return true
  }

  /** The platform has another token: that it did not take the old one says nothing any more. */
  tokenReplaced(): void {
    if (this.#doubtCause === 'token-refused') this.#alive = 'presumed'
    if (this.#restCause === 'token-refused') this.#restsUntil = 0
  }

  pauseCause(now: number): PauseCause | null {
    if (this.isPaused) return 'administrator'
    if (this.#status === 'OFFLINE') return 'offline'
    if (this.#status !== 'CONNECTED') return 'not-connected'
    if (this.#alive !== 'presumed') return this.#doubtCause
    return now < this.#restsUntil ? this.#restCause : null
  }

  /** Whether a pause may last: longer than a rest that the platform asked for, or a check of its life. */
  isPausedForLong(): boolean {
    return this.isPaused || this.#status === 'OFFLINE' || this.#alive === 'doubted'
  }

  /** Whether the platform took a push, or refused it for good, since the last rest began: then it takes the hub's token. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /** How often in a row the queue has to rest, this time included. Answers to requests in flight together are one time. */
  countRest(now: number): number {
    if (now >= this.#restsUntil) this.#rests++
    return this.#rests
  }

  /** Rests until then, or until a later time set before. Returns when the rest ends. */
  restUntil(time: number, cause: RestCause): number {
    this.#isAnswered = false
    if (time > this.#restsUntil) {
      this.#restsUntil = time
      this.#restCause = cause
    }
    return this.#restsUntil
  }

  answered(): void {
    this.#rests = 0
    this.#isAnswered = true
  }

  mayDoubt(now: number): boolean {
    return this.#alive === 'presumed' && now - this.#askedAt >= CHECK_EVERY_MS
  }

  /** Why it is time to ask again for a sign of life that was missing; null when it is not. */
  asksAgain(now: number): DoubtCause | null {
    const isDue = this.#alive === 'doubted' && this.#status === 'CONNECTED' && now >= this.#askedAt + CHECK_EVERY_MS
    return isDue ? this.#doubtCause : null
  }

  asks(now: number, cause: DoubtCause): void {
    this.#alive = 'asking'
    this.#doubtCause = cause
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
    return now < this.#restsUntil ? this.#restsUntil : null
  }
}
