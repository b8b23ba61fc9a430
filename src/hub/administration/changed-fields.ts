import type { AuditFields } from './audit.ts'

/** Items of one list that are told of: a platform may have thousands of roles. */
const MOST_ITEMS = 100
const MOST_TEXT = 500

/**
 * What a change came to, as the audit trail keeps it: fields that differ, of a list the items that went and those that came.
 * `{ name: 'A', parties: ['X', 'Y'] }` to `{ name: 'A', parties: ['Y', 'Z'] }` is `{ parties: ['X'] }` to `{ parties: ['Z'] }`.
 */
export function changedFields(
  before: AuditFields | null,
  after: AuditFields | null,
): { readonly before: AuditFields | null; readonly after: AuditFields | null } {
  if (before === null || after === null) {
    return { before: before && boundedFields(before), after: after && boundedFields(after) }
  }
  return { before: boundedFields(differing(before, after)), after: boundedFields(differing(after, before)) }
}

/** Fields of one that the other does not have so. */
function differing(one: AuditFields, other: AuditFields): AuditFields {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  const found = [...names].flatMap((name): [string, unknown][] => {
    const [own, others] = [one[name] ?? null, other[name] ?? null]
    if (isSame(own, others)) return []
    if (Array.isArray(own) && Array.isArray(others)) {
      const known = new Set(others.map((item) => JSON.stringify(item)))
      return [[name, own.filter((item) => !known.has(JSON.stringify(item)))]]
    }
    if (isFields(own) && isFields(others)) return [[name, differing(own, others)]]
    return [[name, own]]
  })
  return Object.fromEntries(found)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function isFields(value: unknown): value is AuditFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function boundedFields(fields: AuditFields): AuditFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, bounded(value)]))
}

function bounded(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value).slice(0, MOST_TEXT)
  if (isFields(value)) return boundedFields(value)
  if (!Array.isArray(value)) return value
  const shown = value.slice(0, MOST_ITEMS).map(bounded)
  return value.length > MOST_ITEMS ? [...shown, `and ${value.length - MOST_ITEMS} more`] : shown
}

/** Of a URL, wherever it stands in a text, only what cannot hold a token: neither user and password nor the query. */
function withoutSecrets(text: string): string {
  return text.replace(/https?:\/\/\S+/gi, (url) => url.replace(/\/\/[^/?#]*@/, '//...@').replace(/\?.*$/, '?...'))
}
