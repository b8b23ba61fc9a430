import type { z } from 'zod'
import type { AdminSchema, CreatedKeySchema, KeySchema } from '../admin/api/accounts/account-view.ts'
import type { LockOutSchema } from '../admin/api/accounts/lock-outs.ts'
import type { AgreementSchema, ImportedSchema } from '../admin/api/agreements/agreement-view.ts'
import type { DecisionSchema, MatrixSchema } from '../admin/api/agreements/pair-view.ts'
import type { AuditEntrySchema } from '../admin/api/audit/audit-view.ts'
import type { CheckReportSchema, CheckRunSchema, WaiverSchema } from '../admin/api/checks/check-view.ts'
import type { OutcomesSchema, RemarkSchema } from '../admin/api/conversions/conversions.ts'
import type { EventSchema } from '../admin/api/events/event-view.ts'
import type { HandshakeSchema } from '../admin/api/handshakes/handshake-view.ts'
import type { RefusedCallSchema } from '../admin/api/handshakes/refused-calls.ts'
import type { ReceiptSchema } from '../admin/api/messages/deliveries.ts'
import type { MessageDetailSchema, MessageSchema } from '../admin/api/messages/message-view.ts'
import type { ReplayedSchema } from '../admin/api/messages/replay.ts'
import type { NewcomerSchema } from '../admin/api/onboarding/onboarding.ts'
import type { ConcernSchema, OverviewSchema } from '../admin/api/overview/overview.ts'
import type { CreatedPartnerLinkSchema, PartnerLinkSchema } from '../admin/api/partner-links/partner-link-view.ts'
import type { ClientInfoSchema } from '../admin/api/platforms/client-info.ts'
import type { StatusSpanSchema } from '../admin/api/platforms/history.ts'
import type { QueueDetailSchema } from '../admin/api/queues/queue-detail.ts'
import type { MissedSchema, QueueSchema } from '../admin/api/queues/queue-view.ts'
import type { ResentSchema } from '../admin/api/queues/resend.ts'
import type { SandboxPartnerSchema, TrialResultSchema } from '../admin/api/sandbox/sandbox-view.ts'
import type {
  CheckSchema,
  CreatedPlatformSchema,
  PendingRoleSchema,
  PlatformSchema,
  RegistrationSchema,
} from '../admin/api/schemas.ts'
import type { SessionSchema } from '../admin/api/session/session.ts'
import type { TicketSchema } from '../admin/api/session/tickets.ts'
import type { TrafficSchema } from '../admin/api/traffic/traffic.ts'
import type { CreatedWebhookSchema, DeliverySchema, WebhookSchema } from '../admin/api/webhooks/webhook-view.ts'

// What the API answers, by the schemas that describe it. Types alone: nothing of the hub runs in its command line.

export type AdminView = z.infer<typeof AdminSchema>
export type AgreementView = z.infer<typeof AgreementSchema>
export type AuditEntryView = z.infer<typeof AuditEntrySchema>
export type CheckReportView = z.infer<typeof CheckReportSchema>
export type CheckRunView = z.infer<typeof CheckRunSchema>
export type CheckView = z.infer<typeof CheckSchema>
export type ClientInfoView = z.infer<typeof ClientInfoSchema>
export type ConcernView = z.infer<typeof ConcernSchema>
export type ConversionOutcomesView = z.infer<typeof OutcomesSchema>
export type ConversionRemarkView = z.infer<typeof RemarkSchema>
export type CreatedKeyView = z.infer<typeof CreatedKeySchema>
export type CreatedPlatformView = z.infer<typeof CreatedPlatformSchema>
export type CreatedPartnerLinkView = z.infer<typeof CreatedPartnerLinkSchema>
export type PartnerLinkView = z.infer<typeof PartnerLinkSchema>
export type CreatedWebhookView = z.infer<typeof CreatedWebhookSchema>
export type DecisionView = z.infer<typeof DecisionSchema>
export type EventView = z.infer<typeof EventSchema>
export type HandshakeView = z.infer<typeof HandshakeSchema>
export type ImportedView = z.infer<typeof ImportedSchema>
export type KeyView = z.infer<typeof KeySchema>
export type LockOutView = z.infer<typeof LockOutSchema>
export type MatrixView = z.infer<typeof MatrixSchema>
export type MessageDetailView = z.infer<typeof MessageDetailSchema>
export type MessageView = z.infer<typeof MessageSchema>
export type MissedView = z.infer<typeof MissedSchema>
export type NewcomerView = z.infer<typeof NewcomerSchema>
export type OverviewView = z.infer<typeof OverviewSchema>
export type PendingRoleView = z.infer<typeof PendingRoleSchema>
export type PlatformView = z.infer<typeof PlatformSchema>
export type QueueDetailView = z.infer<typeof QueueDetailSchema>
export type QueueView = z.infer<typeof QueueSchema>
export type ReceiptView = z.infer<typeof ReceiptSchema>
export type RefusedCallView = z.infer<typeof RefusedCallSchema>
export type RegistrationView = z.infer<typeof RegistrationSchema>
export type ReplayedView = z.infer<typeof ReplayedSchema>
export type ResentView = z.infer<typeof ResentSchema>
export type SandboxPartnerView = z.infer<typeof SandboxPartnerSchema>
export type SessionView = z.infer<typeof SessionSchema>
export type StatusSpanView = z.infer<typeof StatusSpanSchema>
export type TicketView = z.infer<typeof TicketSchema>
export type TrialResultView = z.infer<typeof TrialResultSchema>
export type TrafficView = z.infer<typeof TrafficSchema>
export type WebhookDeliveryView = z.infer<typeof DeliverySchema>
export type WebhookView = z.infer<typeof WebhookSchema>
export type WaiverView = z.infer<typeof WaiverSchema>
