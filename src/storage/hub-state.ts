import { and, eq } from 'drizzle-orm'
import type { Orm } from './database.ts'
import { withDeadline } from './deadline.ts'
import { hubState } from './schema.ts'

const DEADLINE_MS = 8_000

/** Single facts about this hub, which its processes share: texts by key. Each function rejects when the database is away. */
export function createHubState(orm: Orm) {
  return withDeadline(
    {
      /** Null when the fact was never kept. */
      async get(key: string): Promise<string | null> {
        const [row] = await orm.select().from(hubState).where(eq(hubState.key, key))
        return row?.value ?? null
      },
      /** Keeps a fact unless the key has one already: of two hubs that start, one is first. True when it was kept. */
      async putIfAbsent(key: string, value: string): Promise<boolean> {
        const kept = await orm.insert(hubState).values({ key, value }).onConflictDoNothing().returning()
        return kept.length > 0
      },
      /** Keeps a fact in the place of `known`. False when the key has another by now. */
      async replace(key: string, known: string, value: string): Promise<boolean> {
        const isKnown = and(eq(hubState.key, key), eq(hubState.value, known))
        const changed = await orm.update(hubState).set({ value }).where(isKnown).returning()
        return changed.length > 0
      },
    },
    DEADLINE_MS,
  )
}
