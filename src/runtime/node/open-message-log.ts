import type { Exchange } from '../../hub/message/exchange.ts'
import { createLoggedDeliveries } from '../../hub/message/logged-deliveries.ts'
import { createMessageLog } from '../../hub/message/message-log.ts'
import { type OpenSocket, openConnections } from '../../storage/connections.ts'
import { createMessageWriter } from '../../storage/message-log/writer.ts'
import type { EventCounts } from '../metrics/events.ts'
import type { Settings } from '../settings/settings.ts'
import { after } from '../shared/after.ts'

/** What the message log may take at the end to store what waits. */
const GRACE_MS = 500

/** The message log, on a database connection of its own. At the end `store` is called before `close`. */
export function openMessageLog(
  url: string,
  openSocket: OpenSocket,
  { messageLogBodyBytes: bodyBytes, messageLogDeliveriesPerSecond }: Settings,
  count: Pick<EventCounts, 'unloggedDeliveries'> & { readonly dropped: (rows: number) => void },
) {
  const store = createMessageWriter(() => openConnections({ url, maxConnections: 1, commitsLater: true, openSocket }))
  const { observe, stats, close } = createMessageLog({ store, after, limits: { bodyBytes }, onDropped: count.dropped })
  const isLogged = createLoggedDeliveries(messageLogDeliveriesPerSecond, Date.now)
  return {
    observe(exchange: Exchange) {
      if (isLogged(exchange)) observe(exchange)
      else count.unloggedDeliveries(1)
    },
    stats,
    /** Takes no more, and tries for a moment to store what waits. */
    store: () => close(GRACE_MS),
    /** Ends the connection. */
    close: store.close,
  }
}
