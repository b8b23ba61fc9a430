import type { MissedView, QueueView, ResentView } from '../views.ts'
import { type Cell, type Screen, table } from './screen.ts'
import { moment, span } from './words.ts'

export function queueTable(screen: Screen, queues: readonly QueueView[]): string {
  const rows = queues.map((queue): Cell[] => [
    queue.platform_name ?? queue.platform_id,
    queue.waiting,
    queue.in_flight,
    queue.oldest_age_seconds === null ? '' : span(queue.oldest_age_seconds),
    queue.delivered,
    queue.collapsed,
    queue.failed + queue.missed,
    queue.pause_cause === null ? '' : { text: `▲ ${queue.pause_cause}`, tone: 'warn' },
  ])
  const heads = ['PLATFORM', 'WAITING', 'IN FLIGHT', 'OLDEST', 'DELIVERED', 'COLLAPSED', 'MISSED', 'PAUSED BY']
  return table(screen, heads, rows, ['PLATFORM'])
}

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
