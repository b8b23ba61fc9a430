import type { RoutingTable } from '../../../hub/network/routing-table.ts'
import { addressed, couldReceive } from '../../../hub/push/attempt/receivers.ts'
import type { Push } from '../../../hub/push/push.ts'

/** Finds the platforms that a push is for. Those that could receive its kind are looked up once per table. */
export function createReceiversOf(table: () => RoutingTable, now: () => number): (push: Push) => Iterable<string> {
  let foundIn: RoutingTable | null = null
  let kinds = new Map<string, readonly string[]>()

  function kindOf(current: RoutingTable, { senderClass, module }: Push): readonly string[] {
    if (foundIn !== current) {
      foundIn = current
      kinds = new Map()
    }
    const key = `${senderClass} ${module}`
    let ids = kinds.get(key)
    if (!ids) {
      const kind = { senderClass, module, fromPlatformId: '' }
      ids = [...current.platforms.values()].filter((platform) => couldReceive(platform, kind)).map(({ id }) => id)
      kinds.set(key, ids)
    }
    return ids
  }

  return function* receiversOf(push) {
    const current = table()
    const at = now()
    for (const id of kindOf(current, push)) {
      const platform = current.platforms.get(id)
      if (platform && addressed(current, platform, push, at).length > 0) yield id
    }
  }
}
