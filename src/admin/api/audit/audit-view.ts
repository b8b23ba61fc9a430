import { z } from '@hono/zod-openapi'
import { AUDIT_ACTIONS, AUDITED_KINDS, type StoredAuditEntry } from '../../../hub/administration/audit.ts'
import { AUTHOR_WAYS } from '../../../hub/administration/author.ts'
import { timestamp } from '../platforms/platform-view.ts'

const FieldsSchema = z.record(z.string(), z.unknown()).nullable()

/** A row of the audit trail. */
export const AuditEntrySchema = z
  .object({
    number: z.int().openapi({ description: 'Rises; numbers may be left out' }),
    at: z.iso.datetime(),
    who: z.object({
      name: z.string().openapi({ description: "`owner` for the hub's own token" }),
      id: z.string().nullable().openapi({ description: "Of the account or the key; null for the hub's own token" }),
      way: z.enum(AUTHOR_WAYS),
      address: z
        .string()
        .openapi({ description: "The client's address; empty for a command, and for who is read-only" }),
    }),
    action: z.enum(AUDIT_ACTIONS),
    on: z.object({
      kind: z.enum(AUDITED_KINDS),
      id: z.string(),
      name: z.string().nullable().openapi({ description: 'As it was called then' }),
    }),
    platform_id: z.string().nullable().openapi({ description: 'The platform that it concerns, where it is one' }),
    before: FieldsSchema.openapi({
      description:
        'What changed and nothing else, of lists the items that went; null where there was nothing. E-mails of administrators are *** for who is read-only',
    }),
    after: FieldsSchema.openapi({ description: 'The same fields afterwards; null where nothing is left' }),
    reason: z.string().nullable(),
  })
  .openapi('AuditEntry', {
    example: {
      number: 4711,
      at: '2026-11-29T12:00:00.000Z',
      who: { name: 'owner', id: null, way: 'admin-token', address: '192.0.2.7' },
      action: 'platform.suspend',
      on: { kind: 'platform', id: '0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11', name: 'ACME' },
      platform_id: '0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11',
      before: { status: 'CONNECTED' },
      after: { status: 'SUSPENDED' },
      reason: 'Asked for by mail, ticket 4711',
    },
  })

export function showAuditEntry(entry: StoredAuditEntry): z.infer<typeof AuditEntrySchema> {
  const { number, at, by, action, on, platformId, before, after } = entry
  const { name, id, way, address } = by.author
  return {
    number,
    at: timestamp(at),
    who: { name, id, way, address },
    action,
    on: { ...on },
    platform_id: platformId,
    before: before && { ...before },
    after: after && { ...after },
    reason: by.reason,
  }
}
