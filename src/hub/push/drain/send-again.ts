import type { MessageSummary } from '../../message/message-query.ts'
import type { NewPush, Push } from '../push.ts'

/** A push that is sent again, to one platform. */
export type PushAgain = NewPush & { readonly onlyTo: string }

/** Which push a message of the log was about. Some senders use the same IDs for all that they send, so its path counts too. */
export type PushIds = Pick<NewPush, 'correlationId' | 'requestId' | 'fromPlatformId' | 'module' | 'method' | 'path'>

/** A push of the same chain that was accepted later. */
export type NewerPush = Pick<Push, 'number' | 'at' | 'method' | 'path' | 'correlationId'>

export type StoredAgain =
  | { readonly kind: 'stored'; readonly number: number }
  | { readonly kind: 'newer'; readonly push: NewerPush }

/**
 * What it takes to send a push again. Every function rejects when the database is away; `find`, `append` and `pushedSince`, which read
 * logs, also with SearchTooLong or SearchesBusy.
 */
export type SendAgainStore = {
  /** The accepted push; null when the push log does not hold it any more. */
  readonly find: (ids: PushIds) => Promise<Push | null>
  /** The highest number given. */
  readonly lastNumber: () => Promise<number>
  /**
   * Stores a push for one platform, unless another push of its chain was accepted beyond number `after`: looked for while no
   * push can be accepted, so that an old state never comes to lie behind a newer one.
   */
  readonly append: (push: PushAgain, after: number) => Promise<StoredAgain>
  /**
   * Successful pushes of a module since a moment about the object, the latest first, at most some: those that were addressed to the
   * platform, and with `broadcastBy` those that this platform addressed to the hub. Objects of other owners may have the same ID.
   */
  readonly pushedSince: (question: {
    readonly module: string
    /** Decoded, in any letter case. */
    readonly objectId: string
    readonly since: number
    readonly toPlatformId: string
    readonly broadcastBy: string | null
  }) => Promise<readonly MessageSummary[]>
  /** Takes an object off the list of what the platform missed. */
  readonly forgetMissed: (platformId: string, chainKey: string, pathKey: string) => Promise<void>
}
