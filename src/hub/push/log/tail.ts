import type { NewPush, Push } from '../push.ts'
import type { PushLog, ReadLimits } from './push-log.ts'
import { createRecentRows, type KnownRows } from './recent.ts'

/**
 * The end of the log as this process knows it, with the most recent rows in memory: each row is read at most once per
 * process, not at all when the process itself wrote it.
 */
export type PushTail = {
  /** Up to `position` everything has been handed to `onRows`. */
  readonly rows: KnownRows
  /** Begins at the end of the log. */
  readonly start: () => Promise<void>
  /** Rows this process has just stored. */
  readonly offerOwn: (first: number, pushes: readonly NewPush[]) => void
  /** Something may have been stored by another process. */
  readonly wake: () => void
  /** Settles when everything has been read that was stored before. Rejects when the log cannot be read. */
  readonly refresh: () => Promise<void>
  readonly stop: () => Promise<void>
}

const READ: ReadLimits = { rows: 2_000, bytes: 8_000_000 }

/**
 * @param memoryBytes bound of the rows kept in memory
 * @param onRows called with new rows in order, every row once
 * @param onAway called when the log cannot be read; `wake` is to be called again later
 */
export function createPushTail(ports: {
  readonly log: Pick<PushLog, 'readAfter' | 'lastNumber'>
  readonly memoryBytes: number
  readonly onRows: (pushes: readonly Push[]) => void
  readonly onAway: (error: unknown) => void
}): PushTail {
  const rows = createRecentRows(ports.memoryBytes)
  let isWoken = false
  let isStopped = false
  let isReading = false
  let isAway = false
  let reading = Promise.resolve()

  function take(pushes: readonly Push[]): void {
    const before = rows.position()
    const fresh = pushes.filter((push) => push.number > before)
    const [first] = fresh
    if (!first) return
    // Rows in between are cut from the log already. What memory holds must stay consecutive.
    if (first.number !== before + 1) rows.jumpTo(first.number - 1)
    for (const push of fresh) rows.add(push)
    ports.onRows(fresh)
    rows.trim()
  }

  async function read(): Promise<void> {
    isReading = true
    try {
      while (isWoken && !isStopped) {
        isWoken = false
        const part = await ports.log.readAfter(rows.position(), READ)
        take(part.pushes)
        isAway = false
        if (part.pushes.length > 0) isWoken = true
      }
    } catch (error) {
      isAway = true
      ports.onAway(error)
    }
    // In the same step that saw nothing to do, so that no call comes in between unnoticed.
    isReading = false
  }

  function wake(): void {
    isWoken = true
    if (!isReading && !isStopped) reading = read()
  }

  return {
    rows,
    async start() {
      rows.jumpTo(await ports.log.lastNumber())
    },
    offerOwn(first, pushes) {
      // Rows of another process lie in between: the log tells them all.
      if (first > rows.position() + 1) wake()
      else take(pushes.map((push, index) => ({ ...push, number: first + index })))
    },
    wake,
    async refresh() {
      const last = await ports.log.lastNumber()
      while (rows.position() < last && !isStopped) {
        const before = rows.position()
        wake()
        await reading
        if (isAway) throw new Error('The push log cannot be read')
        // Nothing left there: everybody has passed those rows and they are gone.
        if (rows.position() === before) rows.jumpTo(last)
      }
    },
    async stop() {
      isStopped = true
      await reading
    },
  }
}
