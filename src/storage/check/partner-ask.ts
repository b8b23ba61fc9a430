import { and, desc, eq } from 'drizzle-orm'
import { type AskByPartner, PARTNER_ASKS_EVERY_MS } from '../../hub/check/runs/check-runs.ts'
import type { Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { platforms } from '../network/schema.ts'
import { openRun } from './open-run.ts'
import { checkRuns } from './schema.ts'

const DEADLINE_MS = 8_000

/** Adds a run that a partner asks for itself. Its platform's row is held meanwhile, so that two asked at once are one. */
export function createPartnerAsk({ orm, now }: { readonly orm: Orm; readonly now: Now }): AskByPartner {
  const port = {
    ask: (platformId: string) =>
      orm.transaction(async (tx) => {
        const [platform] = await tx
          .select({ status: platforms.status, sealedToken: platforms.sealedToken })
          .from(platforms)
          .where(eq(platforms.id, platformId))
          .for('update')
        if (!platform) return { kind: 'unknown-platform' } as const
        const { status, sealedToken } = platform
        if (status === 'SUSPENDED' || sealedToken === null) return { kind: 'wrong-status', status } as const
        const at = now()
        const [last] = await tx
          .select({ askedAt: checkRuns.askedAt })
          .from(checkRuns)
          .where(and(eq(checkRuns.platformId, platformId), eq(checkRuns.askedBy, 'partner')))
          .orderBy(desc(checkRuns.number))
          .limit(1)
        const mayAgainAt = (last?.askedAt ?? Number.NEGATIVE_INFINITY) + PARTNER_ASKS_EVERY_MS
        // A moment ahead is one of a clock that was put back since.
        if (last && last.askedAt <= at && mayAgainAt > at) return { kind: 'too-soon', mayAgainAt } as const
        const terms = { consent: false, skipsWrongToken: false }
        return openRun(tx, { platformId, askedBy: 'partner', askedAt: at, dueAt: at, ...terms })
      }),
  }
  return withDeadline(port, DEADLINE_MS).ask
}
