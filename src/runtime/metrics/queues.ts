import type { QueueState } from '../../hub/push/cursor.ts'

const NUMBERS: readonly (readonly [
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  of: (state: QueueState) => number,
])[] = [
  ['waiting', 'gauge', 'Pushes waiting for a platform', (state) => state.waiting + state.unread],
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
]

/**
 * The queues that this process drains, by platform, as Prometheus reads it. The counts belong to the platform and not to the
 * process: they outlive a restart and move with the queue.
 */
export function queueMetrics(states: readonly QueueState[]): string {
  const lines = NUMBERS.flatMap(([name, type, help, of]) => [
    `# HELP ocpi_hub_queue_${name} ${help}`,
    `# TYPE ocpi_hub_queue_${name} ${type}`,
    ...states.map((state) => `ocpi_hub_queue_${name}{platform="${state.platformId}"} ${of(state)}`),
  ])
  return `${lines.join('\n')}\n`
}
