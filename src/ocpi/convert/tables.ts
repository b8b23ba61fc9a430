import type { RuleTable } from './rules.ts'
import { DOWN_TO_221, UP_TO_230 } from './rules-221-230.ts'

/** Each pair of neighbouring versions, both ways. */
export const TABLES: readonly RuleTable[] = [UP_TO_230, DOWN_TO_221]
