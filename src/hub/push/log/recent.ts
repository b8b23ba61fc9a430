import { keyOf } from '../../../ocpi/party.ts'
import { Fifo, firstAfter } from '../fifo.ts'
import { bytesOf, type Push } from '../push.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { type Replaceable, Replacements, type Row } from './superseded.ts'

/** So many rows that are for the same receivers as this one at any moment: of the same owner, from the same platform. */
export type Replaced = { readonly like: Push; readonly count: number }

/** A part of the log without what later rows make superfluous: that is only counted. */
export type RecentPart = LogPart & { readonly replaced: readonly Replaced[] }

type RecentRow = Row & { readonly number: number; readonly group: Group }

/** Of one owner, from one platform in one role. `passed` counts within one `part`. */
type Group = { rows: number; passed: number }

/** Consecutive rows at the end of the log, in memory once for all queues of a process. */
export class RecentRows {
  readonly #memoryBytes: number
  readonly #rows = new Fifo<RecentRow>()
  readonly #byModule = new Map<string, Fifo<RecentRow>>()
  readonly #groups = new Map<string, Group>()
  readonly #replacements = new Replacements()
  #position = 0
  #bytes = 0

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes
  }

  /** The number of the last row. */
  position(): number {
    return this.#position
  }

  /** The log ends at this number and no row is known. */
  jumpTo(position: number): void {
    this.#position = position
    this.#rows.clear()
    this.#byModule.clear()
    this.#groups.clear()
    this.#replacements.clear()
    this.#bytes = 0
  }

  /** The row after the last one. */
  add(push: Push): void {
    const group = this.#groupOf(push)
    const row: RecentRow = { number: push.number, push, group, isReplaced: false }
    this.#replacements.add(row)
    group.rows++
    this.#position = push.number
    this.#rows.push(row)
    this.#ofModule(push.module).push(row)
    this.#bytes += bytesOf(push)
  }

  /** Forgets the oldest rows that are too many. */
  trim(): void {
    while (this.#bytes > this.#memoryBytes && this.#rows.length > 0) {
      const row = this.#rows.shift() as RecentRow
      const { push, group } = row
      this.#ofModule(push.module).shift()
      this.#replacements.remove(row)
      if (--group.rows === 0) this.#groups.delete(groupKey(push))
      this.#bytes -= bytesOf(push)
    }
  }

  /** Rows of a module after a number; null when memory does not reach back that far. */
  part(module: string, after: number, limits: ReadLimits): RecentPart | null {
    if (after >= this.#position) return { pushes: [], replaced: [], position: this.#position }
    const first = this.#rows.at(0)
    if (!first || after + 1 < first.number) return null
    const list = this.#ofModule(module)
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
    return { pushes, replaced, position: next ? next.number - 1 : this.#position }
  }

  find(number: number): Push | null {
    const first = this.#rows.at(0)
    return first && number >= first.number ? (this.#rows.at(number - first.number)?.push ?? null) : null
  }

  /** How many rows of a module there are after a number. Rows that are not in memory count, whatever their module. */
  count(module: string, after: number): number {
    const list = this.#ofModule(module)
    const unknown = Math.max(0, (this.#rows.at(0)?.number ?? this.#position + 1) - 1 - after)
    return unknown + list.length - firstAfter(list, after)
  }

  /** Whether a recent row beyond `readTo` makes a push superfluous, for everyone that this push is for. */
  isReplaced(push: Replaceable, readTo: number): boolean {
    return this.#replacements.has(push, readTo)
  }

  #ofModule(module: string): Fifo<RecentRow> {
    let list = this.#byModule.get(module)
    if (!list) this.#byModule.set(module, (list = new Fifo()))
    return list
  }

  #groupOf(push: Push): Group {
    const key = groupKey(push)
    let group = this.#groups.get(key)
    if (!group) this.#groups.set(key, (group = { rows: 0, passed: 0 }))
    return group
  }
}

function groupKey({ fromPlatformId, senderClass, module, owner }: Push): string {
  return `${fromPlatformId} ${senderClass} ${module} ${keyOf(owner)}`
}
