import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import type { CheckWorker } from '../../../hub/check/runs/worker.ts'
import type { CheckOutcome } from '../../../hub/presence/ask.ts'
import type { Presence } from '../../../hub/presence/presence.ts'
import { createLogTrim } from '../../../hub/push/drain/trim.ts'
import type { PartiesTeller } from '../../../hub/registration/tell-parties.ts'
import type { Teller } from '../../../hub/webhooks/teller.ts'
import { createTrimStore } from '../../../storage/push/trim.ts'
import { isAllowedHost } from '../../shared/address-guard.ts'
import { after } from '../../shared/after.ts'
import { describeError } from '../../shared/cannot-start.ts'
import { earlierNow } from '../../shared/earlier-now.ts'
import { type Chore, housekeepingOf, shadowChore } from '../../wiring/housekeeping.ts'
import { wireTeller } from '../../wiring/wire-webhooks.ts'
import { createConsoleLog } from '../console-log.ts'
import { createFetchSend } from '../fetch-send.ts'
import { NOTHING_OBSERVED } from '../observed.ts'
import { WaitingPlaces } from '../waiting-places.ts'
import { createChores } from './chores.ts'
import { type CheckAnswer, createElsewhere } from './elsewhere.ts'
import { type ObjectGround, openObject } from './open-object.ts'
import { type Bindings, type KeeperObject, LOG_NAME } from './ports.ts'
import { queueGround } from './queue-ground.ts'
import { type Outcome, outcomeOf } from './rpc.ts'

/** The object comes back after this, whatever ended it. */
const ALARM_MS = 10_000
const ROUND_MS = 1_000
const HOUR_MS = 3_600_000

/**
 * The object that looks after what nobody asks for: still-alive checks, made by the objects of the platforms' queues; connection checks; the Log
 * object, and the queues that are behind; the webhooks; and whatever keeps the database within its bounds. Cron wakes it should its alarms ever end.
 */
export class Keeper extends DurableObject<Bindings> implements KeeperObject {
  readonly #ground: ObjectGround
  readonly #elsewhere
  readonly #presence: Presence
  readonly #checks: CheckWorker
  readonly #round: () => Promise<void>
  #ready: Promise<void> | null = null

  constructor(ctx: DurableObjectState, bindings: Bindings) {
    super(ctx, bindings)
    const { LOG, QUEUE } = bindings
    this.#ground = openObject(bindings)
    const { parts, table } = this.#ground
    const logObject = () => LOG.getByName(LOG_NAME)
    this.#elsewhere = createElsewhere({
      ask: (platformId, ...question) => QUEUE.getByName(platformId).ask(platformId, ...question),
      after,
    })
    this.#presence = parts.presenceOn({
      client: this.#elsewhere.client,
      table: {
        ...table,
        // Those who are to be told of it are told by the Log object.
        async refresh() {
          await table.refresh()
          await logObject().tableChanged()
        },
      },
    })
    const { send, observe } = queueGround(bindings)
    this.#checks = parts.checkWorker({ send, observe, table, readTls: null })
    const parties = parts.partiesTeller({ send, observe, table })
    const log = createConsoleLog(parts.settings.logLevel)
    this.#round = createChores({
      chores: choresOf(this.#ground, logObject, this.#checks, parties),
      clock: () => performance.now(),
      onFailed: (what, error) => log.warn({ what, why: describeError(error) }, 'housekeeping failed'),
    })
  }

  async poke(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + ALARM_MS)
    await this.#begun().catch(() => undefined)
  }

  check(platformId: string): Promise<Outcome<CheckOutcome>> {
    return outcomeOf(async () => {
      await this.#begun()
      await this.#ground.table.refresh()
      return this.#presence.check(platformId)
    })
  }

  async isAlive(platformId: string): Promise<boolean> {
    await this.#begun()
    await this.#ground.table.refresh()
    return this.#presence.isAlive(platformId)
  }

  async unreachable(platformId: string): Promise<void> {
    await this.#begun()
    const { table } = this.#ground
    if (!table.current().platforms.has(platformId)) await table.refresh()
    this.#presence.onUnreachable(platformId)
  }

  async answered(question: number, answer: CheckAnswer): Promise<void> {
    this.#elsewhere.answered(question, answer)
  }

  async lookForChecks(): Promise<void> {
    await this.#begun()
    await this.#checks.look()
  }

  /** An alarm that throws is given up by the platform in the end: this one does not. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ALARM_MS)
    await this.#begun().catch(() => undefined)
  }

  #begun(): Promise<void> {
    this.#ready ??= this.#ground
      .ready()
      .then(() => {
        this.#presence.start()
        setInterval(() => void this.#round(), ROUND_MS)
      })
      .catch((error: unknown) => {
        this.#ready = null
        throw error
      })
    return this.#ready
  }
}

function choresOf(
  { database, parts, table, events }: ObjectGround,
  logObject: () => ReturnType<Bindings['LOG']['getByName']>,
  checks: CheckWorker,
  parties: PartiesTeller,
): Chore[] {
  const { orm, sql } = database
  const { settings, now } = parts
  const trim = createLogTrim({
    store: createTrimStore(sql),
    table: table.current,
    now,
    bounds: { oldestAt: () => earlierNow() - settings.pushLogHours * HOUR_MS, maxBytes: settings.pushLogBytes },
    onCut: events.cutPushes,
    noteBound: events.bound,
  })
  return [
    {
      what: 'counts',
      everyMs: 5_000,
      async run() {
        if (events.isEmpty()) return
        const counted = events.take()
        await logObject()
          .observed({ ...NOTHING_OBSERVED, counted })
          .catch((error: unknown) => {
            events.add(counted)
            throw error
          })
      },
    },
    { what: 'connection checks', everyMs: 3_000, run: checks.look },
    { what: 'parties in credentials', everyMs: 5_000, run: parties.look },
    { what: 'routing table', everyMs: 3_000, run: table.refresh },
    {
      what: 'push log',
      everyMs: 5_000,
      // One process of all trims it; this call also brings back a Log object that was ended.
      run: async () => ((await logObject().holdsFirst()) ? trim() : undefined),
    },
    { what: 'webhooks', everyMs: 2_000, run: tellerOf(parts).round },
    { what: 'queues that are behind', everyMs: 60_000, run: () => logObject().reconcile() },
    ...housekeepingOf(orm, settings, events.bound, 30_000),
    shadowChore(sql, settings, events.bound),
  ]
}

/** Each webhook is told by itself, so a round only begins. */
function tellerOf(parts: ObjectGround['parts']): Teller {
  const { allowPrivateNetworks, streamIdleMs, streamTotalMs } = parts.settings
  const places = new WaitingPlaces()
  const send = createFetchSend({
    isHostAllowed: allowPrivateNetworks ? () => true : isAllowedHost,
    ofLength: (stream) => stream,
    places: () => places,
    streamIdleMs,
    streamTotalMs,
  })
  return wireTeller(parts, send)
}
