import type { RoutingTable } from '../../network/routing-table.ts'
import { couldReceive } from '../attempt/receivers.ts'
import type { Push, SenderClass } from '../push.ts'

/** A queue as far as new rows concern it. */
export type Listener = {
  readonly platformId: string
  /** False while it has older rows of the module to read: it comes for the newer ones by itself. */
  readonly isListening: (module: string) => boolean
}

type PushKind = Pick<Push, 'senderClass' | 'module'>

/** Who waits for new rows, found once for each kind of push: queues that have something else to do cost nothing. */
export type Audience<L extends Listener> = {
  /**
   * Takes out those who wait for a row like this one and may receive it, agreements aside. They are left out until they
   * `listen` again.
   */
  readonly take: (table: RoutingTable, push: PushKind & Pick<Push, 'fromPlatformId'>) => L[]
  /** A listener waits for the next row of a module. */
  readonly listen: (table: RoutingTable, listener: L, module: string) => void
  /** Listeners have come or gone. */
  readonly reset: () => void
}

type Kind<L> = { readonly senderClass: SenderClass; readonly module: string; readonly listeners: Set<L> }

/** @param all whoever may be listening */
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
