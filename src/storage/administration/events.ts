import { and, asc, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type postgres from 'postgres'
import { EVENT_KINDS, type EventFilter, type EventStore, type HubEvent } from '../../hub/administration/events.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { listenOn } from '../listen.ts'
import { eventCounter, events } from './schema.ts'

const DEADLINE_MS = 8_000

/** The channel that tells every process of new events. */
const EVENTS_CHANNEL = 'events'

/** Events in the database, the same for all processes. */
export function createEventStore(orm: Orm): EventStore {
  const store: EventStore = {
    append: (happened) => appendEvents(orm, happened),
    after: (number, filter, limit) =>
      orm
        .select()
        .from(events)
        .where(and(gt(events.number, number), ...matches(filter)))
        .orderBy(asc(events.number))
        .limit(limit),
    before: (number, filter, limit) =>
      orm
        .select()
        .from(events)
        .where(and(number === null ? undefined : lt(events.number, number), ...matches(filter)))
        .orderBy(desc(events.number))
        .limit(limit),
    async last() {
      const [row] = await orm.select().from(eventCounter)
      return row?.last ?? 0
    },
  }
  return withDeadline(store, DEADLINE_MS)
}

/**
 * Stores events in one statement, and tells the readers at the commit. Within a transaction that changes something it comes last:
 * from here to the commit nobody else can store events.
 */
export async function appendEvents(orm: Orm | Transaction, happened: readonly HubEvent[]): Promise<void> {
  if (happened.length === 0) return
  // A row each, not one text of JSON: there the database would have to read escapes, and it refuses `\u0000`.
  const rows = happened.map(
    ({ at, kind, platformId, correlationId, data }, i) =>
      sql`(${i + 1}::int, ${at}::bigint, ${kind}, ${platformId}::text, ${correlationId}::text, ${JSON.stringify(data)}::text::json)`,
  )
  await orm.execute(sql`
    with taken as (
      update event_counter set last = last + ${happened.length} returning last - ${happened.length} as before
    ), stored as (
      insert into events (number, at, kind, platform_id, correlation_id, data)
      select taken.before + e.place, e.at, e.kind, e.platform_id, e.correlation_id, e.data
      from taken, (values ${sql.join(rows, sql`, `)}) as e (place, at, kind, platform_id, correlation_id, data)
    )
    select pg_notify(${EVENTS_CHANNEL}, '')`)
}

/** Calls `onMore` whenever there may be more events. Resolves with how to stop. */
export function listenForEvents(client: postgres.Sql, onMore: () => void): Promise<() => Promise<void>> {
  return listenOn(client, EVENTS_CHANNEL, onMore)
}

/** Forgets events from before a moment. */
export async function deleteEventsBefore(orm: Orm, moment: number): Promise<void> {
  await orm.delete(events).where(lt(events.at, moment))
}

/**
 * Forgets the oldest events of each kind of which there are more than `ofKind`, and of each kind and platform more than
 * `ofPlatform`. True when there were any.
 */
export async function deleteEventsBeyond(orm: Orm, most: { ofKind: number; ofPlatform: number }): Promise<boolean> {
  const deleted = await orm.execute(sql`
    delete from events using (
      select null as platform_id, kind, (
        select number from events where kind = each.kind order by number desc offset ${most.ofKind} limit 1
      ) as upto
      from unnest(array[${sql.join([...EVENT_KINDS], sql`, `)}]::text[]) as each (kind)
      union all
      select platform_id, kind, (
        select number from events where platform_id = many.platform_id and kind = many.kind
        order by number desc offset ${most.ofPlatform} limit 1
      )
      from (
        select platform_id, kind from events where platform_id is not null
        group by platform_id, kind having count(*) > ${most.ofPlatform}
      ) many
    ) beyond
    where events.kind = beyond.kind and events.number <= beyond.upto
      and (beyond.platform_id is null or events.platform_id = beyond.platform_id)`)
  return deleted.count > 0
}

function matches({ platformId, kinds }: EventFilter): (SQL | undefined)[] {
  return [
    platformId === null ? undefined : eq(events.platformId, platformId),
    kinds === null ? undefined : inArray(events.kind, [...kinds]),
  ]
}
