import { performance } from 'node:perf_hooks'
import type { Observe } from '../../hub/message/exchange.ts'
import { mixes211 } from '../../hub/network/mixes-211.ts'
import type { NewerToken } from '../../hub/network/newer-token.ts'
import type { CurrentTable } from '../../hub/network/routing-table.ts'
import type { After, Alarm, Inflate, NoteBound, Now, Send } from '../../hub/ports.ts'
import { createClientInfoLanes } from '../../hub/presence/client-info-lane.ts'
import { createPushEngine, type PushEngine } from '../../hub/push/engine.ts'
import type { Translate } from '../../hub/translate/translate.ts'
import type { Database } from '../../storage/database.ts'
import { createClientInfoCursors } from '../../storage/network/client-info.ts'
import { createQueueAdmin } from '../../storage/push/admin.ts'
import { createCursorStore } from '../../storage/push/cursors.ts'
import { createLeaseStore } from '../../storage/push/leases.ts'
import { createPushLog, createPushNotice, listenForPushes } from '../../storage/push/log.ts'
import { createTrimStore } from '../../storage/push/trim.ts'
import type { Settings } from '../settings/settings.ts'
import { earlierNow } from '../shared/earlier-now.ts'
import { random } from '../shared/secrets.ts'

const HOUR_MS = 3_600_000

/** The push log and the partner queues of one process, on Postgres with notifications. */
export function wirePush(parts: {
  readonly database: Database
  readonly table: CurrentTable
  readonly newerToken: NewerToken
  readonly send: Send
  readonly inflate: Inflate
  readonly translate: Translate
  readonly observe: Observe
  readonly alarm: Alarm
  readonly now: Now
  readonly after: After
  readonly loopMark: string
  readonly presence: {
    readonly isAlive: (platformId: string) => Promise<boolean>
    readonly onUnreachable: (platformId: string) => void
  }
  readonly settings: Settings
  /** Told of pushes that were cut from the log though some platform may still need them, by sender. */
  readonly onCut: (fromPlatformId: string, pushes: number) => void
  readonly noteBound: NoteBound
}): {
  readonly engine: PushEngine
  /** There are pushes that this process did not take: it and all others look. */
  readonly pushed: () => Promise<void>
  readonly start: () => Promise<void>
  readonly stop: (graceMs: number) => Promise<void>
} {
  const { database, presence, settings, ...ports } = parts
  const { sql, orm } = database
  const { table, now } = ports
  const clock = () => performance.now()
  const chance = Math.random
  const cursors = createClientInfoCursors(orm)
  const notice = createPushNotice(sql)
  const engine = createPushEngine({
    ...ports,
    log: createPushLog(sql, () => mixes211(table())),
    cursors: createCursorStore(sql),
    leases: createLeaseStore(sql),
    trim: createTrimStore(sql),
    admin: createQueueAdmin(database),
    firstLanes: createClientInfoLanes({ cursors, table, now, clock, chance, id: random.id }),
    ...notice,
    owner: random.id(),
    clock,
    soon: setImmediate,
    chance,
    checkAlive: presence.isAlive,
    onUnreachable: presence.onUnreachable,
    bounds: { oldestAt: () => earlierNow() - settings.pushLogHours * HOUR_MS, maxBytes: settings.pushLogBytes },
    timeoutMs: settings.forwardTimeoutMs,
    random,
    logsFailedBodies: settings.logsFailedBodies,
  })
  let stopListening = async () => {}
  return {
    engine,
    async pushed() {
      engine.onPushed()
      // A lost notice costs a second: each process also polls.
      await notice.notify().catch(() => undefined)
    },
    async start() {
      await engine.start()
      stopListening = await listenForPushes(sql, engine.onPushed)
    },
    async stop(graceMs) {
      await engine.stop(graceMs)
      await stopListening()
    },
  }
}
