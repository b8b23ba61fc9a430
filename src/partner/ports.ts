import type { Context, MiddlewareHandler } from 'hono'
import type { HubName } from '../admin/console/parts/hub-name.ts'
import type { AttemptStore } from '../hub/administration/handshake-attempts.ts'
import type { PartnerSessions } from '../hub/administration/partner-links.ts'
import type { AskByPartner, CheckViews } from '../hub/check/runs/check-runs.ts'
import type { RateLimit } from '../hub/limits.ts'
import type { FindLogStart, FindMessage, FindMessages } from '../hub/message/message-query.ts'
import type { Registry } from '../hub/network/registry.ts'
import type { CurrentTable } from '../hub/network/routing-table.ts'
import type { TryOut } from '../hub/network/sandbox.ts'
import type { Now, Random, Secrets } from '../hub/ports.ts'
import type { QueueAdmin } from '../hub/push/drain/queue-admin.ts'
import type { ConversionCounts } from '../hub/translate/conversion-counts.ts'

/** What is read for partners. Each function knows all platforms: `createPartnerReads` alone may ask them. */
export type ReadPorts = {
  readonly registry: Pick<Registry, 'findPlatform'>
  readonly attempts: Pick<AttemptStore, 'find'>
  readonly queues: Pick<QueueAdmin, 'find' | 'missed'>
  readonly messages: {
    readonly find: FindMessages
    readonly one: FindMessage
    readonly start: FindLogStart
  }
  readonly conversions: Pick<ConversionCounts, 'remarks' | 'sent'>
  readonly checks: CheckViews
  readonly askCheck: AskByPartner
  readonly currentTable: CurrentTable
  /** Has a sandbox partner do something with a platform that tries the hub with it. */
  readonly tryOut: TryOut
  readonly now: Now
}

/** What goes wrong while a page is made, for the log. */
export type PageFailure = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly error: Error
}

export type PartnerPorts = ReadPorts & {
  readonly sessions: PartnerSessions
  /** Links that open nothing, by the address that they are tried from. */
  readonly wrongLinks: RateLimit
  readonly random: Random
  readonly digest: Secrets['digest']
  /** Where partners reach the hub, without a trailing slash. */
  readonly publicUrl: string
  readonly hub: HubName
  /** Reads a file that pages load, by a name of the console's manifest. */
  readonly readAsset: (name: string) => Promise<Uint8Array<ArrayBuffer>>
  readonly compressed: MiddlewareHandler
  /** The client's address, behind trusted proxies the one they name. */
  readonly clientAddress: (c: Context) => string
  /** Never throws. */
  readonly noteProblem: (failure: PageFailure) => void
}
