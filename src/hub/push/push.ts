import type { Party, PartyKey } from '../../ocpi/party.ts'

/** On whose behalf a push is sent: decides which roles it is meant for [transport_and_format: Broadcast Push]. */
export type SenderClass = 'CPO' | 'EMSP' | 'OTHER'

/** A broadcast push as it was accepted, before it has a number. Everything is kept as sent: partners get the same bytes. */
export type NewPush = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly fromPlatformId: string
  /** The OCPI version in which path, query and body are. Null or absent: 2.2.1, of a push that was accepted when there was no other. */
  readonly version?: string | null
  /** As in `OCPI-from-*`. */
  readonly from: Party
  /** Whose object it is; a party of the sending platform. Agreements are asked about this one. */
  readonly owner: Party
  readonly senderClass: SenderClass
  readonly module: string
  readonly method: string
  /** What follows the module in the path, bytes as sent. */
  readonly path: string
  /** With its `?`; empty when there is none. */
  readonly query: string
  /** Not compressed; null when there is none. */
  readonly body: Uint8Array | null
  readonly contentType: string | null
  /** Pushes with the same key reach a partner in order, one at a time. */
  readonly chainKey: string
  /** The object within the chain. A PUT or DELETE supersedes older pushes whose key it covers. */
  readonly pathKey: string
  readonly correlationId: string
  /** The sender's X-Request-ID. */
  readonly requestId: string
  /** Sent again to this platform alone, at the wish of an administrator. Absent: for all that it is for. */
  readonly onlyTo?: string | undefined
}

/** An accepted push. Numbers follow each other in the order of commits, without gaps. */
export type Push = NewPush & {
  readonly number: number
  /**
   * The party that it is for, in the queue of a platform that gets a broadcast once for each of its parties. The chain key then
   * begins with it: `DE*EMS locations NL*CPO l1`.
   */
  readonly to?: PartyKey
}

/** A push as it is for one party: a chain of its own, and a line of its own when it is missed. */
export function addressedTo(push: Push, to: PartyKey): Push {
  return { ...push, to, chainKey: `${to} ${push.chainKey}` }
}

/** The chain of a push in the log, whomever it is addressed to. */
export function chainInLog({ to, chainKey }: Pick<Push, 'to' | 'chainKey'>): string {
  return to === undefined ? chainKey : chainKey.slice(to.length + 1)
}

/** What a push weighs in memory and in the log, in bytes, near enough. */
export function bytesOf(push: NewPush): number {
  return (push.body?.length ?? 0) + push.path.length + push.query.length + LEAST_PUSH_BYTES
}

export const LEAST_PUSH_BYTES = 400
