import { sql } from 'drizzle-orm'
import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { QueueOrder } from '../../hub/push/drain/queue-admin.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { audited } from './audited.ts'

const ORDERS = {
  pause: sql`is_paused = true`,
  resume: sql`is_paused = false`,
  skip: sql`skip_to = (select last from push_counter)`,
}

/** Stores an administrator's order to a queue with its row in the audit trail. `by` is who gives it. False for a platform without a queue. */
export function orderQueue(orm: Orm, platformId: string, order: QueueOrder, by: By | undefined): Promise<boolean> {
  const transacts = by ? asAudited(orm, platformId, `queue.${order}`, by) : orm
  return transacts.transaction(async (tx) => {
    const rows = await tx.execute(
      sql`update push_cursor set ${ORDERS[order]} where platform_id = ${platformId} returning 1`,
    )
    return rows.length > 0
  })
}

function asAudited(orm: Orm, platformId: string, action: AuditAction, by: By): Transacts {
  return audited(orm, {
    look: (tx) => queueFields(tx, platformId),
    entries(was, is) {
      if (!was || !is) return []
      const on = { kind: 'queue', id: platformId, name: is.name } as const
      return [{ at: Date.now(), by, action, on, platformId, ...changedFields(was.fields, is.fields) }]
    },
  })
}

async function queueFields(
  tx: Transaction,
  platformId: string,
): Promise<{ readonly name: string; readonly fields: AuditFields } | null> {
  const [row] = await tx.execute<{ name: string; paused: boolean; skip_to: number | null }>(sql`
    select name, is_paused as paused, skip_to::float8 as skip_to
    from push_cursor join platforms on platforms.id = platform_id where platform_id = ${platformId} for update of push_cursor`)
  return row ? { name: row.name, fields: { paused: row.paused, skip_to: row.skip_to } } : null
}
