import type { Agreement } from '../../hub/network/policy.ts'
import { FUNCTIONAL_MODULES } from '../../ocpi/modules.ts'

/** Modules that a pair can be asked about: all of the specification, and those that its rules name beside them. */
export function modulesOfPair(rules: readonly Agreement[]): readonly string[] {
  if (rules.every(({ modules }) => modules === null)) return FUNCTIONAL_MODULES
  return [...new Set([...FUNCTIONAL_MODULES, ...rules.flatMap(({ modules }) => modules ?? [])])]
}
