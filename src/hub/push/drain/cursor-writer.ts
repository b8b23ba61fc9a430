import { StoreUnavailable } from '../../store-unavailable.ts'
import type { CursorStore, MissedPush, QueueSave } from '../cursor.ts'

/** Writes queues to the database, so that a row that the database refuses costs only itself. */
export type CursorWriter = {
  /**
   * Writes the queues and lists their missed pushes. Takes out of `unlisted` what was listed, and what never will be: on return
   * it holds the pushes to try again. Rejects when the database is away.
   */
  readonly write: (saves: readonly QueueSave[], unlisted: Set<MissedPush>) => Promise<void>
  /** The position that a platform's queue was last written with; 0 when it was not, or was refused. */
  readonly position: (platformId: string) => number
  readonly forget: (platformId: string) => void
}

export type CursorWriterPorts = {
  readonly store: Pick<CursorStore, 'save'>
  readonly owner: string
  /** Nothing was written of these queues: other processes hold their leases by now. */
  readonly onStale: (platformIds: readonly string[]) => void
  /** The database is there and refuses what belongs to this platform: its cursor, or one push of its list of missed ones. */
  readonly onRefused: (platformId: string, error: unknown) => void
}

export function createCursorWriter({ store, owner, onStale, onRefused }: CursorWriterPorts): CursorWriter {
  const positions = new Map<string, number>()

  /** One queue with its missed pushes; when that is refused, first the queue by itself, then each push by itself. */
  async function writeAlone(save: QueueSave, unlisted: Set<MissedPush>): Promise<void> {
    const { platformId } = save
    const theirs = [...unlisted].filter((push) => push.platformId === platformId)
    const fault = await attempt([save], theirs)
    if (!fault) return theirs.forEach((push) => unlisted.delete(push))
    const faultOfCursor = theirs.length === 0 ? fault : await attempt([save], [])
    if (faultOfCursor) {
      // Tried again when the queue moves or its position is written for its age, not all the time.
      positions.delete(platformId)
      return onRefused(platformId, faultOfCursor.error)
    }
    for (const push of theirs) {
      const faultOfPush = await attempt([save], [push])
      unlisted.delete(push)
      if (faultOfPush) onRefused(platformId, faultOfPush.error)
    }
  }

  /** Null when all was written, otherwise why nothing was. Rejects when the database is away. */
  async function attempt(
    saves: readonly QueueSave[],
    missed: readonly MissedPush[],
  ): Promise<{ readonly error: unknown } | null> {
    try {
      const stale = await store.save(owner, saves, missed)
      for (const each of saves) positions.set(each.platformId, each.cursor.position)
      if (stale.length > 0) onStale(stale)
      return null
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error
      return { error }
    }
  }

  return {
    async write(saves, unlisted) {
      // One row that is refused fails the whole statement.
      const fault = await attempt(saves, [...unlisted])
      if (!fault) return unlisted.clear()
      for (const save of saves) await writeAlone(save, unlisted)
    },
    position: (platformId) => positions.get(platformId) ?? 0,
    forget: (platformId) => void positions.delete(platformId),
  }
}
