import { compile } from '../../../../src/ocpi/convert/compiled-table.ts'
import type { Context, Kind, Remark } from '../../../../src/ocpi/convert/conversion.ts'
import { rewriteObject } from '../../../../src/ocpi/convert/rewrite-object.ts'
import type { RuleTable } from '../../../../src/ocpi/convert/rules.ts'
import { read, toBytes } from './fixtures.ts'

export type Journey =
  | { readonly kind: 'back'; readonly there: unknown; readonly back: unknown; readonly remarks: readonly Remark[] }
  | { readonly kind: 'ended'; readonly why: string }

/** An object by some tables one after another. `there` is what came of the first `half` of them. */
export function travel(
  kind: Kind,
  original: unknown,
  tables: readonly RuleTable[],
  half: number,
  context: Context,
): Journey {
  let bytes = toBytes(original)
  let there: unknown = original
  const remarks: Remark[] = []
  for (const [index, table] of tables.entries()) {
    const converted = rewriteObject(compile(table), kind, bytes, false, context)
    if (converted.kind !== 'converted') {
      return { kind: 'ended', why: converted.kind === 'needs-rest' ? converted.members.join(' ') : converted.why }
    }
    bytes = converted.bytes
    remarks.push(...converted.remarks)
    if (index + 1 === half) there = read(bytes)
  }
  return { kind: 'back', there, back: read(bytes), remarks }
}
