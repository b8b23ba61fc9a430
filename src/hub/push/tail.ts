import { bytesOf, type NewPush, type Push } from './push.ts'
import type { LogPart, PushLog, ReadLimits } from './push-log.ts'

/**
 * The end of the log as this process knows it, with the most recent rows in memory: each row is read at most once per
 * process, not at all when the process itself wrote it.
 */
export type PushTail = {
  /** Everything up to this number has been handed to `onRows`. */
  readonly position: () => number
  /** Begins at the end of the log. */
  readonly start: () => Promise<void>
  /** Rows this process has just stored. */
  readonly offerOwn: (first: number, pushes: readonly NewPush[]) => void
  /** Something may have been stored by another process. */
  readonly wake: () => void
  /** Settles when everything has been read that was stored before. Rejects when the log cannot be read. */
  readonly refresh: () => Promise<void>
  /** Rows of a module after a number, from memory; null when memory does not reach back that far. */
  readonly recent: (module: string, after: number, limits: ReadLimits) => LogPart | null
  /** One row, from memory. */
  readonly find: (number: number) => Push | null
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
  let position = 0
  // Consecutive rows up to `position`, the oldest at `head`.
  let rows: Push[] = []
  let head = 0
  let bytes = 0
  let isWoken = false
  let isStopped = false
  let isReading = false
  let isAway = false
  let reading = Promise.resolve()

  function take(pushes: readonly Push[]): void {
    const fresh = pushes.filter((push) => push.number > position)
    const last = fresh.at(-1)
    if (!last) return
    if (fresh[0]?.number !== position + 1) {
      // Rows in between are cut from the log already.
      jumpTo(last.number)
    }
    for (const push of fresh) {
      rows.push(push)
      bytes += bytesOf(push)
    }
    position = last.number
    ports.onRows(fresh)
    while (bytes > ports.memoryBytes && head < rows.length) {
      bytes -= bytesOf(rows[head] as Push)
      head++
    }
    if (head > 1_000 && head > rows.length / 2) {
      rows = rows.slice(head)
      head = 0
    }
  }

  /** What memory holds must stay consecutive, so a jump empties it. */
  function jumpTo(number: number): void {
    position = number
    rows = []
    head = 0
    bytes = 0
  }

  async function read(): Promise<void> {
    isReading = true
    try {
      while (isWoken && !isStopped) {
        isWoken = false
        const part = await ports.log.readAfter(position, READ)
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

  /** Index of the first row in memory after a number. */
  function indexAfter(number: number): number {
    const first = rows[head]
    // Rows are consecutive, so that their numbers tell where they are.
    return first ? head + Math.max(0, number + 1 - first.number) : rows.length
  }

  return {
    position: () => position,
    async start() {
      position = await ports.log.lastNumber()
    },
    offerOwn(first, pushes) {
      // Rows of another process lie in between: the log tells them all.
      if (first > position + 1) wake()
      else take(pushes.map((push, index) => ({ ...push, number: first + index })))
    },
    wake,
    async refresh() {
      const last = await ports.log.lastNumber()
      while (position < last && !isStopped) {
        const before = position
        wake()
        await reading
        if (isAway) throw new Error('The push log cannot be read')
        // Nothing left there: everybody has passed those rows and they are gone.
        if (position === before) jumpTo(last)
      }
    },
    recent(module, after, limits) {
      if (after >= position) return { pushes: [], position }
      const first = rows[head]
      if (!first || after + 1 < first.number) return null
      const pushes: Push[] = []
      let taken = 0
      let at = indexAfter(after)
      for (; at < rows.length && pushes.length < limits.rows && taken < limits.bytes; at++) {
        const push = rows[at] as Push
        if (push.module !== module) continue
        pushes.push(push)
        taken += bytesOf(push)
      }
      return { pushes, position: at < rows.length ? (rows[at] as Push).number - 1 : position }
    },
    find(number) {
      const push = rows[head] && number >= (rows[head] as Push).number ? rows[indexAfter(number - 1)] : undefined
      return push?.number === number ? push : null
    },
    async stop() {
      isStopped = true
      await reading
    },
  }
}
