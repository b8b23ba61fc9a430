import { and, eq, getTableColumns, or, type SQL, Subquery, sql } from 'drizzle-orm'
import type { MessageFilter } from '../../hub/message/message-query.ts'
import { HOUR_MS, UNKNOWN_MODULE } from '../../hub/message/traffic.ts'
import { keyOfShown } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import { trafficHour } from '../traffic/schema.ts'
import { messageLog } from './schema.ts'

// Where a search reads. Left to itself the database walks along the index of times until it has found enough: through all of the log
// where there are few.

export type Source = typeof messageLog | Subquery<'message_log'>

/**
 * Rows that the Bloom filters of a BRIN index find, by stretches of the log. All of them are found before the newest are picked: the
 * offset keeps the database from walking along the index of times after all.
 */
export function byFilters(where: SQL | undefined): Source {
  const rows = sql`select * from message_log where ${where} offset 0`
  return new Subquery(rows, getTableColumns(messageLog), 'message_log')
}

/** `top` and `bottom` in milliseconds since the epoch: bottom is inclusive, top is not. */
export type Period = { readonly bottom: number; readonly top: number }

export type Hour = { readonly hour: number; readonly n: number }

/** The hours of a period in which exchanges of these platforms are counted such as are looked for, and how many; newest first. */
export async function hoursOf(
  tx: Transaction,
  platformIds: readonly string[],
  { module, outcome }: MessageFilter,
  { bottom, top }: Period,
): Promise<Hour[]> {
  const ids = sql.join(
    platformIds.map((id) => sql`${id}`),
    sql`, `,
  )
  const where = and(
    sql`${trafficHour.platform} in (${ids}) and hour > ${bottom - HOUR_MS} and hour < ${top}`,
    module === null ? undefined : or(eq(trafficHour.module, module), eq(trafficHour.module, UNKNOWN_MODULE)),
    outcome === null ? undefined : eq(trafficHour.outcome, outcome),
  )
  const rows = await tx.execute<{ hour: string; n: string }>(
    sql`select hour, sum(n) as n from traffic_hour where ${where} group by hour order by hour desc`,
  )
  return rows.map(({ hour, n }) => ({ hour: Number(hour), n: Number(n) }))
}

/** Of the rows that are counted not all are in the log, or meet the other filters. */
const FIRST_TRY = 2
const NEXT_TRY = 8

/**
 * How far back to read for so many rows, as the counts have it, then for more, and in the end to the bottom: with ten an hour and 50
 * wanted ten hours, then 80, then all. The counts may be behind, or miss an hour: they save work, and decide nothing.
 */
export function* howFarBack(hours: readonly Hour[], wanted: number, bottom: number): Generator<number> {
  let counted = 0
  let enough = wanted * FIRST_TRY
  for (const { hour, n } of hours) {
    counted += n
    if (counted < enough || hour <= bottom) continue
    yield hour
    enough = counted * NEXT_TRY
  }
  yield bottom
}

/** The platforms that have a role of the party, had one, or ask for one. */
export async function platformsOf(tx: Transaction, party: string): Promise<string[]> {
  const key = keyOfShown(party)
  const rows = await tx.execute<{ id: string }>(sql`
    select platform_id as id from party_roles where party_key = ${key}
    union select moved_from from party_roles where party_key = ${key} and moved_from is not null
    union select platform_id from departed_roles where party_key = ${key} and platform_id is not null
    union select platform_id from pending_roles where party_key = ${key}`)
  return rows.map(({ id }) => id)
}
