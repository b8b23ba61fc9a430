import type { Queue } from '../views.ts'
import { type Html, html } from './html.ts'
import { pill, type Tone } from './status.ts'
import { age } from './time.ts'

/** Its oldest push waits for longer than this: it is behind. As the API has it of its state `lagging`. */
const BEHIND_AFTER_S = 300

/** Why nothing is sent now, wherever a queue is shown. */
const CAUSES: Readonly<Record<NonNullable<Queue['pause_cause']>, readonly [Tone, string]>> = {
  administrator: ['off', 'paused by an administrator'],
  offline: ['bad', 'waits: OFFLINE'],
  'not-connected': ['off', 'waits: not connected'],
  'token-refused': ['bad', 'refuses our token'],
  failing: ['bad', 'keeps failing'],
  throttled: ['warn', 'asked for a pause'],
}

/** Whether it goes on, and what keeps it where it does not. */
export function standing({ pause_cause, oldest_age_seconds }: Pick<Queue, 'pause_cause' | 'oldest_age_seconds'>): Html {
  if (pause_cause !== null) return pill(...CAUSES[pause_cause])
  return (oldest_age_seconds ?? 0) > BEHIND_AFTER_S ? pill('warn', 'behind') : pill('good', 'goes on')
}

/** An administrator paused it, and can resume it. */
export function isHeld({ pause_cause }: Pick<Queue, 'pause_cause'>): boolean {
  return pause_cause === 'administrator'
}

export function oldest({ oldest_age_seconds }: Queue): Html {
  return oldest_age_seconds === null ? html`<span class="dim">–</span>` : html`${age(oldest_age_seconds)}`
}

export function nameOf({ platform_name, platform_id }: Queue): string {
  return platform_name ?? platform_id
}
