import type { After } from '../../ports.ts'
import { StoreUnavailable } from '../../store-unavailable.ts'
import type { CursorStore, MissedPush, QueueSave } from '../cursor.ts'
import { addMissed } from './trim.ts'

/** Writes cursors behind the deliveries, many at a time. What a crash loses of it is delivered once more. */
export type CursorSaver = {
  /** The queue of this platform has moved. */
  readonly touch: (platformId: string) => void
  readonly miss: (push: MissedPush) => void
  /** The position a platform was last saved at; 0 when it was not. */
  readonly savedPosition: (platformId: string) => number
  /** Saves these now. Rejects when the database is away. */
  readonly saveNow: (platformIds: readonly string[]) => Promise<void>
  /** Forgets a platform that is another process's now. */
  readonly forget: (platformId: string) => void
  readonly stop: () => void
}

export type CursorSaverPorts = {
  readonly store: CursorStore
  readonly owner: string
  readonly clock: () => number
  readonly after: After
  /** How a queue stands now; null when this process does not hold it. */
  readonly snapshot: (platformId: string) => QueueSave | null
  /** Others hold these by now. */
  readonly onStale: (platformIds: readonly string[]) => void
  /** The store is there and refuses what belongs to this platform: its cursor, or one push of its list of missed ones. */
  readonly onRefused: (platformId: string, error: unknown) => void
  readonly onAway: (error: unknown) => void
}

const SAVE_EVERY_MS = 250
/** Saving takes no more than a fifth of the time, however many cursors move. */
const REST_TIMES = 4
/** A save that waited in vain for its deadline says nothing of how long the next one takes. */
const AWAY_REST_MS = 1_000
const QUEUES_AT_ONCE = 200
/** Objects held for the list of missed ones while the database is away; more are only counted. */
const MISSED_MOST = 50_000

export function createCursorSaver(ports: CursorSaverPorts): CursorSaver {
  const { clock, after } = ports
  const touched = new Set<string>()
  const positions = new Map<string, number>()
  let missed = new Map<string, MissedPush>()
  let isScheduled = false
  let isStopped = false
  let cancel = () => {}
  let saving = Promise.resolve()

  function schedule(delayMs: number): void {
    if (isScheduled || isStopped) return
    isScheduled = true
    cancel = after(delayMs, () => void run())
  }

  async function run(): Promise<void> {
    const startedAt = clock()
    let restMs = AWAY_REST_MS
    try {
      await save([...touched])
      restMs = REST_TIMES * (clock() - startedAt)
    } catch (error) {
      ports.onAway(error)
    }
    isScheduled = false
    if (touched.size > 0) schedule(Math.max(SAVE_EVERY_MS, restMs))
  }

  /** One after the other: on another connection an older state could be written after a newer one. */
  function save(platformIds: readonly string[]): Promise<void> {
    const turn = saving.catch(() => {}).then(() => saveAll(platformIds))
    saving = turn
    return turn
  }

  async function saveAll(platformIds: readonly string[]): Promise<void> {
    for (let from = 0; from < platformIds.length; from += QUEUES_AT_ONCE) {
      await saveSome(platformIds.slice(from, from + QUEUES_AT_ONCE))
    }
  }

  async function saveSome(platformIds: readonly string[]): Promise<void> {
    const saves = platformIds.flatMap((id) => ports.snapshot(id) ?? [])
    const ids = new Set(platformIds)
    const theirs = [...missed].filter(([, push]) => ids.has(push.platformId))
    for (const id of platformIds) touched.delete(id)
    for (const [key] of theirs) missed.delete(key)
    if (saves.length === 0) return
    const unlisted = new Set(theirs.map(([, push]) => push))
    try {
      await write(saves, [...unlisted], unlisted)
    } catch (error) {
      for (const id of platformIds) touched.add(id)
      throw error
    } finally {
      for (const push of unlisted) addMissed(missed, push)
    }
  }

  /**
   * A row that the store refuses fails the whole statement. So what failed is written by halves, down to that row: it costs
   * only itself. Rejects when the store is away.
   *
   * @param unlisted loses the pushes that were written, and those that never will be
   */
  async function write(
    saves: readonly QueueSave[],
    list: readonly MissedPush[],
    unlisted: Set<MissedPush>,
  ): Promise<void> {
    const fault = await attempt(saves, list)
    if (!fault) return list.forEach((push) => unlisted.delete(push))
    const [first] = saves as [QueueSave]
    if (saves.length > 1) {
      for (const half of halves(saves)) {
        const ids = new Set(half.map((each) => each.platformId))
        const theirs = list.filter((push) => ids.has(push.platformId))
        await write(half, theirs, unlisted)
      }
    } else if (list.length === 0 || (await attempt(saves, []))) {
      // Tried again when the queue moves or its position is written for its age, not all the time.
      positions.delete(first.platformId)
      ports.onRefused(first.platformId, fault.error)
    } else if (list.length === 1) {
      for (const push of list) unlisted.delete(push)
      ports.onRefused(first.platformId, fault.error)
    } else {
      for (const half of halves(list)) await write(saves, half, unlisted)
    }
  }

  /** Null when it was written, otherwise what is wrong with it. Rejects when the store is away. */
  async function attempt(
    saves: readonly QueueSave[],
    list: readonly MissedPush[],
  ): Promise<{ readonly error: unknown } | null> {
    try {
      const stale = await ports.store.save(ports.owner, saves, list)
      for (const each of saves) positions.set(each.platformId, each.cursor.position)
      if (stale.length > 0) ports.onStale(stale)
      return null
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error
      return { error }
    }
  }

  return {
    touch(platformId) {
      touched.add(platformId)
      schedule(SAVE_EVERY_MS)
    },
    miss(push) {
      if (missed.size < MISSED_MOST) addMissed(missed, push)
    },
    savedPosition: (platformId) => positions.get(platformId) ?? 0,
    saveNow: save,
    forget(platformId) {
      touched.delete(platformId)
      positions.delete(platformId)
      missed = new Map([...missed].filter(([, push]) => push.platformId !== platformId))
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}

function halves<T>(list: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(list.length / 2)
  return [list.slice(0, middle), list.slice(middle)]
}
