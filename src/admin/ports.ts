import type { Context, MiddlewareHandler } from 'hono'
import type { AccountChanges, AccountViews, CredentialStore } from '../hub/administration/accounts.ts'
import type { AuditTrail, By } from '../hub/administration/audit.ts'
import type { ConcernStore } from '../hub/administration/concerns.ts'
import type { EventStore } from '../hub/administration/events.ts'
import type { AttemptStore } from '../hub/administration/handshake-attempts.ts'
import type { IdentityProvider } from '../hub/administration/identity-provider.ts'
import type { LockOutChanges, LockOuts } from '../hub/administration/lock-outs.ts'
import type { PartnerLinkChanges, PartnerLinkViews } from '../hub/administration/partner-links.ts'
import type { Passwords } from '../hub/administration/passwords.ts'
import type { RefusedCallStore } from '../hub/administration/refused-calls.ts'
import type { CheckChanges, CheckMode, CheckViews } from '../hub/check/runs/check-runs.ts'
import type { AskParty } from '../hub/corridor/ask-party.ts'
import type { MayCall } from '../hub/corridor/hub-urls.ts'
import type { FindLogStart, FindMessage, FindMessages, FindStory } from '../hub/message/message-query.ts'
import type { ReadTraffic } from '../hub/message/traffic.ts'
import type { AgreementChanges, AgreementStore } from '../hub/network/agreement-store.ts'
import type { ListNewcomers } from '../hub/network/newcomers.ts'
import type { ReadPlatformFigures } from '../hub/network/platform-figures.ts'
import type { Registry, RegistryChanges } from '../hub/network/registry.ts'
import type { CurrentTable, DeliverySettings } from '../hub/network/routing-table.ts'
import type { SandboxChanges, TryOut } from '../hub/network/sandbox.ts'
import type { After, Now, Random, Secrets } from '../hub/ports.ts'
import type { CheckOutcome } from '../hub/presence/ask.ts'
import type { DeliveryTraces } from '../hub/push/drain/delivery-traces.ts'
import type { QueueAdmin } from '../hub/push/drain/queue-admin.ts'
import type { SendAgainStore } from '../hub/push/drain/send-again.ts'
import type { HandshakeOutcome } from '../hub/registration/handshake-outcome.ts'
import type { ConversionCounts } from '../hub/translate/conversion-counts.ts'
import type { TestWebhook } from '../hub/webhooks/test-webhook.ts'
import type { WebhookChanges, WebhookViews } from '../hub/webhooks/webhook.ts'

/** The part of the registry that administrators read. */
export type RegistryViews = Pick<Registry, 'findPlatform' | 'listPlatforms' | 'listPendingRoles'>

/** All that an administrator changes. Whatever is changed through it stands in the audit trail, in the same transaction. */
export type Changes = {
  readonly accounts: AccountChanges
  readonly lockOuts: LockOutChanges
  readonly registry: RegistryChanges
  readonly agreements: AgreementChanges
  readonly sandbox: SandboxChanges
  readonly queues: {
    readonly setPaused: (platformId: string, isPaused: boolean) => Promise<boolean>
    readonly skip: (platformId: string) => Promise<boolean>
  }
  readonly handshakes: Handshakes
  readonly checks: CheckChanges
  /** Pushes that go once more to one platform. */
  readonly sendAgain: SendAgainStore
  readonly webhooks: WebhookChanges
  readonly partnerLinks: PartnerLinkChanges
}

/** Calls the hub makes to a partner because an administrator asks for it. None rejects for what a partner does. */
export type Handshakes = {
  /** Registers at the partner with a registration token that the partner gave [credentials: POST]. */
  readonly connect: (
    platformId: string,
    partner: { readonly versionsUrl: string; readonly token: string },
  ) => Promise<HandshakeOutcome>
  /** New tokens for both sides, endpoints read again [credentials: PUT]. */
  readonly rotate: (platformId: string) => Promise<HandshakeOutcome>
  /** Tells the partner and ends the connection [credentials: DELETE]. */
  readonly end: (platformId: string, cause: string) => Promise<HandshakeOutcome>
}

/** What happened: read in pages, and followed as it happens. */
export type EventFeed = Pick<EventStore, 'after' | 'before' | 'last'> & {
  /** Resolves when there may be more events, and at the latest a few seconds later. */
  readonly more: () => Promise<void>
  /** Whether the hub ends: whoever follows events is to come back later. */
  readonly isEnding: () => boolean
  /** Runs what goes on behind an answer, which has the means of its request for as long. It never rejects. */
  readonly behind: (work: () => Promise<void>) => void
}

/** A request that ended in a problem. `id` is the one in the problem's `instance`; `error` is what was thrown, if anything. */
export type ProblemNote = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly error: Error | undefined
}

export type AdminPorts = {
  readonly registry: RegistryViews
  readonly agreements: Pick<AgreementStore, 'find' | 'list'>
  readonly queues: Pick<QueueAdmin, 'list' | 'find' | 'missed' | 'missedByModule'>
  readonly traces: DeliveryTraces
  /** Changes under somebody's name: there are no others. */
  readonly as: (by: By) => Changes
  readonly audit: AuditTrail
  /** Asks for a partner's versions now. Never rejects for what a partner does. */
  readonly check: (platformId: string) => Promise<CheckOutcome>
  readonly messages: {
    readonly find: FindMessages
    readonly one: FindMessage
    readonly story: FindStory
    readonly start: FindLogStart
  }
  readonly traffic: ReadTraffic
  readonly conversions: ConversionCounts
  readonly platformFigures: ReadPlatformFigures
  /** What it takes to send a push again. */
  readonly sendAgain: {
    /** Tells those who deliver that there is a new push. */
    readonly pushed: () => Promise<void>
    /** Asks the owners of objects. */
    readonly ask: AskParty
    readonly timeoutMs: number
  }
  readonly sandbox: {
    readonly tryOut: TryOut
    readonly seal: Secrets['seal']
  }
  readonly events: EventFeed
  readonly webhooks: WebhookViews & {
    /** Whether the hub may ever call an address that is to be told. */
    readonly mayCall: MayCall
    readonly seal: Secrets['seal']
    readonly test: TestWebhook
  }
  readonly checks: CheckViews
  /** What the connection check is to a platform that is new. */
  readonly connectionCheck: CheckMode
  readonly partnerLinks: PartnerLinkViews
  readonly concerns: ConcernStore
  readonly newcomers: ListNewcomers
  readonly refusedCalls: Pick<RefusedCallStore, 'find'>
  readonly attempts: Pick<AttemptStore, 'find' | 'one'>
  /** Resolves once this process routes by what was just stored, so that an answer comes after its change holds. */
  readonly afterChange: () => Promise<void>
  readonly currentTable: CurrentTable
  /** In force where a platform has no setting of its own. */
  readonly deliveryDefaults: DeliverySettings
  /** Whether a platform is held before it goes live where nobody says otherwise. */
  readonly holdsNewPlatforms: boolean
  /** Most roles of a platform that has no number of its own. */
  readonly mostRoles: number
  readonly now: Now
  readonly after: After
  readonly random: Random
  readonly digest: Secrets['digest']
  readonly mac: Secrets['mac']
  /** Whether the hub may ever call an address that an administrator set for a partner. */
  readonly mayCall: MayCall
  /** Where partners reach the hub, without a trailing slash. */
  readonly publicUrl: string
  /** As partners and administrators know it. */
  readonly hubName: string
  /** Reads a file that pages load, by a name of the console's manifest. */
  readonly readAsset: (name: string) => Promise<Uint8Array<ArrayBuffer>>
  /** Compresses pages and what they load, where nothing else does. */
  readonly compressed: MiddlewareHandler
  /** Compares in constant time. */
  readonly isAdminToken: (token: string) => boolean
  /** Tells the administrator token that counts now from others, without telling anything of it. */
  readonly adminTokenMark: () => string
  /** Takes over a token that another process made a moment ago. Rejects when it could not be looked up within a short time. */
  readonly freshenAdminToken: () => Promise<void>
  readonly accounts: AccountViews
  readonly credentials: CredentialStore
  readonly passwords: Passwords
  /** Null: all accounts are kept here. */
  readonly provider: IdentityProvider | null
  /** Failed sign-ins, and whom they shut out. */
  readonly lockOuts: LockOuts
  /** The client's address, behind trusted proxies the one they name. */
  readonly clientAddress: (c: Context) => string
  /** Takes note of each refused or failed request, for the log. Never throws. */
  readonly noteProblem: (note: ProblemNote) => void
}
