import { and, eq, isNull, lte, max } from 'drizzle-orm'
import { type AskResult, type CheckRun, RUNS_KEPT } from '../../hub/check/runs/check-runs.ts'
import type { Transaction } from '../database.ts'
import { checkRuns } from './schema.ts'

type NewRun = Pick<CheckRun, 'platformId' | 'askedBy' | 'askedAt' | 'consent' | 'skipsWrongToken'> & {
  /** Nobody takes it earlier. */
  readonly dueAt: number
}

type Opened = Extract<AskResult, { kind: 'asked' | 'under-way' }>

/** Adds a run that waits, unless one of the platform has not ended yet. The oldest runs make room for it. */
export async function openRun(tx: Transaction, run: NewRun): Promise<Opened> {
  const isOfPlatform = eq(checkRuns.platformId, run.platformId)
  const findOpen = async (): Promise<Opened | null> => {
    const isOpen = and(isOfPlatform, isNull(checkRuns.endedAt))
    const [open] = await tx.select({ number: checkRuns.number }).from(checkRuns).where(isOpen)
    return open ? { kind: 'under-way', number: open.number } : null
  }
  const open = await findOpen()
  if (open) return open
  const [newest] = await tx
    .select({ number: max(checkRuns.number) })
    .from(checkRuns)
    .where(isOfPlatform)
  const number = (newest?.number ?? 0) + 1
  const added = await tx
    .insert(checkRuns)
    .values({ ...run, number, state: 'waiting' })
    .onConflictDoNothing()
    .returning({ number: checkRuns.number })
  if (added.length === 0) {
    const other = await findOpen()
    if (other) return other
    throw new Error('Expected another run where a run could not be added')
  }
  await tx.delete(checkRuns).where(and(isOfPlatform, lte(checkRuns.number, number - RUNS_KEPT)))
  return { kind: 'asked', number }
}
