import type { After } from '../../../hub/ports.ts'
import type { CursorStore, MissedPush, QueueSave } from '../../../hub/push/cursor.ts'
import { StoreUnavailable } from '../../../hub/store-unavailable.ts'
import type { HeldCursors, HeldQueue, Holder } from '../../../storage/push/held-cursors.ts'
import { gathered } from './gathered.ts'
import { failureOf, type Outcome } from './rpc.ts'

export type HeldSave = {
  readonly save: QueueSave & { readonly holder: string }
  readonly missed: readonly MissedPush[]
}

/** Queues that wake together are loaded together. */
const LOAD = { delayMs: 20, most: 500 }
/** Queues save a quarter of a second after they moved: what comes within this time is one statement. */
const SAVE = { delayMs: 200, most: 200 }

/**
 * Cursors for all queues: a push to twenty queues at rest, or to a thousand, costs the database the same few statements. Loads and
 * saves are gathered; a save that the database refuses is tried by itself, so that it costs the others nothing.
 */
export function createQueueStore(ports: {
  readonly cursors: Pick<CursorStore, 'save'>
  readonly held: Pick<HeldCursors, 'load'>
  readonly owner: string
  readonly after: After
}) {
  const { cursors, held, owner, after } = ports

  /** True when the queue is still its holder's. */
  async function saveAll(saves: readonly HeldSave[]): Promise<readonly Outcome<boolean>[]> {
    try {
      const stale = new Set(
        await cursors.save(
          owner,
          saves.map(({ save }) => save),
          saves.flatMap(({ missed }) => missed),
        ),
      )
      return saves.map(({ save }) => ({ kind: 'done', value: !stale.has(save.platformId) }))
    } catch (error) {
      if (error instanceof StoreUnavailable || saves.length === 1) {
        return saves.map(() => failureOf(error))
      }
    }
    const outcomes: Outcome<boolean>[] = []
    for (const each of saves) outcomes.push(...(await saveAll([each])))
    return outcomes
  }

  return {
    /** Null for a platform that is gone. */
    load: gathered<Holder, HeldQueue | null>(after, LOAD, async (holders) => {
      const ids = holders.map(({ platformId }) => platformId)
      const queues = new Map((await held.load(holders)).map((queue) => [queue.saved.platformId, queue]))
      return ids.map((id) => queues.get(id) ?? null)
    }),
    save: gathered<HeldSave, Outcome<boolean>>(after, SAVE, saveAll),
  }
}
