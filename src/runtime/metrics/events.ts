import type { AlarmKind, Bound } from '../../hub/ports.ts'
import type { NoteConversion } from '../../hub/translate/carriage.ts'
import { type ConversionsCounted, NOTHING_CONVERTED } from '../../hub/translate/conversion-counts.ts'
import { type ConversionCounters, createConversionCounters } from './conversions.ts'
import { metricText } from './text.ts'

const HELP = {
  ocpi_hub_alarms_total: 'Alarms by kind',
  ocpi_hub_refused_logins_total: 'Requests with a token that is not valid',
  ocpi_hub_refused_broadcasts_total: 'Broadcasts refused with 429 since their platform sends too many',
  ocpi_hub_push_log_cut_total: 'Pushes cut from the push log by its bounds, by the platform that sent them',
  ocpi_hub_bounds_met_total: 'Times that a bound on what one partner can use up was met',
  ocpi_hub_conversion_total: 'Objects converted between OCPI versions, withheld, or failed',
  ocpi_hub_events_dropped_total: 'Events for administrators that were not kept, as there were too many',
  ocpi_hub_message_log_counted_total: 'Deliveries that succeeded, beyond those that the message log stores',
  ocpi_hub_message_log_dropped: 'Exchanges the message log had no room for, since the start',
} as const

type Name = keyof typeof HELP

/** Without labels there is one series, and it is there before anything was counted. */
const BARE: readonly string[] = [
  'ocpi_hub_refused_logins_total',
  'ocpi_hub_events_dropped_total',
  'ocpi_hub_message_log_counted_total',
  'ocpi_hub_message_log_dropped',
]

export type Counted = {
  /** By metric and labels: `ocpi_hub_alarms_total`, `kind="queue-paused"`, 3. */
  readonly events: readonly (readonly [name: Name, labels: string, count: number])[]
  readonly conversions: ConversionsCounted
}

export const NOTHING_HAPPENED: Counted = { events: [], conversions: NOTHING_CONVERTED }

/** Counts what happens seldom, on either runtime. What happens with every message has means of its own. */
export type EventCounts = {
  readonly alarm: (kind: AlarmKind) => void
  readonly refusedLogin: () => void
  /** A broadcast of this platform was refused, since it sends too many. */
  readonly refusedBroadcast: (platformId: string) => void
  /** Pushes of this platform were cut from the push log though others may still need them. */
  readonly cutPushes: (fromPlatformId: string, count: number) => void
  readonly bound: (bound: Bound) => void
  /** Events for administrators were lost. */
  readonly droppedEvents: (count: number) => void
  /** Deliveries succeeded that the message log does not store. */
  readonly unloggedDeliveries: (count: number) => void
  /** Exchanges found no room in the message log. */
  readonly droppedExchanges: (count: number) => void
  /** Between platforms of unlike versions. */
  readonly noteConversion: NoteConversion
  /** What conversions did in particular, for the database. */
  readonly conversions: Omit<ConversionCounters, 'note'>
  /** Adds what was counted elsewhere. */
  readonly add: (counted: Counted) => void
  readonly isEmpty: () => boolean
  /** All that was counted, for whoever adds it up; counting begins anew. */
  readonly take: () => Counted
  /** Prometheus text. */
  readonly text: () => string
}

export function createEventCounts(): EventCounts {
  const metrics = new Map<Name, Map<string, number>>()
  const { note, ...conversions } = createConversionCounters(Date.now)

  function count(name: Name, labels: string, by = 1): void {
    const series = metrics.get(name) ?? new Map<string, number>()
    metrics.set(name, series)
    series.set(labels, (series.get(labels) ?? 0) + by)
  }

  function eventsCounted(): Counted['events'] {
    return [...metrics].flatMap(([name, series]) => [...series].map(([labels, by]) => [name, labels, by] as const))
  }

  return {
    alarm: (kind) => count('ocpi_hub_alarms_total', `kind="${kind}"`),
    refusedLogin: () => count('ocpi_hub_refused_logins_total', ''),
    refusedBroadcast: (platformId) => count('ocpi_hub_refused_broadcasts_total', `platform="${platformId}"`),
    cutPushes: (platformId, by) => count('ocpi_hub_push_log_cut_total', `platform="${platformId}"`, by),
    bound: (bound) => count('ocpi_hub_bounds_met_total', `bound="${bound}"`),
    droppedEvents: (by) => count('ocpi_hub_events_dropped_total', '', by),
    unloggedDeliveries: (by) => count('ocpi_hub_message_log_counted_total', '', by),
    droppedExchanges: (by) => count('ocpi_hub_message_log_dropped', '', by),
    noteConversion(conversion) {
      const { from, to, kind, outcome } = conversion
      count('ocpi_hub_conversion_total', `from="${from}",to="${to}",kind="${kind}",outcome="${outcome}"`)
      note(conversion)
    },
    conversions,
    add(more) {
      for (const [name, labels, by] of more.events) count(name, labels, by)
      conversions.add(more.conversions)
    },
    isEmpty: () => metrics.size === 0 && conversions.isEmpty(),
    take() {
      const events = eventsCounted()
      metrics.clear()
      return { events, conversions: conversions.take() }
    },
    text() {
      return Object.entries(HELP)
        .map(([name, help]) => {
          const series = [...(metrics.get(name as Name) ?? [])]
          return metricText(name, 'counter', help, series.length === 0 && BARE.includes(name) ? [['', 0]] : series)
        })
        .join('')
    },
  }
}
