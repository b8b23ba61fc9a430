import { asc, eq, sql } from 'drizzle-orm'
import {
  type AddResult,
  type ApiKey,
  type ApiKeyChange,
  MOST_ACCOUNTS,
  type NewApiKey,
} from '../../hub/administration/accounts.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { adminSessions, apiKeys } from './account-schema.ts'

type Row = typeof apiKeys.$inferSelect

export async function addKey(orm: Orm | Transaction, key: NewApiKey): Promise<AddResult> {
  if ((await orm.$count(apiKeys)) >= MOST_ACCOUNTS) return 'too-many'
  const added = await orm.insert(apiKeys).values(key).onConflictDoNothing().returning({ id: apiKeys.id })
  return added.length > 0 ? 'added' : 'name-taken'
}

/** Changes a key, and ends the sessions that were opened with it. */
export function changeKey(orm: Transacts, id: string, change: ApiKeyChange): Promise<ApiKey | null> {
  return orm.transaction(async (tx) => {
    if (Object.keys(change).length === 0) return findKey(tx, id)
    const [after] = await tx.update(apiKeys).set(change).where(eq(apiKeys.id, id)).returning()
    if (!after) return null
    await tx.delete(adminSessions).where(eq(adminSessions.keyId, id))
    return asKey(after)
  })
}

export async function removeKey(orm: Orm | Transaction, id: string): Promise<boolean> {
  const removed = await orm.delete(apiKeys).where(eq(apiKeys.id, id)).returning({ id: apiKeys.id })
  return removed.length > 0
}

export async function findKey(orm: Orm | Transaction, id: string): Promise<ApiKey | null> {
  const [row] = await orm.select().from(apiKeys).where(eq(apiKeys.id, id))
  return row ? asKey(row) : null
}

export async function listKeys(orm: Orm): Promise<readonly ApiKey[]> {
  const rows = await orm
    .select()
    .from(apiKeys)
    .orderBy(sql`lower(${apiKeys.name})`, asc(apiKeys.id))
    .limit(MOST_ACCOUNTS)
  return rows.map(asKey)
}

/** All but the digest. */
function asKey(row: Row): ApiKey {
  const { digest: _digest, ...key } = row
  return key
}
