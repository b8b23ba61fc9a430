import { keyOf } from '../../../ocpi/party.ts'
import { Fifo, firstAfter } from '../fifo.ts'
import { bytesOf, type Push } from '../push.ts'
import { BySender, type SenderPushes } from './by-sender.ts'
import type { LogPart, ReadLimits } from './push-log.ts'
import { RecentChains, type Supersedable } from './superseded.ts'

/** `count` superseded pushes; `like` is one of them. They are of one owner, sender and role, so for the same receivers. */
export type Superseded = { readonly like: Push; readonly count: number }

/** A part of the log in which superseded pushes are only counted. */
export type RecentPart = LogPart & { readonly superseded: readonly Superseded[] }

type RecentPush = Supersedable & { readonly number: number; readonly group: Group }

/** The recent pushes of one owner, by one platform in one role. `passed` counts within one `part`. */
type Group = { pushes: number; passed: number }

type ModulePushes = { readonly all: Fifo<RecentPush>; readonly bySender: BySender<RecentPush> }

/** The pushes at the end of the log that were not cut from it, in memory once for all queues of a process. */
export class RecentPushes {
  readonly #memoryBytes: number
  readonly #alongside: () => number
  readonly #all = new Fifo<RecentPush>()
  readonly #byModule = new Map<string, ModulePushes>()
  readonly #groups = new Map<string, Group>()
  readonly #chains = new RecentChains()
  /** Every push beyond this number, up to the end, is in memory, as far as this process needs it. */
  #from = 0
  #end = 0
  #bytes = 0

  /** @param alongside bytes of that room that something else takes up now */
  constructor(memoryBytes: number, alongside = () => 0) {
    this.#memoryBytes = memoryBytes
    this.#alongside = alongside
  }

  /** The number of the last push of the log, as far as this process knows. */
  end(): number {
    return this.#end
  }

  /** The log ends at this number, and no push is known. */
  jumpTo(end: number): void {
    this.#from = this.#end = end
    this.#all.clear()
    this.#byModule.clear()
    this.#groups.clear()
    this.#chains.clear()
    this.#bytes = 0
  }

  /** The log is known up to this number: there is no push between the last one and it that this process needs. */
  reach(end: number): void {
    this.#end = Math.max(this.#end, end)
  }

  /** The next push of the log: those between it and the last one, if any, are cut. */
  add(push: Push): void {
    const group = this.#groupOf(push)
    const recent: RecentPush = { number: push.number, push, group, isSuperseded: false }
    this.#chains.add(recent)
    group.pushes++
    this.#end = push.number
    this.#all.push(recent)
    const ofModule = this.#ofModule(push.module)
    ofModule.all.push(recent)
    ofModule.bySender.add(push.fromPlatformId, recent)
    this.#bytes += bytesOf(push)
  }

  /** Forgets the oldest pushes, as far as all of them are too large. */
  trim(): void {
    const mostBytes = this.#memoryBytes - this.#alongside()
    while (this.#bytes > mostBytes && this.#all.length > 0) {
      const recent = this.#all.shift() as RecentPush
      const { push, group } = recent
      this.#from = push.number
      const ofModule = this.#ofModule(push.module)
      ofModule.all.shift()
      ofModule.bySender.removeOldest(push.fromPlatformId)
      this.#chains.remove(recent)
      if (--group.pushes === 0) this.#groups.delete(groupKey(push))
      this.#bytes -= bytesOf(push)
    }
  }

  /** From this number on pushes are in memory; beyond the end when there is none. */
  oldest(): number {
    return this.#from + 1
  }

  /** Whether memory holds everything after a number. */
  reaches(after: number): boolean {
    return after >= this.#from
  }

  /** The sender of the newest push of a module; others follow it by `older`. Null when no push of it is in memory. */
  newestOf(module: string): Pick<SenderPushes<unknown>, 'sender' | 'last' | 'older'> | null {
    return this.#byModule.get(module)?.bySender.newest ?? null
  }

  /** Pushes of a module by one sender after a number, which memory `reaches`. */
  part(module: string, sender: string, after: number, limits: ReadLimits): RecentPart {
    const list = this.#ofModule(module).bySender.of(sender)?.list
    const pushes: Push[] = []
    const passed: RecentPush[] = []
    let bytes = 0
    let at = list ? firstAfter(list, after) : 0
    let next = list?.at(at)
    for (; next && pushes.length < limits.pushes && bytes < limits.bytes; next = list?.at(++at)) {
      if (next.isSuperseded) {
        if (next.group.passed++ === 0) passed.push(next)
      } else {
        pushes.push(next.push)
        bytes += bytesOf(next.push)
      }
    }
    const superseded = passed.map(({ push, group }) => ({ like: push, count: group.passed }))
    for (const { group } of passed) group.passed = 0
    return { pushes, superseded, upTo: next ? next.number - 1 : this.#end }
  }

  find(number: number): Push | null {
    const next = this.#all.at(firstAfter(this.#all, number - 1))
    return next?.number === number ? next.push : null
  }

  /** How many pushes of a module there are after a number. Those that are not in memory count, whatever their module. */
  count(module: string, after: number): number {
    const list = this.#ofModule(module).all
    return Math.max(0, this.oldest() - 1 - after) + list.length - firstAfter(list, after)
  }

  /** How many recent pushes of a module by one sender there are after a number and up to another. */
  countOf(module: string, sender: string, after: number, upTo: number): number {
    const list = this.#ofModule(module).bySender.of(sender)?.list
    return list ? firstAfter(list, upTo) - firstAfter(list, after) : 0
  }

  /** Whether a recent push beyond `after` supersedes this one, for everyone that this one is for. */
  isSuperseded(push: Push, after: number): boolean {
    return this.#chains.isSuperseded(push, after)
  }

  #ofModule(module: string): ModulePushes {
    let pushes = this.#byModule.get(module)
    if (!pushes) this.#byModule.set(module, (pushes = { all: new Fifo(), bySender: new BySender() }))
    return pushes
  }

  #groupOf(push: Push): Group {
    const key = groupKey(push)
    let group = this.#groups.get(key)
    if (!group) this.#groups.set(key, (group = { pushes: 0, passed: 0 }))
    return group
  }
}

function groupKey({ fromPlatformId, senderClass, module, owner, onlyTo }: Push): string {
  const key = `${fromPlatformId} ${senderClass} ${module} ${keyOf(owner)}`
  return onlyTo === undefined ? key : `${key} ${onlyTo}`
}
