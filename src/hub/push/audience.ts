import type { Push, SenderClass } from './push.ts'
import { mayReceive } from './receivers.ts'
import type { RoutingTable } from '../routing-table.ts'

/** A queue as far as new rows concern it. */
export type Listener = {
  readonly platformId: string
  /** False while it has older rows of the module to read: it comes for the newer ones by itself. */
  readonly isListening: (module: string) => boolean
}

/** Who is to be offered new rows, found once for each kind of push, so that queues which do not listen cost nothing. */
export type Audience<L extends Listener> = {
  /** Those that a push may be for, agreements aside; the sender may be among them. */
  readonly of: (table: RoutingTable, push: Pick<Push, 'senderClass' | 'module'>) => Iterable<L>
  /** Leaves this listener out for rows like this one until it rejoins. */
  readonly leave: (listener: L, push: Pick<Push, 'senderClass' | 'module'>) => void
  /** A listener listens to a module again. */
  readonly rejoin: (table: RoutingTable, listener: L, module: string) => void
  /** Listeners have come or gone. */
  readonly reset: () => void
}

type Kind<L> = { readonly senderClass: SenderClass; readonly module: string; readonly listeners: Set<L> }

export function createAudience<L extends Listener>(find: (platformId: string) => L | undefined): Audience<L> {
  let foundIn: RoutingTable | null = null
  let kinds = new Map<string, Kind<L>>()

  function isFor(
    table: RoutingTable,
    listener: L,
    { senderClass, module }: Pick<Push, 'senderClass' | 'module'>,
  ): boolean {
    const platform = table.platforms.get(listener.platformId)
    return platform !== undefined && mayReceive(platform, { senderClass, module, fromPlatformId: '' })
  }

  return {
    of(table, push) {
      if (foundIn !== table) {
        foundIn = table
        kinds = new Map()
      }
      const { senderClass, module } = push
      const key = `${senderClass} ${module}`
      let kind = kinds.get(key)
      if (!kind) {
        kind = { senderClass, module, listeners: new Set() }
        for (const platformId of table.platforms.keys()) {
          const listener = find(platformId)
          if (listener?.isListening(module) && isFor(table, listener, push)) kind.listeners.add(listener)
        }
        kinds.set(key, kind)
      }
      return kind.listeners
    },
    leave: (listener, push) => kinds.get(`${push.senderClass} ${push.module}`)?.listeners.delete(listener),
    rejoin(table, listener, module) {
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
