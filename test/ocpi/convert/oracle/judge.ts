import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'
import type { Model } from './model.ts'
import { openSchemas } from './openapi.ts'
import { judge211, model211 } from './version-211.ts'

/** What is wrong with an object by its version, and each member that this version does not have: `/evses/0/parking: foreign`. */
export type Judge = (kind: Kind, value: unknown, isPatch: boolean) => string[]

type Oracle = { readonly judge: Judge; readonly model: (kind: Kind) => Model }

const oracles = new Map<string, Oracle>([['2.1.1', { judge: judge211, model: model211 }]])

/** Schemas are read once per test file, when a version is first asked for. */
function oracleOf(version: string): Oracle {
  const oracle = oracles.get(version) ?? openSchemas(version)
  oracles.set(version, oracle)
  return oracle
}

/** Faults of an object of a version, none of a good one. */
export function faultsOf(version: string, kind: Kind, value: unknown, isPatch = false): string[] {
  return oracleOf(version).judge(kind, value, isPatch)
}

/** All that an object of a version can be. */
export function modelOf(version: string, kind: Kind): Model {
  return oracleOf(version).model(kind)
}
