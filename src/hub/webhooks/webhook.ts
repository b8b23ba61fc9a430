import { EVENT_KINDS, type EventKind, type HubEvent } from '../administration/events.ts'
import type { Random } from '../ports.ts'

/** What a webhook can be told of: any kind of event, and of handshakes those that failed alone. */
export const WEBHOOK_KINDS = ['handshake.failed', ...EVENT_KINDS] as const

export type WebhookKind = (typeof WEBHOOK_KINDS)[number]

/** What somebody wants to be told of who does not say it. */
export const DEFAULT_KINDS: readonly WebhookKind[] = [
  'platform.status',
  'handshake.failed',
  'queue.paused',
  'queue.lags',
  'objects.missed',
  'token.expires-soon',
  'certificate.expires-soon',
  'alarm',
]

/** Each is read and written for every batch of events. */
export const MOST_WEBHOOKS = 20
/** Of each webhook, beside those that wait. */
export const MOST_DELIVERIES = 100
/** Addresses of chat rooms have hundreds of characters. */
export const MOST_URL_LENGTH = 2_048
/** What a secret before signs beside the new one, so that the receiver can be changed meanwhile. */
export const OLDER_SECRET_MS = 86_400_000

/** Why nothing is sent to a webhook: it was turned off, failed for too long, or said that it is no more (410). */
export type WhyOff = 'administrator' | 'failing' | 'gone'

/** An address that is told of events, as administrators see it. Moments in milliseconds since the epoch. */
export type Webhook = {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly kinds: readonly WebhookKind[]
  /** Null: whatever platform an event is about, or none. */
  readonly platformId: string | null
  readonly createdAt: number
  /** Name of who made it. */
  readonly createdBy: string
  /** Null while it is on. */
  readonly whyOff: WhyOff | null
  /** Since when every attempt failed; null when the latest did not. */
  readonly failingSince: number | null
  readonly delivered: number
  readonly givenUp: number
  readonly waiting: number
  /** Until when the secret before signs too; null when there is none. */
  readonly olderSecretEndsAt: number | null
}

export type NewWebhook = Pick<Webhook, 'id' | 'name' | 'url' | 'kinds' | 'platformId' | 'createdAt' | 'createdBy'> & {
  readonly sealedSecret: string
}

/** What is left out stays as it is. One that is turned on is told of what happens from then on. */
export type WebhookChange = Partial<Pick<Webhook, 'name' | 'url' | 'kinds' | 'platformId'>> & {
  readonly isOn?: boolean
}

/** What became of telling one event. `refused` is said of tests alone, which are not repeated. */
export const DELIVERY_STATES = ['waits', 'delivered', 'given-up', 'refused'] as const

export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** What a webhook is, was or will be told, with the latest attempt. */
export type WebhookDelivery = {
  /** As the header `webhook-id`, the same in all attempts. */
  readonly id: string
  readonly kind: WebhookKind | typeof TEST_KIND
  /** Null of a test. */
  readonly eventNumber: number | null
  readonly happenedAt: number
  readonly state: DeliveryState
  readonly attempts: number
  /** Null when nothing will be sent any more. */
  readonly nextAt: number | null
  /** Null before the first. */
  readonly latest: Attempt | null
}

/** One try to tell a webhook. */
export type Attempt = {
  readonly at: number
  readonly ms: number
  /** Null: no answer came. */
  readonly status: number | null
  /** Why it does not count as delivered; null when it does. */
  readonly failure: string | null
  /** How the answer's body begins, without what no screen should show. */
  readonly answer: string
}

export const TEST_KIND = 'webhook.test'

/** What of webhooks is read. Each function rejects when the store is away. */
export type WebhookViews = {
  /** By name. */
  readonly list: () => Promise<readonly Webhook[]>
  readonly find: (id: string) => Promise<Webhook | null>
  /** The newest first. Null: no such webhook. */
  readonly deliveries: (id: string) => Promise<readonly WebhookDelivery[] | null>
}

/** What of webhooks is changed, by somebody. */
export type WebhookChanges = {
  readonly add: (webhook: NewWebhook) => Promise<'added' | 'name-taken' | 'too-many'>
  /** Null: unknown. */
  readonly change: (id: string, change: WebhookChange) => Promise<Webhook | 'name-taken' | null>
  /** False: unknown. */
  readonly remove: (id: string) => Promise<boolean>
  /** The secret before signs beside the new one until then. Null: unknown. */
  readonly replaceSecret: (id: string, sealedSecret: string, olderEndsAt: number) => Promise<Webhook | null>
}

/** Whether one who chose these kinds is told of an event. */
export function isChosen(kinds: readonly WebhookKind[], { kind, data }: Pick<HubEvent, 'kind' | 'data'>): boolean {
  if (kinds.includes(kind)) return true
  return kind === 'handshake.ended' && data['outcome'] !== 'registered' && kinds.includes('handshake.failed')
}

/** The kinds of events among which are all that were chosen. */
export function eventKindsOf(kinds: readonly WebhookKind[]): readonly EventKind[] {
  return kinds.map((kind) => (kind === 'handshake.failed' ? 'handshake.ended' : kind))
}

/** Makes a secret of 256 random bits as Standard Webhooks writes them: `whsec_` and base64. It is given out once. */
export function newWebhookSecret({ token }: Pick<Random, 'token'>): string {
  return `whsec_${token().replaceAll('-', '+').replaceAll('_', '/')}=`
}
