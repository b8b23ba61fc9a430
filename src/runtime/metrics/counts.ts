import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Exchange } from '../../hub/message/exchange.ts'
import { createEventCounts, type EventCounts } from './events.ts'
import { createExchangeMetrics } from './exchanges.ts'

/** What a process on Node counts as it happens: there from the start, before anything that `Readings` are read from. */
export type Counts = Omit<EventCounts, 'text'> & {
  readonly observe: (exchange: Exchange) => void
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
  return { ...events, observe: exchanges.observe, countedText: () => exchanges.text() + text(), registry }
}
