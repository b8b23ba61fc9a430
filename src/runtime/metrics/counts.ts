import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Exchange } from '../../hub/message/exchange.ts'
import { createEventCounts, type EventCounts } from './events.ts'
import { createExchangeMetrics } from './exchanges.ts'
import { createTrafficCounts, type TrafficCounts } from './traffic.ts'

/** What a process on Node counts as it happens: there from the start, before anything that `Readings` are read from. */
export type Counts = Omit<EventCounts, 'text'> & {
  readonly observe: (exchange: Exchange) => void
  /** Of the exchanges, for the database. */
  readonly traffic: Pick<TrafficCounts, 'add' | 'isEmpty' | 'take'>
  /** The exchanges and events, as Prometheus text. */
  readonly countedText: () => string
  /** Everything else, for gauges to join. */
  readonly registry: Registry
}

export function createCounts(): Counts {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const exchanges = createExchangeMetrics()
  const { text, ...events } = createEventCounts()
  const traffic = createTrafficCounts()
  function observe(exchange: Exchange): void {
    exchanges.observe(exchange)
    traffic.observe(exchange)
  }
  return { ...events, observe, traffic, countedText: () => exchanges.text() + text(), registry }
}
