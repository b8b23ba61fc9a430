import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm'
import type { OwnerStore } from '../hub/open-routing/object-owners.ts'
import type { Orm } from './database.ts'
import { withDeadline } from './deadline.ts'
import { objectOwners } from './schema.ts'

/** A request waits for what is looked up. */
const DEADLINE_MS = 5_000
/** More parties than this with the same id tell nothing: the first of them count, of a driver the latest. */
const MOST_FOUND = 50

/** What traffic taught about owners of objects, for all processes. */
export function createOwnerStore(orm: Orm): OwnerStore {
  return withDeadline<OwnerStore>(
    {
      find: async (kind, key) => {
        return orm
          .select({ party: objectOwners.party, since: objectOwners.since, at: objectOwners.at })
          .from(objectOwners)
          .where(and(eq(objectOwners.kind, kind), eq(objectOwners.key, key)))
          .orderBy(kind === 'driver' ? desc(objectOwners.at) : asc(objectOwners.since))
          .limit(MOST_FOUND)
      },
      findMany: async (kind, keys) => {
        const rows = await orm
          .select()
          .from(objectOwners)
          .where(and(eq(objectOwners.kind, kind), inArray(objectOwners.key, [...keys])))
          .orderBy(asc(objectOwners.since))
          .limit(MOST_FOUND * keys.length)
        return rows.map(({ key, party, since, at, uid, type }) => ({
          ...{ key, party, since, at },
          detail: uid === null ? null : { uid, type: type ?? '' },
        }))
      },
      save: async (facts, at) => {
        // In one order everywhere: two processes that renew the same rows would wait for each other otherwise.
        const rows = facts
          .map(({ kind, key, party, detail }) => ({
            ...{ kind, key, party, since: at, at },
            ...{ uid: detail?.uid ?? null, type: detail?.type ?? null },
          }))
          .sort((a, b) => compare(`${a.kind} ${a.key}`, `${b.kind} ${b.key}`))
        await orm
          .insert(objectOwners)
          .values(rows)
          .onConflictDoUpdate({
            target: [objectOwners.kind, objectOwners.key, objectOwners.party],
            set: {
              at: sql`excluded.at`,
              uid: sql`coalesce(excluded.uid, ${objectOwners.uid})`,
              type: sql`coalesce(excluded.type, ${objectOwners.type})`,
            },
          })
      },
      trim: async (most) => {
        const [firstTooMany] = await orm
          .select({ at: objectOwners.at })
          .from(objectOwners)
          .orderBy(desc(objectOwners.at))
          .offset(most)
          .limit(1)
        if (!firstTooMany) return 0
        const { count } = await orm.delete(objectOwners).where(lt(objectOwners.at, firstTooMany.at + 1))
        return count
      },
    },
    DEADLINE_MS,
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
