import type { Alarm } from '../../ports.ts'
import type { Lane } from './lane.ts'
import type { DoubtCause, Standing } from './standing.ts'

/** What doubting a platform asks of its queue, and tells it. */
export type DoubtedQueue = {
  readonly platformId: string
  readonly standing: Standing
  readonly ports: {
    readonly checkAlive: (platformId: string) => Promise<boolean>
    readonly alarm: Alarm
    readonly clock: () => number
  }
  readonly lanes: () => readonly Lane[]
  /** The queue may go on, or is to ask again later. */
  readonly onProgress: () => void
}

/**
 * Asks a platform for a sign of life when its deliveries give reason to: the queue sends nothing until the answer is there. It is
 * for the check to make the platform OFFLINE.
 */
export class Doubt {
  readonly #queue: DoubtedQueue

  constructor(queue: DoubtedQueue) {
    this.#queue = queue
  }

  /** A lane fails throughout: the platform may be away, unless another lane that is busy fares better. */
  failing(now: number): void {
    const isBusy = (lane: Lane) => lane.state().waiting + lane.state().inFlight > 0
    if (this.#queue.lanes().some((lane) => lane.circuit.triesAt() === null && isBusy(lane))) return
    const { standing, platformId, ports } = this.#queue
    if (!standing.mayDoubt(now)) return
    ports.alarm({ kind: 'queue-paused', platformId, detail: 'Deliveries fail one after another' })
    this.#ask('failing')
  }

  /**
   * The platform does not take the hub's token, though it is the one that was agreed. True when the whole queue is to rest; false
   * when other deliveries fare better, so that it is a matter of the object or its module.
   */
  tokenRefused(now: number, detail: string): boolean {
    const { standing, platformId, ports } = this.#queue
    if (!standing.mayDoubt(now)) return !standing.isAnswered
    ports.alarm({ kind: 'receiver-rejects-our-token', platformId, detail })
    this.#ask('token-refused')
    return true
  }

  /** Asks again for a sign of life that was missing, when it is time. */
  askAgain(now: number): void {
    const cause = this.#queue.standing.asksAgain(now)
    if (cause) this.#ask(cause)
  }

  #ask(cause: DoubtCause): void {
    const { standing, platformId, ports } = this.#queue
    standing.asks(ports.clock(), cause)
    void ports
      .checkAlive(platformId)
      .catch(() => false)
      .then((isAlive) => {
        if (standing.found(isAlive)) this.#queue.onProgress()
      })
  }
}
