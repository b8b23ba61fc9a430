import { keyOf } from '../../../ocpi/party.ts'
import { Fifo, firstAfter } from '../fifo.ts'
import { bytesOf, type Push } from '../push.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { RecentChains, type Supersedable } from './superseded.ts'

/** `count` superseded pushes; `like` is one of them. They are of one owner, sender and role, so for the same receivers. */
export type Superseded = { readonly like: Push; readonly count: number }

/** A part of the log in which superseded pushes are only counted. */
export type RecentPart = LogPart & { readonly superseded: readonly Superseded[] }

type RecentPush = Supersedable & { readonly number: number; readonly group: Group }

/** The recent pushes of one owner, by one platform in one role. `passed` counts within one `part`. */
type Group = { pushes: number; passed: number }

/** The pushes at the end of the log that were not cut from it, in memory once for all queues of a process. */
export class RecentPushes {
  readonly #memoryBytes: number
  readonly #all = new Fifo<RecentPush>()
  readonly #byModule = new Map<string, Fifo<RecentPush>>()
  readonly #groups = new Map<string, Group>()
  readonly #chains = new RecentChains()
  #end = 0
  #bytes = 0

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes
  }

  /** The number of the last push of the log, as far as this process knows. */
  end(): number {
    return this.#end
  }

  /** The log ends at this number, and no push is known. */
  jumpTo(end: number): void {
    this.#end = end
    this.#all.clear()
    this.#byModule.clear()
    this.#groups.clear()
    this.#chains.clear()
    this.#bytes = 0
  }

  /** The next push of the log: those between it and the last one, if any, are cut. */
  add(push: Push): void {
    const group = this.#groupOf(push)
    const recent: RecentPush = { number: push.number, push, group, isSuperseded: false }
    this.#chains.add(recent)
    group.pushes++
    this.#end = push.number
    this.#all.push(recent)
    this.#ofModule(push.module).push(recent)
    this.#bytes += bytesOf(push)
  }

  /** Forgets the oldest pushes, as far as all of them are too large. */
  trim(): void {
    while (this.#bytes > this.#memoryBytes && this.#all.length > 0) {
      const recent = this.#all.shift() as RecentPush
      const { push, group } = recent
      this.#ofModule(push.module).shift()
      this.#chains.remove(recent)
      if (--group.pushes === 0) this.#groups.delete(groupKey(push))
      this.#bytes -= bytesOf(push)
    }
  }

  /** Pushes of a module after a number; null when memory does not reach back that far. */
  part(module: string, after: number, limits: ReadLimits): RecentPart | null {
    if (after >= this.#end) return { pushes: [], superseded: [], upTo: this.#end }
    const first = this.#all.at(0)
    if (!first || after + 1 < first.number) return null
    const list = this.#ofModule(module)
    const pushes: Push[] = []
    const passed: RecentPush[] = []
    let bytes = 0
    let at = firstAfter(list, after)
    for (; at < list.length && pushes.length < limits.pushes && bytes < limits.bytes; at++) {
      const recent = list.at(at) as RecentPush
      if (recent.isSuperseded) {
        if (recent.group.passed++ === 0) passed.push(recent)
      } else {
        pushes.push(recent.push)
        bytes += bytesOf(recent.push)
      }
    }
    const superseded = passed.map(({ push, group }) => ({ like: push, count: group.passed }))
    for (const { group } of passed) group.passed = 0
    const next = list.at(at)
    return { pushes, superseded, upTo: next ? next.number - 1 : this.#end }
  }

  find(number: number): Push | null {
    const next = this.#all.at(firstAfter(this.#all, number - 1))
    return next?.number === number ? next.push : null
  }

  /** How many pushes of a module there are after a number. Those that are not in memory count, whatever their module. */
  count(module: string, after: number): number {
    const list = this.#ofModule(module)
    const unknown = Math.max(0, (this.#all.at(0)?.number ?? this.#end + 1) - 1 - after)
    return unknown + list.length - firstAfter(list, after)
  }

  /** Whether a recent push beyond `after` supersedes this one, for everyone that this one is for. */
  isSuperseded(push: Push, after: number): boolean {
    return this.#chains.isSuperseded(push, after)
  }

  #ofModule(module: string): Fifo<RecentPush> {
    let list = this.#byModule.get(module)
    if (!list) this.#byModule.set(module, (list = new Fifo()))
    return list
  }

  #groupOf(push: Push): Group {
    const key = groupKey(push)
    let group = this.#groups.get(key)
    if (!group) this.#groups.set(key, (group = { pushes: 0, passed: 0 }))
    return group
  }
}

function groupKey({ fromPlatformId, senderClass, module, owner }: Push): string {
  return `${fromPlatformId} ${senderClass} ${module} ${keyOf(owner)}`
}
