import { Fifo, firstAfter } from './fifo.ts'
import { bytesOf, type Push } from './push.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { createReplacements, type Replaceable } from './replacements.ts'

/** Consecutive rows at the end of the log, in memory once for all queues of a process. */
export type KnownRows = {
  /** The number of the last row. */
  readonly position: () => number
  /** Rows of a module after a number; null when memory does not reach back that far. */
  readonly part: (module: string, after: number, limits: ReadLimits) => LogPart | null
  readonly find: (number: number) => Push | null
  /** How many rows of a module there are after a number. Rows that are not in memory count, whatever their module. */
  readonly count: (module: string, after: number) => number
  /** Whether a row beyond `readTo` makes a push superfluous, see `Replacements`. */
  readonly isReplaced: (push: Replaceable, readTo: number) => boolean
}

export type RecentRows = KnownRows & {
  /** The log ends at this number and no row is known. */
  readonly jumpTo: (position: number) => void
  /** The row after the last one. */
  readonly add: (push: Push) => void
  /** Forgets the oldest rows that are too many. */
  readonly trim: () => void
}

export function createRecentRows(memoryBytes: number): RecentRows {
  const rows = new Fifo<Push>()
  const byModule = new Map<string, Fifo<Push>>()
  const replacements = createReplacements()
  let position = 0
  let bytes = 0

  function ofModule(module: string): Fifo<Push> {
    let list = byModule.get(module)
    if (!list) byModule.set(module, (list = new Fifo()))
    return list
  }

  return {
    position: () => position,
    jumpTo(number) {
      position = number
      rows.clear()
      byModule.clear()
      replacements.clear()
      bytes = 0
    },
    add(push) {
      position = push.number
      rows.push(push)
      ofModule(push.module).push(push)
      replacements.add(push)
      bytes += bytesOf(push)
    },
    trim() {
      while (bytes > memoryBytes && rows.length > 0) {
        const oldest = rows.shift() as Push
        ofModule(oldest.module).shift()
        replacements.remove(oldest)
        bytes -= bytesOf(oldest)
      }
    },
    part(module, after, limits) {
      if (after >= position) return { pushes: [], position }
      const first = rows.at(0)
      if (!first || after + 1 < first.number) return null
      const list = ofModule(module)
      const pushes: Push[] = []
      let taken = 0
      let at = firstAfter(list, after)
      for (; at < list.length && pushes.length < limits.rows && taken < limits.bytes; at++) {
        const push = list.at(at) as Push
        pushes.push(push)
        taken += bytesOf(push)
      }
      const next = list.at(at)
      return { pushes, position: next ? next.number - 1 : position }
    },
    find(number) {
      const first = rows.at(0)
      return first && number >= first.number ? (rows.at(number - first.number) ?? null) : null
    },
    count(module, after) {
      const list = ofModule(module)
      const unknown = Math.max(0, (rows.at(0)?.number ?? position + 1) - 1 - after)
      return unknown + list.length - firstAfter(list, after)
    },
    isReplaced: replacements.has,
  }
}
