import type { Observe } from '../../../hub/message/exchange.ts'
import { createMessageLog } from '../../../hub/message/message-log.ts'
import { createRowBatches } from '../../../storage/message-log/row-batch.ts'
import { after } from '../../shared/after.ts'
import { NOTHING_OBSERVED, packed } from '../observed.ts'
import type { LogObject } from './ports.ts'
import type { QueueGround } from './queue-ground.ts'

/** Deliveries that are counted instead of stored are told after this, all that came meanwhile together. */
const TELL_AFTER_MS = 1_000
/** Rows are told so seldom, since the calls of all busy queues to the one Log object are what it can bear least. */
const BATCH_MS = 1_000

/** What a queue observes, on its way to the Log object. */
export type QueueLog = {
  readonly observe: Observe
  /** Takes no more, and counts as dropped what the Log object did not take within `withinMs`. Never rejects. */
  readonly close: (withinMs: number) => Promise<void>
}

/** @param bytes that may wait */
export function createQueueLog(ground: QueueGround, logObject: () => LogObject, bytes: number): QueueLog {
  const { settings, alarm, isLogged } = ground
  const batches = createRowBatches()
  const messageLog = createMessageLog({
    store: {
      open: batches.open,
      async append(batch) {
        const traffic = ground.traffic.take()
        try {
          await logObject().observed({ ...NOTHING_OBSERVED, rows: packed(batch), traffic })
        } catch (error) {
          ground.traffic.add(traffic)
          throw error
        }
        batches.reuse(batch.pages())
      },
    },
    after,
    limits: { bodyBytes: settings.messageLogBodyBytes, bytes, batchMs: BATCH_MS },
    onDropped(rows) {
      ground.count((events) => events.droppedExchanges(rows))
      alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges could not be stored` })
    },
  })
  let unlogged = 0

  function tellUnlogged(): void {
    if (unlogged > 0) ground.count((events) => events.unloggedDeliveries(unlogged))
    unlogged = 0
  }

  return {
    observe(exchange) {
      ground.traffic.observe(exchange)
      if (isLogged(exchange)) messageLog.observe(exchange)
      else if (unlogged++ === 0) after(TELL_AFTER_MS, tellUnlogged)
    },
    async close(withinMs) {
      tellUnlogged()
      await messageLog.close(withinMs)
    },
  }
}
