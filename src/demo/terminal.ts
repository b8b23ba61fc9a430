import type { QueueView } from './hub/admin.ts'
import type { Traffic } from './partners/wire.ts'
import type { StepResult } from './step.ts'

export type Terminal = {
  readonly line: (text: string) => void
  readonly heading: (text: string) => void
  /** One message, one line. */
  readonly message: (traffic: Traffic) => void
  /** How the queue of a platform stands, in one line. */
  readonly queue: (label: string, queue: QueueView) => void
  readonly summary: (results: readonly StepResult[]) => void
  readonly addresses: (rows: readonly (readonly [label: string, address: string])[]) => void
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const

/** Writes for people; in colour only where a person looks. */
export function createTerminal(write: (text: string) => void, hasColour: boolean): Terminal {
  const paint = (text: string, ...codes: (keyof typeof CODES)[]) =>
    hasColour ? `${codes.map((code) => `\x1b[${CODES[code]}m`).join('')}${text}\x1b[0m` : text
  const line = (text: string) => write(`${text}\n`)
  const heading = (text: string) => line(`\n${paint(text, 'bold')}`)

  return {
    line,
    heading,
    message: ({ from, to, module, what, httpStatus, ocpiStatus, durationMs }) => {
      const isGood = httpStatus !== null && httpStatus < 300 && ocpiStatus === 1000
      const status = `${httpStatus ?? '---'} ${ocpiStatus ?? '----'}`
      line(
        [
          `${from.padStart(8)} → ${to.padEnd(8)}`,
          paint(module.padEnd(16), 'cyan'),
          what.padEnd(48),
          paint(status, isGood ? 'green' : 'red'),
          paint(`${durationMs.toFixed(1).padStart(7)} ms`, 'dim'),
        ].join('  '),
      )
    },
    queue: (label, { waiting, in_flight, delivered, collapsed, missed, pause_cause, oldest_age_seconds }) => {
      const counts = { waiting, 'in flight': in_flight, delivered, collapsed, missed }
      const shown = Object.entries(counts).map(([name, count]) => `${name} ${String(count).padStart(2)}`)
      if (oldest_age_seconds !== null) shown.push(`oldest ${oldest_age_seconds} s`)
      const why = pause_cause ? `  ${paint(`paused: ${pause_cause}`, 'red')}` : ''
      line(`  ${paint(`queue of ${label}`, 'bold')}  ${shown.join('  ')}${why}`)
    },
    summary: (results) => {
      const good = results.filter(({ isAsExpected }) => isAsExpected).length
      heading(`Summary: ${good} of ${results.length} steps as expected`)
      const width = Math.max(...results.map(({ name }) => name.length))
      for (const { name, expected, came, isAsExpected } of results) {
        const sign = isAsExpected ? paint('ok  ', 'green') : paint('FAIL', 'red')
        line(`  ${sign}  ${name.padEnd(width)}  ${came}`)
        if (!isAsExpected) line(`        ${paint(`expected: ${expected}`, 'bold')}`)
      }
    },
    addresses: (rows) => {
      const width = Math.max(...rows.map(([label]) => label.length))
      for (const [label, address] of rows) line(`  ${label.padEnd(width)}  ${address}`)
    },
  }
}
