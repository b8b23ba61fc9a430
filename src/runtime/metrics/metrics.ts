import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Exchange } from '../../hub/message/exchange.ts'
import type { AlarmKind } from '../../hub/ports.ts'
import type { QueueState } from '../../hub/push/cursor.ts'
import { createExchangeMetrics } from './exchanges.ts'
import { queueMetrics } from './queues.ts'

/** Numbers read when somebody asks for them. */
export type Readings = {
  readonly logRowsWaiting: () => number
  readonly logRowsWritten: () => number
  readonly logRowsDropped: () => number
  readonly openConnections: () => number
  readonly platformsByStatus: () => ReadonlyMap<string, number>
  readonly tableRevision: () => number
  /** Queues of this process. */
  readonly queues: () => readonly QueueState[]
}

export type Metrics = {
  readonly observe: (exchange: Exchange) => void
  readonly alarm: (kind: AlarmKind) => void
  readonly refusedLogin: () => void
  /** Prometheus text. */
  readonly text: () => Promise<string>
  /** For what other parts count. */
  readonly registry: Registry
}

/** What operators watch, as Prometheus reads it. */
export function createMetrics(readings: Readings): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const exchanges = createExchangeMetrics()
  const alarms = new Counter({ name: 'ocpi_hub_alarms_total', help: 'Alarms by kind', labelNames: ['kind'], registers })
  const refusedLogins = new Counter({
    name: 'ocpi_hub_refused_logins_total',
    help: 'Requests with no valid token',
    registers,
  })
  gauge('ocpi_hub_message_log_waiting', 'Exchanges not yet written to the message log', readings.logRowsWaiting)
  gauge(
    'ocpi_hub_message_log_written',
    'Exchanges written to the message log, since the start',
    readings.logRowsWritten,
  )
  gauge(
    'ocpi_hub_message_log_dropped',
    'Exchanges the message log had no room for, since the start',
    readings.logRowsDropped,
  )
  gauge('ocpi_hub_open_connections', 'Open connections to partners', readings.openConnections)
  gauge('ocpi_hub_routing_table_revision', 'Revision of the routing table in force', readings.tableRevision)
  new Gauge({
    name: 'ocpi_hub_platforms',
    help: 'Platforms by status',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset()
      for (const [status, count] of readings.platformsByStatus()) this.set({ status }, count)
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

  return {
    observe: exchanges.observe,
    alarm: (kind) => alarms.inc({ kind }),
    refusedLogin: () => refusedLogins.inc(),
    text: async () => exchanges.text() + queueMetrics(readings.queues()) + (await registry.metrics()),
    registry,
  }
}
