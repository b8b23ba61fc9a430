import { keyOf, type Party } from '../../ocpi/party.ts'
import type { Now } from '../ports.ts'
import type { SeenObject, ShadowKind, ShadowStore } from './shadow.ts'

/** A list is read within some seconds, and old by as much. */
const KEPT_MS = 5_000
const MOST_KEPT = 1_000

/** Nobody asks of a list whether its objects are published. */
type StoreForLists = Pick<ShadowStore, 'findMany'> & {
  readonly find: (...asked: Parameters<ShadowStore['find']>) => Promise<SeenObject | null>
}

/**
 * The store for objects of lists, which are many and mostly name the same few: what was found for one of them is found for the next without
 * asking. Never for what is pushed, which has to know what was said right before. Only what is there is kept, not what is still waited for:
 * on Workers nobody may wait for what another request asked.
 */
export function createStoreForLists(store: Pick<ShadowStore, 'find' | 'findMany'>, now: Now): StoreForLists {
  const kept = new Map<string, { readonly seen: SeenObject | null; readonly until: number }>()

  function keep(key: string, seen: SeenObject | null): void {
    kept.delete(key)
    kept.set(key, { seen, until: now() + KEPT_MS })
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break
      kept.delete(oldest)
    }
  }

  /** Undefined: it is not known. */
  function known(key: string): SeenObject | null | undefined {
    const entry = kept.get(key)
    return entry && now() < entry.until ? entry.seen : undefined
  }

  function keyFor(owner: Party, kind: ShadowKind, id: string, type: string | null = null): string {
    return `${kind} ${keyOf(owner)} ${type} ${id}`
  }

  return {
    async find(owner, kind, id, type) {
      const key = keyFor(owner, kind, id, type)
      const before = known(key)
      if (before !== undefined) return before
      const seen = await store.find(owner, kind, id, type)
      keep(key, seen)
      return seen
    },
    async findMany(owner, kind, ids) {
      const found = new Map<string, SeenObject>()
      const missing: string[] = []
      for (const id of ids) {
        const seen = known(keyFor(owner, kind, id))
        if (seen) found.set(id, seen)
        else if (seen === undefined) missing.push(id)
      }
      if (missing.length === 0) return found
      const more = await store.findMany(owner, kind, missing)
      for (const id of missing) {
        const seen = more.get(id) ?? null
        keep(keyFor(owner, kind, id), seen)
        if (seen) found.set(id, seen)
      }
      return found
    },
  }
}
