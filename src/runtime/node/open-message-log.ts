import { Worker } from 'node:worker_threads'
import type { Exchange, Observe } from '../../hub/message/exchange.ts'
import { createLoggedDeliveries } from '../../hub/message/logged-deliveries.ts'
import { createMessageLog, type MessageLogStats } from '../../hub/message/message-log.ts'
import { type OpenSocket, openConnections } from '../../storage/connections.ts'
import { createMessageWriter } from '../../storage/message-log/writer.ts'
import type { EventCounts } from '../metrics/events.ts'
import type { Settings } from '../settings/settings.ts'
import { after } from '../shared/after.ts'
import type { Log } from '../shared/log-rules.ts'
import { COMPILED } from './hasten-imports.ts'
import { createLogThread } from './message-log/log-thread.ts'
import type { LogThreadData } from './message-log/thread.ts'
import { processesOn, thisMachine } from './processes.ts'

/** What the message log may take at the end to store what waits. */
const GRACE_MS = 500

/** Of the thread's memory for what is new: it dies as young there as on the hub's, and far less of it comes between two looks. */
const YOUNG_MB = 8

type OpenMessageLog = {
  readonly observe: Observe
  readonly stats: () => Pick<MessageLogStats, 'waiting' | 'written' | 'dropped'>
  /** Takes no more, and tries for a moment to store what waits. */
  readonly store: () => Promise<void>
  /** Ends the connection. */
  readonly close: () => Promise<void>
}

/** What the message log counts and tells of. */
type Tell = Pick<EventCounts, 'unloggedDeliveries'> & {
  readonly dropped: (rows: number) => void
  readonly log: Log
  /** What an exchange failed with that could not be made a row. */
  readonly onFault: (error: unknown) => void
}

/** The message log, on a database connection of its own. At the end `store` is called before `close`. */
export function openMessageLog(
  databaseUrl: string,
  openSocket: OpenSocket,
  settings: Settings,
  tell: Tell,
): OpenMessageLog {
  const log = hasThread(settings)
    ? onThread(databaseUrl, settings, tell)
    : here(databaseUrl, openSocket, settings, tell)
  const isLogged = createLoggedDeliveries(settings.messageLogDeliveriesPerSecond, Date.now)
  return {
    ...log,
    observe(exchange: Exchange) {
      if (isLogged(exchange)) log.observe(exchange)
      else tell.unloggedDeliveries(1)
    },
  }
}

/** One for the thread, and one for the database and all else: with fewer it takes from the hub, or from those, what it saves. */
const SPARE_PROCESSORS = 2

export function hasThread(
  settings: Pick<Settings, 'messageLogThread' | 'processes' | 'databaseUrl' | 'databasePool'>,
  machine = thisMachine(),
): boolean {
  const { messageLogThread } = settings
  return (
    messageLogThread === 'on' ||
    (messageLogThread === 'auto' && machine.processors >= processesOn(machine, settings) + SPARE_PROCESSORS)
  )
}

function here(
  url: string,
  openSocket: OpenSocket,
  { messageLogBodyBytes: bodyBytes }: Settings,
  { dropped }: Tell,
): OpenMessageLog {
  const store = createMessageWriter(() => openConnections({ url, maxConnections: 1, commitsLater: true, openSocket }))
  const { observe, stats, close } = createMessageLog({ store, after, limits: { bodyBytes }, onDropped: dropped })
  return { observe, stats, store: () => close(GRACE_MS), close: store.close }
}

function onThread(
  databaseUrl: string,
  { messageLogBodyBytes: bodyBytes }: Settings,
  { dropped, log, onFault }: Tell,
): OpenMessageLog {
  const { observe, stats, store, close } = createLogThread({
    start: (memory) =>
      new Worker(new URL('./message-log/thread.ts', import.meta.url), {
        name: 'message log',
        // Of what the hub has told Node of its cache a thread knows nothing.
        env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
        workerData: { memory, databaseUrl, bodyBytes } satisfies LogThreadData,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      }),
    after,
    bodyBytes,
    onDropped: dropped,
    onFault,
    onEnded: (why, lost) => log.error({ why, lost }, 'the thread of the message log ended by itself: starting another'),
  })
  return { observe, stats, store: () => store(GRACE_MS), close }
}
