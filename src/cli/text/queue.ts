import type { MissedView, QueueDetailView, QueueView, ResentView } from '../views.ts'
import { type Cell, type Screen, table } from './screen.ts'
import { moment, span } from './words.ts'

export function queueTable(screen: Screen, queues: readonly QueueView[]): string {
  const rows = queues.map((queue): Cell[] => [
    queue.platform_name ?? queue.platform_id,
    queue.waiting,
    queue.in_flight,
    queue.oldest_age_seconds === null ? '' : span(queue.oldest_age_seconds),
    queue.delivered_last_minute,
    queue.delivered,
    queue.collapsed,
    queue.failed + queue.missed,
    queue.withheld,
    queue.pause_cause === null ? '' : { text: `▲ ${queue.pause_cause}`, tone: 'warn' },
  ])
  const heads = [
    'PLATFORM',
    'WAITING',
    'IN FLIGHT',
    'OLDEST',
    'A MINUTE',
    'DELIVERED',
    'COLLAPSED',
    'MISSED',
    'WITHHELD',
    'PAUSED BY',
  ]
  return table(screen, heads, rows, ['PLATFORM'])
}

/** A queue, and below it what waits, what failed lately and what was missed, as far as there is any. */
export function queueText(screen: Screen, queue: QueueDetailView): string {
  const { waits, last_errors, missed_by_module } = queue
  const waiting = waits.map((one): Cell[] => [
    moment(one.accepted_at),
    one.module,
    one.method,
    one.path,
    one.to_party,
    one.attempts,
    one.last_attempt === null ? '' : errorCell(one.last_attempt),
  ])
  const errors = last_errors.map((one): Cell[] => [
    moment(one.at),
    one.module,
    one.method,
    one.path,
    errorCell(one),
    one.message_id,
  ])
  const missed = missed_by_module.map(({ module, objects, last_at }): Cell[] => [module, objects, moment(last_at)])
  const parts = [
    table(screen, ['WAITS SINCE', 'MODULE', '', 'PATH', 'FOR', 'FAILED', 'LAST TIME'], waiting, ['PATH', 'LAST TIME']),
    table(screen, ['FAILED AT', 'MODULE', '', 'PATH', 'WHY', 'MESSAGE'], errors, ['PATH', 'WHY']),
    table(screen, ['MISSED', 'OBJECTS', 'THE LAST AT'], missed),
  ].filter((_, i) => [waiting, errors, missed][i]?.length)
  return [queueTable(screen, [queue]), ...parts].join('\n')
}

function errorCell({ http_status, ocpi_status, detail, failure }: Attempt): Cell {
  const statuses = [http_status === 0 ? null : http_status, ocpi_status].filter((one) => one !== null).join(' ')
  return { text: [statuses, detail ?? failure].filter(Boolean).join('  '), tone: failure === null ? 'good' : 'bad' }
}

type Attempt = NonNullable<QueueDetailView['waits'][number]['last_attempt']>

export function missedTable(screen: Screen, missed: readonly MissedView[]): string {
  const rows = missed.map((one): Cell[] => [
    moment(one.missed_at),
    one.module,
    one.method,
    one.path,
    one.to_party,
    one.times,
    { text: one.cause, tone: 'bad' },
  ])
  return table(screen, ['MISSED', 'MODULE', '', 'PATH', 'FOR', 'TIMES', 'CAUSE'], rows, ['PATH'])
}

export function resentTable(screen: Screen, objects: ResentView['objects']): string {
  if (objects.length === 0) return 'Nothing was missed\n'
  const rows = objects.map(({ object, outcome, detail }): Cell[] => [
    object.module,
    object.path,
    { text: outcome, tone: outcome === 'queued' ? 'good' : 'bad' },
    detail,
  ])
  return table(screen, ['MODULE', 'PATH', 'OUTCOME', ''], rows, ['PATH', ''])
}
