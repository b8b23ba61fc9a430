import { type CompiledTable, compile } from './compiled-table.ts'
import type { Carried, Context, Converted, Remark } from './conversion.ts'
import { CRUMBS, isAllCrumbs } from './crumbs.ts'
import { rewriteObject } from './rewrite-object.ts'
import { TABLES } from './tables.ts'

/**
 * One object of a version in another: step by step where they are no neighbours, `2.3.0` by way of `2.2.1` to `2.1.1`. Of the same version
 * it is the very same bytes, whatever is in them; and so it is where nothing has to change.
 */
export function convertObject(
  bytes: Uint8Array,
  carried: Carried,
  from: string,
  to: string,
  context: Context,
): Converted {
  if (from === to) return { kind: 'converted', bytes, remarks: [] }
  const steps = stepsBetween(from, to)
  if (steps === null) throw new Error(`Nothing leads from OCPI ${from} to ${to}`)
  if (isAllCrumbs(bytes)) return { kind: 'broken', why: CRUMBS }
  let current = bytes
  const remarks: Remark[] = []
  for (const step of steps) {
    const converted = rewriteObject(step, carried.kind, current, carried.isPatch, context)
    if (converted.kind === 'withheld') return { ...converted, remarks: [...remarks, ...converted.remarks] }
    if (converted.kind !== 'converted') return converted
    current = converted.bytes
    remarks.push(...converted.remarks)
  }
  return { kind: 'converted', bytes: current, remarks }
}

/** Whether objects of one version can be converted to another. */
export function bridges(from: string, to: string): boolean {
  return from === to || stepsBetween(from, to) !== null
}

/** From one version to others: found once. */
const known = new Map<string, Map<string, readonly CompiledTable[]>>()

function stepsBetween(from: string, to: string): readonly CompiledTable[] | null {
  const found = known.get(from)?.get(to)
  if (found !== undefined) return found
  const steps = findSteps(from, to)
  // Versions come from platforms: only the few that lead somewhere are kept.
  if (steps !== null) known.set(from, (known.get(from) ?? new Map<string, readonly CompiledTable[]>()).set(to, steps))
  return steps
}

/** The tables lie in a row, so that each step up or down is on the way or leads to its end. */
function findSteps(from: string, to: string): readonly CompiledTable[] | null {
  for (const direction of ['up', 'down']) {
    const steps: CompiledTable[] = []
    for (let version = from; version !== to; ) {
      const next = TABLES.find((table) => table.direction === direction && table.from === version)
      if (next === undefined) break
      steps.push(compile(next))
      version = next.to
      if (version === to) return steps
    }
  }
  return null
}
