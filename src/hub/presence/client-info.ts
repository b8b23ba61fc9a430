import { type PageRequest, takePage } from '../../ocpi/pagination.ts'
import { keyOf, type Party, type PartyKey, type Role } from '../../ocpi/party.ts'
import { firstAbove } from '../first-above.ts'
import { keysOfParties, pairsWith } from '../network/pairs.ts'
import { type Agreement, lastFlip, mayTalkAtAll, momentsOf, policyAsOf, rulesAsOf } from '../network/policy.ts'
import type {
  ConnectionStatus,
  HostedParty,
  Platform,
  RoleMove,
  RoutingTable,
  ToldStatus,
} from '../network/routing-table.ts'

/*
 * What each platform, as a viewer, sees of all parties but its own [mod_hub_client_info]: per role a status, and since when.
 *
 *     the role's status       a rule lets them talk           what the viewer sees, and since when
 *     CONNECTED or OFFLINE    about some module               that status; since its change or the rule's, whichever is later
 *     CONNECTED or OFFLINE    about nothing                   PLANNED; since the announcement or the rule's change
 *     PLANNED or SUSPENDED    does not matter                 that status; since its change
 *
 * A rule may also change by itself, when its period begins or ends. So a viewer's mark, up to where it was told, has two parts:
 * a revision of the routing table and a moment. What changed since is found by comparing the view of now with that of the mark.
 *
 * Example: P was told up to revision 40 at 12:00. At revision 41 NL*CPO goes OFFLINE, and from 12:30 a rule denies P all of
 * NL*ABC. At 12:31 two roles differ from P's mark: NL*CPO is OFFLINE, NL*ABC is PLANNED; P's next mark is revision 41 at 12:31.
 */

/** What one viewer sees of a party in one role [mod_hub_client_info: ClientInfo Object]. */
export type SeenRole = {
  readonly party: Party
  readonly key: PartyKey
  readonly role: Role
  readonly status: ConnectionStatus
  /** When this viewer's view of it last changed, in milliseconds since the epoch. */
  readonly lastUpdated: number
}

/** Up to where a viewer was told: the changes of the routing table up to a revision, those of rules by themselves up to a moment. */
export type Mark = { readonly revision: number; readonly at: number }

/** A role of a party, whether a platform hosts it or it has departed. */
type KnownRole = {
  readonly party: Party
  readonly key: PartyKey
  readonly role: Role
  /** The platform that holds it, or held it last; null where that is not known any more. */
  readonly platformId: string | null
  readonly told: ToldStatus
  readonly moved: RoleMove | null
}

/** When a rule begins or ends. */
type RuleMoment = { readonly at: number; readonly rule: Agreement }

/** What is derived from a routing table once, when it is first asked for. */
type Index = {
  /** By party and role. */
  readonly roles: readonly KnownRole[]
  readonly byParty: ReadonlyMap<PartyKey, readonly KnownRole[]>
  /** Roles by the revision of their last change, the latest first. */
  readonly changed: readonly KnownRole[]
  /** Roles that were moved from one platform to another. */
  readonly moved: readonly KnownRole[]
  /** Rules by the revision of their last change, the latest first. */
  readonly changedRules: readonly Agreement[]
  /** The earliest first. */
  readonly moments: readonly RuleMoment[]
}

const indexes = new WeakMap<RoutingTable, Index>()

/** Names a role of a party, for example `NL*CPO/CPO`. Lists of ClientInfo are in this order. */
export function roleKey(role: Pick<SeenRole, 'key' | 'role'>): string {
  return `${role.key}/${role.role}`
}

/**
 * A page of all that a platform sees, in the order of role keys. What it sees of a role is found out for the page's roles alone, unless
 * the page asks for dates: then they have to be known of all.
 */
export function clientInfoPage(
  table: RoutingTable,
  viewer: Platform,
  page: PageRequest,
  now: number,
): { readonly items: readonly SeenRole[]; readonly total: number } {
  const shown = indexOf(table).roles.filter((known) => isShownTo(viewer, known))
  const see = (known: KnownRole) => seen(table, viewer, known, now)
  const hasDates = page.dateFrom !== null || page.dateTo !== null
  if (hasDates) return takePage(shown.map(see), page, (role) => role.lastUpdated)
  const { items, total } = takePage(shown, page, () => 0)
  return { items: items.map(see), total }
}

/**
 * The roles that a viewer sees otherwise than it was told, the change that is longest ago first.
 *
 * @param base up to where the viewer was told of all roles
 * @param markOf up to where it was told of one role: `base` or later
 */
export function clientInfoSince(
  table: RoutingTable,
  viewer: Platform,
  base: Mark,
  markOf: (roleKey: string) => Mark,
  now: number,
): readonly SeenRole[] {
  const due: SeenRole[] = []
  const partiesThen = partiesByRevision(viewer)
  for (const known of candidates(table, viewer, base, now)) {
    if (isShownTo(viewer, known) && isChanged(table, viewer, partiesThen, known, markOf(roleKey(known)), now)) {
      due.push(seen(table, viewer, known, now))
    }
  }
  return due.sort((x, y) => x.lastUpdated - y.lastUpdated)
}

/** When a rule begins or ends next, in milliseconds since the epoch; null when none will. */
export function nextRuleMoment(table: RoutingTable, now: number): number | null {
  const { moments } = indexOf(table)
  return moments[firstAfter(moments, now)]?.at ?? null
}

function isShownTo(viewer: Platform, known: KnownRole): boolean {
  return known.platformId !== viewer.id
}

/** The move that made a role of the viewer's one of another platform, and so a client to the viewer. */
function moveAway(viewer: Platform, { moved }: KnownRole): RoleMove | null {
  return moved?.fromPlatformId === viewer.id ? moved : null
}

function seen(table: RoutingTable, viewer: Platform, known: KnownRole, now: number): SeenRole {
  const own = seenByRules(table, viewer, known, now)
  return { ...own, lastUpdated: Math.max(own.lastUpdated, moveAway(viewer, known)?.at ?? 0) }
}

function seenByRules(table: RoutingTable, viewer: Platform, known: KnownRole, now: number): SeenRole {
  const { party, key, role, told } = known
  const base = { party, key, role }
  if (!hangsOnRules(told.status)) return { ...base, status: told.status, lastUpdated: told.since }
  const own = keysOfParties(viewer.parties)
  if (own.has(key)) return { ...base, status: told.status, lastUpdated: told.since }
  const pairs = pairsWith(table.agreements, own, key)
  const isAgreed = pairs.some((rules) => mayTalkAtAll(rules, table.policy.kind, now))
  const flippedAt = lastFlip(pairs, table.policy, now) ?? 0
  return isAgreed
    ? { ...base, status: told.status, lastUpdated: Math.max(told.since, flippedAt) }
    : { ...base, status: 'PLANNED', lastUpdated: Math.max(told.announcedAt, flippedAt) }
}

/** Whether rules decide what a viewer sees of a role with this status: PLANNED and SUSPENDED show to everyone. */
function hangsOnRules(status: ConnectionStatus): boolean {
  return status === 'CONNECTED' || status === 'OFFLINE'
}

/** Whether what the viewer sees of a role differs from what it saw at the mark. */
function isChanged(
  table: RoutingTable,
  viewer: Platform,
  partiesThen: (revision: number) => readonly HostedParty[],
  known: KnownRole,
  mark: Mark,
  now: number,
): boolean {
  const { told, key } = known
  if ((moveAway(viewer, known)?.revision ?? 0) > mark.revision) return true
  const hasNewStatus = told.revision > mark.revision
  if (!hangsOnRules(told.status)) return hasNewStatus
  const own = keysOfParties(viewer.parties)
  const isAgreed =
    own.has(key) || pairsWith(table.agreements, own, key).some((rules) => mayTalkAtAll(rules, table.policy.kind, now))
  const kindThen = policyAsOf(table.policy, mark.revision)
  const ownThen = keysOfParties(partiesThen(mark.revision))
  const wasAgreed =
    ownThen.has(key) ||
    pairsWith(table.agreements, ownThen, key).some((rules) =>
      mayTalkAtAll(rulesAsOf(rules, mark.revision), kindThen, mark.at),
    )
  if (isAgreed !== wasAgreed) return true
  return isAgreed ? hasNewStatus : told.announcedRevision > mark.revision
}

/**
 * The parties that a viewer had at a revision. A party that it took on since may see what its others may not: that is news. When
 * all its parties are new, the platform came back as a whole, and what it saw then counts as seen by all of them.
 */
function partiesAsOf(viewer: Platform, revision: number): readonly HostedParty[] {
  const known = viewer.parties.filter((own) => own.roles.some(({ told }) => told.announcedRevision <= revision))
  return known.length > 0 ? known : viewer.parties
}

/** The same, found once for each revision. */
function partiesByRevision(viewer: Platform): (revision: number) => readonly HostedParty[] {
  const known = new Map<number, readonly HostedParty[]>()
  return (revision) => {
    let parties = known.get(revision)
    if (!parties) known.set(revision, (parties = partiesAsOf(viewer, revision)))
    return parties
  }
}

/** The roles that may look different since the mark: all that changed, few for a viewer that is up to date in a large network. */
function candidates(table: RoutingTable, viewer: Platform, base: Mark, now: number): Iterable<KnownRole> {
  const { roles, byParty, changed, moved, changedRules, moments } = indexOf(table)
  const isNewHere = viewer.parties.some((own) => own.roles.some(({ told }) => told.announcedRevision > base.revision))
  const hasTurned = table.policy.turns.some((turn) => turn.revision > base.revision)
  if (hasTurned || isNewHere) return roles
  const found = new Set<KnownRole>()
  for (const known of changed) {
    if (known.told.revision <= base.revision) break
    found.add(known)
  }
  for (const known of moved) if ((moveAway(viewer, known)?.revision ?? 0) > base.revision) found.add(known)
  const own = new Set(viewer.parties.map((party) => party.key))
  const addOther = (rule: Agreement): void => {
    const [a, b] = keysOf(rule)
    if (own.has(a)) for (const known of byParty.get(b) ?? []) found.add(known)
    if (own.has(b)) for (const known of byParty.get(a) ?? []) found.add(known)
  }
  for (const rule of changedRules) {
    if (rule.revision <= base.revision) break
    addOther(rule)
  }
  // The mark lies ahead where the clock was put back since.
  for (let i = firstAfter(moments, Math.min(base.at, now)); i < moments.length; i++) {
    const { at, rule } = moments[i] as RuleMoment
    if (at > Math.max(base.at, now)) break
    addOther(rule)
  }
  return found
}

function keysOf(rule: Agreement): [PartyKey, PartyKey] {
  return [keyOf(rule.a), keyOf(rule.b)]
}

function indexOf(table: RoutingTable): Index {
  const known = indexes.get(table)
  if (known) return known
  const roles = knownRoles(table)
  const rules = [...table.agreements.values()].flat()
  const index: Index = {
    roles,
    byParty: Map.groupBy(roles, (role) => role.key),
    changed: roles.toSorted((x, y) => y.told.revision - x.told.revision),
    moved: roles.filter((role) => role.moved !== null),
    changedRules: rules.toSorted((x, y) => y.revision - x.revision),
    moments: rules.flatMap((rule) => momentsOf(rule).map((at) => ({ at, rule }))).sort((x, y) => x.at - y.at),
  }
  indexes.set(table, index)
  return index
}

function knownRoles(table: RoutingTable): KnownRole[] {
  const roles = new Map<string, KnownRole>()
  for (const { key, role, platformId, departedAt, revision, countryCode, partyId } of table.departed.values()) {
    const party = { countryCode, partyId }
    const told = {
      status: 'SUSPENDED',
      since: departedAt,
      revision,
      announcedAt: departedAt,
      announcedRevision: revision,
    } as const
    const known = { party, key, role, platformId, told, moved: null }
    roles.set(roleKey(known), known)
  }
  for (const { key, platformId, countryCode, partyId, roles: hosted } of [...table.parties.values()].flat()) {
    const party = { countryCode, partyId }
    for (const { role, told, moved = null } of hosted) {
      const known = { party, key, role, platformId, told, moved }
      roles.set(roleKey(known), known)
    }
  }
  // By name, not by age as is advised: a crawl misses nobody only where nothing moves, and no date of a role outlives its departure.
  return [...roles].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)).map(([, known]) => known)
}

/** The index of the first moment after a time. */
function firstAfter(moments: readonly RuleMoment[], at: number): number {
  return firstAbove(moments.length, (index) => (moments[index] as RuleMoment).at, at)
}
