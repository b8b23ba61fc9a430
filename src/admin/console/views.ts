import type { z } from '@hono/zod-openapi'
import type { AdminSchema, KeySchema } from '../api/accounts/account-view.ts'
import type { AgreementSchema } from '../api/agreements/agreement-view.ts'
import type { AuditEntrySchema } from '../api/audit/audit-view.ts'
import type { CheckReportSchema, CheckRunSchema, WaiverSchema } from '../api/checks/check-view.ts'
import type { OutcomesSchema, RemarkSchema } from '../api/conversions/conversions.ts'
import type { EventSchema } from '../api/events/event-view.ts'
import type { HandshakeSchema } from '../api/handshakes/handshake-view.ts'
import type { RefusedCallSchema } from '../api/handshakes/refused-calls.ts'
import type { MessageDetailSchema, MessageSchema } from '../api/messages/message-view.ts'
import type { NewcomerSchema } from '../api/onboarding/onboarding.ts'
import type { PartnerLinkSchema } from '../api/partner-links/partner-link-view.ts'
import type { StatusSpanSchema } from '../api/platforms/history.ts'
import type { ListedPlatformSchema } from '../api/platforms/platform-list.ts'
import type { MissedSchema, QueueSchema } from '../api/queues/queue-view.ts'
import type { SandboxPartnerSchema } from '../api/sandbox/sandbox-view.ts'
import type { PartyNameSchema, PlatformSchema, StatusSchema } from '../api/schemas.ts'
import type { DeliverySchema, WebhookSchema } from '../api/webhooks/webhook-view.ts'

// What the API shows, under the names that pages use.

export type Platform = z.infer<typeof PlatformSchema>
export type ListedPlatform = z.infer<typeof ListedPlatformSchema>
export type StatusSpan = z.infer<typeof StatusSpanSchema>
export type StatusName = z.infer<typeof StatusSchema>
export type Message = z.infer<typeof MessageSchema>
export type HubEvent = z.infer<typeof EventSchema>
export type CheckRun = z.infer<typeof CheckRunSchema>
export type CheckReport = z.infer<typeof CheckReportSchema>
export type Waiver = z.infer<typeof WaiverSchema>
export type Newcomer = z.infer<typeof NewcomerSchema>
export type Handshake = z.infer<typeof HandshakeSchema>
export type RefusedCall = z.infer<typeof RefusedCallSchema>
/** With what was kept of headers and bodies. */
export type MessageDetail = z.infer<typeof MessageDetailSchema>
export type PartyName = z.infer<typeof PartyNameSchema>
export type ConversionOutcomes = z.infer<typeof OutcomesSchema>
export type ConversionRemark = z.infer<typeof RemarkSchema>
export type Queue = z.infer<typeof QueueSchema>
export type Missed = z.infer<typeof MissedSchema>
export type Agreement = z.infer<typeof AgreementSchema>
export type AuditEntry = z.infer<typeof AuditEntrySchema>
export type Admin = z.infer<typeof AdminSchema>
export type SandboxPartner = z.infer<typeof SandboxPartnerSchema>
export type ApiKey = z.infer<typeof KeySchema>
export type PartnerLink = z.infer<typeof PartnerLinkSchema>
export type Webhook = z.infer<typeof WebhookSchema>
export type WebhookDelivery = z.infer<typeof DeliverySchema>
