import { keyOf } from '../../ocpi/party.ts'
import { Fifo, firstAfter } from './fifo.ts'
import { bytesOf, type Push } from './push.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { createReplacements, isReplaced, type Replaceable, type Replacers } from './replacements.ts'

/** Pushes that are for the same receivers at any moment: of one owner, from one platform in one role. */
export type Replaced = { readonly like: Push; count: number }

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

type Row = { readonly number: number; readonly push: Push; readonly chain: Replacers; readonly group: Group }

/** Of one owner, from one platform in one role. */
type Group = { rows: number }

export function createRecentRows(memoryBytes: number): RecentRows {
  const rows = new Fifo<Row>()
  const byModule = new Map<string, Fifo<Row>>()
  const groups = new Map<string, Group>()
  const replacements = createReplacements()
  let position = 0
  let bytes = 0

  function ofModule(module: string): Fifo<Row> {
    let list = byModule.get(module)
    if (!list) byModule.set(module, (list = new Fifo()))
    return list
  }

  function groupOf(push: Push): Group {
    const key = groupKey(push)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { rows: 0 }))
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
      const row: Row = { number: push.number, push, chain: replacements.add(push), group }
      group.rows++
      position = push.number
      rows.push(row)
      ofModule(push.module).push(row)
      bytes += bytesOf(push)
    },
    trim() {
      while (bytes > memoryBytes && rows.length > 0) {
        const { push, group } = rows.shift() as Row
        ofModule(push.module).shift()
        replacements.remove(push)
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
      const replaced = new Map<Group, Replaced>()
      let taken = 0
      let at = firstAfter(list, after)
      for (; at < list.length && pushes.length < limits.rows && taken < limits.bytes; at++) {
        const { number, push, chain, group } = list.at(at) as Row
        if (isReplaced(push, chain, number)) {
          const known = replaced.get(group)
          if (known) known.count++
          else replaced.set(group, { like: push, count: 1 })
        } else {
          pushes.push(push)
          taken += bytesOf(push)
        }
      }
      const next = list.at(at)
      return { pushes, replaced: [...replaced.values()], position: next ? next.number - 1 : position }
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
    isReplaced(push, readTo) {
      const chain = replacements.of(push.chainKey)
      return chain !== undefined && isReplaced(push, chain, readTo)
    },
  }
}

function groupKey({ fromPlatformId, senderClass, module, owner }: Push): string {
  return `${fromPlatformId} ${senderClass} ${module} ${keyOf(owner)}`
}
