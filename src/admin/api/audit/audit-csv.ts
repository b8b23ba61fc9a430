import type { StoredAuditEntry } from '../../../hub/administration/audit.ts'
import { writeCsv } from '../csv.ts'
import { timestamp } from '../platforms/platform-view.ts'

const COLUMNS = [
  'number',
  'at',
  'who',
  'who_id',
  'way',
  'address',
  'action',
  'on_kind',
  'on_id',
  'on_name',
  'platform_id',
  'before',
  'after',
  'reason',
] as const

/** Rows of the audit trail as a table; what changed stands in it as JSON. */
export function auditCsv(entries: readonly StoredAuditEntry[]): string {
  return writeCsv([COLUMNS, ...entries.map(cellsOf)])
}

function cellsOf({ number, at, by, action, on, platformId, before, after }: StoredAuditEntry): string[] {
  const { name, id, way, address } = by.author
  const texts = [
    ...[name, id, way, address, action, on.kind, on.id, on.name, platformId],
    ...[before && JSON.stringify(before), after && JSON.stringify(after), by.reason],
  ]
  return [String(number), timestamp(at), ...texts.map((text) => text ?? '')]
}
