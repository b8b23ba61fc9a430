import { and, asc, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import type { AgreementStore } from '../../hub/network/agreement-store.ts'
import type { Agreement } from '../../hub/network/policy.ts'
import type { Now } from '../../hub/ports.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { change, kept, undone } from './change.ts'
import { agreements } from './schema.ts'

const DEADLINE_MS = 8_000
const ROWS_AT_ONCE = 500

/** Rules in the database; each change is one of what routes. */
export function createAgreementStore(ports: { readonly orm: Orm; readonly now: Now }): AgreementStore {
  const { orm, now } = ports
  const store: AgreementStore = {
    add: (rules) => addRules(orm, rules, now()),
    end: (id) => endRule(orm, id, now()),
    find: (id) => findRule(orm, id),
    list: (page) => listRules(orm, page),
  }
  return withDeadline(store, DEADLINE_MS)
}

export function addRules(orm: Transacts, rules: Parameters<AgreementStore['add']>[0], now: number): Promise<void> {
  return change(orm, async (tx, revision) => {
    // A list of values is inserted in its order, so their numbers are in order too.
    for (let from = 0; from < rules.length; from += ROWS_AT_ONCE) {
      const rows = rules.slice(from, from + ROWS_AT_ONCE).map(({ a, b, ...rule }) => ({
        ...rule,
        aCountryCode: a.countryCode,
        aPartyId: a.partyId,
        bCountryCode: b.countryCode,
        bPartyId: b.partyId,
        createdAt: now,
        createdRevision: revision,
        revision,
      }))
      await tx.insert(agreements).values(rows).onConflictDoNothing()
    }
    return rules.length > 0 ? kept(undefined) : undone(undefined)
  })
}

/** `over` when it was ended before, or ran out by itself. */
export function endRule(orm: Transacts, id: string, now: number): Promise<'ended' | 'over' | 'unknown'> {
  return change<'ended' | 'over' | 'unknown'>(orm, async (tx, revision) => {
    const rule = await selectRule(tx, id)
    if (!rule) return undone('unknown')
    if (rule.endedAt !== null || (rule.validUntil !== null && rule.validUntil <= now)) return undone('over')
    await tx.update(agreements).set({ endedAt: now, revision }).where(eq(agreements.id, id))
    return kept('ended')
  })
}

async function findRule(orm: Orm, id: string): Promise<Agreement | null> {
  const rule = await selectRule(orm, id)
  return rule ? asAgreement(rule) : null
}

async function selectRule(orm: Orm | Transaction, id: string): Promise<Row | undefined> {
  const [rule] = await orm.select().from(agreements).where(eq(agreements.id, id))
  return rule
}

/** The latest first. */
async function listRules(orm: Orm, page: Parameters<AgreementStore['list']>[0]): Promise<readonly Agreement[]> {
  const { limit, beforeNumber, party, liveAt } = page
  const names = (countryCode: typeof agreements.aCountryCode, partyId: typeof agreements.aPartyId) =>
    sql`upper(${countryCode} || '*' || ${partyId}) = ${party && keyOf(party)}`
  const rows = await orm
    .select()
    .from(agreements)
    .where(
      and(
        beforeNumber === null ? undefined : lt(agreements.number, beforeNumber),
        liveAt === null ? undefined : isNull(agreements.endedAt),
        liveAt === null ? undefined : or(isNull(agreements.validUntil), gt(agreements.validUntil, liveAt)),
        party === null
          ? undefined
          : or(
              names(agreements.aCountryCode, agreements.aPartyId),
              sql`upper(${agreements.bCountryCode} || '*' || ${agreements.bPartyId}) = ${keyOf(party)}`,
            ),
      ),
    )
    .orderBy(desc(agreements.number))
    .limit(limit)
  return rows.map(asAgreement)
}

/** Rules that changed after a revision (null: all), in order of creation. */
export async function readAgreements(tx: Transaction, afterRevision: number | null): Promise<Agreement[]> {
  const rows = await tx
    .select()
    .from(agreements)
    .where(afterRevision === null ? undefined : gt(agreements.revision, afterRevision))
    .orderBy(asc(agreements.number))
  return rows.map(asAgreement)
}

type Row = typeof agreements.$inferSelect

function asAgreement(row: Row): Agreement {
  const { aCountryCode, aPartyId, bCountryCode, bPartyId, ...rest } = row
  return {
    ...rest,
    a: { countryCode: aCountryCode, partyId: aPartyId },
    b: { countryCode: bCountryCode, partyId: bPartyId },
  }
}
