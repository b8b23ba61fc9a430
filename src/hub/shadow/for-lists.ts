import { keyOf, type Party } from '../../ocpi/party.ts'
import type { Now } from '../ports.ts'
import type { SeenObject, ShadowKind, ShadowStore } from './shadow.ts'

/** A list is read within some seconds, and old by as much. */
const KEPT_MS = 5_000
const MOST_KEPT = 1_000

type Finding = Promise<SeenObject | null>

/**
 * The store for objects of lists, which are many and mostly name the same few: what was found for one of them is found for the next without
 * asking. Never for what is pushed, which has to know what was said right before.
 */
export function createStoreForLists(
  store: Pick<ShadowStore, 'find' | 'findMany'>,
  now: Now,
): Pick<ShadowStore, 'find' | 'findMany'> {
  const kept = new Map<string, { readonly found: Finding; readonly until: number }>()

  function keep(key: string, found: Finding): void {
    kept.delete(key)
    kept.set(key, { found, until: now() + KEPT_MS })
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break
      kept.delete(oldest)
    }
    // What could not be looked up is looked up again.
    found.catch(() => kept.delete(key))
  }

  function known(key: string): Finding | undefined {
    const entry = kept.get(key)
    return entry && now() < entry.until ? entry.found : undefined
  }

  function keyFor(owner: Party, kind: ShadowKind, id: string, type: string | null = null): string {
    return `${kind} ${keyOf(owner)} ${type} ${id}`
  }

  return {
    find(owner, kind, id, type) {
      const key = keyFor(owner, kind, id, type)
      let found = known(key)
      if (!found) keep(key, (found = store.find(owner, kind, id, type)))
      return found
    },
    async findMany(owner, kind, ids) {
      const missing = ids.filter((id) => known(keyFor(owner, kind, id)) === undefined)
      const found = missing.length > 0 ? store.findMany(owner, kind, missing) : null
      for (const id of missing) {
        keep(
          keyFor(owner, kind, id),
          (found as NonNullable<typeof found>).then((all) => all.get(id) ?? null),
        )
      }
      const all = await Promise.all(ids.map(async (id) => [id, await known(keyFor(owner, kind, id))] as const))
      return new Map(all.flatMap(([id, seen]) => (seen ? [[id, seen] as const] : [])))
    },
  }
}
