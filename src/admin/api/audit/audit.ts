import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import {
  type AuditFilter,
  type AuditTrail,
  type StoredAuditEntry,
  withoutContacts,
} from '../../../hub/administration/audit.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { reaches } from '../../sign-in/permissions.ts'
import { jsonAnswer } from '../media.ts'
import { linkToNext, nextHeader } from '../paging.ts'
import { MomentSchema, plainText } from '../schemas.ts'
import { auditCsv } from './audit-csv.ts'
import { AuditEntrySchema, showAuditEntry } from './audit-view.ts'

const CSV = 'text/csv'
const MOST_JSON = 1_000
const MOST_CSV = 10_000
/** A file ends after that many characters, and the Link header leads on. */
const MOST_CSV_LENGTH = 16_000_000
/** Rows read at a time for a file. */
const READ_AT_ONCE = 1_000

const AuditQuerySchema = z.strictObject({
  who: plainText(255).optional().openapi({ description: 'Name or id of who changed something', example: 'owner' }),
  what: plainText(100)
    .optional()
    .openapi({ description: 'An action, or what it begins with up to a dot', example: 'platform.suspend' }),
  platform: z.uuid().optional().openapi({ description: 'The platform that it concerns, there still or not' }),
  q: plainText(255).optional().openapi({
    description:
      'Stands anywhere in names, ids, address, reason, before or after; for read-only not in addresses and e-mails of administrators',
    example: 'ticket 4711',
  }),
  since: MomentSchema.optional().openapi({ description: 'Inclusive' }),
  until: MomentSchema.optional().openapi({ description: 'Exclusive' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_CSV)
    .optional()
    .openapi({ description: `Rows per answer: JSON has 100, at most ${MOST_JSON}; CSV has ${MOST_CSV}` }),
  cursor: z.coerce.number().int().min(1).optional(),
})

export const listAudit = createRoute({
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  summary: 'Who changed what, and why: the audit trail, the latest first',
  description: 'As JSON, or with `Accept: text/csv` as a file, whose cells no spreadsheet takes for formulas.',
  tags: ['Audit'],
  request: { query: AuditQuerySchema },
  responses: {
    200: {
      description: 'A page of rows',
      content: {
        ...jsonAnswer(z.array(AuditEntrySchema), '').content,
        [CSV]: { schema: z.string() },
      },
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query', 422: 'The search takes too long' }),
  },
})

/** Reading the audit trail. Nothing but time takes a row out of it. */
export function addAuditRoutes(app: OpenAPIHono<AdminEnv>, { audit }: AdminPorts): void {
  app.openapi(listAudit, async (c) => {
    const { limit, cursor, ...query } = c.req.valid('query')
    const isFile = prefersCsv(c.req.header('Accept') ?? '')
    const most = isFile ? (limit ?? MOST_CSV) : Math.min(limit ?? 100, MOST_JSON)
    const inContacts = reaches(c.get('caller').role, 'operator')
    const { entries: found, hasMore } = await readEntries(audit, filterOf(query, inContacts), cursor ?? null, most)
    const entries = inContacts ? found : found.map(withoutContacts)
    const last = entries.at(-1)
    if (last && hasMore) c.header('Link', linkToNext(c.req.url, String(last.number)))
    if (!isFile) return c.json(entries.map(showAuditEntry), 200)
    return c.text(auditCsv(entries), 200, {
      'Content-Type': `${CSV}; charset=utf-8`,
      'Content-Disposition': 'attachment; filename="audit.csv"',
    }) as never
  })
}

/** Whether CSV is named, and JSON is not named before it. */
function prefersCsv(accept: string): boolean {
  const named = accept
    .toLowerCase()
    .split(',')
    .map((type) => type.split(';')[0]?.trim())
  const csv = named.indexOf(CSV)
  const json = named.indexOf('application/json')
  return csv >= 0 && (json < 0 || csv < json)
}

async function readEntries(
  audit: AuditTrail,
  filter: AuditFilter,
  before: number | null,
  most: number,
): Promise<{ readonly entries: readonly StoredAuditEntry[]; readonly hasMore: boolean }> {
  const entries: StoredAuditEntry[] = []
  let length = 0
  for (;;) {
    const wanted = Math.min(READ_AT_ONCE, most - entries.length)
    const found = await audit.list(filter, entries.at(-1)?.number ?? before, wanted + 1)
    const page = found.slice(0, wanted)
    entries.push(...page)
    length += JSON.stringify(page).length
    const hasMore = found.length > wanted
    if (!hasMore || entries.length >= most || length >= MOST_CSV_LENGTH) return { entries, hasMore }
  }
}

function filterOf(query: Omit<z.infer<typeof AuditQuerySchema>, 'limit' | 'cursor'>, inContacts: boolean): AuditFilter {
  return {
    who: query.who ?? null,
    what: query.what ?? null,
    platformId: query.platform ?? null,
    text: query.q ?? null,
    inContacts,
    since: query.since === undefined ? null : Date.parse(query.since),
    until: query.until === undefined ? null : Date.parse(query.until),
  }
}
