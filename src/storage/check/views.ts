import { and, asc, desc, eq, lt } from 'drizzle-orm'
import type { Finding } from '../../hub/check/check.ts'
import type { CheckReport, CheckRun, CheckViews } from '../../hub/check/runs/check-runs.ts'
import type { Orm, Transaction } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { checkResults, checkRuns, checkWaivers } from './schema.ts'

const DEADLINE_MS = 8_000

/** Runs of connection checks, with what they found. */
export function createCheckViews(orm: Orm): CheckViews {
  async function reportOf(row: typeof checkRuns.$inferSelect | undefined): Promise<CheckReport | null> {
    return row ? { run: asRun(row), findings: await readFindings(orm, row.platformId, row.number) } : null
  }
  const views: CheckViews = {
    async list(platformId) {
      const isIt = eq(checkRuns.platformId, platformId)
      return (await orm.select().from(checkRuns).where(isIt).orderBy(desc(checkRuns.number))).map(asRun)
    },
    async find(platformId, number) {
      const isIt = and(eq(checkRuns.platformId, platformId), eq(checkRuns.number, number))
      return reportOf((await orm.select().from(checkRuns).where(isIt))[0])
    },
    async findBefore(platformId, number) {
      const isIt = and(eq(checkRuns.platformId, platformId), lt(checkRuns.number, number), eq(checkRuns.state, 'ended'))
      return reportOf((await orm.select().from(checkRuns).where(isIt).orderBy(desc(checkRuns.number)).limit(1))[0])
    },
    waivers: (platformId) =>
      orm
        .select({ probe: checkWaivers.probe, reason: checkWaivers.reason, by: checkWaivers.by, at: checkWaivers.at })
        .from(checkWaivers)
        .where(eq(checkWaivers.platformId, platformId))
        .orderBy(asc(checkWaivers.at), asc(checkWaivers.probe)),
  }
  return withDeadline(views, DEADLINE_MS)
}

/** What a run found, in its order. */
export async function readFindings(orm: Orm | Transaction, platformId: string, run: number): Promise<Finding[]> {
  const rows = await orm
    .select()
    .from(checkResults)
    .where(and(eq(checkResults.platformId, platformId), eq(checkResults.run, run)))
    .orderBy(asc(checkResults.place))
  return rows.map(({ probe, party, module, outcome, detail, advice, chapter, messageIds }) => ({
    probe,
    party,
    module,
    outcome,
    detail,
    advice,
    chapter,
    messageIds,
  }))
}

function asRun(row: typeof checkRuns.$inferSelect): CheckRun {
  const { platformId, number, askedBy, askedAt, consent, skipsWrongToken } = row
  return {
    ...{ platformId, number, askedBy, askedAt, consent, skipsWrongToken },
    state: row.state,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    why: row.why,
    correlationId: row.correlationId,
    counts: { pass: row.passed, warn: row.warned, fail: row.failed, skipped: row.skipped },
  }
}
