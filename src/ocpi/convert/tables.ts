import type { RuleTable } from './rules.ts'
import { DOWN_221_TO_211, UP_211_TO_221 } from './rules-211-221.ts'
import { DOWN_TO_221, UP_TO_230 } from './rules-221-230.ts'

/** Each pair of neighbouring versions, both ways. */
export const TABLES: readonly RuleTable[] = [UP_211_TO_221, UP_TO_230, DOWN_TO_221, DOWN_221_TO_211]
