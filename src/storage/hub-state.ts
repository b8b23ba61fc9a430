import { and, eq } from 'drizzle-orm'
import type { Orm } from './database.ts'
import { hubState } from './schema.ts'

/** Single facts about this hub, which its processes share: texts by key. */
export function createHubState(orm: Orm) {
  async function get(key: string): Promise<string | null> {
    const [row] = await orm.select().from(hubState).where(eq(hubState.key, key))
    return row?.value ?? null
  }

  return {
    /** Null when the fact was never kept. */
    get,
    /** Keeps a fact unless the key has one already: of two hubs that start, one is first. True when this one was kept. */
    async putIfAbsent(key: string, value: string): Promise<boolean> {
      const kept = await orm
        .insert(hubState)
        .values({ key, value })
        .onConflictDoNothing()
        .returning({ key: hubState.key })
      return kept.length > 0
    },
    /** Keeps a fact in the place of `known`. False when the key has another by now. */
    async replace(key: string, known: string, value: string): Promise<boolean> {
      const isKnown = and(eq(hubState.key, key), eq(hubState.value, known))
      const changed = await orm.update(hubState).set({ value }).where(isKnown).returning({ key: hubState.key })
      return changed.length > 0
    },
  }
}
