import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import type { Fact } from '../../../hub/open-routing/object-owners.ts'
import type { Accepted } from '../../../hub/push/accept/accept.ts'
import type { NewPush } from '../../../hub/push/push.ts'
import { createPushReadings } from '../../../storage/push/queue-states.ts'
import type { Observed } from '../observed.ts'
import { createLogMetrics } from './log-metrics.ts'
import { createLogPushes, type HandedMark } from './log-pushes.ts'
import { createLogRows } from './log-rows.ts'
import { openObject } from './open-object.ts'
import type { Bindings, LogObject } from './ports.ts'
import type { HeldSave } from './queue-store.ts'
import { outcomeOf } from './rpc.ts'

type Asked<Name extends keyof LogObject> = Parameters<LogObject[Name]>
type Answered<Name extends keyof LogObject> = ReturnType<LogObject[Name]>

/** While something is to be handed over the object comes back after this, whatever ended it. */
const ALARM_MS = 10_000
/** The mark is written behind the hand-overs, so seldom: what a crash loses of it is handed over once more. */
const MARK_EVERY_MS = 1_000

/**
 * The object through which all of Workers reach the database where many would each open a connection: for the routing table, the
 * message log and what traffic teaches; and the log of pushes, which it alone writes, and hands to the queues they are for.
 */
export class Log extends DurableObject<Bindings> implements LogObject {
  readonly #ground
  readonly #rows
  readonly #pushes
  readonly #metrics
  #ready: Promise<void> | null = null
  #hasAlarm = false
  #isMarking = false
  #marked = -1

  constructor(ctx: DurableObjectState, bindings: Bindings) {
    super(ctx, bindings)
    this.#ground = openObject(bindings)
    this.#rows = createLogRows(this.#ground)
    this.#pushes = createLogPushes({
      ...this.#ground,
      hand: (platformId, handOver) => bindings.QUEUE.getByName(platformId).take(platformId, handOver),
      order: (platformId) => bindings.QUEUE.getByName(platformId).order(platformId),
      follow: (platformId, revision) => bindings.QUEUE.getByName(platformId).follow(revision),
      giveUp: (platformId) => bindings.QUEUE.getByName(platformId).giveUp(),
      readMark: async () => (await ctx.storage.get<HandedMark>('handed')) ?? null,
      onOpen: () => this.#keepOn(),
    })
    this.#metrics = createLogMetrics({
      events: this.#ground.events,
      rows: this.#rows.stats,
      table: this.#ground.table.current,
      push: createPushReadings(this.#ground.database.sql),
      isOurs: this.#pushes.isOurs,
      shards: this.#pushes.shards,
      clock: () => performance.now(),
    })
  }

  readTable(afterRevision: number | null, isFresh: boolean): Answered<'readTable'> {
    return this.#outcome(async () => {
      const rows = await this.#rows.readTable(afterRevision, isFresh)
      // Whoever has just changed something goes on when it holds for what waits, too.
      if (isFresh) await this.#pushes.told()
      return rows
    })
  }

  async observed({ rows, seen, counted, traffic, happened }: Observed): Promise<void> {
    this.#rows.count(counted, traffic)
    happened.forEach(this.#ground.parts.noteEvent)
    if (rows) this.#rows.take(rows)
    // What was taken is not told again, so nothing may fail behind it: while the database is away, who was heard is told the next time.
    if (seen.size > 0) await this.#rows.noteSeen(seen).catch(() => undefined)
  }

  async metrics(): Promise<string> {
    await this.#begun().catch(() => undefined)
    return this.#metrics()
  }

  findOwners(...args: Asked<'findOwners'>): Answered<'findOwners'> {
    return outcomeOf(() => this.#rows.findOwners(...args))
  }

  findManyOwners(...args: Asked<'findManyOwners'>): Answered<'findManyOwners'> {
    return outcomeOf(() => this.#rows.findManyOwners(...args))
  }

  saveOwners(facts: readonly Fact[], at: number): Answered<'saveOwners'> {
    return outcomeOf(() => this.#rows.saveOwners(facts, at))
  }

  businessOf(...args: Asked<'businessOf'>): Answered<'businessOf'> {
    return outcomeOf(() => this.#ground.parts.toldCredentials.businessOf(...args))
  }

  readShadow(...args: Asked<'readShadow'>): Answered<'readShadow'> {
    return outcomeOf(() => this.#ground.shadow.read(...args))
  }

  noteShadow(...args: Asked<'noteShadow'>): Answered<'noteShadow'> {
    return outcomeOf(() => this.#ground.shadow.note(...args))
  }

  isToldShadow(...args: Asked<'isToldShadow'>): Answered<'isToldShadow'> {
    return outcomeOf(() => this.#ground.shadow.isTold(...args))
  }

  tellShadow(...args: Asked<'tellShadow'>): Answered<'tellShadow'> {
    return outcomeOf(() => this.#ground.shadow.tell(...args))
  }

  async accept(push: NewPush, revision: number): Promise<Accepted> {
    const accepted = await this.#outcome(() => this.#pushes.accept(push, revision))
    return accepted.kind === 'done' ? accepted.value : { kind: 'unavailable', detail: 'The push could not be stored' }
  }

  async pushed(): Promise<void> {
    await this.#outcome(async () => this.#pushes.onPushed())
  }

  begin(platformId: string, holder: string): Answered<'begin'> {
    return this.#outcome(() => this.#pushes.begin(platformId, holder))
  }

  lease(platformId: string): Answered<'lease'> {
    return this.#outcome(async () => this.#pushes.lease(platformId))
  }

  save(save: HeldSave): Answered<'save'> {
    return this.#pushes.save(save)
  }

  saveMark(...args: Asked<'saveMark'>): Answered<'saveMark'> {
    return outcomeOf(() => this.#pushes.saveMark(...args))
  }

  readModule(...args: Asked<'readModule'>): Answered<'readModule'> {
    return outcomeOf(() => this.#pushes.readModule(...args))
  }

  readNumbers(...args: Asked<'readNumbers'>): Answered<'readNumbers'> {
    return outcomeOf(() => this.#pushes.readNumbers(...args))
  }

  orders(platformId: string): Answered<'orders'> {
    return outcomeOf(() => this.#pushes.orders(platformId))
  }

  async tableChanged(): Promise<void> {
    await this.#outcome(() => this.#ground.table.refresh())
  }

  async reconcile(): Promise<void> {
    await this.#outcome(() => this.#pushes.reconcile())
  }

  async holdsFirst(): Promise<boolean> {
    await this.#outcome(async () => undefined)
    return this.#pushes.holdsFirst()
  }

  /** The object was ended while something was to be handed over: its start hands it over. */
  override async alarm(): Promise<void> {
    this.#hasAlarm = false
    const { kind } = await this.#outcome(async () => undefined)
    if (kind !== 'done' || this.#pushes.isOpen()) this.#keepOn()
  }

  /** What needs the routing table, the leases and the end of the log; away until they are there. */
  #outcome<T>(work: () => Promise<T>) {
    return outcomeOf(async () => {
      await this.#begun()
      return work()
    })
  }

  #begun(): Promise<void> {
    this.#ready ??= this.#ground
      .ready()
      .then(() => this.#pushes.start())
      .catch((error: unknown) => {
        this.#ready = null
        throw error
      })
    return this.#ready
  }

  #keepOn(): void {
    if (!this.#hasAlarm) {
      this.#hasAlarm = true
      void this.ctx.storage.setAlarm(Date.now() + ALARM_MS)
    }
    if (this.#isMarking) return
    this.#isMarking = true
    setTimeout(() => this.#mark(), MARK_EVERY_MS)
  }

  #mark(): void {
    this.#isMarking = false
    const mark = this.#pushes.mark()
    if (mark.number === this.#marked) return
    this.#marked = mark.number
    void this.ctx.storage.put('handed', mark)
  }
}
