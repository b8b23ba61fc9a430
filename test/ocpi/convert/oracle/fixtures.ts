import { readdirSync, readFileSync } from 'node:fs'
import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'

/** An official example: `name` is its file, without `.json`. */
export type Example = { readonly name: string; readonly kind: Kind; readonly bytes: Uint8Array }

const KIND_OF: readonly (readonly [RegExp, Kind])[] = [
  [/^location_(example|put_example$)/, 'location'],
  [/^evse_/, 'evse'],
  [/^session_example/, 'session'],
  [/^cdr_/, 'cdr'],
  [/^tariff_(?!patch)/, 'tariff'],
  [/^token_(?!patch)/, 'token'],
]

/** All whole objects among the examples of a version, by the names of their files; parts of objects and PATCHes are left out. */
export function examples(version: string): Example[] {
  const folder = new URL(`../../../fixtures/ocpi/${version}/`, import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .flatMap((file) => {
      const name = file.slice(0, -'.json'.length)
      const bytes = readFileSync(new URL(file, folder))
      if (name === 'answer_token_list' || name === 'transport_and_format_get_token_list_example') {
        const list = (JSON.parse(bytes.toString()) as { data: unknown[] }).data
        return list.map((token, index) => ({
          name: `${name} ${index}`,
          kind: 'token' as const,
          bytes: Buffer.from(JSON.stringify(token)),
        }))
      }
      if (name === 'answer_token_one' || name === 'transport_and_format_get_token_example') {
        const token = (JSON.parse(bytes.toString()) as { data: unknown }).data
        return [{ name, kind: 'token' as const, bytes: Buffer.from(JSON.stringify(token)) }]
      }
      const kind = KIND_OF.find(([pattern]) => pattern.test(name))?.[1]
      return kind === undefined ? [] : [{ name, kind, bytes }]
    })
}

/** A test's own object, as bytes. */
export function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

export function read(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>
}

export function without(object: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
