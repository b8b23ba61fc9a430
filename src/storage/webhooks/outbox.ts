import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { CLOCKS_APART_MS } from '../../hub/moments.ts'
import type { Tried } from '../../hub/webhooks/attempt.ts'
import { type Conclusion, GIVEN_UP_AFTER_MS } from '../../hub/webhooks/conclude.ts'
import { payloadOf } from '../../hub/webhooks/payload.ts'
import type { Outbox, Taken } from '../../hub/webhooks/teller.ts'
import { eventKindsOf, isChosen, MOST_DELIVERIES } from '../../hub/webhooks/webhook.ts'
import { events } from '../administration/schema.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms } from '../network/schema.ts'
import { webhookDeliveries, webhooks } from './schema.ts'
import { secretsOf } from './secrets.ts'

const DEADLINE_MS = 8_000
/** Longer than an attempt takes: a process that ended within one is not waited for any longer. */
const TAKEN_FOR_MS = 30_000
/** Deliveries that wait for one webhook; further events stay among the events until there is room. */
const MOST_WAITING = 1_000
/** Events of one look, and looks of one take. */
const EVENTS_AT_ONCE = 500
const MOST_LOOKS = 20

/** By the database's clock, which all processes share. */
const NOW = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`
/** No moment of the hub's own lies further ahead: of a clock that was put back since. */
const FAR_MS = 4 * 3_600_000 + CLOCKS_APART_MS

const isDue = (moment: ReturnType<typeof sql>) => sql`(${moment} <= ${NOW} or ${moment} > ${NOW} + ${FAR_MS}::bigint)`
const MAY_BE_TAKEN = sql`webhooks.is_on and ${isDue(sql`webhooks.rests_until`)} and ${isDue(sql`webhooks.taken_until`)}`

/**
 * What webhooks are to be told. An event becomes a delivery in the transaction that moves the webhook's mark past it; a delivery is
 * settled once the attempt is over. So a process that ends anywhere leaves nothing out.
 */
export function createOutbox(orm: Orm, hub: string): Outbox {
  const outbox: Outbox = {
    async due() {
      const rows = await orm.execute<{ id: string }>(sql`
        select id from webhooks, event_counter
        where ${MAY_BE_TAKEN} and (
          last_event < event_counter.last
          or exists (
            select from webhook_deliveries each
            where each.webhook_id = webhooks.id and each.state = 'waits' and ${isDue(sql`each.due_at`)}
          )
        )`)
      return rows.map(({ id }) => id)
    },
    take: (webhookId) => orm.transaction((tx) => take(tx, webhookId, hub)),
    settle: (taken, tried, came) => orm.transaction((tx) => settle(tx, taken, tried, came)),
  }
  return withDeadline(outbox, DEADLINE_MS)
}

async function take(tx: Transaction, webhookId: string, hub: string): Promise<Taken | null> {
  const [hook] = await tx
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.id, webhookId), MAY_BE_TAKEN))
    .for('update', { skipLocked: true })
  if (!hook) return null
  let lastEvent = hook.lastEvent
  let givenUp = 0
  for (let look = 0; look < MOST_LOOKS; look++) {
    const seen = await addDeliveries(tx, { ...hook, lastEvent }, hub)
    givenUp += await giveUp(tx, webhookId)
    if (seen === lastEvent) break
    lastEvent = seen
  }
  const [next] = await tx.execute<{ number: string }>(sql`
    select number from webhook_deliveries each
    where webhook_id = ${webhookId} and state = 'waits' and ${isDue(sql`due_at`)} and not exists (
      select from webhook_deliveries earlier
      where earlier.webhook_id = each.webhook_id and earlier.state = 'waits' and earlier.lane = each.lane
        and earlier.number < each.number
    )
    order by number limit 1`)
  const mark = next ? crypto.randomUUID() : null
  await tx
    .update(webhooks)
    .set({
      lastEvent,
      givenUp: sql`${webhooks.givenUp} + ${givenUp}`,
      ...(mark !== null && { takenBy: mark, takenUntil: sql`${NOW} + ${TAKEN_FOR_MS}::bigint` }),
    })
    .where(eq(webhooks.id, webhookId))
  if (!next || mark === null) return null
  const [delivery] = await tx
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.number, Number(next.number)))
  if (!delivery) return null
  const { id, body, happenedAt, attempts } = delivery
  return {
    ...{ id, body, happenedAt, attempts, mark, webhookId },
    webhookName: hook.name,
    url: hook.url,
    sealedSecrets: secretsOf(hook, Date.now()),
    failures: hook.failures,
    failingSince: hook.failingSince,
  }
}

/** Turns events into deliveries. Returns the number of the last event of which that is decided. */
async function addDeliveries(tx: Transaction, hook: typeof webhooks.$inferSelect, hub: string): Promise<number> {
  const { id: webhookId, kinds, platformId, lastEvent } = hook
  const waiting = and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.state, 'waits'))
  const room = MOST_WAITING - (await tx.$count(webhookDeliveries, waiting))
  if (room <= 0) return lastEvent
  // Read before the events: all that it counts are there to be seen.
  const [counter] = await tx.execute<{ last: string }>(sql`select last from event_counter`)
  const last = Number(counter?.last ?? lastEvent)
  if (last <= lastEvent) return lastEvent
  const limit = Math.min(room, EVENTS_AT_ONCE)
  const found = await tx
    .select({ event: events, platformName: platforms.name })
    .from(events)
    .leftJoin(platforms, eq(platforms.id, events.platformId))
    .where(
      and(
        sql`${events.number} > ${lastEvent} and ${events.number} <= ${last}`,
        inArray(events.kind, [...eventKindsOf(kinds)]),
        platformId === null ? undefined : eq(events.platformId, platformId),
      ),
    )
    .orderBy(asc(events.number))
    .limit(limit)
  const rows = found
    .filter(({ event }) => isChosen(kinds, event))
    .map(({ event, platformName }) => ({
      id: `msg_${crypto.randomUUID()}`,
      webhookId,
      kind: event.kind,
      lane: event.platformId ?? '',
      eventNumber: event.number,
      happenedAt: Math.min(event.at, Date.now()),
      body: payloadOf(hub, {
        at: event.at,
        kind: event.kind,
        eventNumber: event.number,
        platform: event.platformId === null ? null : { id: event.platformId, name: platformName },
        correlationId: event.correlationId,
        details: event.data,
      }),
    }))
  if (rows.length > 0) await tx.insert(webhookDeliveries).values(rows)
  return found.length < limit ? last : (found.at(-1)?.event.number ?? last)
}

/** What waited for too long is not told any more. */
async function giveUp(tx: Transaction, webhookId: string): Promise<number> {
  const gone = await tx.execute(sql`
    update webhook_deliveries set state = 'given-up'
    where webhook_id = ${webhookId} and state = 'waits' and happened_at < ${NOW} - ${GIVEN_UP_AFTER_MS}::bigint`)
  return gone.count
}

async function settle(tx: Transaction, taken: Taken, tried: Tried, came: Conclusion): Promise<boolean> {
  const { webhookId, id, mark } = taken
  const { state, failures, failingSince, restsUntil, whyOff } = came
  const held = await tx
    .update(webhooks)
    .set({
      ...{ failures, failingSince, restsUntil, takenBy: null, takenUntil: 0 },
      ...(whyOff !== null && { isOn: false, whyOff }),
      ...(state === 'delivered' && { delivered: sql`${webhooks.delivered} + 1` }),
      ...(state === 'given-up' && { givenUp: sql`${webhooks.givenUp} + 1` }),
    })
    .where(and(eq(webhooks.id, webhookId), eq(webhooks.takenBy, mark)))
    .returning({ id: webhooks.id })
  if (held.length === 0) return false
  await tx
    .update(webhookDeliveries)
    .set({ state, attempts: sql`${webhookDeliveries.attempts} + 1`, dueAt: came.dueAt, ...latestOf(tried) })
    .where(and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.id, id)))
  // It was away and is back: nothing waits for the pauses that it earned meanwhile.
  if (state === 'delivered' && taken.failures > 2) {
    const waits = and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.state, 'waits'))
    await tx.update(webhookDeliveries).set({ dueAt: 0 }).where(waits)
  }
  await forgetOldest(tx, webhookId)
  return true
}

export function latestOf({ at, ms, status, failure, answer }: Omit<Tried, 'retryAfterMs'>) {
  return { lastAt: at, ms, httpStatus: status, failure: failure?.replaceAll('\0', ' ').slice(0, 300) ?? null, answer }
}

/** Of what is settled the newest are kept. */
export async function forgetOldest(tx: Transaction, webhookId: string): Promise<void> {
  await tx.execute(sql`
    delete from webhook_deliveries where webhook_id = ${webhookId} and state <> 'waits' and number <= (
      select number from webhook_deliveries where webhook_id = ${webhookId} and state <> 'waits'
      order by number desc offset ${MOST_DELIVERIES} limit 1
    )`)
}
