import { showKey } from '../../ocpi/party.ts'
import { formatDateTime } from '../../ocpi/timestamp.ts'
import { type Finding, type Outcome, PROBES, probeOf } from './check.ts'

/** A run of a platform's check, as reports name it. */
export type ReportedRun = {
  /** Of this platform's runs, counted from 1. */
  readonly number: number
  readonly platform: { readonly id: string; readonly name: string }
  /** When it began, in milliseconds since the epoch. */
  readonly at: number
}

/** What is downloaded, and given to the partner. */
export type Report = {
  readonly run: number
  readonly platform: string
  readonly at: string
  readonly probes: readonly {
    readonly name: string
    readonly party: string | null
    readonly module: string | null
    readonly outcome: Outcome
    readonly detail: string
    readonly advice: string | null
    readonly chapter: string | null
    /** X-Request-ID of each call. */
    readonly messages: readonly string[]
  }[]
}

export function reportOf({ number, platform, at }: ReportedRun, findings: readonly Finding[]): Report {
  return {
    run: number,
    platform: platform.name,
    at: formatDateTime(at),
    probes: inOrder(findings).map(({ probe, messageIds, ...finding }) => ({
      name: probe,
      party: finding.party,
      module: finding.module,
      outcome: finding.outcome,
      detail: finding.detail,
      advice: finding.advice,
      chapter: finding.chapter,
      messages: messageIds,
    })),
  }
}

const ORDER: ReadonlyMap<string, number> = new Map(PROBES.map(({ name }, i) => [name, i]))

/** In the order of probes; those of one probe as they were found. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => (ORDER.get(a.probe) ?? 0) - (ORDER.get(b.probe) ?? 0))
}

/** How many findings there are of each outcome. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<Outcome, number>> {
  const counts = { pass: 0, warn: 0, fail: 0, skipped: 0 }
  for (const { outcome } of findings) counts[outcome] += 1
  return counts
}

const WIDTH = 78

/** Of what fails alone, to be sent to the partner as it is. */
export function mailOf(hubName: string, { number, platform, at }: ReportedRun, findings: readonly Finding[]): string {
  const { fail, warn, pass } = countsOf(findings)
  const head = `Connection check ${number} of ${platform.name} by ${hubName}, ${formatDateTime(at)}`
  const sum = `${fail} failed, ${warn} with a remark, ${pass} passed.`
  const faults = inOrder(findings).filter(({ outcome }) => outcome === 'fail')
  if (faults.length === 0) return `${head}\n\n${sum}\n`
  return `${head}\n\n${sum} What failed:\n\n${faults.map(faultInText).join('\n')}`
}

function faultInText({ probe, party, module, detail, advice, chapter, messageIds }: Finding, i: number): string {
  const { title } = probeOf(probe)
  const place = [party && showKey(party), module].filter((each) => each !== null).join(' ')
  const lines = [
    `${i + 1}. ${title} (${probe}${place === '' ? '' : `, ${place}`})`,
    ...wrapped(`Found: ${detail}`),
    ...(advice === null ? [] : wrapped(`Advice: ${advice}`)),
    ...(chapter === null ? [] : wrapped(`OCPI: ${chapter}`)),
    ...(messageIds[0] === undefined ? [] : [`   X-Request-ID: ${messageIds[0]}`]),
  ]
  return `${lines.join('\n')}\n`
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = '  '
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line.trim() !== '') {
      lines.push(line)
      line = '  '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
