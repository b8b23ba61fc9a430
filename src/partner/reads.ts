import type { Attempt } from '../hub/administration/handshake-attempts.ts'
import type { MessageDetail, MessageFilter, MessagePage, MessageSummary } from '../hub/message/message-query.ts'
import { type Sides, sidesOf } from '../hub/message/own-side.ts'
import type { PlatformRecord } from '../hub/network/registry.ts'
import type { MissedPlace, MissedView, QueueView } from '../hub/push/drain/queue-admin.ts'
import type { ReadPorts } from './ports.ts'

/** What a partner may look for among its own messages. Null leaves a filter out. */
export type OwnFilter = Pick<
  MessageFilter,
  'party' | 'module' | 'outcome' | 'correlationId' | 'objectKey' | 'since' | 'until'
>

/** With the sides on which the platform itself was: of the other one nothing may be shown. */
export type Own<M> = { readonly message: M; readonly sides: Sides }

/** All that partners read, of one platform. */
export type PartnerReads = {
  /** Null: it was removed. */
  readonly platform: () => Promise<PlatformRecord | null>
  /** The newest first. */
  readonly attempts: (limit: number) => Promise<readonly Attempt[]>
  /** Null before it connects for the first time; so is `missed`. */
  readonly queue: () => Promise<QueueView | null>
  readonly missed: (limit: number, after: MissedPlace | null) => Promise<readonly MissedView[] | null>
  readonly messages: (filter: OwnFilter, page: MessagePage) => Promise<readonly Own<MessageSummary>[]>
  /** Null as well for a message that is not its own. */
  readonly message: (id: string) => Promise<Own<MessageDetail> | null>
  readonly logStart: () => Promise<number | null>
}

/** The one place where the platform is put into what partners ask: no page names another one, so no id that is guessed leads to it. */
export function createPartnerReads(ports: ReadPorts, platformId: string): PartnerReads {
  const { registry, attempts, queues, messages, now } = ports

  function owned<M extends MessageSummary>(message: M): Own<M> | null {
    const sides = sidesOf(message, platformId)
    return sides.asked || sides.wasCalled ? { message, sides } : null
  }

  return {
    platform: () => registry.findPlatform(platformId),
    async attempts(limit) {
      const found = await attempts.find({ platformId }, limit, null)
      return found.filter((attempt) => attempt.platformId === platformId)
    },
    queue: () => queues.find(platformId, now()),
    missed: (limit, after) => queues.missed(platformId, limit, after),
    async messages(filter, page) {
      const own = { platformId, ownSideOf: platformId, kind: null, requestId: null, client: null }
      const found = await messages.find({ ...filter, ...own, httpStatus: null, ocpiStatus: null }, page)
      return found.flatMap((message) => owned(message) ?? [])
    },
    async message(id) {
      const message = await messages.one(id)
      return message && owned(message)
    },
    logStart: messages.start,
  }
}
