import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import { after } from '../../shared/after.ts'
import { random } from '../../shared/secrets.ts'
import type { HandOver, Taken } from './handing.ts'
import { createInbox } from './inbox.ts'
import type { Beginning } from './log-pushes.ts'
import { type Bindings, KEEPER_NAME, LOG_NAME, type QueueObject } from './ports.ts'
import { createQueueEngine, type QueueEngine } from './queue-engine.ts'
import { type QueueGround, queueGround } from './queue-ground.ts'
import { createQueueLife } from './queue-life.ts'
import { createQueueWatch } from './queue-watch.ts'
import { createQuiet } from './quiet.ts'
import { valueOf } from './rpc.ts'

/** A queue that runs has an alarm so far ahead: whatever ends the object, the platform brings it back. */
const DEAD_MAN_MS = 30_000
const DEAD_MAN_EVERY_MS = 15_000
/** A queue that could not be opened, or whose lease is gone, tries again after this. */
const RETRY_MS = 2_000
const STOP_WITHIN_MS = 1_000
/** A queue that is opened anew would send again what it does not wait for. */
const REOPEN_WITHIN_MS = 5_000
/** Pauses that may last for hours: an object at rest is woken when they end. */
const LONG_PAUSES: readonly (string | null)[] = ['administrator', 'offline', 'not-connected']

/**
 * The queue of one platform: runs the push engine for it while there is something to do. What it needs of the database it has by
 * the Log object. While it runs `isRunning` stands in its storage, so that the next one knows whether the last came to rest.
 */
export class Queue extends DurableObject<Bindings> implements QueueObject {
  readonly #inbox = createInbox()
  readonly #life = createQueueLife({
    start: () => this.#start(),
    look: () => this.#look(),
    untilQuiet: () => this.#watch.untilQuiet(),
    stop: () => this.#stop(),
    rest: () => this.#rest(),
  })
  readonly #watch = createQueueWatch({
    clock: () => performance.now(),
    after,
    state: () => this.#running?.state() ?? null,
    isLeased: () => this.#running?.isLeased() ?? false,
    isBusy: () => this.#isBusy(),
    wantsToStop: () => this.#wantsToStop,
    onLook: () => {
      if (performance.now() >= this.#aliveUntil) void this.#stayAlive().catch(() => undefined)
    },
  })
  readonly #loaded: Promise<void>
  #platformId = ''
  /** Everything that was handed over is done and saved. */
  #isDone = true
  /** It has to read from the database what it was to be told. */
  #isBlind = false
  readonly #quiet = createQuiet(() => performance.now())
  #ground: QueueGround | null = null
  #running: QueueEngine | null = null
  #wantsToStop = false
  #graceMs = STOP_WITHIN_MS
  /** Tries again by itself; otherwise it waits to be woken. */
  #comesBack = true
  /** Of the routing table that the queue has followed. */
  #revision = -1
  #hasOrder = false
  #aliveUntil = 0

  constructor(ctx: DurableObjectState, bindings: Bindings) {
    super(ctx, bindings)
    this.#loaded = ctx.storage.get<boolean | string>(['isRunning', 'platformId']).then((known) => {
      this.#platformId = String(known.get('platformId') ?? '')
      this.#isBlind = known.get('isRunning') === true
      this.#isDone = !this.#isBlind
      if (this.#isBlind) this.#quiet.noteSent()
    })
  }

  /** Takes what is handed over, and returns at once: nobody ever waits for a partner here. */
  async take(platformId: string, handOver: HandOver): Promise<Taken> {
    await this.#loaded
    this.#platformId = platformId
    if (!this.#inbox.add(handOver)) this.#readAnew()
    if (handOver.rows.length === 0 && !handOver.isToLook && !this.#isBlind) {
      return { isAtRest: this.#life.state() === 'resting' && this.#isDone }
    }
    this.#isDone = false
    // It may be noting just now that it is at rest: were it ended before it starts again, nobody would know of these.
    if (this.#life.state() === 'stopping') void this.ctx.storage.put('isRunning', true)
    const isRunning = this.#life.state() === 'running'
    const followed = this.#followTable(handOver.revision)
    // Nothing is sent by a table that is older than the one by which it was fanned out.
    if (isRunning && handOver.revision > this.#revision) void followed.then(() => this.#life.wake())
    else this.#life.wake()
    return { isAtRest: false }
  }

  /** Settles once the order holds: where the queue runs, nothing is sent against it from then on. */
  async order(platformId: string): Promise<void> {
    await this.#loaded
    this.#platformId = platformId
    this.#isDone = false
    // A queue that is just being opened may have read what was stored before.
    this.#hasOrder = this.#life.state() === 'starting'
    await this.#running?.order()
    this.#life.wake()
  }

  /** Settles once what is sent goes by that revision of the routing table, or by a newer one. At rest there is nothing to do: it is opened with the newest. */
  async follow(revision: number): Promise<void> {
    if (this.#life.state() !== 'resting') await this.#followTable(revision)
  }

  /** Another process is to have this queue: it ends what is under way, and saves. */
  async giveUp(): Promise<void> {
    this.#graceMs = STOP_WITHIN_MS
    this.#wantsToStop = true
  }

  async ask(...[platformId, question, url, errand]: Parameters<QueueObject['ask']>): Promise<void> {
    this.#platformId = platformId
    const { checkClient } = (this.#ground ??= queueGround(this.env))
    void checkClient
      .getVersions(url, errand)
      .then((answer) => this.#keeper().answered(question, answer))
      .catch(() => undefined)
  }

  /** The platform's alarm: the object was ended while it ran, or is to try again. */
  override async alarm(): Promise<void> {
    await this.#loaded
    if (this.#platformId === '') return
    if (this.#life.state() === 'running') return this.#stayAlive()
    this.#readAnew()
  }

  /** What memory holds may not be all: a queue that runs is opened anew, from its cursor. */
  #readAnew(): void {
    this.#isBlind = true
    // One that is given up just now has no more time than that.
    if (!this.#wantsToStop) this.#graceMs = REOPEN_WITHIN_MS
    this.#wantsToStop = true
    this.#life.again()
  }

  async #stayAlive(): Promise<void> {
    this.#aliveUntil = performance.now() + DEAD_MAN_EVERY_MS
    await this.ctx.storage.setAlarm(Date.now() + DEAD_MAN_MS)
  }

  async #start(): Promise<void> {
    this.#wantsToStop = false
    this.#graceMs = STOP_WITHIN_MS
    // Before anything may fail: the object that comes after this one must know that there is something left.
    await this.ctx.storage.put({ isRunning: true, platformId: this.#platformId })
    const ground = (this.#ground ??= queueGround(this.env))
    await this.#stayAlive()
    const holder = random.id()
    const askedAt = performance.now()
    // Before it asks how far the log reaches: whatever is handed over from here on may lie beyond.
    const isBlind = this.#isBlind
    this.#isBlind = false
    if (isBlind) this.#inbox.clear()
    const begun = await this.#begun(holder).catch((error: unknown) => {
      this.#isBlind ||= isBlind
      throw error
    })
    // Of the table that there is: whoever names a newer one has it read again.
    this.#revision = ground.shared.current().revision
    this.#inbox.openAt(isBlind ? begun.last : begun.saved.cursor.position)
    this.#running = createQueueEngine({
      ground,
      platformId: this.#platformId,
      holder,
      begun,
      askedAt,
      freeForMs: this.#quiet.freeForMs(begun.lease.freeForMs),
      onSend: this.#quiet.noteSent,
      inbox: this.#inbox,
      logObject: () => this.#log(),
      checkAlive: (platformId) => this.#keeper().isAlive(platformId),
      onUnreachable: (platformId) =>
        void this.#keeper()
          .unreachable(platformId)
          .catch(() => undefined),
      onRevision: (revision) => void this.#followTable(revision),
    })
    await this.#running.engine.start()
  }

  /** Opens the queue at the Log object, with a routing table that is no older. */
  async #begun(holder: string): Promise<Extract<Beginning, { kind: 'ours' }>> {
    const begun = await valueOf(() => this.#log().begin(this.#platformId, holder))
    this.#comesBack = begun.kind !== 'elsewhere'
    if (begun.kind !== 'ours') throw new Error('The queue is not to be had')
    const shared = this.#ground?.shared
    if (shared && shared.current().revision < begun.revision) await shared.catchUp()
    return begun
  }

  #look(): void {
    this.#watch.noteWoken()
    if (this.#hasOrder) void this.#running?.order()
    this.#hasOrder = false
    this.#running?.engine.onPushed()
  }

  #isBusy(): boolean {
    const state = this.#running?.state()
    if (!state) return true
    if (this.#inbox.hasRows() || state.inFlight > 0) return true
    return state.waiting + state.unread > 0 && !LONG_PAUSES.includes(state.pauseCause)
  }

  async #stop(): Promise<void> {
    const running = this.#running
    const before = running?.state() ?? null
    const isQuiet = this.#watch.isQuiet()
    this.#inbox.shut()
    await running?.stop(this.#graceMs)
    const isAllDone = before !== null && before.waiting + before.unread + before.inFlight === 0
    this.#isDone = running !== null && isQuiet && isAllDone && running.isSaved() && !this.#inbox.hasRows()
    // What is not done and saved the next start reads from the database.
    if (!this.#isDone) this.#isBlind = true
    this.#running = null
    if (before !== null && LONG_PAUSES.includes(before.pauseCause) && before.inFlight === 0) this.#comesBack = false
  }

  async #rest(): Promise<void> {
    try {
      if (this.#isDone && !this.#isBlind) {
        await this.ctx.storage.delete('isRunning')
        await this.ctx.storage.deleteAlarm()
      } else if (this.#comesBack) await this.ctx.storage.setAlarm(Date.now() + RETRY_MS)
      else await this.ctx.storage.deleteAlarm()
    } catch {
      // Another object took this one's place: what is left to do is that one's.
    }
  }

  /** Has the table of this revision at least. Where it cannot be read now, the next one to name a revision tries again. Never rejects. */
  async #followTable(revision: number): Promise<void> {
    const shared = this.#ground?.shared
    if (!shared || revision <= this.#revision) return
    if (shared.current().revision < revision) await shared.catchUp().catch(() => undefined)
    const { revision: caughtUp } = shared.current()
    if (caughtUp <= this.#revision) return
    this.#revision = caughtUp
    this.#watch.noteWoken()
    this.#running?.engine.onTableChange()
  }

  #log() {
    return this.env.LOG.getByName(LOG_NAME)
  }

  #keeper() {
    return this.env.KEEPER.getByName(KEEPER_NAME)
  }
}
