import { endpointKey } from '../../../ocpi/modules.ts'
import type { ReceiverOptions } from '../attempt/receivers.ts'
import type { MissedCause, QueueCursor, QueueOrders, QueueState } from '../cursor.ts'
import type { Push } from '../push.ts'
import { Discards } from './discards.ts'
import { Doubt, type DoubtedQueue } from './doubt.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { LogLane } from './log-lane.ts'
import type { Lease, QueuePorts, QueueStart, QueueTarget } from './ports.ts'
import type { LaneQueue } from './reader.ts'
import { Sending, type SendingQueue } from './sending.ts'
import { Standing } from './standing.ts'

/*
 * The queue of one platform: all that it still has to get, and the sending of it.
 *
 *     recent pushes ─┐              ┌─ window ──┐
 *                    ├─▶ reader ─▶ lane         ├─▶ chains ─▶ pace ─▶ request ─▶ verdict ─▶ settled, or put back
 *     backlog ───────┘              └─ parking ─┘
 *
 * A queue has a lane for each module in which it is behind, and before them one for what the hub itself has to say. Pace, lease
 * and the reasons to pause are the queue's, for all its lanes. docs/push.md explains the words.
 *
 * Example: the lane of `locations` has read up to 41. It is offered 42, a PUT of l1, reads it, and the request begins; 43, a PATCH
 * of l1, waits behind it. The partner answers 503: 42 is put back, 42 and 43 are parked, their chain is due in 600 ms. Saved now,
 * the cursor says: done up to 43, but for 42 and 43. Then comes 44, a PUT of l1: it supersedes both, and alone is sent.
 */

/** Lanes and pace are there while they are needed; without them a queue is a small record. */
export class Queue implements LaneQueue, SendingQueue, DoubtedQueue {
  readonly platformId: string
  readonly ports: QueuePorts
  readonly lease: Lease
  readonly counts: { delivered: number; collapsed: number; failed: number; missed: number; withheld: number }
  readonly standing: Standing
  readonly doubt = new Doubt(this)
  readonly discards = new Discards()
  #target: QueueTarget
  readonly #lanes = new Lanes()
  #sending: Sending | null = null
  readonly #startsAt: number
  #timer: { readonly at: number; readonly cancel: () => void } | null = null
  readonly #turn: () => void
  #isLinedUp = false
  #isStopped = false

  constructor({ saved, target, lease, waitMs }: QueueStart, ports: QueuePorts) {
    const { platformId, delivered, collapsed, failed, missed, withheld, cursor } = saved
    this.platformId = platformId
    this.ports = ports
    this.lease = lease
    this.counts = { delivered, collapsed, failed, missed, withheld }
    this.standing = new Standing(saved.isPaused, target.status)
    this.#target = target
    this.#startsAt = ports.clock() + waitMs
    this.#turn = () => this.#takeTurn()
    this.#addFirstLane()
    this.#followStatus()
    for (const lane of cursor.lanes) this.#addLane(lane.module, lane.watermark).resume(lane)
    if (cursor.position < ports.recent.end()) {
      for (const module of ports.modules) {
        // A module that it does not take would be read through to its end for nothing.
        const isTaken = target.endpoints.has(endpointKey(module, 'RECEIVER'))
        if (isTaken && !this.#lanes.of(module)) this.#addLane(module, cursor.position)
      }
    }
    // Suspended while nobody held the queue, or before all of it was listed as missed.
    if (!this.#lanes.isEmpty()) this.#missWhatWaits()
    if (saved.skipTo !== null) this.#skip(saved.skipTo)
  }

  get target(): QueueTarget {
    return this.#target
  }

  /** Whether it is to be offered the next push of a module. False while it has pushes of the log to read before. */
  isListening(module: string): boolean {
    return this.#lanes.of(module)?.isListening() ?? true
  }

  /** Offers a new push that the platform may receive. True when `pump` is to follow. */
  offer({ module, number }: Push): boolean {
    const lane = this.#lanes.of(module)
    if (lane && !lane.isListening()) return false
    if (lane) lane.offer(number)
    else this.#addLane(module, number - 1)
    this.#dirty()
    return true
  }

  /** The platform's status or settings may have changed. */
  retarget(target: QueueTarget): void {
    const isTokenReplaced = target.authorization() !== this.#target.authorization()
    this.#target = target
    this.#addFirstLane()
    const isStatusNew = this.standing.enter(target.status, this.ports.clock())
    if (isTokenReplaced) this.standing.tokenReplaced()
    if (isStatusNew || isTokenReplaced) for (const lane of this.#lanes.all()) lane.forgetFailures()
    if (isStatusNew) this.#missWhatWaits()
    this.#followStatus()
    this.#sending?.change(target.delivery)
    this.pump()
  }

  order({ isPaused, skipTo }: QueueOrders): void {
    if (isPaused !== this.standing.isPaused) this.#dirty()
    this.standing.isPaused = isPaused
    if (skipTo !== null) this.#skip(skipTo)
    this.pump()
  }

  /** Lets the queue have a turn, in which it sends and reads on as far as there is something to do. Cheap when there is not. */
  pump(): void {
    if (this.#isLinedUp || this.#isStopped) return
    this.#isLinedUp = true
    this.ports.turns.lineUp(this.#turn)
  }

  /** Frees what is not needed any more: lanes that hold nothing, the pace after a rest. To be called now and then. */
  tidy(): void {
    this.#lanes.tidy()
    if (this.#sending?.isOver(this.ports.clock())) this.#sending = null
  }

  /** Lets the pace begin anew: the wall clock was put back. */
  restartPace(): void {
    this.#sending?.restart()
  }

  cursor(): QueueCursor {
    return { position: this.ports.recent.end(), lanes: this.#lanes.cursors() }
  }

  state(): QueueState {
    return {
      platformId: this.platformId,
      ...this.counts,
      ...this.#lanes.state(),
      inFlight: this.#sending?.inFlight ?? 0,
      pauseCause: this.standing.pauseCause(this.ports.clock()),
    }
  }

  /** Up to which number pushes were skipped by order; null when none were, and until that is done. */
  skippedTo(): number | null {
    const { skipTo } = this.discards
    return skipTo !== null && this.#hasRead(skipTo) ? skipTo : null
  }

  /** Begins no request any more; settles when those in flight have ended, which `abort` hastens. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#lanes.stop()
    await this.#sending?.idle()
  }

  /** Ends the requests in flight. They count as not sent. */
  abort(): void {
    this.#sending?.abort()
  }

  maxAgeMs(): number {
    return this.#target.delivery.maxAgeSeconds * 1000
  }

  concurrency(): number {
    return Math.max(1, this.#target.delivery.concurrency)
  }

  addressed(push: Push, options?: ReceiverOptions): readonly Push[] {
    return this.ports.addressed(this.platformId, push, options)
  }

  countSuperseded(count: number): void {
    this.counts.collapsed += count
    this.#dirty()
  }

  noteMissed(push: Push, cause: MissedCause): void {
    if (cause === 'refused') this.counts.failed++
    else this.counts.missed++
    this.ports.onMissed(this.platformId, push, cause)
    this.#dirty()
  }

  startListening(module: string): void {
    this.ports.onListening(this.platformId, module)
  }

  mayBegin(now: number): boolean {
    if (this.#isStopped || now < this.#startsAt) return false
    return this.standing.pauseCause(now) === null && this.holds()
  }

  holds(): boolean {
    return this.ports.holds(this.lease)
  }

  nextLane(now: number): Lane | undefined {
    return this.#lanes.next(now)
  }

  lanes(): readonly Lane[] {
    return this.#lanes.all()
  }

  onProgress(): void {
    this.#dirty()
    this.pump()
  }

  /** What is done at one go: looks for what is due, begins one request at most, and lines up again while there is more. */
  #takeTurn(): void {
    this.#isLinedUp = false
    if (this.#isStopped) return
    const now = this.ports.clock()
    this.doubt.askAgain(now)
    this.#lanes.advance(now, this.#isAsleep())
    const hasMore = this.#begin(now)
    this.#setTimer(now)
    if (hasMore) this.pump()
  }

  #addLane(module: string, readTo: number): LogLane {
    const lane = new LogLane(module, readTo, this)
    if (this.#isStopped) lane.stop()
    this.#lanes.add(lane)
    return lane
  }

  #addFirstLane(): void {
    const tell = { toSend: () => this.pump(), toSave: () => this.#dirty(), onAway: this.ports.onAway }
    this.#lanes.first ??= this.ports.firstLane?.(this.platformId, tell) ?? null
  }

  #dirty(): void {
    this.ports.onDirty(this.platformId)
  }

  #hasRead(upTo: number): boolean {
    return this.ports.recent.end() >= upTo && this.#lanes.haveRead(upTo)
  }

  /** Nothing will be sent for long, and nothing is left to discard: no need to hold anything in memory. */
  #isAsleep(): boolean {
    return this.standing.isPausedForLong() && this.#hasRead(this.discards.upTo)
  }

  /** Begins one request, when the pace lets it. True when more could begin. */
  #begin(now: number): boolean {
    if (!this.mayBegin(now)) return false
    const readyCount = this.#lanes.readyCount(now)
    if (readyCount === 0) return false
    this.#sending ??= new Sending(this, this.#target.delivery)
    return this.#sending.begin(readyCount)
  }

  /** Has the queue pumped when something becomes due. What is due and did not begin waits for an event, such as a request's end. */
  #setTimer(now: number): void {
    if (this.#lanes.isEmpty()) return
    const at = now < this.#startsAt ? this.#startsAt : (this.standing.endsAt(now) ?? this.#lanes.wakesAt())
    if (this.#timer && this.#timer.at <= at && this.#timer.at > now) return
    this.#timer?.cancel()
    this.#timer = null
    if (at === Number.POSITIVE_INFINITY || at <= now) return
    const cancel = this.ports.after(Math.ceil(at - now), () => {
      this.#timer = null
      this.pump()
    })
    this.#timer = { at, cancel }
  }

  /** Discards while the platform is OFFLINE and wants nothing of that time. */
  #followStatus(): void {
    const isDiscarding = this.standing.status === 'OFFLINE' && this.#target.delivery.afterOffline === 'none'
    if (this.discards.offline(isDiscarding, this.ports.recent.end())) this.#discard()
  }

  /** A platform that is suspended, or has no connection any more, gets nothing of what waits for it. */
  #missWhatWaits(): void {
    const { status } = this.#target
    if (status !== 'SUSPENDED' && status !== 'PLANNED') return
    this.discards.disconnected(this.ports.recent.end())
    this.#discard()
  }

  #skip(upTo: number): void {
    if (this.discards.skip(upTo)) this.#discard()
  }

  #discard(): void {
    this.#lanes.discard()
    this.#dirty()
  }
}
