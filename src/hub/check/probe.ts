import type { Party } from '../../ocpi/party.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { MaskToken } from '../message/mask-token.ts'
import { ADVICE } from './advice.ts'
import { type Finding, type ProbeName, probeOf } from './check.ts'
import type { Reading } from './reading.ts'
import { cut, skipped, type Verdict } from './verdict.ts'

/** A probe's verdict with the calls it looked at. */
export type Judged = { readonly probe: ProbeName; readonly verdict: Verdict; readonly readings: readonly Reading[] }

/** The list that a probe looked at; null for both where it is about the platform. */
export type Place = { readonly party: Party | null; readonly module: string | null }

export const WHOLE_PLATFORM: Place = { party: null, module: null }

/** Most calls named as evidence of one finding. */
const EVIDENCE_MOST = 10

export function judgedAs(probe: ProbeName, verdict: Verdict, ...readings: readonly Reading[]): Judged {
  return { probe, verdict, readings }
}

/** The same verdict for several probes that could not be made. */
export function skipAll(probes: readonly ProbeName[], why: string, ...readings: readonly Reading[]): Judged[] {
  return probes.map((probe) => judgedAs(probe, skipped(why), ...readings))
}

/** @param mask leaves out the token that the hub sends: a partner may say it */
export function findingOf({ probe, verdict, readings }: Judged, { party, module }: Place, mask: MaskToken): Finding {
  const { outcome, detail, advice = ADVICE[probe] } = verdict
  const { chapter } = probeOf(probe)
  return {
    probe,
    party: party && keyOf(party),
    module,
    outcome,
    detail: cut(mask(detail)),
    advice: outcome === 'warn' || outcome === 'fail' ? cut(mask(advice)) : null,
    chapter: chapter === 'module' ? module && `mod_${module}` : chapter,
    messageIds: readings
      .flatMap((reading) => (reading.kind === 'not-made' ? [] : [reading.id]))
      .slice(0, EVIDENCE_MOST),
  }
}
