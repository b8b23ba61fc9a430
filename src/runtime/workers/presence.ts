import type { Presence } from '../../hub/presence/presence.ts'
import type { KeeperObject } from './objects/ports.ts'
import { valueOf } from './objects/rpc.ts'

/**
 * Presence where no process goes on between requests: that somebody was heard is told with what the request observed, and checks
 * are the Keeper object's.
 */
export function presenceOfRequests(ports: {
  readonly presence: Pick<Presence, 'onSeen'>
  readonly onSeen: (platformId: string) => void
  readonly keeper: () => KeeperObject
  /** The request lasts until this has settled. */
  readonly keep: (work: Promise<unknown>) => void
}): Pick<Presence, 'onSeen' | 'onUnreachable' | 'check'> {
  const { presence, keeper } = ports
  return {
    onSeen(platformId) {
      presence.onSeen(platformId)
      ports.onSeen(platformId)
    },
    onUnreachable: (platformId) =>
      ports.keep(
        keeper()
          .unreachable(platformId)
          .catch(() => undefined),
      ),
    check: (platformId) =>
      valueOf(() => keeper().check(platformId)).catch((error: unknown) => ({ kind: 'not-asked', why: 'fault', error })),
  }
}
