import { type Html, html } from '../../parts/html.ts'
import { pill, type Tone } from '../../parts/status.ts'
import { age } from '../../parts/time.ts'
import type { Queue } from '../../views.ts'

/** Its oldest push waits for longer than this: it is behind. As the API has it of its state `lagging`. */
const BEHIND_AFTER_S = 300

const CAUSES: Readonly<Record<NonNullable<Queue['pause_cause']>, readonly [Tone, string]>> = {
  administrator: ['off', 'paused by hand'],
  offline: ['bad', 'OFFLINE'],
  'not-connected': ['off', 'not connected'],
  'token-refused': ['bad', 'refuses our token'],
  failing: ['bad', 'keeps failing'],
  throttled: ['warn', 'asked for a pause'],
}

/** Whether it goes on, and what keeps it where it does not. */
export function standing({ pause_cause, oldest_age_seconds }: Queue): Html {
  if (pause_cause !== null) return pill(...CAUSES[pause_cause])
  return (oldest_age_seconds ?? 0) > BEHIND_AFTER_S ? pill('warn', 'behind') : pill('good', 'goes on')
}

/** An administrator paused it, and can resume it. */
export function isHeld({ pause_cause }: Queue): boolean {
  return pause_cause === 'administrator'
}

export function oldest({ oldest_age_seconds }: Queue): Html {
  return oldest_age_seconds === null ? html`<span class="dim">–</span>` : html`${age(oldest_age_seconds)}`
}

export function nameOf({ platform_name, platform_id }: Queue): string {
  return platform_name ?? platform_id
}
