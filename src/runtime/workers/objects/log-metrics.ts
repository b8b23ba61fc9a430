import type { RoutingTable } from '../../../hub/network/routing-table.ts'
import { SHARDS } from '../../../hub/push/drain/leases.ts'
import type { PushReadings } from '../../../storage/push/queue-states.ts'
import type { EventCounts } from '../../metrics/events.ts'
import { queueMetrics } from '../../metrics/queues.ts'
import { metricText, type Series } from '../../metrics/text.ts'
import type { RowGatherer } from './row-gatherer.ts'

/** However often somebody asks, the database is asked no more often than this. */
const READ_EVERY_MS = 5_000

/**
 * What operators watch of all of Workers, as Prometheus text, under the names that it has on Node: what objects and isolates counted
 * and told, what the Log object has in hand, and what the database knows of the queues that are Workers' to drain, which costs it
 * two statements. While it is away its part is left out.
 */
export function createLogMetrics(ports: {
  readonly events: EventCounts
  readonly rows: RowGatherer['stats']
  readonly table: () => RoutingTable
  readonly push: PushReadings
  /** Whether a platform's queue is one that Workers drain. */
  readonly isOurs: (platformId: string) => boolean
  readonly shards: () => { readonly held: number; readonly processes: number }
  readonly clock: () => number
}): () => Promise<string> {
  const { events, table, push, isOurs, clock } = ports
  let readAt = Number.NEGATIVE_INFINITY
  let reading = Promise.resolve('')

  async function read(): Promise<string> {
    const [states, logBytes] = await Promise.all([push.queueStates(), push.logBytes()])
    return (
      queueMetrics(
        states.filter(({ platformId }) => isOurs(platformId)),
        Date.now(),
      ) + metricText('ocpi_hub_push_log_bytes', 'gauge', 'Bytes of the push log', [['', logBytes]])
    )
  }

  function readNowAndThen(): Promise<string> {
    if (clock() - readAt >= READ_EVERY_MS) {
      readAt = clock()
      reading = read().catch(() => '')
    }
    return reading
  }

  return async () => {
    const { waiting, written } = ports.rows()
    const { held, processes } = ports.shards()
    const { revision } = table()
    return [
      events.text(),
      gauge('message_log_waiting', 'Exchanges not yet written to the message log', waiting),
      gauge('message_log_written', 'Exchanges written to the message log, since the start', written),
      gauge('routing_table_revision', 'Revision of the routing table in force', revision),
      metricText('ocpi_hub_platforms', 'gauge', 'Platforms by status', platformsByStatus(table())),
      gauge('shards_held', `Of ${SHARDS} shards of platforms, those whose queues Workers drain`, held),
      gauge('processes', 'Hubs that share the draining: all of Workers are one', processes),
      await readNowAndThen(),
    ].join('')
  }
}

function gauge(name: string, help: string, value: number): string {
  return metricText(`ocpi_hub_${name}`, 'gauge', help, [['', value]])
}

function platformsByStatus({ platforms }: RoutingTable): Series[] {
  const counts = new Map<string, number>()
  for (const { status } of platforms.values()) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].map(([status, count]) => [`status="${status}"`, count])
}
