import { textField } from './field.ts'
import type { Html } from './html.ts'

/** A field for a moment, in UTC to the minute. */
export function momentField(
  field: Pick<Parameters<typeof textField>[0], 'name' | 'label' | 'value' | 'hint' | 'fault'>,
): Html {
  return textField({ ...field, label: `${field.label} (UTC)`, type: 'datetime-local' })
}

/** What was typed into such a field as the API takes moments; undefined where nothing was. */
export function momentOf(typed: string | undefined): string | undefined {
  if (typed === undefined || typed === '') return undefined
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(typed)) return `${typed}:00Z`
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(typed) ? `${typed}Z` : typed
}

/** A moment as such a field shows it: `2026-11-29T06:00`. */
export function asTyped(iso: string | null): string {
  return iso?.slice(0, 16) ?? ''
}
