import { sql } from 'drizzle-orm'
import { CLOCKS_APART_MS, DAY_MS } from '../../hub/moments.ts'
import type { Orm, Transaction } from '../database.ts'

export type MessageRetention = {
  /** What the log may take up on disk, indexes included. @default 2147483648 */
  readonly bytes?: number
  /** How long a message is kept, at least while there is room. @default 7 */
  readonly days?: number
}

export type MaintenanceResult = {
  readonly opened: number | null
  readonly dropped: readonly number[]
  readonly bytes: number
}

/** A segment holds about this part of the bytes or days, so that dropping one drops little. */
const PARTS_OF_BYTES = 16
const PARTS_OF_DAYS = 7

type Segment = { readonly segment: number; readonly openedAt: number; readonly bytes: number }

/**
 * Opens a new segment of the message log when the current one is full or old, and drops the oldest ones that are beyond the
 * retention, in one transaction that only one process at a time is in. Cheap when there is nothing to do; to be called every
 * few seconds. Rejects, to be called again, when a reader of the log holds it up for more than a second.
 */
export async function maintainMessageLog(
  orm: Orm,
  now: number,
  { bytes: maxBytes = 2 * 1024 ** 3, days = 7 }: MessageRetention = {},
): Promise<MaintenanceResult> {
  return orm.transaction(async (tx) => {
    // Appends would queue up behind a lock that has to wait for a long search.
    await tx.execute(sql`set local lock_timeout = '1s'`)
    // Not an advisory lock: poolers do not carry them.
    await tx.execute(sql`lock table message_log_segments in share row exclusive mode`)
    const segments = await readSegments(tx, now)
    const current = segments.at(-1)
    if (!current) throw new Error('Expected a current segment in message_log_segments, got none')

    const total = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    const dropped = beyondRetention(segments, total - maxBytes, now - days * DAY_MS)
    for (const { segment } of dropped) await dropSegment(tx, segment)

    const isFull = current.bytes >= maxBytes / PARTS_OF_BYTES
    const isOld = current.openedAt <= now - (days * DAY_MS) / PARTS_OF_DAYS
    const opened = isFull || isOld ? current.segment + 1 : null
    if (opened !== null) await openSegment(tx, opened, now)
    return {
      opened,
      dropped: dropped.map(({ segment }) => segment),
      bytes: total - dropped.reduce((sum, segment) => sum + segment.bytes, 0),
    }
  })
}

/** The oldest segments that must go: by size until `excessBytes` are gone, or closed before `oldest`. Never the current one. */
function beyondRetention(segments: readonly Segment[], excessBytes: number, oldest: number): Segment[] {
  const beyond: Segment[] = []
  let excess = excessBytes
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    if (!next || (excess <= 0 && next.openedAt > oldest)) break
    beyond.push(segment)
    excess -= segment.bytes
  }
  return beyond
}

/** One that was opened ahead of now, before the clock was put back, counts as opened now: it would be kept for as much longer. */
async function readSegments(tx: Transaction, now: number): Promise<Segment[]> {
  await tx.execute(sql`update message_log_segments set opened_at = ${now} where opened_at > ${now + CLOCKS_APART_MS}`)
  const rows = await tx.execute<{ segment: number; opened_at: string; bytes: string }>(sql`
    select segment, opened_at, pg_total_relation_size(('message_log_' || segment)::regclass) as bytes
    from message_log_segments order by segment`)
  return rows.map((row) => ({ segment: row.segment, openedAt: Number(row.opened_at), bytes: Number(row.bytes) }))
}

/** The new partition becomes the one that rows go to which name none. */
async function openSegment(tx: Transaction, segment: number, now: number): Promise<void> {
  await tx.execute(sql`insert into message_log_segments (segment, opened_at) values (${segment}, ${now})`)
  const number = sql.raw(String(segment))
  await tx.execute(sql`
    create table message_log_${number} partition of message_log for values in (${number})
      with (toast_tuple_target = 8160)`)
  await tx.execute(sql`alter table message_log alter column segment set default ${number}`)
}

/**
 * Has the BRIN indexes sum up the rows that came lately: until then a search reads them all. Autovacuum would do it too, late or not at
 * all. Of the newest two segments, since the older ones are summed up. Cheap when there is little to do, and holds up nobody who writes.
 */
export async function summariseNewRows(orm: Orm): Promise<void> {
  await orm.execute(sql`
    select brin_summarize_new_values(i.indexrelid)
      from (select segment from message_log_segments order by segment desc limit 2) as newest
        join pg_index i on i.indrelid = ('message_log_' || segment)::regclass
        join pg_class c on c.oid = i.indexrelid
        join pg_am a on a.oid = c.relam
      where a.amname = 'brin'`)
}

async function dropSegment(tx: Transaction, segment: number): Promise<void> {
  await tx.execute(sql`delete from message_log_segments where segment = ${segment}`)
  await tx.execute(sql`drop table message_log_${sql.raw(String(segment))}`)
}
