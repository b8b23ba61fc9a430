import { keyOf } from '../../ocpi/party.ts'
import { KeptByBytes } from '../kept-by-bytes.ts'
import type { Now } from '../ports.ts'
import type { ObjectRef, SeenObject, ShadowKind, ShadowStore } from './shadow.ts'

/** A list is read within some seconds, and old by as much. */
const KEPT_MS = 5_000
/** Of some thousand Locations, or of few large ones. */
const MOST_BYTES = 8 * 1024 * 1024

type Kept = { readonly seen: SeenObject | null; readonly until: number }

/**
 * The store for objects of lists, which are many and mostly name the same few: what was found for one of them is found for the next without
 * asking. Never for what is pushed, which has to know what was said right before. Only what is there is kept, not what is still waited for:
 * on Workers nobody may wait for what another request asked.
 */
export function createStoreForLists(store: Pick<ShadowStore, 'findMany'>, now: Now): Pick<ShadowStore, 'findMany'> {
  const kept = new KeptByBytes<Kept>(MOST_BYTES)

  /** Undefined: it is not known. */
  function known(key: string): SeenObject | null | undefined {
    const entry = kept.find(key)
    return entry && now() < entry.until ? entry.seen : undefined
  }

  return {
    async findMany(kind, refs) {
      const found = refs.map((ref) => known(keyFor(kind, ref)))
      const missing = refs.filter((_, index) => found[index] === undefined)
      if (missing.length === 0) return found as (SeenObject | null)[]
      const more = await store.findMany(kind, missing)
      const until = now() + KEPT_MS
      for (const [index, seen] of more.entries())
        kept.keep(keyFor(kind, missing[index] as ObjectRef), { seen, until }, seen?.bytes.length ?? 0)
      let next = 0
      const filled = found.map((seen) => (seen === undefined ? more[next++] : seen))
      const unread = filled.indexOf(undefined)
      return filled.slice(0, unread === -1 ? filled.length : unread) as (SeenObject | null)[]
    },
  }
}

function keyFor(kind: ShadowKind, { owner, id }: ObjectRef): string {
  return `${kind} ${keyOf(owner)} ${id}`
}
