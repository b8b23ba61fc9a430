import type { TableRows } from '../../../hub/network/registry.ts'
import type { Fact, OwnerStore } from '../../../hub/open-routing/object-owners.ts'
import type { Observed } from '../observed.ts'
import type { ObjectNamespace, Outcome } from './rpc.ts'

/** What Workers and other objects ask of the Log object. */
export type LogObject = {
  /** What routes, or what changed of it since a revision. @param isFresh as of now; otherwise as of a second ago at most */
  readonly readTable: (afterRevision: number | null, isFresh: boolean) => Promise<Outcome<TableRows>>
  /** Takes what an isolate observed. It is stored later, if it can be. */
  readonly observed: (observed: Observed) => Promise<void>
  readonly findOwners: (
    ...args: Parameters<OwnerStore['find']>
  ) => Promise<Outcome<Awaited<ReturnType<OwnerStore['find']>>>>
  readonly saveOwners: (facts: readonly Fact[], at: number) => Promise<Outcome<void>>
}

/** The objects as the Worker's bindings. */
export type ObjectBindings = { readonly LOG: ObjectNamespace<LogObject> }

/** The one Log object. */
export const LOG_NAME = 'log'
