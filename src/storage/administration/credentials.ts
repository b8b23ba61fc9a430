import { and, desc, eq, gt, inArray, isNull, lt, notInArray, or, sql } from 'drizzle-orm'
import type {
  Admin,
  CredentialStore,
  NewSession,
  ProvidedAdmin,
  Rights,
  Session,
  SessionOf,
} from '../../hub/administration/accounts.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import { hasPassed } from '../../hub/moments.ts'
import type { Orm, Transaction } from '../database.ts'
import { adminSessions, admins, apiKeys } from './account-schema.ts'
import { addAdmin, findAdmin } from './admins.ts'
import { appendAudit } from './audit.ts'
import { adminFields } from './audited-accounts.ts'

/** How exactly the last use of a key or an account is known. */
const USE_NOTED_EVERY_MS = 60_000

/** Sessions of one account: browsers of one person, or a script that opens one after the other. */
const MOST_SESSIONS = 50

const adminRights = { id: admins.id, name: admins.name, role: admins.role, maySeeBodies: admins.maySeeBodies }
const keyRights = { id: apiKeys.id, name: apiKeys.name, role: apiKeys.role, maySeeBodies: apiKeys.maySeeBodies }

/** A key that may be used at a moment. */
const isGoodKey = (at: number) =>
  and(isNull(apiKeys.disabledAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at)))

/** Of those of the digests whose keys are good, by digest. */
export async function findKeyRights(
  orm: Orm,
  digests: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, Rights>> {
  const found = await orm
    .select({ digest: apiKeys.digest, lastUsedAt: apiKeys.lastUsedAt, rights: keyRights })
    .from(apiKeys)
    .where(and(inArray(apiKeys.digest, [...digests]), isGoodKey(at)))
  const unnoted = found.filter(({ lastUsedAt }) => isUnnoted(lastUsedAt, at)).map(({ rights }) => rights.id)
  if (unnoted.length > 0) await orm.update(apiKeys).set({ lastUsedAt: at }).where(inArray(apiKeys.id, unnoted))
  return new Map(found.map(({ digest, rights }) => [digest, rights]))
}

function isUnnoted(lastUsedAt: number | null, at: number): boolean {
  return lastUsedAt === null || hasPassed(USE_NOTED_EVERY_MS, lastUsedAt, at)
}

export async function findPassword(
  orm: Orm,
  name: string,
): Promise<{ readonly id: string; readonly passwordDigest: string } | null> {
  const [found] = await orm
    .select({ id: admins.id, name: admins.name, passwordDigest: admins.passwordDigest })
    .from(admins)
    .where(and(eq(sql`lower(${admins.name})`, sql`lower(${name})`), isNull(admins.disabledAt)))
  // Databases take more letters for one, such as İ for i: failures would be counted for each of such spellings by itself.
  if (found?.name.toLowerCase() !== name.toLowerCase()) return null
  return found?.passwordDigest ? { id: found.id, passwordDigest: found.passwordDigest } : null
}

/**
 * The provider's word counts for role and address at each sign-in; a role that changed ends the sessions before it. A name that
 * another has keeps its owner: whom the provider calls so gets `(2)` behind it, and never the other's account.
 */
export function admitProvided(
  orm: Orm,
  { subject, name, email, role }: ProvidedAdmin,
  newId: string,
  at: number,
  address: string,
): ReturnType<CredentialStore['admitProvided']> {
  const note = (
    tx: Transaction,
    action: 'admin.add' | 'admin.change',
    id: string,
    was: Admin | null,
    is: Admin | null,
  ) => {
    const author = { name: is?.name ?? name, id, way: 'session', address } as const
    const on = { kind: 'admin', id, name: author.name } as const
    const by = { author, reason: 'so says the identity provider' }
    const changed = changedFields(adminFields(was), adminFields(is))
    return appendAudit(tx, { at, by, action, on, platformId: null, ...changed })
  }
  return orm.transaction(async (tx) => {
    const [known] = await tx.select().from(admins).where(eq(admins.subject, subject)).for('update')
    if (known) {
      if (known.disabledAt !== null) return null
      const was = await findAdmin(tx, known.id)
      await tx.update(admins).set({ email, role }).where(eq(admins.id, known.id))
      if (known.role !== role || known.email !== email)
        await note(tx, 'admin.change', known.id, was, await findAdmin(tx, known.id))
      if (known.role !== role) await tx.delete(adminSessions).where(eq(adminSessions.adminId, known.id))
      return known.id
    }
    for (let count = 1; count < 10; count++) {
      const own = count === 1 ? name : `${name} (${count})`
      const admin = {
        id: newId,
        name: own,
        email,
        role,
        maySeeBodies: false,
        createdAt: at,
        passwordDigest: null,
        subject,
      }
      const result = await addAdmin(tx, admin)
      if (result === 'added') {
        await note(tx, 'admin.add', newId, null, await findAdmin(tx, newId))
        return newId
      }
      if (result === 'too-many') return null
    }
    return null
  })
}

/** Opens a session; of those of one account only the newest stay. */
export async function openSession(orm: Orm, { of, ...session }: NewSession): Promise<void> {
  const owner = columnsOf(of)
  await orm.insert(adminSessions).values({ ...session, ...owner })
  const own = and(
    owner.adminId ? eq(adminSessions.adminId, owner.adminId) : isNull(adminSessions.adminId),
    owner.keyId ? eq(adminSessions.keyId, owner.keyId) : isNull(adminSessions.keyId),
  )
  const kept = orm
    .select({ digest: adminSessions.digest })
    .from(adminSessions)
    .where(own)
    .orderBy(desc(adminSessions.createdAt))
    .limit(MOST_SESSIONS)
  await orm.delete(adminSessions).where(and(own, notInArray(adminSessions.digest, kept)))
}

function columnsOf(of: SessionOf): Pick<typeof adminSessions.$inferInsert, 'adminId' | 'keyId' | 'tokenMark'> {
  if (of.kind === 'admin-token') return { tokenMark: of.mark }
  return of.kind === 'admin' ? { adminId: of.id } : { keyId: of.id }
}

/** With the rights as they are now, by digest. A session of a key that is over is over too. Notes the use of accounts, once a minute. */
export async function findSessions(
  orm: Orm,
  digests: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, Session>> {
  const found = await orm
    .select({ session: adminSessions, admin: adminRights, lastUsedAt: admins.lastUsedAt, key: keyRights })
    .from(adminSessions)
    .leftJoin(admins, and(eq(admins.id, adminSessions.adminId), isNull(admins.disabledAt)))
    .leftJoin(apiKeys, and(eq(apiKeys.id, adminSessions.keyId), isGoodKey(at)))
    .where(and(inArray(adminSessions.digest, [...digests]), gt(adminSessions.expiresAt, at)))
  const unnoted = found.flatMap(({ admin, lastUsedAt }) => (admin && isUnnoted(lastUsedAt, at) ? [admin.id] : []))
  if (unnoted.length > 0) await orm.update(admins).set({ lastUsedAt: at }).where(inArray(admins.id, unnoted))
  const sessions = new Map<string, Session>()
  for (const { session, admin, key } of found) {
    const { digest, expiresAt, tokenMark } = session
    const rights = admin ?? key
    if (tokenMark !== null) sessions.set(digest, { expiresAt, of: { kind: 'admin-token', mark: tokenMark } })
    else if (rights) sessions.set(digest, { expiresAt, of: { kind: 'account', rights } })
  }
  return sessions
}

/** False: there was none, or another ended it in the same moment. */
export async function endSession(orm: Orm, digest: string): Promise<boolean> {
  const ended = await orm
    .delete(adminSessions)
    .where(eq(adminSessions.digest, digest))
    .returning({ digest: adminSessions.digest })
  return ended.length > 0
}

/** Forgets sessions that ended before a moment. */
export async function deleteSessionsEndedBefore(orm: Orm, moment: number): Promise<void> {
  await orm.delete(adminSessions).where(lt(adminSessions.expiresAt, moment))
}
