import { keyOf } from '../../../ocpi/party.ts'
import { Fifo, firstAfter } from '../fifo.ts'
import { bytesOf, type Push } from '../push.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { createReplacements, type Replaceable, type Row } from './superseded.ts'

/** So many rows that are for the same receivers as this one at any moment: of the same owner, from the same platform. */
export type Replaced = { readonly like: Push; readonly count: number }

/** A part of the log without what later rows make superfluous: that is only counted. */
export type RecentPart = LogPart & { readonly replaced: readonly Replaced[] }

/** Consecutive rows at the end of the log, in memory once for all queues of a process. */
export type KnownRows = {
  /** The number of the last row. */
  readonly position: () => number
  /** Rows of a module after a number; null when memory does not reach back that far. */
  readonly part: (module: string, after: number, limits: ReadLimits) => RecentPart | null
  readonly find: (number: number) => Push | null
  /** How many rows of a module there are after a number. Rows that are not in memory count, whatever their module. */
  readonly count: (module: string, after: number) => number
  /** Whether a recent row beyond `readTo` makes a push superfluous, for everyone that this push is for. */
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

type RecentRow = Row & { readonly number: number; readonly group: Group }

/** Of one owner, from one platform in one role. `passed` counts within one `part`. */
type Group = { rows: number; passed: number }

export function createRecentRows(memoryBytes: number): RecentRows {
  const rows = new Fifo<RecentRow>()
  const byModule = new Map<string, Fifo<RecentRow>>()
  const groups = new Map<string, Group>()
  const replacements = createReplacements()
  let position = 0
  let bytes = 0

  function ofModule(module: string): Fifo<RecentRow> {
    let list = byModule.get(module)
    if (!list) byModule.set(module, (list = new Fifo()))
    return list
  }

  function groupOf(push: Push): Group {
    const key = groupKey(push)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { rows: 0, passed: 0 }))
    return group
  }

  return {
    position: () => position,
    jumpTo(number) {
      position = number
      rows.clear()
      byModule.clear()
      groups.clear()
      replacements.clear()
      bytes = 0
    },
    add(push) {
      const group = groupOf(push)
      const row: RecentRow = { number: push.number, push, group, isReplaced: false }
      replacements.add(row)
      group.rows++
      position = push.number
      rows.push(row)
      ofModule(push.module).push(row)
      bytes += bytesOf(push)
    },
    trim() {
      while (bytes > memoryBytes && rows.length > 0) {
        const row = rows.shift() as RecentRow
        const { push, group } = row
        ofModule(push.module).shift()
        replacements.remove(row)
        if (--group.rows === 0) groups.delete(groupKey(push))
        bytes -= bytesOf(push)
      }
    },
    part(module, after, limits) {
      if (after >= position) return { pushes: [], replaced: [], position }
      const first = rows.at(0)
      if (!first || after + 1 < first.number) return null
      const list = ofModule(module)
      const pushes: Push[] = []
      const passed: RecentRow[] = []
      let taken = 0
      let at = firstAfter(list, after)
      for (; at < list.length && pushes.length < limits.rows && taken < limits.bytes; at++) {
        const row = list.at(at) as RecentRow
        if (row.isReplaced) {
          if (row.group.passed++ === 0) passed.push(row)
        } else {
          pushes.push(row.push)
          taken += bytesOf(row.push)
        }
      }
      const replaced = passed.map(({ push, group }) => ({ like: push, count: group.passed }))
      for (const { group } of passed) group.passed = 0
      const next = list.at(at)
      return { pushes, replaced, position: next ? next.number - 1 : position }
    },
    find(number) {
      const first = rows.at(0)
      return first && number >= first.number ? (rows.at(number - first.number)?.push ?? null) : null
    },
    count(module, after) {
      const list = ofModule(module)
      const unknown = Math.max(0, (rows.at(0)?.number ?? position + 1) - 1 - after)
      return unknown + list.length - firstAfter(list, after)
    },
    isReplaced: replacements.has,
  }
}

function groupKey({ fromPlatformId, senderClass, module, owner }: Push): string {
  return `${fromPlatformId} ${senderClass} ${module} ${keyOf(owner)}`
}
