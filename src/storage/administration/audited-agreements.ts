import { inArray } from 'drizzle-orm'
import type { AuditAction, AuditEntry, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { AgreementChanges, NewAgreement } from '../../hub/network/agreement-store.ts'
import type { Now } from '../../hub/ports.ts'
import { showParty } from '../../ocpi/party.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { addRules, endRule } from '../network/agreements.ts'
import { agreements } from '../network/schema.ts'
import { audited } from './audited.ts'
import { momentText } from './moment-text.ts'

const DEADLINE_MS = 8_000

/** The rules as an administrator changes them: each that is added or ended is a row in the audit trail under their name. */
export function createAuditedAgreements(
  { orm, now }: { readonly orm: Orm; readonly now: Now },
  by: By,
): AgreementChanges {
  const on = (action: AuditAction, ids: readonly string[]) => onRules(orm, ids, { at: now(), by, action })
  const idsOf = (rules: readonly NewAgreement[]) => rules.map(({ id }) => id)
  const store: AgreementChanges = {
    add: (rules) => addRules(on('agreement.add', idsOf(rules)), rules, now()),
    import: (rules) => addRules(on('agreement.import', idsOf(rules)), rules, now()),
    end: (id) => endRule(on('agreement.end', [id]), id, now()),
  }
  return withDeadline(store, DEADLINE_MS)
}

type Rule = typeof agreements.$inferSelect

function onRules(orm: Orm, ids: readonly string[], head: Pick<AuditEntry, 'at' | 'by' | 'action'>): Transacts {
  return audited<ReadonlyMap<string, Rule>>(orm, {
    look: (tx) => readRules(tx, ids),
    entries: (before, after) =>
      [...after.values()].flatMap((rule) => {
        const was = before.get(rule.id)
        const changed = changedFields(was ? ruleFields(was) : null, ruleFields(rule))
        // A rule whose id was known stays as it was.
        if (changed.before && Object.keys(changed.before).length === 0) return []
        return [{ ...head, on: { kind: 'agreement', id: rule.id, name: nameOf(rule) }, platformId: null, ...changed }]
      }),
  })
}

async function readRules(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Rule>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .select()
    .from(agreements)
    .where(inArray(agreements.id, [...ids]))
    .orderBy(agreements.number)
  return new Map(rows.map((row) => [row.id, row]))
}

function ruleFields(rule: Rule): AuditFields {
  const [a, b] = partiesOf(rule)
  return {
    a,
    b,
    effect: rule.effect,
    modules: rule.modules,
    valid_from: momentText(rule.validFrom),
    valid_until: momentText(rule.validUntil),
    ended_at: momentText(rule.endedAt),
  }
}

function nameOf(rule: Rule): string {
  return partiesOf(rule).join(' ')
}

function partiesOf(rule: Rule): readonly [string, string] {
  return [
    showParty({ countryCode: rule.aCountryCode, partyId: rule.aPartyId }),
    showParty({ countryCode: rule.bCountryCode, partyId: rule.bPartyId }),
  ]
}
