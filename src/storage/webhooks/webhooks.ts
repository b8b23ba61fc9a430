import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import {
  MOST_DELIVERIES,
  MOST_WEBHOOKS,
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookDelivery,
  type WebhookViews,
} from '../../hub/webhooks/webhook.ts'
import { eventCounter } from '../administration/schema.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { webhookDeliveries, webhooks } from './schema.ts'

const DEADLINE_MS = 8_000

/** The webhooks as administrators see them: no secrets. */
export function createWebhookViews(orm: Orm): WebhookViews {
  const views: WebhookViews = {
    async list() {
      const rows = await select(orm).orderBy(sql`lower(${webhooks.name})`).limit(MOST_WEBHOOKS)
      return rows.map(asWebhook)
    },
    find: (id) => findWebhook(orm, id),
    async deliveries(id) {
      if ((await orm.$count(webhooks, eq(webhooks.id, id))) === 0) return null
      const rows = await orm
        .select()
        .from(webhookDeliveries)
        .where(eq(webhookDeliveries.webhookId, id))
        .orderBy(desc(webhookDeliveries.number))
        .limit(MOST_DELIVERIES)
      return rows.map(asDelivery)
    },
  }
  return withDeadline(views, DEADLINE_MS)
}

const WAITING = sql<number>`(
  select count(*)::int from ${webhookDeliveries} waiting where waiting.webhook_id = webhooks.id and waiting.state = 'waits'
)`

const COLUMNS = {
  id: webhooks.id,
  name: webhooks.name,
  url: webhooks.url,
  kinds: webhooks.kinds,
  platformId: webhooks.platformId,
  createdAt: webhooks.createdAt,
  createdBy: webhooks.createdBy,
  isOn: webhooks.isOn,
  whyOff: webhooks.whyOff,
  failingSince: webhooks.failingSince,
  delivered: webhooks.delivered,
  givenUp: webhooks.givenUp,
  olderSecretEndsAt: webhooks.olderSecretEndsAt,
  waiting: WAITING,
}

function select(orm: Orm | Transaction) {
  return orm.select(COLUMNS).from(webhooks).$dynamic()
}

type Row = Awaited<ReturnType<typeof select>>[number]

function asWebhook({ isOn, whyOff, ...row }: Row): Webhook {
  return { ...row, whyOff: isOn ? null : (whyOff ?? 'administrator') }
}

function asDelivery(row: typeof webhookDeliveries.$inferSelect): WebhookDelivery {
  const { id, kind, eventNumber, happenedAt, state, attempts, dueAt, lastAt, ms, httpStatus, failure, answer } = row
  return {
    ...{ id, kind, eventNumber, happenedAt, state, attempts },
    nextAt: state === 'waits' ? dueAt : null,
    latest: lastAt === null ? null : { at: lastAt, ms, status: httpStatus, failure, answer },
  }
}

export async function findWebhook(orm: Orm | Transaction, id: string): Promise<Webhook | null> {
  const [row] = await select(orm).where(eq(webhooks.id, id))
  return row ? asWebhook(row) : null
}

/** A webhook is told of what happens from now on. */
export function addWebhook(orm: Transacts, added: NewWebhook): Promise<'added' | 'name-taken' | 'too-many'> {
  return orm.transaction(async (tx) => {
    if ((await tx.$count(webhooks)) >= MOST_WEBHOOKS) return 'too-many'
    const rows = await tx
      .insert(webhooks)
      .values({ ...added, lastEvent: newest() })
      .onConflictDoNothing()
      .returning({ id: webhooks.id })
    return rows.length > 0 ? 'added' : 'name-taken'
  })
}

export function changeWebhook(
  orm: Transacts,
  id: string,
  { isOn, ...change }: WebhookChange,
): Promise<Webhook | 'name-taken' | null> {
  return orm.transaction(async (tx) => {
    const [taken] =
      change.name === undefined ? [] : await tx.select({ id: webhooks.id }).from(webhooks).where(named(id, change.name))
    if (taken) return 'name-taken'
    const before = await findWebhook(tx, id)
    if (!before) return null
    const isTurned = isOn !== undefined && isOn !== (before.whyOff === null)
    const turned = isOn
      ? { isOn: true, whyOff: null, lastEvent: newest(), failures: 0, failingSince: null, restsUntil: 0 }
      : { isOn: false, whyOff: 'administrator' as const }
    const set = { ...change, ...(isTurned && turned) }
    if (Object.keys(set).length > 0) await tx.update(webhooks).set(set).where(eq(webhooks.id, id))
    // What waits is for the address, not for the pauses that another one earned.
    if (change.url !== undefined || isTurned) await hasten(tx, id)
    return findWebhook(tx, id)
  })
}

/** What waits for a webhook is due now. What an attempt under way comes to says nothing of the webhook as it is from now on. */
async function hasten(tx: Transaction, id: string): Promise<void> {
  await tx.update(webhooks).set({ restsUntil: 0, takenBy: null, takenUntil: 0 }).where(eq(webhooks.id, id))
  const waits = and(eq(webhookDeliveries.webhookId, id), eq(webhookDeliveries.state, 'waits'))
  await tx.update(webhookDeliveries).set({ dueAt: 0 }).where(waits)
}

function named(id: string, name: string): SQL {
  return sql`${webhooks.id} <> ${id} and lower(${webhooks.name}) = lower(${name})`
}

function newest(): SQL {
  return sql`(select ${eventCounter.last} from ${eventCounter})`
}

export async function removeWebhook(orm: Orm | Transaction, id: string): Promise<boolean> {
  const removed = await orm.delete(webhooks).where(eq(webhooks.id, id)).returning({ id: webhooks.id })
  return removed.length > 0
}

export async function replaceSecret(
  tx: Transaction,
  id: string,
  sealedSecret: string,
  olderEndsAt: number,
): Promise<Webhook | null> {
  await tx
    .update(webhooks)
    .set({ sealedSecret, olderSealedSecret: webhooks.sealedSecret, olderSecretEndsAt: olderEndsAt })
    .where(eq(webhooks.id, id))
  return findWebhook(tx, id)
}
