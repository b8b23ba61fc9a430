import type { Delivery } from '../attempt/deliver.ts'
import { Pace, type PaceSettings } from '../attempt/pace.ts'
import { backoffMs } from '../attempt/verdict.ts'
import type { Push } from '../push.ts'
import { type Attempted, conclude } from './conclude.ts'
import type { Entry } from './entry.ts'
import type { Lane } from './lane.ts'
import type { QueuePorts } from './ports.ts'

/** What sending asks of its queue, and tells it. */
export type SendingQueue = Attempted & {
  readonly ports: Pick<QueuePorts, 'recent' | 'log' | 'deliver' | 'clock' | 'after' | 'chance' | 'onAway'>
  readonly mayBegin: (now: number) => boolean
  /** Whether this process may still send for the platform. Asked again right before the first byte of a request. */
  readonly holds: () => boolean
  /** The lane whose turn it is; undefined when none has an entry ready. */
  readonly nextLane: (now: number) => Lane | undefined
  /** A request has ended, or more may begin. */
  readonly onProgress: () => void
}

/** An entry whose body was read while its turn passed: in flight already, it waits for another turn. */
type Late = { readonly lane: Lane; readonly entry: Entry; readonly push: Push }

/** A request that leaves no later than this after its turn has no part in two seconds of the rate: RATE_WINDOW_MS is 80 ms longer. */
const LATE_MS = 40

/** Entries withheld one behind the other in a turn, each of which may cost a conversion: others have theirs in between. */
const MOST_WITHHELD = 20

/** The requests of one queue that are in flight, and the pace at which they begin. */
export class Sending {
  readonly #queue: SendingQueue
  readonly #pace: Pace
  #concurrency: number
  /**
   * How to end each request in flight. No Set: one that is always added to and deleted from leaves old tables behind, each of
   * which keeps alive what it last held.
   */
  readonly #aborts: (() => void)[] = []
  readonly #late = new Set<Late>()
  #inFlight = 0
  #usedAt: number
  #idle: PromiseWithResolvers<void> | null = null

  constructor(queue: SendingQueue, settings: PaceSettings) {
    this.#queue = queue
    this.#pace = new Pace(settings, queue.ports.after, () => {
      for (const late of this.#late) this.#lineUp(late)
      queue.onProgress()
    })
    this.#concurrency = settings.concurrency
    this.#usedAt = queue.ports.clock()
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /**
   * Adds a task to the pace, where there is room: of 10 entries that are ready, with concurrency 4, 2 requests in flight and 1
   * task waiting, one more. True when there is room for more still. A task takes an entry when it is its turn, not before: until
   * then newer pushes may supersede it.
   */
  begin(readyCount: number): boolean {
    const waiting = this.#pace.waiting() - this.#late.size
    const missing = Math.min(readyCount, this.#concurrency - this.#inFlight) - waiting
    if (missing > 0) this.#pace.add(() => this.#work())
    return missing > 1
  }

  change(settings: PaceSettings): void {
    this.#concurrency = settings.concurrency
    this.#pace.change(settings)
  }

  /** Lets the pace begin anew: the wall clock was put back. */
  restart(): void {
    this.#pace.restart()
  }

  /** Whether nothing is in flight, and nothing that was sent counts for the rate any more: it can be let go of and made again. */
  isOver(now: number): boolean {
    return this.#inFlight === 0 && this.#pace.waiting() === 0 && now - this.#usedAt > this.#pace.windowMs()
  }

  /** Settles when nothing is in flight, which `abort` hastens. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0) return
    // One promise for all: a queue that is closed may be dropped meanwhile.
    this.#idle ??= Promise.withResolvers()
    await this.#idle.promise
  }

  /** Ends the requests in flight. They count as not sent. */
  abort(): void {
    for (const abort of [...this.#aborts]) abort()
    for (const late of [...this.#late]) this.#letGo(late)
  }

  async #work(): Promise<void> {
    // What is withheld is no request, and has no part in the rate: the turn is the next entry's.
    for (let withheld = 0; withheld < MOST_WITHHELD; withheld++) {
      const now = this.#queue.ports.clock()
      if (this.#inFlight >= this.#concurrency || !this.#queue.mayBegin(now)) return
      let lane = this.#queue.nextLane(now)
      let entry = lane?.take()
      // All that a lane had ready was superseded by now.
      while (lane && !entry) {
        lane = this.#queue.nextLane(now)
        entry = lane?.take()
      }
      if (!lane || !entry) return
      this.#inFlight++
      this.#usedAt = now
      let push: Push | null = entry.push
      if (entry.place === 'parked') {
        push = await this.#read(lane, entry)
        if (push && this.#queue.ports.clock() - now > LATE_MS) {
          const late = { lane, entry, push }
          this.#late.add(late)
          return this.#lineUp(late)
        }
      }
      try {
        if (!push || (await this.#send(lane, entry, push)) !== 'withheld') return
      } finally {
        this.#ended()
      }
    }
  }

  #ended(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.resolve()
    this.#queue.onProgress()
  }

  #lineUp(late: Late): void {
    this.#pace.add(() => this.#sendLate(late))
  }

  async #sendLate(late: Late): Promise<void> {
    if (!this.#late.has(late)) return
    const now = this.#queue.ports.clock()
    if (!this.#queue.mayBegin(now)) return this.#letGo(late)
    this.#late.delete(late)
    this.#usedAt = now
    await this.#send(late.lane, late.entry, late.push)
    this.#ended()
  }

  #letGo(late: Late): void {
    this.#late.delete(late)
    late.lane.putBack(late.entry, 0)
    this.#ended()
  }

  /** The whole push of a parked entry; null when it is not to be sent now. Never rejects. */
  async #read(lane: Lane, entry: Entry): Promise<Push | null> {
    const { recent, log, chance, clock, onAway } = this.#queue.ports
    const { number } = entry.push
    let push: Push | null
    try {
      push = recent.find(number) ?? (await log.readNumbers([number], true))[0] ?? null
    } catch (error) {
      onAway(error)
      lane.putBack(entry, clock() + backoffMs(1, chance()))
      return null
    }
    // Cut from the log while it waited, and listed as missed by whoever cut it.
    if (!push) lane.settle(entry)
    else if (!this.#queue.mayBegin(clock())) lane.putBack(entry, 0)
    else return { ...entry.push, body: push.body }
    return null
  }

  #send(lane: Lane, entry: Entry, push: Push): Promise<Delivery['kind']> {
    const { deliver } = this.#queue.ports
    let abort: (() => void) | null = null
    const end = (delivery: Delivery) => {
      if (abort) this.#aborts.splice(this.#aborts.indexOf(abort), 1)
      conclude(this.#queue, lane, entry, delivery)
      return delivery.kind
    }
    const control = {
      onAbortable: (abortThis: () => void) => {
        abort = abortThis
        this.#aborts.push(abortThis)
      },
      mayLeave: () => this.#queue.holds(),
    }
    return deliver(this.#queue.platformId, push, control).then(end, (error: unknown) => end(this.#broken(error)))
  }

  /** A fault of the hub's own is a failed attempt like any other: no entry may stay in flight for ever. */
  #broken(error: unknown): Delivery {
    this.#queue.ports.onAway(error)
    return { kind: 'failed', retryAfterMs: null, reason: 'the hub failed' }
  }
}
