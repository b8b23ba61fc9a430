import type { Endpoint } from '../../ocpi/modules.ts'
import { type Party, sameParty } from '../../ocpi/party.ts'
import { interfacesOf, sideOf } from '../../ocpi/sides.ts'

/*
 * Sandbox partners: simulated platforms that newcomers try the hub with. The hub calls them, and they call it, within its process.
 *
 * They stand in no list of the routing table but their own, so whatever counts, tells of or sends to platforms knows nothing of them.
 * Who may see one gets another table, by `asSeenBy`, in which it stands among the others: that is the one place that decides.
 */

/** How a sandbox partner behaves towards the hub. */
export const MISBEHAVIOURS = ['none', 'slow', '429', '5xx', 'malformed', 'tiny-pages', 'lost-answers'] as const

export type Misbehaviour = (typeof MISBEHAVIOURS)[number]

export type SandboxRole = 'CPO' | 'EMSP'

/** Most sandbox partners of a hub, of both roles. */
export const MOST_SANDBOX_PARTNERS = 10

/** The country of their parties: a code that ISO 3166 leaves to its users. No platform may bring or be given a party of it. */
export const SANDBOX_COUNTRY = 'XS'

/** Where they answer. No name under `.invalid` is ever looked up [RFC 2606]. */
const SANDBOX_HOST = 'sandbox.invalid'
export const SANDBOX_ORIGIN = `https://${SANDBOX_HOST}`

/** The version they speak. Who speaks another meets them converted, as any partner. */
export const SANDBOX_VERSION = '2.2.1'

/** Where a partner answers for one module: `https://sandbox.invalid/{id}/locations`. */
export function sandboxUrl(partnerId: string, module: string): string {
  return `${SANDBOX_ORIGIN}/${partnerId}/${module}`
}

/** What they announce, beside credentials. */
export function sandboxEndpoints(partnerId: string, role: SandboxRole): Endpoint[] {
  return interfacesOf(sideOf(role)).map((each) => ({ ...each, url: sandboxUrl(partnerId, each.identifier) }))
}

/** Whether a host is that of sandbox partners, however it is spelled: no URL of a platform may lead there. */
export function isSandboxHost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '')
  return name === SANDBOX_HOST || name.endsWith(`.${SANDBOX_HOST}`)
}

export function isSandboxParty({ countryCode }: Pick<Party, 'countryCode'>): boolean {
  return countryCode.toUpperCase() === SANDBOX_COUNTRY
}

/** Why no platform may have a party: words that follow its name. Null when it may. */
export function whyHubsOwn(party: Party, hub: Party): string | null {
  if (sameParty(party, hub)) return 'is the hub itself'
  return isSandboxParty(party) ? 'is kept for sandbox partners' : null
}

/** A sandbox partner to be attached. */
export type NewSandboxPartner = {
  readonly id: string
  readonly role: SandboxRole
  /** Sealed: the one token by which the hub and the partner know each other. */
  readonly sealedToken: string
  /** Of the same. */
  readonly accessDigest: string
}

export type AttachResult = { readonly kind: 'attached' } | { readonly kind: 'too-many'; readonly most: number }

export type SandboxResult = { readonly kind: 'changed' } | { readonly kind: 'unknown' }

export type AssignResult =
  | { readonly kind: 'changed' }
  | { readonly kind: 'unknown-platform' }
  | { readonly kind: 'unknown-partner'; readonly id: string }

/** What administrators change of sandbox partners. Each change is one transaction that raises the routing table's revision. */
export type SandboxChanges = {
  readonly attach: (partner: NewSandboxPartner) => Promise<AttachResult>
  readonly setMisbehaviour: (id: string, misbehaviour: Misbehaviour) => Promise<SandboxResult>
  /** Forgets it, and leaves no trace that others are told of. */
  readonly remove: (id: string) => Promise<SandboxResult>
  /** From now on the platform sees these, and no others. */
  readonly assign: (platformId: string, partnerIds: readonly string[]) => Promise<AssignResult>
}

/** An object that a sandbox partner holds: its own, or what it was sent. */
export type SandboxObject = { readonly key: string; readonly object: unknown }

/** What sandbox partners remember, shared by all processes. Of each module of a partner the newest are kept. Rejects while the store is away. */
export type SandboxMemory = {
  readonly get: (partnerId: string, module: string, key: string) => Promise<unknown>
  /** The latest put last, at most `MOST_REMEMBERED`. What is put there is no longer than `LONGEST_REMEMBERED`. */
  readonly list: (partnerId: string, module: string) => Promise<readonly SandboxObject[]>
  readonly put: (partnerId: string, module: string, key: string, object: unknown) => Promise<void>
  /** False: there was none. */
  readonly drop: (partnerId: string, module: string, key: string) => Promise<boolean>
}

/** Objects of one module that a sandbox partner remembers, and the longest of them as JSON. Ten partners fill 300 MB at the very most. */
export const MOST_REMEMBERED = 50
export const LONGEST_REMEMBERED = 65_536

/** What a sandbox partner can be told to do with a platform that tries the hub: what its role does of its own accord. */
export const TRIALS = ['locations', 'token', 'start-session', 'stop-session', 'cdr'] as const

export type Trial = (typeof TRIALS)[number]

/** One call of a sandbox partner, and what it got. */
export type TrialStep = {
  readonly what: string
  /** By which its exchange is found. */
  readonly correlationId: string
  readonly httpStatus: number
  /** Null when the answer is no envelope. */
  readonly ocpiStatus: number | null
  readonly isGood: boolean
  /** What the answer says, in words. */
  readonly detail: string
}

export type TrialResult =
  | { readonly kind: 'tried'; readonly steps: readonly TrialStep[]; readonly isGood: boolean; readonly detail: string }
  | { readonly kind: 'unknown-platform' }
  /** The platform does not try the hub with it. */
  | { readonly kind: 'unknown-partner' }
  /** The platform cannot be called, or has no party of the other side. */
  | { readonly kind: 'not-ready'; readonly detail: string }

/** Has a sandbox partner do something with a platform that tries the hub with it. */
export type TryOut = (platformId: string, partnerId: string, trial: Trial) => Promise<TrialResult>
