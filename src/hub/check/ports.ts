import type { Party } from '../../ocpi/party.ts'
import type { MayCall } from '../corridor/hub-urls.ts'
import type { Observe } from '../message/exchange.ts'
import type { Inflate, Now, Random, Send } from '../ports.ts'
import type { CheckedPlatform, Finding } from './check.ts'

/** What the other side of a TLS connection showed. */
export type TlsFacts = {
  /** `TLSv1.3` */
  readonly protocol: string
  /** When its certificate ends, in milliseconds since the epoch. */
  readonly validTo: number
}

/**
 * Connects to an origin, `https://cpo.example:8443`, as the hub does to send, and tells what it saw; or why it could not, in words for an
 * administrator. Never rejects.
 */
export type ReadTls = (
  origin: string,
  timeoutMs: number,
) => Promise<{ readonly kind: 'seen'; readonly facts: TlsFacts } | { readonly kind: 'failed'; readonly detail: string }>

/** Takes the result of a command that the hub itself sends. */
export type CommandResults = {
  /** A URL of the hub's for one result. It ends by itself. */
  readonly open: () => Promise<CommandResult>
}

export type CommandResult = {
  readonly url: string
  /** The `result` of what came there, `ACCEPTED`; null when nothing did. */
  readonly within: (ms: number) => Promise<string | null>
}

export type CheckPorts = {
  readonly send: Send
  readonly inflate: Inflate
  readonly random: Random
  readonly now: Now
  /** Resolves after so many milliseconds: keeps calls apart. Tests need not wait. */
  readonly pause: (ms: number) => Promise<void>
  readonly loopMark: string
  readonly mayCall: MayCall
  /** Gets a row of the message log for each call. */
  readonly observe: Observe
  readonly hub: Party
  /** Longest wait for one answer: as long as messages have. */
  readonly timeoutMs: number
  /** The hub calls partners by http too: such URLs are no fault. */
  readonly takesPlainHttp: boolean
  /** Null where the runtime does not show certificates. */
  readonly readTls: ReadTls | null
  /** Null where nobody takes results: then no command is sent. */
  readonly results: CommandResults | null
}

export type AskedCheck = {
  readonly platform: CheckedPlatform
  /** The X-Correlation-ID of all calls of the run. */
  readonly correlationId: string
  /** The partner consents to objects and a command of the check's own. */
  readonly consent: boolean
  /** No call without the right token is made: some lock out who tries. */
  readonly skipsWrongToken: boolean
  /**
   * What this run found before the process died that made it. It is not told again, and what was tried once with a wrong token or by
   * consent is not tried again. Mostly empty.
   */
  readonly already: readonly Finding[]
  /** Ends the run after the call that is under way. */
  readonly signal: AbortSignal
}
