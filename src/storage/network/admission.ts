import { and, eq, gt, inArray, sql } from 'drizzle-orm'
import type { PartyRole, PartyTaken, TooManyRoles } from '../../hub/network/handshake.ts'
import type { Admission, WhyPending } from '../../hub/network/registry.ts'
import { keyOf, type PartyKey } from '../../ocpi/party.ts'
import type { Transaction } from '../database.ts'
import { findTaken, givenUpAt, type HeldRole, heldRoles } from './parties.ts'
import { keySet } from './role-sets.ts'
import { agreements, departedRoles, partyRoles, type platforms } from './schema.ts'

/** What becomes of the roles that a platform brings: some count, some wait for an administrator. */
export type Admitted = {
  readonly kind: 'admitted'
  readonly counted: readonly PartyRole[]
  readonly pending: readonly (PartyRole & { readonly why: WhyPending })[]
  /** Of the counted ones those that another platform gave up, and that are this one's from now on. */
  readonly inherited: readonly HeldRole[]
}

/**
 * Sorts the roles that a platform brings in a handshake. What it holds, or what is reserved for it, counts. What another platform holds
 * refuses the whole handshake. Of the rest, what nobody may take without an administrator waits for one.
 */
export async function admitRoles(
  tx: Transaction,
  platform: Pick<typeof platforms.$inferSelect, 'id' | 'mostRoles'>,
  roles: readonly PartyRole[],
  admission: Admission,
  now: number,
): Promise<Admitted | PartyTaken | TooManyRoles> {
  const freeSince = now - admission.givenUpForMs
  const most = platform.mostRoles ?? admission.mostRoles
  // First, since all else takes as long as there are roles.
  const left = roles.length > most ? 0 : await countLeft(tx, platform.id, roles, freeSince)
  if (roles.length + left > most) return { kind: 'too-many-roles', most, brought: roles.length, left }

  const held = await heldRoles(tx, roles)
  const isFree = (role: HeldRole) => role.state === 'GIVEN_UP' && role.givenUpAt <= freeSince
  const taken = findTaken(held, platform.id, roles, { by: 'platform', isFree })
  if (taken) return taken

  const keys = [...new Set(roles.map(keyOf))]
  const named = await namedByRules(tx, keys, now)
  const departed = await departedLately(tx, keys, now)
  const counted: PartyRole[] = []
  const pending: (PartyRole & { why: WhyPending })[] = []
  const inherited: HeldRole[] = []
  for (const role of roles) {
    const key = keyOf(role)
    const ofParty = held.get(key) ?? []
    const same = ofParty.find((each) => each.role === role.role)
    const isOwnParty = ofParty.some(({ heldBy }) => heldBy === platform.id)
    const why =
      same?.heldBy === platform.id
        ? null
        : !isOwnParty && named.has(key)
          ? 'named-by-rule'
          : !isOwnParty && departed.has(key)
            ? 'given-up-lately'
            : admission.announcedOnly
              ? 'not-announced'
              : null
    if (why !== null) pending.push({ ...role, why })
    else {
      counted.push(role)
      if (same && same.heldBy !== platform.id) inherited.push(same)
    }
  }
  return { kind: 'admitted', counted, pending, inherited }
}

/** Roles that the platform gave up lately, or does now: nobody else may have them, so they count as its own. */
async function countLeft(
  tx: Transaction,
  platformId: string,
  brought: readonly PartyRole[],
  freeSince: number,
): Promise<number> {
  const again = new Set(brought.map((role) => `${keyOf(role)} ${role.role}`))
  const rows = await tx
    .select({ key: partyRoles.partyKey, role: partyRoles.role, state: partyRoles.state, givenUpAt })
    .from(partyRoles)
    .where(and(eq(partyRoles.platformId, platformId), inArray(partyRoles.state, ['ACTIVE', 'GIVEN_UP'])))
  const isLeft = (row: (typeof rows)[number]) => row.state === 'ACTIVE' || row.givenUpAt > freeSince
  return rows.filter((row) => !again.has(`${row.key} ${row.role}`) && isLeft(row)).length
}

/** Those of these parties that a rule names which is not over: rules may precede platforms, and are made for whom they name. */
async function namedByRules(tx: Transaction, keys: readonly PartyKey[], now: number): Promise<ReadonlySet<PartyKey>> {
  if (keys.length === 0) return new Set()
  const isLive = sql`ended_at is null and (valid_until is null or valid_until > ${now})`
  const rows = await tx.execute<{ key: PartyKey }>(sql`
    select distinct key from (
      select upper(a_country_code || '*' || a_party_id) as key from ${agreements} where ${isLive}
      union all select upper(b_country_code || '*' || b_party_id) from ${agreements} where ${isLive}
    ) named where key in ${keySet(keys)}`)
  return new Set(rows.map(({ key }) => key))
}

/** Those of these parties that went with their platform, and are not free yet. */
async function departedLately(tx: Transaction, keys: readonly PartyKey[], now: number): Promise<ReadonlySet<PartyKey>> {
  const rows = await tx
    .select({ key: departedRoles.partyKey })
    .from(departedRoles)
    .where(and(sql`${departedRoles.partyKey} in ${keySet(keys)}`, gt(departedRoles.freeAt, now)))
  return new Set(rows.map(({ key }) => key))
}
