import { eq } from 'drizzle-orm'
import type { Orm } from './database.ts'
import { hubState } from './schema.ts'

/** A single fact about this hub; null when it was never kept. */
export async function findState(orm: Orm, key: string): Promise<string | null> {
  const [row] = await orm.select().from(hubState).where(eq(hubState.key, key))
  return row?.value ?? null
}

/** Keeps a fact unless there is one already, and returns the one that holds: of two hubs that start, one is first. */
export async function keepFirstState(orm: Orm, key: string, value: string): Promise<string> {
  await orm.insert(hubState).values({ key, value }).onConflictDoNothing()
  return (await findState(orm, key)) ?? value
}
