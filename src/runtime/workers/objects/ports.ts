import type { TableRows } from '../../../hub/network/registry.ts'
import type { Fact, OwnerStore } from '../../../hub/open-routing/object-owners.ts'
import type { CheckOutcome } from '../../../hub/presence/ask.ts'
import type { ClientInfoCursors } from '../../../hub/presence/client-info-lane.ts'
import type { Accepted } from '../../../hub/push/accept/accept.ts'
import type { QueueOrders } from '../../../hub/push/cursor.ts'
import type { LogPart, PushLog } from '../../../hub/push/log/push-log.ts'
import type { NewPush, Push } from '../../../hub/push/push.ts'
import type { Errand } from '../../../hub/registration/partner-client.ts'
import type { ToldCredentials } from '../../../hub/registration/told-credentials.ts'
import type { ShadowChains, ShadowRows } from '../../../hub/shadow/shadow.ts'
import type { SettingBindings } from '../bindings.ts'
import type { Dataset } from '../data-points.ts'
import type { Observed } from '../observed.ts'
import type { CheckAnswer } from './elsewhere.ts'
import type { HandOver, Taken } from './handing.ts'
import type { Beginning, LeaseAnswer } from './log-pushes.ts'
import type { HeldSave } from './queue-store.ts'
import type { ObjectNamespace, Outcome } from './rpc.ts'

/** What Workers and other objects ask of the Log object. */
export type LogObject = {
  /**
   * What routes, or what changed of it since a revision. @param isFresh as of now, and by now queues that run send by it; otherwise as of a
   * second ago at most
   */
  readonly readTable: (afterRevision: number | null, isFresh: boolean) => Promise<Outcome<TableRows>>
  /** Takes what an isolate observed. It is stored later, if it can be. */
  readonly observed: (observed: Observed) => Promise<void>
  readonly findOwners: (
    ...args: Parameters<OwnerStore['find']>
  ) => Promise<Outcome<Awaited<ReturnType<OwnerStore['find']>>>>
  readonly findManyOwners: (
    ...args: Parameters<OwnerStore['findMany']>
  ) => Promise<Outcome<Awaited<ReturnType<OwnerStore['findMany']>>>>
  /** Takes a push that was checked; answers when it is durable. @param revision of the routing table it was checked by */
  readonly accept: (push: NewPush, revision: number) => Promise<Accepted>
  /** A push was stored that did not come by the object: it reads on. */
  readonly pushed: () => Promise<void>
  /** What a queue is opened with. @param holder names the run; only who began last saves */
  readonly begin: (platformId: string, holder: string) => Promise<Outcome<Beginning>>
  /** The lease of a queue that runs, and which routing table it should have. */
  readonly lease: (platformId: string) => Promise<Outcome<LeaseAnswer>>
  /** Saves a queue; false when it is another holder's. */
  readonly save: (save: HeldSave) => Promise<Outcome<boolean>>
  readonly saveMark: (...args: Parameters<ClientInfoCursors['save']>) => Promise<Outcome<void>>
  readonly readModule: (...args: Parameters<PushLog['readModule']>) => Promise<Outcome<LogPart>>
  readonly readNumbers: (...args: Parameters<PushLog['readNumbers']>) => Promise<Outcome<readonly Push[]>>
  /** The orders for a queue; null when there are none. */
  readonly orders: (platformId: string) => Promise<Outcome<QueueOrders | null>>
  /** The routing table was changed elsewhere: whom it concerns is told. */
  readonly tableChanged: () => Promise<void>
  /** Moves queues at rest along, and asks those that are behind how they stand. */
  readonly reconcile: () => Promise<void>
  /** Whether it falls to Workers to trim the log, as the process that holds the first shard. */
  readonly holdsFirst: () => Promise<boolean>
  /** Prometheus text of all of Workers. */
  readonly metrics: () => Promise<string>
  /** Business details of parties, by `reachableKey`. */
  readonly businessOf: (
    ...args: Parameters<ToldCredentials['businessOf']>
  ) => Promise<Outcome<Awaited<ReturnType<ToldCredentials['businessOf']>>>>
  readonly readShadow: (...args: Parameters<ShadowRows['read']>) => Promise<Outcome<ShadowChains>>
  readonly noteShadow: (...args: Parameters<ShadowRows['note']>) => Promise<Outcome<void>>
  readonly isToldShadow: (...args: Parameters<ShadowRows['isTold']>) => Promise<Outcome<boolean>>
  readonly tellShadow: (...args: Parameters<ShadowRows['tell']>) => Promise<Outcome<void>>
  readonly saveOwners: (facts: readonly Fact[], at: number) => Promise<Outcome<void>>
}

/** What is asked of the Queue object of a platform. */
export type QueueObject = {
  readonly take: (platformId: string, handOver: HandOver) => Promise<Taken>
  /** An administrator gave an order, which is stored. */
  readonly order: (platformId: string) => Promise<void>
  /** The routing table has changed: settles once the queue sends by none that is older than this revision. */
  readonly follow: (revision: number) => Promise<void>
  /** Has it end what is under way and save, as another process is to drain its queue. */
  readonly giveUp: () => Promise<void>
  /** Makes a still-alive check; returns at once, and tells the Keeper object the answer. */
  readonly ask: (platformId: string, question: number, url: string, errand: Errand) => Promise<void>
}

/** What is asked of the Keeper object. */
export type KeeperObject = {
  /** Makes sure that it goes on. */
  readonly poke: () => Promise<void>
  readonly check: (platformId: string) => Promise<Outcome<CheckOutcome>>
  readonly isAlive: (platformId: string) => Promise<boolean>
  /** A request to the platform got no answer. */
  readonly unreachable: (platformId: string) => Promise<void>
  readonly answered: (question: number, answer: CheckAnswer) => Promise<void>
  /** A connection check was asked for. */
  readonly lookForChecks: () => Promise<void>
}

/** The objects as the Worker's bindings. Queue objects are named by the ids of their platforms. */
export type ObjectBindings = {
  readonly LOG: ObjectNamespace<LogObject>
  readonly QUEUE: ObjectNamespace<QueueObject>
  readonly KEEPER: ObjectNamespace<KeeperObject>
}

/** What the hub can do without. ANALYTICS: where data points of exchanges go. ASSETS: the static assets, which the platform serves itself. */
export type OptionalBindings = { readonly ANALYTICS?: Dataset; readonly ASSETS?: Assets }

type Assets = { readonly fetch: (url: string) => Promise<Response> }

/** All that `wrangler.toml` and the Worker's secrets give. */
export type Bindings = SettingBindings & ObjectBindings & OptionalBindings

/** The one Log object, and the one Keeper object. */
export const LOG_NAME = 'log'
export const KEEPER_NAME = 'keeper'
