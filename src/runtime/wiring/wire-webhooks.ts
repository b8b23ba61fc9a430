import type { Send } from '../../hub/ports.ts'
import { createTryLetter, type TryLetter } from '../../hub/webhooks/attempt.ts'
import { createTeller, type Teller } from '../../hub/webhooks/teller.ts'
import { createTestWebhook, type TestWebhook } from '../../hub/webhooks/test-webhook.ts'
import { MOST_URL_LENGTH } from '../../hub/webhooks/webhook.ts'
import { createOutbox } from '../../storage/webhooks/outbox.ts'
import { createWebhookTests } from '../../storage/webhooks/tests.ts'
import { random } from '../shared/secrets.ts'
import { signLetter } from '../shared/sign-letter.ts'
import { mayCallOf } from './wire-client.ts'
import type { HubParts } from './wire-parts.ts'

/** Tells webhooks of what happens, of all processes of a hub in the one that comes first. */
export function wireTeller(parts: HubParts, send: Send): Teller {
  const { orm, alarm, now, onTellingFailed } = parts
  const outbox = createOutbox(orm, hubOf(parts))
  return createTeller({ outbox, tryLetter: tryLetterBy(parts, send), alarm, now, onError: onTellingFailed })
}

/** Sends tests to webhooks, from the process that is asked for it. */
export function wireTestWebhook(parts: HubParts, send: Send): TestWebhook {
  const { orm, now } = parts
  const tests = createWebhookTests(orm)
  return createTestWebhook({ tests, tryLetter: tryLetterBy(parts, send), now, random, hub: hubOf(parts) })
}

function tryLetterBy({ settings, secrets, loopMark, now }: HubParts, send: Send): TryLetter {
  const mayCall = mayCallOf(settings, { mostLength: MOST_URL_LENGTH })
  return createTryLetter({ send, sign: signLetter, open: secrets.open, mayCall, loopMark, now })
}

function hubOf({ hub }: HubParts): string {
  return `${hub.countryCode}-${hub.partyId}`
}
