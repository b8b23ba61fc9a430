import type { Exchange } from '../../hub/message/exchange.ts'
import { isConfigurationModule, isFunctionalModule } from '../../ocpi/modules.ts'

/** Upper bounds in milliseconds; the last one has none. */
const BOUNDS_MS = [2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, Number.POSITIVE_INFINITY]

/** How long exchanges of one module and outcome took. */
type Times = { readonly labels: string; readonly counts: number[]; sumMs: number }

/** Exchanges of one kind, module, outcome and receiver. `times` is shared with those of other kinds and receivers. */
type Entry = { readonly labels: string; count: number; readonly times: Times }

/**
 * Counts exchanges by kind, module, outcome and receiving platform, and their times by module and outcome only, since a
 * histogram per platform would be thousands of series. Its own because it stands on the path of every message: the client
 * library spends more on one observation than the hub on routing.
 */
export function createExchangeMetrics(): {
  readonly observe: (exchange: Exchange) => void
  readonly text: () => string
} {
  const entries = new Map<string, Entry>()
  const durations = new Map<string, Times>()

  function open(exchange: Exchange): Entry {
    const { kind, toPlatformId } = exchange
    const outcome = `module="${moduleLabel(exchange)}",outcome="${outcomeLabel(exchange)}"`
    const times = durations.get(outcome) ?? { labels: outcome, counts: BOUNDS_MS.map(() => 0), sumMs: 0 }
    durations.set(outcome, times)
    return { labels: `kind="${kind}",${outcome},platform="${toPlatformId ?? ''}"`, count: 0, times }
  }

  return {
    observe(exchange) {
      if (exchange.isTrial) return
      const { kind, toPlatformId, durationMs, ocpiStatus, failure } = exchange
      const status = ocpiStatus === null ? 0 : Math.floor(ocpiStatus / 1000)
      const key = `${kind} ${moduleLabel(exchange)} ${failure ?? status} ${toPlatformId}`
      let entry = entries.get(key)
      if (!entry) entries.set(key, (entry = open(exchange)))
      entry.count += 1
      const { times } = entry
      // A connection check asks for what is slow, or wrong, on purpose.
      if (kind === 'check') return
      let bucket = 0
      while (durationMs > (BOUNDS_MS[bucket] ?? 0)) bucket += 1
      times.counts[bucket] = (times.counts[bucket] ?? 0) + 1
      times.sumMs += durationMs
    },
    text() {
      const lines = [
        '# HELP ocpi_hub_requests_total Exchanges by kind, module, outcome and receiving platform',
        '# TYPE ocpi_hub_requests_total counter',
        ...[...entries.values()].map(({ labels, count }) => `ocpi_hub_requests_total{${labels}} ${count}`),
        '# HELP ocpi_hub_request_duration_seconds From the first byte of a request to its answer, receiver included',
        '# TYPE ocpi_hub_request_duration_seconds histogram',
        ...[...durations.values()].flatMap(histogramLines),
      ]
      return `${lines.join('\n')}\n`
    },
  }
}

function histogramLines({ labels, counts, sumMs }: Times): string[] {
  const name = 'ocpi_hub_request_duration_seconds'
  let total = 0
  const buckets = BOUNDS_MS.map((bound, index) => {
    total += counts[index] ?? 0
    const le = Number.isFinite(bound) ? String(bound / 1000) : '+Inf'
    return `${name}_bucket{${labels},le="${le}"} ${total}`
  })
  return [...buckets, `${name}_sum{${labels}} ${sumMs / 1000}`, `${name}_count{${labels}} ${total}`]
}

/** The module, as far as the hub knows it: what a caller makes up must not make up series. */
export function moduleLabel({ module, toPlatformId }: Exchange): string {
  if (toPlatformId !== null || isFunctionalModule(module) || isConfigurationModule(module)) return module
  return 'unknown'
}

/** Why it failed; else `1xxx`, `2xxx`… of the envelope, and `streamed` when the answer passed unread. */
export function outcomeLabel({ failure, ocpiStatus }: Exchange): string {
  if (failure) return failure
  return ocpiStatus === null ? 'streamed' : `${Math.floor(ocpiStatus / 1000)}xxx`
}

/** The method, unless the caller made it up. */
export function methodLabel(method: string): string {
  return ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'].includes(method) ? method : 'other'
}
