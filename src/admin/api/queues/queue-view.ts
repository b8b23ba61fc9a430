import { z } from '@hono/zod-openapi'
import type { RoutingTable } from '../../../hub/network/routing-table.ts'
import {
  type MissedPlace,
  type MissedView,
  QUEUE_ORDERS,
  QUEUE_STATES,
  type QueuePlace,
  type QueueView,
} from '../../../hub/push/drain/queue-admin.ts'
import { showKey } from '../../../ocpi/party.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { LimitSchema, TimestampSchema } from '../schemas.ts'

const PAUSE_CAUSES = ['administrator', 'offline', 'not-connected', 'token-refused', 'failing', 'throttled'] as const
const MISSED_CAUSES = ['refused', 'expired', 'offline', 'not-connected', 'cut', 'skipped', 'overflow'] as const

const CountSchema = z.int().min(0)

export const QueueSchema = z
  .object({
    platform_id: z.uuid(),
    platform_name: z.string().nullable().openapi({ description: 'Null for a moment after it was added' }),
    waiting: CountSchema.openapi({
      description: 'Pushes to deliver; of those not read from the log yet, all of the modules concerned',
    }),
    in_flight: CountSchema,
    oldest_age_seconds: CountSchema.nullable().openapi({ description: 'Null: none waits' }),
    delivered: CountSchema,
    delivered_last_minute: CountSchema.openapi({ description: 'Its pace: to a few, as last saved' }),
    collapsed: CountSchema.openapi({ description: 'Replaced by a newer push before they were sent' }),
    failed: CountSchema.openapi({ description: 'Refused by the partner for good, and listed among the missed' }),
    missed: CountSchema.openapi({
      description:
        'Given up by the hub for any other cause. With `failed` these are all pushes that the partner will not get',
    }),
    withheld: CountSchema.openapi({
      description: "Not sent, since they cannot be said in the platform's OCPI version; neither failed nor missed",
    }),
    paused: z.boolean().openapi({ description: 'Nothing is sent now' }),
    pause_cause: z.enum(PAUSE_CAUSES).nullable().openapi({
      description:
        'What an administrator paused stays so until it is resumed, `not-connected` until the platform is resumed or registers; the rest ends by itself',
    }),
  })
  .openapi('Queue')

export const MissedSchema = z
  .object({
    module: z.string(),
    method: z.string(),
    path: z.string().openapi({ example: '/NL/ABC/LOC1' }),
    to_party: z
      .string()
      .nullable()
      .openapi({ example: 'DE-EMS', description: 'Null: the platform gets a broadcast once, for all its parties' }),
    accepted_at: TimestampSchema.openapi({ description: 'When the hub took the latest of its missed pushes' }),
    missed_at: TimestampSchema,
    cause: z.enum(MISSED_CAUSES),
    times: z.int().min(1).openapi({ description: 'Pushes of this object that were missed' }),
  })
  .openapi('Missed')

export const QueuesQuerySchema = z.strictObject({
  state: z.enum(QUEUE_STATES).optional().openapi({
    description:
      '`waiting`: something waits; `lagging`: the oldest push waits for more than 5 minutes; `paused`: nothing is sent now, whatever the cause. Left out: all',
  }),
  sort: z.enum(QUEUE_ORDERS).default('platform').openapi({
    description: 'By `waiting` the most first, by `oldest` the longest first, else by platform',
  }),
  limit: LimitSchema,
  cursor: z
    .string()
    .regex(/^-?\d{1,16} [0-9a-f-]{36}$/, 'Expected a cursor from a Link header')
    .optional(),
})

export function queueCursor({ rank, platformId }: QueuePlace): string {
  return `${rank} ${platformId}`
}

/** Of what `QueuesQuerySchema` lets through. */
export function readQueueCursor(cursor: string): QueuePlace {
  const [rank, platformId = ''] = cursor.split(' ')
  return { rank: Number(rank), platformId }
}

export const QueueParamsSchema = z.object({ platform_id: z.uuid() })

/** Behind which missed object the next page begins. */
export const MissedCursorSchema = z
  .string()
  .regex(/^\d{1,15}\n[^\0-\x1f]*\n[^\0-\x1f]*$/, 'Expected a cursor from a Link header')

export function missedCursor({ missedAt, chainKey, pathKey }: MissedPlace): string {
  return [missedAt, chainKey, pathKey].join('\n')
}

/** Of what `MissedCursorSchema` lets through. */
export function readMissedCursor(cursor: string): MissedPlace {
  const [missedAt, chainKey = '', pathKey = ''] = cursor.split('\n')
  return { missedAt: Number(missedAt), chainKey, pathKey }
}

export function showQueue(queue: QueueView, { platforms }: RoutingTable): z.infer<typeof QueueSchema> {
  return {
    platform_id: queue.platformId,
    platform_name: platforms.get(queue.platformId)?.name ?? null,
    waiting: queue.waiting,
    in_flight: queue.inFlight,
    oldest_age_seconds: queue.oldestAgeSeconds,
    delivered: queue.delivered,
    delivered_last_minute: queue.perMinute,
    collapsed: queue.collapsed,
    failed: queue.failed,
    missed: queue.missed,
    withheld: queue.withheld,
    paused: queue.pauseCause !== null,
    pause_cause: queue.pauseCause,
  }
}

export function showMissed({
  module,
  method,
  path,
  to,
  at,
  missedAt,
  cause,
  times,
}: MissedView): z.infer<typeof MissedSchema> {
  const moments = { accepted_at: timestamp(at), missed_at: timestamp(missedAt) }
  return { module, method, path, to_party: to && showKey(to), ...moments, cause, times }
}
