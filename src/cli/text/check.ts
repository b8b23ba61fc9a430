import type { CheckReportView, CheckRunView, WaiverView } from '../views.ts'
import { type Cell, type Screen, type Tone, table } from './screen.ts'
import { moment } from './words.ts'

type Found = CheckReportView['probes'][number]

const SIGNS: Readonly<Record<Found['outcome'], readonly [string, Tone]>> = {
  fail: ['■ fail', 'bad'],
  warn: ['▲ warn', 'warn'],
  pass: ['✓ pass', 'good'],
  skipped: ['– skipped', 'quiet'],
}

/** `44 of 47 passed, 2 to mend, 1 to know` */
function countsText({ pass, warn, fail }: CheckRunView['counts']): string {
  const rest = [fail > 0 ? `, ${fail} to mend` : '', warn > 0 ? `, ${warn} to know` : '']
  return `${pass} of ${pass + warn + fail} passed${rest.join('')}`
}

/** What a check found wrong, with what helps; what passed is counted. */
export function reportText(screen: Screen, report: CheckReportView): string {
  const { platform_name, run, state, ended_at, probes, counts, compared_with: before } = report
  const toTell = (['fail', 'warn'] as const).flatMap((outcome) => probes.filter((found) => found.outcome === outcome))
  const rows = toTell.map(({ outcome, waived, name, party, module, detail, advice }): Cell[] => {
    const [text, tone] = SIGNS[outcome]
    const where = [party, module].filter((part) => part !== null).join(' ')
    return [{ text: waived ? '– let pass' : text, tone: waived ? 'quiet' : tone }, name, where, detail, advice]
  })
  const heads = ['OUTCOME', 'PROBE', 'WHERE', 'WHAT', 'ADVICE']
  const goesOn = ended_at === null ? `, ${state}` : ''
  const since =
    before === null ? '' : `; since check ${before.run} ${before.better.length} better, ${before.worse.length} worse`
  const head = `${platform_name}, check ${run}${goesOn}: ${countsText(counts)}${since}\n`
  return head + (rows.length === 0 ? '' : table(screen, heads, rows, ['WHERE', 'WHAT', 'ADVICE']))
}

export function runTable(screen: Screen, runs: readonly CheckRunView[]): string {
  const rows = runs.map(({ run, asked_at, asked_by, state, counts }): Cell[] => [
    run,
    moment(asked_at),
    asked_by,
    { text: state, tone: counts.fail > 0 ? 'bad' : state === 'ended' ? 'good' : 'quiet' },
    countsText(counts),
  ])
  return table(screen, ['CHECK', 'AT', 'BY', 'STATE', 'PROBES'], rows, ['BY'])
}

export function waiverTable(screen: Screen, waivers: readonly WaiverView[]): string {
  const rows = waivers.map(({ name, at, by, reason }): Cell[] => [name, moment(at), by, reason])
  return table(screen, ['PROBE', 'AT', 'BY', 'REASON'], rows, ['REASON'])
}
