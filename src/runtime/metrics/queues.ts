import type { QueueState } from '../../hub/push/cursor.ts'
import { metricText } from './text.ts'

const NUMBERS: readonly (readonly [
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  of: (state: QueueState, now: number) => number,
])[] = [
  ['waiting', 'gauge', 'Pushes waiting for a platform', (state) => state.waiting + state.unread],
  [
    'oldest_seconds',
    'gauge',
    'How long ago the oldest push that waits was accepted',
    ({ oldestAt }, now) => (oldestAt === null ? 0 : Math.max(0, Math.round((now - oldestAt) / 1000))),
  ],
  ['in_flight', 'gauge', 'Deliveries under way', (state) => state.inFlight],
  [
    'paused',
    'gauge',
    '1 while nothing is sent to a platform, whatever the reason',
    (state) => (state.pauseCause ? 1 : 0),
  ],
  ['delivered_total', 'counter', 'Pushes delivered', (state) => state.delivered],
  ['collapsed_total', 'counter', 'Pushes replaced by newer ones before they were sent', (state) => state.collapsed],
  ['failed_total', 'counter', 'Pushes refused by the partner for good', (state) => state.failed],
  ['missed_total', 'counter', 'Pushes given up by the hub, refused ones aside', (state) => state.missed],
  ['withheld_total', 'counter', "Pushes that cannot be said in the platform's OCPI version", (state) => state.withheld],
]

/**
 * The queues that this process drains, by platform, as Prometheus reads it. The counts belong to the platform and not to the
 * process: they outlive a restart and move with the queue.
 */
export function queueMetrics(states: readonly QueueState[], now: number): string {
  return NUMBERS.map(([name, type, help, of]) =>
    metricText(
      `ocpi_hub_queue_${name}`,
      type,
      help,
      states.map((state) => [`platform="${state.platformId}"`, of(state, now)]),
    ),
  ).join('')
}
