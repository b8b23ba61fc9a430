import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { Exchange } from '../../hub/message/exchange.ts'
import type { AlarmKind, Bound } from '../../hub/ports.ts'
import { createExchangeMetrics } from './exchanges.ts'

/** What a process counts as it happens: there from the start, before anything that `Readings` are read from. */
export type Counts = {
  readonly observe: (exchange: Exchange) => void
  readonly alarm: (kind: AlarmKind) => void
  readonly refusedLogin: () => void
  /** A broadcast of this platform was refused, since it sends too many. */
  readonly refusedBroadcast: (platformId: string) => void
  /** Pushes of this platform were cut from the push log though others may still need them. */
  readonly cutPushes: (fromPlatformId: string, count: number) => void
  readonly bound: (bound: Bound) => void
  /** The exchanges, as Prometheus text. */
  readonly exchangesText: () => string
  /** Everything else, for gauges to join. */
  readonly registry: Registry
}

export function createCounts(): Counts {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const exchanges = createExchangeMetrics()
  const alarms = new Counter({ name: 'ocpi_hub_alarms_total', help: 'Alarms by kind', labelNames: ['kind'], registers })
  const refusedLogins = new Counter({
    name: 'ocpi_hub_refused_logins_total',
    help: 'Requests with a token that is not valid',
    registers,
  })
  const refusedBroadcasts = new Counter({
    name: 'ocpi_hub_refused_broadcasts_total',
    help: 'Broadcasts refused with 429 since their platform sends too many',
    labelNames: ['platform'],
    registers,
  })
  const cutPushes = new Counter({
    name: 'ocpi_hub_push_log_cut_total',
    help: 'Pushes cut from the push log by its bounds, by the platform that sent them',
    labelNames: ['platform'],
    registers,
  })
  const bounds = new Counter({
    name: 'ocpi_hub_bounds_met_total',
    help: 'Times that a bound on what one partner can use up was met',
    labelNames: ['bound'],
    registers,
  })
  return {
    observe: exchanges.observe,
    alarm: (kind) => alarms.inc({ kind }),
    refusedLogin: () => refusedLogins.inc(),
    refusedBroadcast: (platform) => refusedBroadcasts.inc({ platform }),
    cutPushes: (platform, count) => cutPushes.inc({ platform }, count),
    bound: (bound) => bounds.inc({ bound }),
    exchangesText: exchanges.text,
    registry,
  }
}
