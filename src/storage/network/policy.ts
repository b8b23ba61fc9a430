import { eq } from 'drizzle-orm'
import type { Policy, PolicyKind } from '../../hub/network/policy.ts'
import type { Orm, Transaction } from '../database.ts'
import { hubState } from '../schema.ts'
import { change, kept, undone } from './change.ts'

const KEY = 'routing_policy'

/** Until a hub says otherwise all may talk. */
const UNSET: Policy = { kind: 'open', turns: [] }

/**
 * Keeps the policy that the hub was started with, so that all processes have one and so that its change has a moment and a
 * revision of its own. The first policy is there since ever: nobody was told anything before.
 */
export function settlePolicy(orm: Orm, kind: PolicyKind, now: number): Promise<void> {
  return change(orm, async (tx, revision) => {
    const known = await findPolicy(tx)
    if (known?.kind === kind) return undone(undefined)
    const policy: Policy = { kind, turns: known ? [...known.turns, { at: now, revision }] : [] }
    const value = JSON.stringify(policy)
    await tx.insert(hubState).values({ key: KEY, value }).onConflictDoUpdate({ target: hubState.key, set: { value } })
    return kept(undefined)
  })
}

export async function readPolicy(tx: Transaction): Promise<Policy> {
  return (await findPolicy(tx)) ?? UNSET
}

async function findPolicy(tx: Transaction): Promise<Policy | null> {
  const [row] = await tx.select().from(hubState).where(eq(hubState.key, KEY))
  return row ? (JSON.parse(row.value) as Policy) : null
}
