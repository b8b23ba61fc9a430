import { Gauge } from 'prom-client'
import type { MessageLogStats } from '../../hub/message/message-log.ts'
import type { RoutingTable } from '../../hub/network/routing-table.ts'
import type { QueueState } from '../../hub/push/cursor.ts'
import type { Counts } from './counts.ts'
import { queueMetrics } from './queues.ts'

/** Where numbers are read when somebody asks for the metrics. */
export type Readings = {
  readonly messageLog: () => Pick<MessageLogStats, 'waiting' | 'written'>
  readonly openConnections: () => number
  readonly table: () => RoutingTable
  /** Queues of this process. */
  readonly queues: () => readonly QueueState[]
}

/** What operators watch, counted and read: returns how to get it as Prometheus text. */
export function createMetrics(counts: Counts, readings: Readings): () => Promise<string> {
  const { registry } = counts
  const registers = [registry]
  const { messageLog, openConnections, table, queues } = readings
  gauge('ocpi_hub_message_log_waiting', 'Exchanges not yet written to the message log', () => messageLog().waiting)
  gauge(
    'ocpi_hub_message_log_written',
    'Exchanges written to the message log, since the start',
    () => messageLog().written,
  )
  gauge('ocpi_hub_open_connections', 'Open connections to partners', openConnections)
  gauge('ocpi_hub_routing_table_revision', 'Revision of the routing table in force', () => table().revision)
  new Gauge({
    name: 'ocpi_hub_platforms',
    help: 'Platforms by status',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset()
      for (const { status } of table().platforms.values()) this.inc({ status })
    },
  })

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }

  return async () => counts.countedText() + queueMetrics(queues(), Date.now()) + (await registry.metrics())
}
