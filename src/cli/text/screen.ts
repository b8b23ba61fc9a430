import { styleText } from 'node:util'
import { clean } from './clean.ts'

export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'strong'

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', quiet: 'gray', strong: 'bold' } as const

/** How text is shown: with colours or without, and how wide. */
export type Screen = {
  /** Columns; null where nothing needs to fit. */
  readonly columns: number | null
  readonly paint: (tone: Tone, text: string) => string
}

export function createScreen(columns: number | null, hasColours: boolean): Screen {
  return {
    columns,
    paint: (tone, text) => (hasColours ? styleText(STYLES[tone], text, { validateStream: false }) : text),
  }
}

/** A cell of a table: plain, or with a tone that says what it says anyway. */
export type Cell = string | number | null | { readonly text: string; readonly tone: Tone }

/** Below that many characters a column is not cut. */
const LEAST_WIDTH = 8
const GAP = 2

/**
 * Rows below their heads, each column as wide as its widest cell.
 *
 * @param mayBeCut heads of the columns that give way where a terminal is too narrow for all
 */
export function table(
  screen: Screen,
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  mayBeCut: readonly string[] = [],
): string {
  const cells = rows.map((row) => row.map(shown))
  // One by one: there are too many rows of a whole log to be arguments of one call.
  const widths = heads.map((head, i) =>
    cells.reduce((widest, row) => Math.max(widest, lengthOf(row[i]?.text ?? '')), head.length),
  )
  if (screen.columns !== null) {
    narrow(
      widths,
      heads.map((head) => mayBeCut.includes(head)),
      screen.columns,
    )
  }
  const line = (row: readonly { text: string; tone: Tone | null }[]) =>
    row
      .map(({ text, tone }, i) => {
        const width = widths[i] ?? 0
        const cut = lengthOf(text) > width ? `${[...text].slice(0, width - 1).join('')}…` : text
        const isLast = row.slice(i + 1).every((next) => next.text === '')
        const padding = isLast ? '' : ' '.repeat(width - lengthOf(cut) + GAP)
        return `${tone === null ? cut : screen.paint(tone, cut)}${padding}`
      })
      .join('')
      .trimEnd()
  const head = heads.every((one) => one === '') ? [] : [line(heads.map((text) => ({ text, tone: 'quiet' as const })))]
  return [...head, ...cells.map(line)].map((text) => `${text}\n`).join('')
}

/** Names and what they are, one to a line; what is null or empty is left out. */
export function facts(screen: Screen, all: readonly (readonly [string, Cell])[]): string {
  const told = all.filter(([, cell]) => cell !== null && shown(cell).text !== '')
  return table(
    { ...screen, columns: null },
    ['', ''],
    told.map(([name, cell]) => [{ text: name, tone: 'quiet' }, cell]),
  )
}

function shown(cell: Cell): { text: string; tone: Tone | null } {
  if (cell === null) return { text: '', tone: null }
  if (typeof cell === 'object') return { text: clean(cell.text), tone: cell.tone }
  return { text: clean(String(cell)), tone: null }
}

function lengthOf(text: string): number {
  return [...text].length
}

/** Takes from the widest column of those that may be cut until all fit, or each of them is as narrow as may be. */
function narrow(widths: number[], mayBeCut: readonly boolean[], columns: number): void {
  const total = () => widths.reduce((sum, width) => sum + width + GAP, -GAP)
  while (total() > columns) {
    const cuttable = widths.map((width, i) => (mayBeCut[i] ? width : 0))
    const widest = cuttable.indexOf(Math.max(...cuttable))
    const width = cuttable[widest] ?? 0
    if (width <= LEAST_WIDTH) return
    widths[widest] = width - 1
  }
}
