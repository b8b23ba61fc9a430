import type { After } from '../../ports.ts'
import type { MissedPush, QueueSave } from '../cursor.ts'
import { type CursorWriterPorts, createCursorWriter } from './cursor-writer.ts'
import { addMissed } from './trim.ts'

/**
 * Writes the queues' cursors and lists of missed pushes to the database, behind the deliveries and many queues in a statement.
 * What a crash loses of it is delivered once more.
 */
export type CursorSaver = {
  /** The queue of this platform has moved: it is saved within a quarter of a second, later when saving is slow. */
  readonly touch: (platformId: string) => void
  /** Lists a missed push, with the next save of its platform's queue. */
  readonly miss: (push: MissedPush) => void
  /** The position a platform was last saved at; 0 when it was not. */
  readonly savedPosition: (platformId: string) => number
  /** Saves these queues now. Rejects when the database is away. */
  readonly saveNow: (platformIds: readonly string[]) => Promise<void>
  /** Drops what is to be saved of a platform: its queue is closed, or drained by another process. */
  readonly forget: (platformId: string) => void
  /** Saves no more by itself; `saveNow` still does. */
  readonly stop: () => void
}

export type CursorSaverPorts = CursorWriterPorts & {
  readonly clock: () => number
  readonly after: After
  /** How a queue stands now; null when this process does not hold it. */
  readonly snapshot: (platformId: string) => QueueSave | null
  readonly onAway: (error: unknown) => void
}

const SAVE_EVERY_MS = 250
/** Rests between saves, in times of the last save's duration: saving takes at most a fifth of the time, however many cursors move. */
const REST_TIMES = 4
/** The rest after a save that failed: its duration, mostly the deadline, says nothing of the next one's. */
const AWAY_REST_MS = 1_000
const QUEUES_AT_ONCE = 200
/** Missed pushes held in memory while the database is away; more are only counted, not listed. */
const MISSED_MOST = 50_000

export function createCursorSaver(ports: CursorSaverPorts): CursorSaver {
  const { clock, after } = ports
  const writer = createCursorWriter(ports)
  const touched = new Set<string>()
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

  /** Saves one after the other: on a second connection an older state could be written after a newer one. */
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
      await writer.write(saves, unlisted)
    } catch (error) {
      for (const id of platformIds) touched.add(id)
      throw error
    } finally {
      for (const push of unlisted) addMissed(missed, push)
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
    savedPosition: writer.position,
    saveNow: save,
    forget(platformId) {
      touched.delete(platformId)
      writer.forget(platformId)
      missed = new Map([...missed].filter(([, push]) => push.platformId !== platformId))
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}
