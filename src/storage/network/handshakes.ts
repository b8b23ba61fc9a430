import { and, eq, gt, sql } from 'drizzle-orm'
import { type CheckMode, HANDSHAKE_SETTLES_MS } from '../../hub/check/runs/check-runs.ts'
import type { Handshake, HandshakeResult, PartyRole } from '../../hub/network/handshake.ts'
import type { Admission, ChangeResult, Registry } from '../../hub/network/registry.ts'
import type { ConnectionStatus } from '../../hub/network/routing-table.ts'
import { keyOf } from '../../ocpi/party.ts'
import { openRun } from '../check/open-run.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { startPushCursor } from '../push/cursors.ts'
import { storedUrls } from '../schema.ts'
import { admitRoles } from './admission.ts'
import { type ChangeMoment, change, kept, undone } from './change.ts'
import { startCursor, startCursorAtNothing } from './client-info.ts'
import { WAITS_FOR_CHECK, WAITS_FOR_RELEASE } from './hold.ts'
import { noteStatus } from './note-status.ts'
import { type HeldRole, insertRoles, movedTo, nameParties, type RoleRow, settleStatuses } from './parties.ts'
import { replacePending } from './pending-roles.ts'
import { CHANGED, stamp, touch, UNKNOWN_PLATFORM } from './platforms.ts'
import { asJsonText, namedRoleSet } from './role-sets.ts'
import { credentialsTokens, partyRoles, platforms } from './schema.ts'
import { dropExpired, dropOldest, retireAccessTokens, retireTokens } from './tokens.ts'

/** Stores what a handshake agreed, all of it or nothing [credentials: POST, PUT]. */
export function storeHandshake(
  orm: Transacts,
  handshake: Handshake,
  terms: {
    readonly admission: Admission
    readonly connectionCheck: CheckMode
    readonly now: number
    readonly onTokensEnded: () => void
  },
): Promise<HandshakeResult> {
  const { admission, connectionCheck, now, onTokensEnded } = terms
  const { platformId } = handshake
  return change<HandshakeResult>(orm, async (tx, revision) => {
    const [before] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
    if (!before) return undone({ kind: 'platform-gone' })
    if (!(await consumeRegistration(tx, handshake, now))) return undone({ kind: 'registration-gone' })
    if (!(await isContinued(tx, handshake))) return undone({ kind: 'connection-gone' })
    const { roles } = handshake
    const admitted = roles === 'unchanged' ? null : await admitRoles(tx, before, roles, admission, now)
    if (admitted && admitted.kind !== 'admitted') return undone(admitted)

    const cause = 'credentials exchanged'
    const isNew = before.sealedToken === null
    // One that passed while an administrator holds it may come with other interfaces now.
    const isUnchecked = isNew || before.awaitsCheck || (before.isHeld && before.firstLiveAt === null)
    const awaitsCheck = isUnchecked && connectionCheck === 'required'
    const status = statusAfter({ ...before, awaitsCheck })
    await touch(tx, platformId, revision, {
      version: handshake.version,
      versionsUrl: handshake.versionsUrl,
      endpoints: handshake.endpoints,
      sealedToken: handshake.sealedToken,
      theirMark: handshake.theirMark ?? null,
      awaitsCheck,
      ...(handshake.tokenEncoding && { tokenEncoding: handshake.tokenEncoding }),
      ...(status !== before.status && { status, statusCause: cause, statusSince: now }),
      ...(status === 'CONNECTED' && before.firstLiveAt === null && { firstLiveAt: now }),
      ...(status === 'PLANNED' && { statusCause: before.isHeld ? WAITS_FOR_RELEASE : WAITS_FOR_CHECK }),
    })
    if (before.version !== null && before.version !== handshake.version) await forgetNextPages(tx, platformId)
    if (admitted) {
      await nameParties(tx, admitted.counted)
      await inheritRoles(tx, platformId, admitted.inherited, { revision, now })
      await replaceActiveRoles(tx, platformId, admitted.counted, { revision, now })
      await replacePending(tx, platformId, admitted.pending, now)
    }
    await settleStatuses(tx, platformId, now)
    await dropExpired(tx, platformId, now)
    await retireAccessTokens(tx, platformId, handshake.olderTokensExpireAt, now)
    await grantAccess(tx, handshake, now)
    if ((await dropOldest(tx, platformId, ['access'], now, handshake.continuesDigest)) > 0) onTokensEnded()
    if (isNew) {
      if (admitted?.counted.length === 0) await startCursorAtNothing(tx, platformId)
      else await startCursor(tx, platformId, revision, now)
      await startPushCursor(tx, platformId, now)
    }
    if (connectionCheck !== 'off' && status !== 'SUSPENDED' && (isNew || awaitsCheck)) {
      await openRun(tx, {
        ...{ platformId, askedBy: 'handshake', askedAt: now, dueAt: now + HANDSHAKE_SETTLES_MS },
        ...{ consent: false, skipsWrongToken: false },
      })
    }
    if (status !== before.status)
      await noteStatus(tx, platformId, { from: before.status, to: status, cause }, handshake.origin, now)
    return kept({ kind: 'stored', pending: admitted?.pending ?? [] })
  })
}

/**
 * URLs of next pages that a platform gave in a version that it speaks no more: what it still answers there would be read as of the new one. Of
 * 2.1.1 that would be sessions of everybody, which nobody sorts any more.
 */
async function forgetNextPages(tx: Transaction, platformId: string): Promise<void> {
  await tx.delete(storedUrls).where(and(eq(storedUrls.toPlatformId, platformId), eq(storedUrls.kind, 'next')))
}

/** What a platform is once its handshake is over, unless administrators keep it from that. */
function statusAfter({
  isHeldSuspended,
  isHeld,
  awaitsCheck,
}: Pick<typeof platforms.$inferSelect, 'isHeldSuspended' | 'isHeld' | 'awaitsCheck'>): ConnectionStatus {
  if (isHeldSuspended) return 'SUSPENDED'
  return isHeld || awaitsCheck ? 'PLANNED' : 'CONNECTED'
}

/** True when there was none to use up, or when it was there and is used up now. */
async function consumeRegistration(tx: Transaction, handshake: Handshake, now: number): Promise<boolean> {
  const digest = handshake.consumesRegistrationDigest
  if (digest === null) return true
  const isIt = and(
    eq(credentialsTokens.digest, digest),
    eq(credentialsTokens.platformId, handshake.platformId),
    eq(credentialsTokens.kind, 'registration'),
    gt(credentialsTokens.expiresAt, now),
  )
  return (await retireTokens(tx, isIt, 'used', now)) > 0
}

/** True when nothing is continued, or when the token for it is still there: the end of a connection takes all of them. */
async function isContinued(tx: Transaction, { platformId, continuesDigest }: Handshake): Promise<boolean> {
  if (continuesDigest === undefined) return true
  const found = await tx
    .select({ digest: credentialsTokens.digest })
    .from(credentialsTokens)
    .where(and(eq(credentialsTokens.digest, continuesDigest), eq(credentialsTokens.platformId, platformId)))
  return found.length > 0
}

/** Roles that other platforms gave up become this one's. Those platforms are stamped, so that tables read them again. */
async function inheritRoles(
  tx: Transaction,
  platformId: string,
  inherited: readonly HeldRole[],
  at: ChangeMoment,
): Promise<void> {
  if (inherited.length === 0) return
  await stamp(tx, new Set(inherited.map(({ heldBy }) => heldBy)), at.revision)
  await tx
    .update(partyRoles)
    .set(movedTo(platformId, at))
    .where(sql`(${partyRoles.partyKey}, ${partyRoles.role}) in ${namedRoleSet(inherited)}`)
}

/** Roles not among these are given up, and stay held; announced ones that never connected stay announced. */
async function replaceActiveRoles(
  tx: Transaction,
  platformId: string,
  roles: readonly PartyRole[],
  at: ChangeMoment,
): Promise<void> {
  await tx
    .update(partyRoles)
    .set({ state: 'GIVEN_UP', givenUpAt: at.now })
    .where(and(eq(partyRoles.platformId, platformId), eq(partyRoles.state, 'ACTIVE')))
  const rows = new Map<string, RoleRow>()
  for (const { role, businessDetails, ...party } of roles) {
    const partyKey = keyOf(party)
    rows.set(`${partyKey} ${role}`, { partyKey, role, businessDetails: asJsonText(businessDetails) })
  }
  await tx.execute(sql`
    ${insertRoles([...rows.values()], { platformId, state: 'ACTIVE', status: 'CONNECTED' }, at)}
    on conflict (party_key, role) do update set state = 'ACTIVE', given_up_at = null,
      business_details = excluded.business_details`)
}

/** The token may be known already: the hub gave it provisionally to the partner it called. */
async function grantAccess(tx: Transaction, handshake: Handshake, now: number): Promise<void> {
  const { platformId, accessDigest: digest, accessPrefix: prefix = null } = handshake
  const granted = { kind: 'access', createdAt: now, expiresAt: null, prefix } as const
  await tx
    .insert(credentialsTokens)
    .values({ digest, platformId, ...granted })
    .onConflictDoUpdate({
      target: credentialsTokens.digest,
      set: granted,
      setWhere: eq(credentialsTokens.platformId, platformId),
    })
}

/** Ends a connection; `wrong-status` when there is none [credentials: DELETE]. */
export function endConnection(
  orm: Transacts,
  ...[platformId, cause, origin, now]: [...Parameters<Registry['endConnection']>, now: number]
): Promise<ChangeResult> {
  return change<ChangeResult>(orm, async (tx, revision) => {
    const [before] = await tx.select().from(platforms).where(eq(platforms.id, platformId))
    if (!before) return undone(UNKNOWN_PLATFORM)
    if (before.sealedToken === null) return undone({ kind: 'wrong-status', status: before.status })
    await retireTokens(tx, eq(credentialsTokens.platformId, platformId), 'ended', now)
    await touch(tx, platformId, revision, {
      status: 'SUSPENDED',
      statusCause: cause,
      statusSince: now,
      sealedToken: null,
      theirMark: null,
    })
    await replacePending(tx, platformId, [], now)
    await settleStatuses(tx, platformId, now)
    await noteStatus(tx, platformId, { from: before.status, to: 'SUSPENDED', cause }, origin, now)
    return kept(CHANGED)
  })
}

/** What the hub needs to call a partner; null before the first handshake and after the end of a connection. */
export async function findConnection(
  orm: Orm,
  platformId: string,
): Promise<{ versionsUrl: string; sealedToken: string; version: string } | null> {
  const [row] = await orm
    .select({ versionsUrl: platforms.versionsUrl, sealedToken: platforms.sealedToken, version: platforms.version })
    .from(platforms)
    .where(eq(platforms.id, platformId))
  if (!row || row.versionsUrl === null || row.sealedToken === null || row.version === null) return null
  return { versionsUrl: row.versionsUrl, sealedToken: row.sealedToken, version: row.version }
}
