import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'
import { createJudge } from './openapi.ts'
import { judge211 } from './version-211.ts'

/** What is wrong with an object by its version, and each member that this version does not have: `/evses/0/parking: foreign`. */
export type Judge = (kind: Kind, value: unknown, isPatch: boolean) => string[]

const judges = new Map<string, Judge>([['2.1.1', judge211]])

/** Faults of an object of a version, none of a good one. Schemas are read once per test file, when a version is first asked for. */
export function faultsOf(version: string, kind: Kind, value: unknown, isPatch = false): string[] {
  const judge = judges.get(version) ?? createJudge(version)
  judges.set(version, judge)
  return judge(kind, value, isPatch)
}
