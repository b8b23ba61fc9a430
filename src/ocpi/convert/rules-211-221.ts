import type { RuleTable } from './rules.ts'
import { CDRS_DOWN, CDRS_UP } from './rules-211-221-cdrs.ts'
import { LOCATIONS_DOWN, LOCATIONS_UP } from './rules-211-221-locations.ts'
import { SESSIONS_DOWN, SESSIONS_UP } from './rules-211-221-sessions.ts'
import { TARIFFS_DOWN, TARIFFS_UP } from './rules-211-221-tariffs.ts'
import { TOKENS_DOWN, TOKENS_UP } from './rules-211-221-tokens.ts'

export const UP_211_TO_221: RuleTable = {
  from: '2.1.1',
  to: '2.2.1',
  direction: 'up',
  shapes: { ...LOCATIONS_UP, ...TARIFFS_UP, ...TOKENS_UP, ...SESSIONS_UP, ...CDRS_UP },
}

export const DOWN_221_TO_211: RuleTable = {
  from: '2.2.1',
  to: '2.1.1',
  direction: 'down',
  shapes: { ...LOCATIONS_DOWN, ...TARIFFS_DOWN, ...TOKENS_DOWN, ...SESSIONS_DOWN, ...CDRS_DOWN },
}
