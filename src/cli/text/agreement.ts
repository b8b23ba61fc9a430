import type { AgreementView, DecisionView, ImportedView, MatrixView } from '../views.ts'
import { type Cell, type Screen, table } from './screen.ts'
import { count, moment, partyText } from './words.ts'

function effectCell({ effect, is_in_force }: AgreementView): Cell {
  if (!is_in_force) return { text: `${effect}, not in force`, tone: 'quiet' }
  return { text: effect, tone: effect === 'allow' ? 'good' : 'bad' }
}

export function agreementTable(screen: Screen, rules: readonly AgreementView[]): string {
  const rows = rules.map((rule): Cell[] => [
    partyText(rule.a),
    partyText(rule.b),
    effectCell(rule),
    rule.modules?.join(' ') ?? 'all modules',
    moment(rule.valid_from),
    moment(rule.ended_at ?? rule.valid_until),
    rule.id,
  ])
  return table(screen, ['A', 'B', 'EFFECT', 'MODULES', 'FROM', 'UNTIL', 'ID'], rows)
}

/**
 * A line for each module: whether the two may talk of it, and why. Below a line what else keeps a request from its receiver; at
 * the end the command that mends it.
 */
export function decisionText(screen: Screen, { modules }: DecisionView, [a, b]: readonly [string, string]): string {
  const rows = modules.flatMap(({ module, allowed, reason, routes }): Cell[][] => {
    const verdict: Cell = allowed ? { text: 'yes', tone: 'good' } : { text: 'no', tone: 'bad' }
    const missing = allowed ? routes.flatMap((route) => route.missing ?? []) : []
    return [[verdict, module, reason], ...[...new Set(missing)].map((why): Cell[] => ['', '', `but: ${why}`])]
  })
  const isAllowed = modules.every(({ allowed }) => allowed)
  const advice = isAllowed ? '' : `     → ocpi-hub agreements allow ${a} ${b}\n`
  return table({ ...screen, columns: null }, ['', '', ''], rows) + advice
}

const CELLS: Readonly<Record<MatrixView['cells'][number][number], Cell>> = {
  all: { text: '● all', tone: 'good' },
  some: { text: '◐ some', tone: 'warn' },
  none: { text: '· none', tone: 'quiet' },
}

/** CPOs down, eMSPs across. */
export function matrixText(screen: Screen, { cpos, emsps, cells, policy }: MatrixView): string {
  if (cpos.length === 0 || emsps.length === 0) return 'No pair of parties fits\n'
  const heads = [`policy: ${policy}`, ...emsps.map(partyText)]
  const rows = cpos.map((cpo, i) => [partyText(cpo), ...(cells[i] ?? []).map((cell) => CELLS[cell])])
  return table(screen, heads, rows)
}

export function importText(screen: Screen, { added, left_out, refused, lines }: ImportedView, isDry: boolean): string {
  const rows = (lines ?? []).map(({ line, outcome, detail }): Cell[] => [
    `line ${line}`,
    { text: outcome, tone: outcome === 'refused' ? 'bad' : outcome === 'added' ? 'good' : 'quiet' },
    detail,
  ])
  const would = isDry ? 'would be ' : ''
  const parts = [`${count(added, 'rule')} ${would}added`, `${left_out} left out`]
  if (refused) parts.push(`${refused} refused: with any of them the whole file is`)
  return `${table(screen, ['', '', ''], rows)}${parts.join(', ')}\n`
}
