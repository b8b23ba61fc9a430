import { asc, eq, sql } from 'drizzle-orm'
import {
  type AddResult,
  type Admin,
  type AdminChange,
  MOST_ACCOUNTS,
  type NewAdmin,
} from '../../hub/administration/accounts.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { adminSessions, admins } from './account-schema.ts'

type Row = typeof admins.$inferSelect

export async function addAdmin(
  orm: Orm | Transaction,
  admin: NewAdmin & { readonly subject?: string },
): Promise<AddResult> {
  if ((await orm.$count(admins)) >= MOST_ACCOUNTS) return 'too-many'
  const added = await orm.insert(admins).values(admin).onConflictDoNothing().returning({ id: admins.id })
  return added.length > 0 ? 'added' : 'name-taken'
}

/** Changes an administrator and, where that takes or gives rights, ends their sessions with it. */
export function changeAdmin(orm: Transacts, id: string, change: AdminChange): Promise<Admin | null> {
  return orm.transaction(async (tx) => {
    const [before] = await tx.select().from(admins).where(eq(admins.id, id)).for('update')
    if (!before) return null
    if (Object.keys(change).length === 0) return asAdmin(before)
    const [after] = await tx.update(admins).set(change).where(eq(admins.id, id)).returning()
    if (!after) return null
    const endsSessions =
      after.role !== before.role ||
      after.maySeeBodies !== before.maySeeBodies ||
      after.disabledAt !== before.disabledAt ||
      after.passwordDigest !== before.passwordDigest
    if (endsSessions) await tx.delete(adminSessions).where(eq(adminSessions.adminId, id))
    return asAdmin(after)
  })
}

export async function removeAdmin(orm: Orm | Transaction, id: string): Promise<boolean> {
  const removed = await orm.delete(admins).where(eq(admins.id, id)).returning({ id: admins.id })
  return removed.length > 0
}

export async function findAdmin(orm: Orm | Transaction, id: string): Promise<Admin | null> {
  const [row] = await orm.select().from(admins).where(eq(admins.id, id))
  return row ? asAdmin(row) : null
}

export async function listAdmins(orm: Orm): Promise<readonly Admin[]> {
  const rows = await orm.select().from(admins).orderBy(sql`lower(${admins.name})`, asc(admins.id)).limit(MOST_ACCOUNTS)
  return rows.map(asAdmin)
}

function asAdmin({ passwordDigest, subject, ...row }: Row): Admin {
  return { ...row, hasPassword: passwordDigest !== null, isFromProvider: subject !== null }
}
