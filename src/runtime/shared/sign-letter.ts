import { Webhook } from 'standardwebhooks'
import type { SignLetter } from '../../hub/webhooks/attempt.ts'

/** Signs as Standard Webhooks does, by its own library. Throws for what is no secret. */
export const signLetter: SignLetter = (secret, { id, at, body }) => new Webhook(secret).sign(id, at, body)
