import type { HubEvent } from '../administration/events.ts'
import { TEST_KIND, type WebhookKind } from './webhook.ts'

type About = {
  readonly at: number
  readonly kind: WebhookKind | typeof TEST_KIND
  /** Null of a test. */
  readonly eventNumber: number | null
  readonly platform: { readonly id: string; readonly name: string | null } | null
  readonly correlationId: string | null
  readonly details: HubEvent['data']
}

/** What a webhook is sent, as Standard Webhooks shapes it: `{"type":"platform.status","timestamp":"2026-…","data":{…}}`. */
export function payloadOf(hub: string, { at, kind, eventNumber, platform, correlationId, details }: About): string {
  return JSON.stringify({
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: { hub, event_id: eventNumber, platform, correlation_id: correlationId, details },
  })
}

/** What a webhook is sent to try it. */
export function testPayload(hub: string, at: number): string {
  const details = { text: 'This is a test: nothing happened.' }
  return payloadOf(hub, { at, kind: TEST_KIND, eventNumber: null, platform: null, correlationId: null, details })
}
