import type { Observe } from '../../../hub/message/exchange.ts'
import { createMessageLog } from '../../../hub/message/message-log.ts'
import { createRowBatches } from '../../../storage/message-log/row-batch.ts'
import { after } from '../../shared/after.ts'
import { packed } from '../observed.ts'
import type { LogObject } from './ports.ts'
import type { QueueGround } from './queue-ground.ts'

/** Deliveries that are counted instead of stored are told after this, all that came meanwhile together. */
const TELL_AFTER_MS = 1_000

/** What a queue observes, on its way to the Log object. */
export type QueueLog = {
  readonly observe: Observe
  /** Takes no more, and counts as dropped what the Log object did not take within `withinMs`. Never rejects. */
  readonly close: (withinMs: number) => Promise<void>
}

/** @param bytes that may wait */
export function createQueueLog(ground: QueueGround, logObject: () => LogObject, bytes: number): QueueLog {
  const { settings, alarm, loggedDeliveries } = ground
  const batches = createRowBatches()
  const messageLog = createMessageLog({
    store: {
      open: batches.open,
      async append(batch) {
        await logObject().observed({ rows: packed(batch), seen: new Map() })
        batches.reuse(batch.pages())
      },
    },
    after,
    limits: { bodyBytes: settings.messageLogBodyBytes, bytes },
    onDropped: (rows) => alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges could not be stored` }),
  })
  let counted = 0

  async function tellCounted(): Promise<void> {
    const told = counted
    counted = 0
    if (told > 0)
      await logObject()
        .counted(told)
        .catch(() => undefined)
  }

  return {
    observe(exchange) {
      if (loggedDeliveries.takes(exchange)) messageLog.observe(exchange)
      else if (counted++ === 0) after(TELL_AFTER_MS, () => void tellCounted())
    },
    async close(withinMs) {
      await Promise.all([messageLog.close(withinMs), tellCounted()])
    },
  }
}
