import type { AnalyticsEngineDataset } from '@cloudflare/workers-types'
import type { Exchange, Observe } from '../../hub/message/exchange.ts'
import { methodLabel, moduleLabel, outcomeLabel } from '../metrics/exchanges.ts'

export type Dataset = Pick<AnalyticsEngineDataset, 'writeDataPoint'>

/** The platform takes so many of one request. */
const POINTS_MOST = 25

/**
 * Writes exchanges as points of Workers Analytics Engine: that with the caller, and of those that the hub made to answer it the
 * first 24. docs/operators.md names the columns. Labels and numbers only, no token, path or body; nothing waits for it.
 *
 * @param mayWrite whether the request that is served has written fewer than so many, one more being written then
 */
export function createPointWriter(dataset: Dataset, mayWrite: (most: number) => boolean): Observe {
  return (exchange) => {
    if (exchange.isTrial) return
    // The last place is for what the caller gets, which is known last.
    if (!mayWrite(exchange.kind === 'hub-call' || exchange.kind === 'check' ? POINTS_MOST - 1 : POINTS_MOST)) return
    try {
      dataset.writeDataPoint(pointOf(exchange))
    } catch {
      // The platform takes it or not: no request fails for it.
    }
  }
}

/** Points are thinned out by the index when there are many: by the receiver, so that a small one stays in sight beside large ones. */
function pointOf(exchange: Exchange) {
  const { kind, method, fromPlatformId, toPlatformId } = exchange
  return {
    indexes: [toPlatformId ?? ''],
    blobs: [
      kind,
      moduleLabel(exchange),
      outcomeLabel(exchange),
      fromPlatformId ?? '',
      toPlatformId ?? '',
      methodLabel(method),
    ],
    doubles: [
      exchange.httpStatus,
      exchange.ocpiStatus ?? 0,
      exchange.durationMs,
      exchange.receiverMs ?? 0,
      exchange.requestBytes,
      exchange.responseBytes,
    ],
  }
}
