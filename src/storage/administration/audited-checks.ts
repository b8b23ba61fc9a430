import { and, eq } from 'drizzle-orm'
import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { ProbeName } from '../../hub/check/check.ts'
import type { AskResult, CheckChanges } from '../../hub/check/runs/check-runs.ts'
import type { Now } from '../../hub/ports.ts'
import { openRun } from '../check/open-run.ts'
import { checkWaivers } from '../check/schema.ts'
import { unwaive, waive } from '../check/waivers.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms } from '../network/schema.ts'
import { appendAudit } from './audit.ts'
import { audited } from './audited.ts'
import { originOf } from './audited-registry.ts'

const DEADLINE_MS = 8_000

type Ports = { readonly orm: Orm; readonly now: Now }

/** Connection checks as an administrator asks for them, and faults that one lets pass, with their rows in the audit trail. */
export function createAuditedChecks({ orm, now }: Ports, by: By): CheckChanges {
  const origin = originOf(by)
  const onWaiver = (action: AuditAction, platformId: string, probe: ProbeName) =>
    asAudited({ orm, now }, by, action, platformId, probe)
  const changes: CheckChanges = {
    ask: (platformId, terms) =>
      orm.transaction(async (tx): Promise<AskResult> => {
        const [platform] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
        if (!platform) return { kind: 'unknown-platform' }
        const { name, status, sealedToken } = platform
        if (status === 'SUSPENDED' || sealedToken === null) return { kind: 'wrong-status', status }
        const at = now()
        const run = { platformId, askedBy: asker(origin.by), askedAt: at, dueAt: at, ...terms }
        const opened = await openRun(tx, run)
        if (opened.kind !== 'asked') return opened
        const after = { run: opened.number, consent: terms.consent, skip_wrong_token: terms.skipsWrongToken }
        const on = { kind: 'platform', id: platformId, name } as const
        await appendAudit(tx, { at, by, action: 'check.ask', on, platformId, before: null, after })
        return opened
      }),
    waive: (platformId, probe) =>
      waive(
        onWaiver('check.waive', platformId, probe),
        platformId,
        { probe, reason: by.reason ?? '', by: by.author.name },
        now(),
        origin,
      ),
    unwaive: (platformId, probe) => unwaive(onWaiver('check.unwaive', platformId, probe), platformId, probe),
  }
  return withDeadline(changes, DEADLINE_MS)
}

/** A row only when something changed. A platform that went live by it stands in its history. */
function asAudited({ orm, now }: Ports, by: By, action: AuditAction, platformId: string, probe: ProbeName): Transacts {
  return audited<{ readonly name: string; readonly fields: AuditFields } | null>(orm, {
    look: (tx) => readFields(tx, platformId, probe),
    entries(was, is) {
      if (!was || !is) return []
      const { before, after } = changedFields(was.fields, is.fields)
      if (Object.keys({ ...before, ...after }).length === 0) return []
      const on = { kind: 'platform', id: platformId, name: is.name } as const
      return [{ at: now(), by, action, on, platformId, before: { probe, ...before }, after: { probe, ...after } }]
    },
  })
}

async function readFields(tx: Transaction, platformId: string, probe: ProbeName) {
  const [row] = await tx
    .select({ name: platforms.name, status: platforms.status, waived: checkWaivers.reason, by: checkWaivers.by })
    .from(platforms)
    .leftJoin(checkWaivers, and(eq(checkWaivers.platformId, platforms.id), eq(checkWaivers.probe, probe)))
    .where(eq(platforms.id, platformId))
  return row ? { name: row.name, fields: { status: row.status, waived: row.waived, waived_by: row.by } } : null
}

function asker(by: ReturnType<typeof originOf>['by']) {
  return by === 'admin' || by.startsWith('admin:') ? (by as 'admin' | `admin:${string}`) : 'admin'
}
