import type { RoutingTable } from '../../network/routing-table.ts'
import { couldReceive } from '../attempt/receivers.ts'
import type { Push, SenderClass } from '../push.ts'

/** A queue, as far as new pushes concern it. */
export type Listener = {
  readonly platformId: string
  /** Whether the queue waits for the next push of the module. Otherwise it still reads older pushes, and reaches new ones by itself. */
  readonly isListening: (module: string) => boolean
}

type PushKind = Pick<Push, 'senderClass' | 'module'>

/**
 * The queues that wait for new pushes, one set for each kind of push, such as `CPO locations`. A queue that was given a push leaves
 * its set until it has read all there is: of 10,000 queues, those that are busy cost nothing for what is accepted meanwhile.
 */
export type Audience<L extends Listener> = {
  /** Takes out the listeners that could receive this push, agreements aside. They are back once they `listen` again. */
  readonly take: (table: RoutingTable, push: PushKind & Pick<Push, 'fromPlatformId'>) => L[]
  /** Adds a listener: it waits for the next push of a module. */
  readonly listen: (table: RoutingTable, listener: L, module: string) => void
  /** Forgets all sets, to be found anew when needed: listeners have come or gone. */
  readonly reset: () => void
}

type Kind<L> = { readonly senderClass: SenderClass; readonly module: string; readonly listeners: Set<L> }

/** @param all every queue, listening or not */
export function createAudience<L extends Listener>(all: () => Iterable<L>): Audience<L> {
  let foundIn: RoutingTable | null = null
  let kinds = new Map<string, Kind<L>>()

  function isFor(table: RoutingTable, listener: L, { senderClass, module }: PushKind): boolean {
    const platform = table.platforms.get(listener.platformId)
    return platform !== undefined && couldReceive(platform, { senderClass, module, fromPlatformId: '' })
  }

  function kindOf(table: RoutingTable, push: PushKind): Kind<L> {
    if (foundIn !== table) {
      foundIn = table
      kinds = new Map()
    }
    const { senderClass, module } = push
    const key = `${senderClass} ${module}`
    let kind = kinds.get(key)
    if (!kind) {
      kind = { senderClass, module, listeners: new Set() }
      for (const listener of all()) {
        if (listener.isListening(module) && isFor(table, listener, push)) kind.listeners.add(listener)
      }
      kinds.set(key, kind)
    }
    return kind
  }

  return {
    take(table, push) {
      const { listeners } = kindOf(table, push)
      const taken: L[] = []
      for (const listener of listeners) {
        if (listener.platformId === push.fromPlatformId) continue
        listeners.delete(listener)
        taken.push(listener)
      }
      return taken
    },
    listen(table, listener, module) {
      if (foundIn !== table) return
      for (const kind of kinds.values()) {
        if (kind.module === module && isFor(table, listener, kind)) kind.listeners.add(listener)
      }
    },
    reset() {
      kinds = new Map()
    },
  }
}
